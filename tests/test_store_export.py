"""The answer log of a run: answers, failures, filters and clusters."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

import kcurve as kc
from kcurve.answers import (
    LastNumber,
    SameText,
    WholeText,
)
from kcurve.errors import StoreError
from kcurve.store import Purpose, Request, Sample, Store
from tests.exported_runs import DESCRIPTION, FILTERED, PRODUCT, SUM, drawn, lost


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        yield store


def test_answers_are_read_and_united(store):
    run = store.run(DESCRIPTION)
    drawn(store, run, SUM, ["so 4", "it is 4.0", "5", "no idea"])
    drawn(store, run, PRODUCT, ["six is 6", "7"])
    log = store.log()
    assert log.question.tolist() == ["sum", "product"]
    assert log.n_samples.tolist() == [4, 2]
    assert log.codes.tolist() == [0, 0, 1, -1, 0, 1]
    assert log.correct.tolist() == [True, True, False, False, True, False]
    assert log.status.tolist() == [0, 0, 0, 1, 0, 0]
    assert [log.reference[question] for question in range(2)] == ["4", "6"]
    assert log.model.names == ("small",)
    assert log.dataset.names == ("sums",)
    np.testing.assert_array_equal(log.tokens_out, 3.0)
    np.testing.assert_array_equal(log.cost, 0.25)


def test_another_reading_of_the_same_texts(store):
    run = store.run(DESCRIPTION)
    drawn(store, run, SUM, ["so 4", "it is 4.0"])
    log = store.log(run, extract=WholeText(), equivalence=SameText())
    assert log.answers.tolist() == ["so 4", "it is 4.0"]
    assert not log.correct.any()


def test_a_run_that_was_continued_has_every_candidate_once(store):
    run = store.run(DESCRIPTION)
    drawn(store, run, SUM, ["4", "5"])
    drawn(store, run, SUM, ["4", "4", "3"], start=2)
    log = store.log()
    assert log.sample.tolist() == [0, 1, 2, 3, 4]
    assert log.correct.tolist() == [True, False, True, True, False]


def test_candidates_of_a_mixture_take_turns(store):
    run = store.run(DESCRIPTION)
    drawn(store, run, SUM, ["4", "4"], candidate=0, stride=2, name="a")
    drawn(store, run, SUM, ["5", "5"], candidate=1, stride=2, name="b")
    assert store.log().correct.tolist() == [True, False, True, False]


def test_only_the_run_and_the_role_that_are_asked_for(store):
    first, second = store.run(DESCRIPTION), store.run(DESCRIPTION | {"model": "large"})
    drawn(store, first, SUM, ["4"])
    drawn(store, second, SUM, ["5"], name="other")
    drawn(store, first, SUM, ["6"], role="critic")
    assert store.log(first).answers.tolist() == ["4"]
    assert store.log(second).answers.tolist() == ["5"]
    assert store.log(first, role="critic").answers.tolist() == ["6"]
    with pytest.raises(
        StoreError, match=r"name one of its runs \(1: Vote, small; 2: Vote, large\)"
    ):
        store.log()
    with pytest.raises(StoreError, match="it has no run 3; its runs are 1: "):
        store.log(3)


def test_a_run_without_candidates_is_said(store):
    with pytest.raises(StoreError, match=r"name one of its runs \(none\)"):
        store.log()
    store.run(DESCRIPTION)
    with pytest.raises(StoreError, match='run 1 has no candidate of role "generator" yet'):
        store.log()


def test_a_run_that_does_not_say_how_to_read_it(store):
    run = store.run({"model": "small"})
    drawn(store, run, SUM, ["4"])
    with pytest.raises(StoreError, match="does not say its extractor; pass it"):
        store.log()
    log = store.log(extract=LastNumber(), equivalence=SameText())
    assert log.correct.tolist() == [True]


def test_failed_and_unknown_samples_are_there_and_pending_ones_are_not(store):
    run = store.run(DESCRIPTION)
    request = drawn(store, run, SUM, ["4"])

    async def more():
        row = (await store.find(request, range(1))).request
        await store.link(Purpose(run, store.question(SUM)), row, range(5))
        cut = await store.claim(row, 3, seed=None)
        await store.finish(cut, Sample(request=row, index=3, status="truncated", text="so 4"), b"")
        await store.skip(row, 2)

    asyncio.run(more())
    lost(store, request, 1)
    log = store.log()
    assert log.sample.tolist() == [0, 1, 2, 3], "the fifth is still to be sampled"
    assert log.codes.tolist() == [0, -1, -1, 0]
    assert log.status.tolist() == [0, 3, 3, 2]


def test_a_failed_sample_that_succeeded_later_is_no_failure(store):
    run = store.run(DESCRIPTION)
    request = drawn(store, run, SUM, [])
    lost(store, request, 0)
    drawn(store, run, SUM, ["4"])
    assert store.log().status.tolist() == [0]


def test_a_filter_keeps_those_whose_verdicts_are_all_favourable(store):
    run = store.run(FILTERED)
    drawn(store, run, SUM, ["4", "5", "4", "4", "4"])
    for candidate, verdicts in enumerate(
        (["fine [correct]"], ["[wrong]"], ["[correct]", "[correct]"], ["[correct]", "hm"])
    ):
        for step, verdict in enumerate(verdicts):
            drawn(
                store, run, SUM, [verdict], role="filter", candidate=candidate, name=f"step {step}"
            )
    log = store.log()
    assert log.sample.tolist() == [0, 1, 2, 3], "nobody has judged the fifth yet"
    assert log.keep.tolist() == [True, False, True, False]


def test_a_verdict_that_failed_does_not_keep(store):
    run = store.run(FILTERED)
    drawn(store, run, SUM, ["4", "4"])
    for candidate in (0, 1):
        request = drawn(store, run, SUM, [], role="filter", candidate=candidate)

        async def link(request=request, candidate=candidate):
            row = (await store.find(request, range(1))).request
            purpose = Purpose(run, store.question(SUM), "filter", candidate)
            await store.link(purpose, row, range(1))

        asyncio.run(link())
        if candidate == 0:
            lost(store, request, 0)
    log = store.log()
    assert log.sample.tolist() == [0]
    assert log.keep.tolist() == [False]


def test_a_candidate_that_failed_needs_no_verdict(store):
    run = store.run(FILTERED)
    request = drawn(store, run, SUM, ["4"])
    drawn(store, run, SUM, ["[correct]"], role="filter")

    async def more():
        row = (await store.find(request, range(1))).request
        await store.link(Purpose(run, store.question(SUM)), row, range(2))

    asyncio.run(more())
    lost(store, request, 1)
    assert store.log().keep.tolist() == [True, False]


def test_clusters_come_from_the_questions(store):
    run = store.run(DESCRIPTION)
    for number in range(4):
        question = kc.Question(
            f"{number} + 0?", str(number), metadata={"cluster": f"c{number % 2}"}
        )
        drawn(store, run, question, [str(number)])
    assert store.log().cluster.names == ("c0", "c1")


def test_curves_of_the_export_are_those_of_a_log_made_by_hand(store):
    run = store.run(DESCRIPTION)
    chance = np.random.default_rng(3)
    answers = chance.choice([4, 5, 6], p=[0.5, 0.3, 0.2], size=(6, 9))
    questions = [replace(SUM, id=str(number)) for number in range(6)]
    for question, row in zip(questions, answers.tolist(), strict=True):
        drawn(store, run, question, [f"= {answer}" for answer in row])
    by_hand = kc.AnswerLog.from_codes(
        answers, correct=[4] * 6, question=list(map(str, range(6))), model="small", dataset="sums"
    )
    for rule in (kc.Vote(), kc.PassAtK()):
        exported, expected = kc.curve(store.log(), rule), kc.curve(by_hand, rule)
        np.testing.assert_array_equal(exported.mean, expected.mean)


def test_requests_of_the_two_endpoints_are_told_apart():
    chat = Request("m", "chat", ({"role": "user", "content": "q"},))
    text = Request("m", "completions", "q")
    assert chat.key(0) != text.key(0)
