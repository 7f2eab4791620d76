"""Live votes that a rule stops, over real HTTP: they score and call what theory and a replay of a log say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import kcurve as kc
from kcurve.stopping import AdaptiveConsistency, BestOfInfinity, DifficultyAdaptive, replay
from kcurve.strategies import Sampling, run
from tests.known_models import ANSWERS, GENERATOR, questions, respond
from tests.llms import model
from tests.scripted_server import serving


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def vote(stopping=None, *, k, generator=GENERATOR):
    return Sampling(kc.Vote(), k=k, generator=generator, stopping=stopping)


def expected(rule, shares, most):
    """Return what a vote that `rule` stops scores and calls, the variance of its calls, and how often it is stopped.

    Draw by draw over all counts of answers, of which the first is right; only for rules that look at nothing else.
    """
    reached = {(0,) * len(shares): 1.0}
    score = stopped = 0.0
    calls: dict[int, float] = Counter()
    for n in range(1, most + 1):
        after: dict[tuple[int, ...], float] = Counter()
        for counts, chance in reached.items():
            for place, share in enumerate(shares):
                drawn = tuple(count + (place == other) for other, count in enumerate(counts))
                after[drawn] += chance * share
        reached = {}
        for counts, chance in after.items():
            codes = [code for code, count in enumerate(counts) for _ in range(count)]
            if n < most and not rule.stops(codes):
                reached[counts] = chance
                continue
            calls[n] += chance
            stopped += chance * (n < most)
            level = max(counts)
            score += chance * (counts[0] == level) / counts.count(level)
    mean = sum(n * chance for n, chance in calls.items())
    return score, mean, sum((n - mean) ** 2 * chance for n, chance in calls.items()), stopped


@pytest.mark.parametrize("kind", ["easy", "hard"])
async def test_accuracy_and_calls_are_those_of_theory(kind):
    n, most, rule = 60, 11, AdaptiveConsistency(confidence=0.9)
    score, calls, variance, stopped = expected(rule, list(ANSWERS[kind].values()), most)
    async with serving(respond) as server, model(server) as llm:
        result = await run(vote(rule, k=most), llm, questions(kind, n))
    right = sum(one.correct for one in result.questions)
    assert abs(result.mean_calls - calls) < 4 * (variance / n) ** 0.5
    assert abs(right / n - score) < 4 * (score * (1 - score) / n) ** 0.5
    assert abs(result.stopped_early / n - stopped) < 4 * (stopped * (1 - stopped) / n) ** 0.5
    # The bands are narrow enough to tell it from a vote without the rule, and the kinds from each other.
    assert calls + 6 * (variance / n) ** 0.5 < most
    assert score == pytest.approx({"easy": 0.986, "hard": 0.372}[kind], abs=0.001)


async def test_live_votes_score_and_call_what_a_replay_of_a_full_log_says():
    """Other seeds than those of the log: only the model is the same."""
    asked = [*questions("easy", 30), *questions("hard", 30)]
    most = 12
    async with serving(respond) as server, model(server) as llm:
        log = (await run(vote(k=most), llm, asked)).log()
        fresh = replace(GENERATOR, parameters=replace(GENERATOR.parameters, seed=77))
        for rule in (AdaptiveConsistency(), BestOfInfinity(), DifficultyAdaptive()):
            told = replay(log, rule, most=most)
            live = await run(vote(rule, k=most, generator=fresh), llm, asked)
            at = {name: place for place, name in enumerate(log.question)}
            places = [at[one.question] for one in live.questions]
            calls = np.array([one.spent.calls for one in live.questions]) - told.calls[places]
            right = np.array([float(one.correct) for one in live.questions]) - told.score[places]
            for difference in (calls, right):
                # Pairs of the same question: 3.9 standard errors, once in 10,000 times for other seeds.
                error = difference.std(ddof=1) / len(asked) ** 0.5
                assert abs(difference.mean()) < 3.9 * error < 2.5
            assert live.mean_calls - told.mean_calls == pytest.approx(calls.mean())
            assert told.mean_calls < most - 1
