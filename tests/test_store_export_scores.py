"""The scores of a reward model in the answer log of a run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import isnan, log

import numpy as np
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve.answers import (
    Contains,
    NumberScore,
    TokenProbability,
    VectorScore,
    Verdict,
    describe,
)
from kcurve.errors import ArgumentError, StoreError
from kcurve.rewards import split_steps
from kcurve.store import Purpose, Sample, Store
from kcurve.store.scores import Scoring
from tests.exported_runs import DESCRIPTION, PRODUCT, SCORED, SUM, drawn, lost
from tests.store_rows import REQUEST, put


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        yield store


def scores(store, run, scores, *, role="reward", question=SUM, candidate=0, name=""):
    """Put the answers of a reward model about a candidate into the store."""
    request = replace(REQUEST, prompt=f"{question.id} {role} {candidate} {name}")

    async def main():
        texts = [text for text in scores if text is not None]
        row = await put(store, request, texts)
        purpose = Purpose(run, store.question(question), role, candidate, 0)
        await store.link(purpose, row, range(len(scores)))

    asyncio.run(main())
    return request


def test_the_scores_of_responses(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "5", "4", "4"])
    for candidate, text in enumerate(["0.75", "90%", "none"]):
        scores(store, run, [text], candidate=candidate)
    scores(store, run, ["0.1"], candidate=0, question=PRODUCT)
    log = store.log()
    assert log.sample.tolist() == [0, 1, 2], "nobody has scored the fourth yet"
    np.testing.assert_array_equal(log.score, [0.75, 0.9, np.nan])
    assert log.step_scores is None
    assert list(store.texts()) == ["4", "5", "4"]


def test_a_run_without_a_reward_has_no_scores(store):
    run = store.run(DESCRIPTION)
    drawn(store, run, SUM, ["4"])
    scores(store, run, ["0.5"])
    assert store.log().score is None
    assert store.log(score=NumberScore()).score is None


def test_votes_on_a_response_count_with_their_mean(store):
    run = store.run(SCORED | {"reward": {"reward": "PromptedReward", "votes": 3}})
    drawn(store, run, SUM, ["4"] * 4)
    scores(store, run, ["0.5", "0.75", "1"], candidate=0)
    scores(store, run, ["0.5", "what?", "1"], candidate=1)
    scores(store, run, ["0.5", "0.75", None], candidate=2)
    scores(store, run, ["0.5", "0.75"], candidate=3)
    log = store.log()
    assert log.sample.tolist() == [0, 1], "votes of the others are still to come"
    np.testing.assert_array_equal(log.score, [0.75, np.nan])


def test_a_response_asked_for_twice_has_every_score_once(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "4"])
    request = scores(store, run, ["0.25", "0.75"], candidate=0)

    async def link_again():
        row = (await store.find(request, range(1))).request
        question = store.question(SUM)
        await store.link(Purpose(run, question, "reward", 0), row, range(1))
        # Equal texts share their scores, which are linked one by one.
        for sample in range(2):
            await store.link(Purpose(run, question, "reward", 1), row, range(sample, sample + 1))

    asyncio.run(link_again())
    np.testing.assert_array_equal(store.log().score, [0.5, 0.5])


def test_a_score_that_failed_is_missing_until_it_succeeds(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "4"])
    first = scores(store, run, [None], candidate=0)
    scores(store, run, ["0.5"], candidate=1)
    assert store.log().sample.tolist() == [1]
    lost(store, first, 0)
    np.testing.assert_array_equal(store.log().score, [np.nan, 0.5])
    asyncio.run(put(store, first, ["1"]))
    np.testing.assert_array_equal(store.log().score, [1.0, 0.5])


def test_a_score_that_a_crash_has_cut_off_is_missing(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "4"])
    request = scores(store, run, [None])
    scores(store, run, ["0.5"], candidate=1)

    async def skip():
        await store.skip((await store.find(request, range(1))).request, 0)

    asyncio.run(skip())
    np.testing.assert_array_equal(store.log().score, [np.nan, 0.5])


def test_a_response_that_is_not_there_needs_no_score(store):
    run = store.run(SCORED)
    request = drawn(store, run, SUM, ["4", ""])
    scores(store, run, ["0.5"])

    async def more():
        row = (await store.find(request, range(1))).request
        await store.link(Purpose(run, store.question(SUM)), row, range(3))

    asyncio.run(more())
    lost(store, request, 2)
    log = store.log()
    assert log.sample.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(log.score, [0.5, np.nan, np.nan])


STEPS = {0: ["0.5", "0.25", "0.75"], 1: ["1"], 2: ["0.5", "?"]}
RESPONSES = ["1 + 1 = 2\n\n2 + 1 = 3\n\n \n\nso 4", "4\n\n", "2\n\n4"]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("last", 0.75), ("min", 0.25), ("prod", 0.09375), ("mean", 0.5), (None, 0.75)],
)
def test_the_scores_of_steps(store, aggregation, expected):
    run = store.run(SCORED | {"aggregation": aggregation, "step_end": "\n\n"})
    drawn(store, run, SUM, RESPONSES)
    for candidate, steps in STEPS.items():
        for step, text in enumerate(steps):
            scores(store, run, [text], role=f"reward.{step}", candidate=candidate)
    log = store.log()
    np.testing.assert_array_equal(log.score, [expected, 1.0, np.nan])
    assert log.step_scores.offsets.tolist() == [0, 3, 4, 6]
    np.testing.assert_array_equal(log.step_scores.values, [0.5, 0.25, 0.75, 1.0, 0.5, np.nan])


def test_a_response_is_scored_once_all_its_steps_are(store):
    run = store.run(SCORED | {"step_end": "\n\n"})
    drawn(store, run, SUM, RESPONSES)
    # A run that was killed: the first has its first two steps, the second none, the third lacks the first.
    for step in range(2):
        scores(store, run, ["0.5"], role=f"reward.{step}")
    scores(store, run, ["0.5"], role="reward.1", candidate=2)
    with pytest.raises(StoreError, match='"generator" that was judged and scored yet'):
        store.log()
    scores(store, run, [None], role="reward.2")
    with pytest.raises(StoreError, match="that was judged and scored yet"):
        store.log()
    scores(store, run, ["0.5"], role="reward.0", candidate=2)
    assert store.log().sample.tolist() == [2]


def test_without_the_end_of_a_step_the_steps_are_those_that_were_asked_for(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, RESPONSES[:1])
    scores(store, run, ["0.5"], role="reward.0")
    scores(store, run, ["0.25"], role="reward.1")
    np.testing.assert_array_equal(store.log().step_scores.values, [0.5, 0.25])
    scores(store, run, ["1"], role="reward.3")
    with pytest.raises(StoreError, match="that was judged and scored yet"):
        store.log()


def test_eleven_steps_come_in_their_order(store):
    run = store.run(SCORED | {"step_end": "\n"})
    drawn(store, run, SUM, ["\n".join(map(str, range(11)))])
    for step in reversed(range(11)):
        scores(store, run, [f"0.{step:02}"], role=f"reward.{step}")
    values = store.log().step_scores.values
    np.testing.assert_array_equal(values, [float(f"0.{step:02}") for step in range(11)])


def test_a_product_that_is_no_number_is_missing(store):
    reader = {"score": describe(VectorScore()), "aggregation": "prod", "step_end": "\n"}
    run = store.run(SCORED | reader)
    drawn(store, run, SUM, ["2\n4", "4"])
    for step in range(2):
        scores(store, run, ["[1e200]"], role=f"reward.{step}")
    scores(store, run, ["[0.5]"], role="reward.0", candidate=1)
    log = store.log()
    np.testing.assert_array_equal(log.score, [np.nan, 0.5])
    np.testing.assert_array_equal(log.step_scores.values, [1e200, 1e200, 0.5])


def test_log_probabilities_are_read_from_the_store(store):
    run = store.run(SCORED | {"score": describe(TokenProbability("+", "-"))})
    drawn(store, run, SUM, ["4"])
    logprobs = {
        "tokens": ["+"],
        "token_logprobs": [log(0.6)],
        "top_logprobs": [{"+": log(0.6), "-": log(0.2)}],
    }

    async def judge():
        row = (await store.find(replace(REQUEST, prompt="judge"), range(1))).request
        await store.link(Purpose(run, store.question(SUM), "reward", 0), row, range(1))
        claim = await store.claim(row, 0, seed=None)
        said = Sample(request=row, index=0, status="ok", text="+", logprobs=logprobs)
        await store.finish(claim, said, b"")

    asyncio.run(judge())
    np.testing.assert_allclose(store.log().score, [0.75], rtol=1e-12)


def test_another_reading_of_the_same_scores(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "4"])
    scores(store, run, ["[correct], 0.5"], candidate=0)
    scores(store, run, ["0.75"], candidate=1)
    np.testing.assert_array_equal(store.log().score, [0.5, 0.75])
    np.testing.assert_array_equal(store.log(score=Verdict()).score, [1.0, 0.0])
    own = store.log(score=lambda text, _: float(len(text)))
    np.testing.assert_array_equal(own.score, [14.0, 4.0])
    assert list(store.texts(score=Verdict())) == ["4", "4"]


def test_a_reader_of_ones_own_has_to_be_passed(store):
    run = store.run(SCORED | {"score": describe(len)})
    drawn(store, run, SUM, ["4"])
    scores(store, run, ["0.5"])
    with pytest.raises(ArgumentError, match="pass it itself"):
        store.log()
    np.testing.assert_array_equal(store.log(score=NumberScore()).score, [0.5])


def test_an_aggregation_of_a_newer_package_is_said(store):
    run = store.run(SCORED | {"aggregation": "median"})
    drawn(store, run, SUM, ["4"])
    with pytest.raises(StoreError, match="'median', which this version does not know"):
        store.log()


def test_filter_and_reward_together(store):
    run = store.run(SCORED | {"verdict": describe(Contains("[correct]"))})
    drawn(store, run, SUM, ["4", "4", "4"])
    for candidate in (0, 1):
        drawn(store, run, SUM, ["[correct]"], role="filter", candidate=candidate)
    for candidate in (1, 2):
        scores(store, run, ["0.5"], candidate=candidate)
    log = store.log()
    assert (log.sample.tolist(), log.keep.tolist(), log.score.tolist()) == ([1], [True], [0.5])
    assert list(store.texts()) == ["4"]


def test_scores_decide_in_curves_of_the_export(store):
    run = store.run(SCORED)
    drawn(store, run, SUM, ["4", "5", "4", "5"])
    for candidate, score in enumerate(["0.9", "0.5", "0.2", "0.7"]):
        scores(store, run, [score], candidate=candidate)
    by_hand = kc.AnswerLog.from_codes(
        [[4, 5, 4, 5]],
        correct=[4],
        score=[[0.9, 0.5, 0.2, 0.7]],
        question=["sum"],
        model="small",
        dataset="sums",
    )
    for rule in (kc.BestOfN(), kc.WeightedVote()):
        np.testing.assert_array_equal(
            kc.curve(store.log(), rule).mean, kc.curve(by_hand, rule).mean
        )


@given(
    st.lists(st.sampled_from(["a", " ", "\n", "\n\n", "#", "##", "."]), max_size=12).map("".join),
    st.sampled_from(["\n\n", "\n", "#", ".\n", " "]),
)
def test_a_response_has_as_many_steps_as_are_scored(text, end):
    scoring = Scoring(VectorScore(), "last", end, 1)
    steps = split_steps(text, end)
    parts = dict.fromkeys(range(len(steps)), 0.5)
    if not steps:
        assert isnan(scoring.scored(text, {}).score)
        return
    assert scoring.scored(text, parts) == (0.5, (0.5,) * len(steps))
    del parts[len(steps) - 1]
    assert scoring.scored(text, parts) is None
