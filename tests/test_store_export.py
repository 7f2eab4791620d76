"""A run in a store becomes an answer log: answers are read from the texts, and equal ones united."""

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
    LastNumber,
    NumberScore,
    SameNumber,
    SameText,
    TokenProbability,
    VectorScore,
    Verdict,
    WholeText,
    describe,
)
from kcurve.errors import ArgumentError, StoreError
from kcurve.rewards import split_steps
from kcurve.store import Purpose, Request, Sample, Store
from kcurve.store.scores import Scoring
from tests.store_rows import REQUEST, put

DESCRIPTION = {
    "rule": {"name": "Vote"},
    "model": "small",
    "extractor": describe(LastNumber()),
    "equivalence": describe(SameNumber()),
}
SCORED = DESCRIPTION | {
    "reward": {"reward": "PromptedReward"},
    "score": describe(NumberScore()),
    "aggregation": "last",
}
FILTERED = DESCRIPTION | {"verdict": describe(Contains("[correct]"))}
SUM = kc.Question("2 + 2 = ?", "4", dataset="sums", id="sum")
PRODUCT = kc.Question("2 * 3 = ?", "6", dataset="sums", id="product")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        yield store


def drawn(
    store, run, question, texts, *, role="generator", start=0, candidate=0, stride=1, name=None
):
    """Put samples for a question into the store, and note what they are for."""
    request = replace(REQUEST, prompt=f"{name or question.id} {role} {candidate}")

    async def main():
        row = await put(store, request, texts, start=start)
        purpose = Purpose(run, store.question(question), role, candidate, stride)
        await store.link(purpose, row, range(start + len(texts)))

    asyncio.run(main())
    return request


def lost(store, request, index, kind="timeout"):
    async def main():
        row = (await store.find(request, range(1))).request
        claim = await store.claim(row, index, seed=None)
        await store.fail(claim, kind, "no", status=None, final=True)

    asyncio.run(main())


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
