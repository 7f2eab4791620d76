"""Requests for very many samples are worked on in parts, and read back as one."""

from __future__ import annotations

import pytest

from kcurve.answers import LastNumber, SameNumber, describe
from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters
from kcurve.store import Purpose
from tests.scripted_server import echo, serving

pytestmark = pytest.mark.anyio


async def test_thousands_of_samples_are_candidates_in_their_order():
    reading = {"extractor": describe(LastNumber()), "equivalence": describe(SameNumber())}
    async with (
        serving(echo) as server,
        LLM("m", base_url=server.url, api_key="none", samples_per_request=128) as llm,
    ):
        purpose = Purpose(llm.store.run(reading), llm.store.question(Question("seed?")))
        samples = await llm.sample("hi", until=9000, parameters=Parameters(seed=1), purpose=purpose)
        log = llm.store.log()
    assert len(server) == 71
    assert [sample.index for sample in samples] == list(range(9000))
    assert log.sample.tolist() == list(range(9000))
    assert len(set(log.codes.tolist())) == 9000
    assert [log.answer(0, index) for index in (0, 4095, 4096, 8999)] == [
        samples[index].text.removeprefix("seed ") for index in (0, 4095, 4096, 8999)
    ]
