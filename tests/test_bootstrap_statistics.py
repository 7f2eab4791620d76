"""Bootstrap curves have the law that their definition gives them.

Their means are held against exact curves, and against enumeration where there is no closed form, by chi-square
tests over many questions; the law over k jointly, against every ordered draw. Seeds are fixed, and differ between logs:
the stream of a question is that of its name.

The variance of a credit is f (1 - f) where credits are 0 or 1. A tie that is split among m answers has credits
between 0 and 1. Let s be the chance that a correct answer wins alone, which is the exact curve of ties="wrong". Then
the mean square lies between s + (f - s) / m and s + (f - s) / 2, or f if several answers are correct and may tie among
themselves; m is at most the number of draws. On small logs it is enumerated.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

import kcurve as kc
from tests.agreement import Cells
from tests.logs import DATA, log_of
from tests.oracles.expectation import covariance, moments
from tests.oracles.samples import Sample
from tests.random_logs import MOST_CALLS, random_calls, random_questions
from tests.twins import EVERY_NAME, TWINS, Twin, weighted_twins

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]

N_LOGS = 200
LOGS_PER_RULE = 12
REPLICATES = 2_000
WEIGHTED = weighted_twins()
EVERY_TWIN = TWINS | WEIGHTED
designs = pytest.mark.parametrize("replacement", [False, True], ids=["without", "with"])


@cache
def random_log(seed: int) -> kc.AnswerLog:
    return log_of(random_questions(seed))


def bootstrap(
    log: kc.AnswerLog, rule: Any, ks: Sequence[int], seed: int, *, replacement: bool, n: int
) -> kc.Curve:
    method = kc.Bootstrap(n_resamples=n, rng=seed, replacement=replacement)
    return kc.curve(log, rule, k=ks, method=method, interval=None)


def variance_bounds(
    log: kc.AnswerLog, rule: Any, ks: Sequence[int], f: Floats, *, replacement: bool
) -> tuple[Floats, Floats]:
    """Return the least and the greatest variance of one credit, [Q, K]."""
    k = np.array(ks, dtype=float)
    if isinstance(rule, kc.MeanAtK):
        n = log.n_samples[:, None]
        rest = np.ones_like(f) if replacement else (n - k) / np.maximum(n - 1, 1)
        return f * (1 - f) / k * rest, f * (1 - f) / k * rest
    ties = getattr(rule, "ties", "wrong")
    if ties == "wrong":
        return f * (1 - f), f * (1 - f)
    method = kc.Exact(replacement=replacement)
    strict = replace(rule, ties="wrong")
    alone = kc.curve(log, strict, k=ks, method=method, interval=None).per_question
    tied = np.maximum(f - alone, 0)
    halved = np.array([len(right) < 2 for right in _correct_answers(log)])[:, None]
    if ties == "first" or isinstance(rule, kc.BestOfN):
        halved = np.zeros_like(halved)
    greatest = np.where(halved, alone + tied / 2, f) - f**2
    least = alone + tied / k - f**2
    return np.clip(least, 0, None), np.clip(greatest, 0, None)


def _correct_answers(log: kc.AnswerLog) -> list[set[int]]:
    edges = zip(log.offsets[:-1], log.offsets[1:], strict=True)
    return [set(log.codes[a:b][log.correct[a:b]].tolist()) for a, b in edges]


def compare(
    cells: Cells, log: kc.AnswerLog, rule: Any, ks: Sequence[int], seed: int, *, replacement: bool
) -> None:
    """Hold the bootstrap of a log against its exact curve."""
    method = kc.Exact(replacement=replacement)
    exact = kc.curve(log, rule, k=ks, method=method, interval=None).per_question
    got = bootstrap(log, rule, ks, seed, replacement=replacement, n=REPLICATES).per_question
    low, high = variance_bounds(log, rule, ks, exact, replacement=replacement)
    cells.add(got, exact, low=low, high=high, turn=seed)


def calls_of(name: str, seed: int, *, replacement: bool) -> list[int]:
    """Return a grid that the log allows; every sample a candidate, whatever its calls cost."""
    twin = TWINS[name]
    pools = [len(twin.oracle.pool(samples)) for samples in random_questions(seed)]
    most = (MOST_CALLS // 5 if "filter" in name else MOST_CALLS) if replacement else min(pools)
    return random_calls(seed, twin.least_k, max(most, twin.least_k))


@designs
@pytest.mark.parametrize("name", EVERY_NAME)
def test_means_agree_with_exact_curves(name: str, *, replacement: bool) -> None:
    """Two hundred logs in all; the plain vote takes every one of them, the other rules a dozen each."""
    first = 5 * EVERY_NAME.index(name)
    count = N_LOGS if name == "vote-split-ignore" else LOGS_PER_RULE
    cells = Cells(REPLICATES)
    for seed in range(first, first + count):
        log = random_log(seed % N_LOGS)
        ks = calls_of(name, seed % N_LOGS, replacement=replacement)
        compare(cells, log, TWINS[name].rule, ks, seed, replacement=replacement)
    cells.assert_agreement()


def real_logs() -> dict[str, tuple[kc.AnswerLog, list[Any]]]:
    """Return the logs of tests/data and the shipped one, with the rules that their columns allow."""
    passing = [kc.PassAtK(), kc.PassHatK(), kc.GPassAtK(0.5), kc.MeanAtK()]
    votes = [kc.Vote(), kc.Vote(ties="wrong", no_answer="vote")]
    logs: dict[str, tuple[kc.AnswerLog, list[Any]]] = {
        "svamp": (kc.example_log(), [*votes, *passing]),
        # Programs that behave alike were graded both ways here, so there is no vote.
        "humaneval": (
            kc.read_log(DATA / "humaneval_codegen16b.parquet", score="score"),
            [kc.BestOfN(), *passing],
        ),
    }
    for name, each in kc.read_log(DATA / "tot_game24.parquet").by("model").items():
        logs[f"game24 {name}"] = each, [*votes, *passing]
    deepconf = kc.read_log(DATA / "deepconf_brumo_even.parquet", score="score")
    for name, each in deepconf.by("dataset").items():
        rules = [*votes, kc.BestOfN(), kc.FilterVote(threshold=15.0), *passing]
        logs[f"deepconf {name}"] = each, rules
    return logs


@designs
def test_means_agree_on_real_logs(*, replacement: bool) -> None:
    cells: dict[str, Cells] = {}
    for seed, (log, rules) in enumerate(real_logs().values()):
        most = 200 if replacement else int(log.n_samples.min())
        ks = sorted({2, 3, 5, 10, 30, most} & set(range(most + 1)))
        for i, rule in enumerate(rules):
            # One test for each kind of rule: rules of one log share their draws.
            kind = cells.setdefault(
                type(rule).__name__ + str(getattr(rule, "ties", "")), Cells(REPLICATES)
            )
            compare(kind, log, rule, ks, 1_000 + 20 * seed + i, replacement=replacement)
    for each in cells.values():
        each.assert_agreement()


def small_question(rng: np.random.Generator) -> list[Sample]:
    """Return four or five samples of few answers, with scores that tie, add up to each other, or are missing."""
    scores = [None, 0, 0.1, 0.2, 0.3, 1, 2]
    right = int(rng.integers(3))
    return [Sample(right, correct=True, score=0.2)] + [
        Sample(
            None if answer == 3 else int(answer),
            correct=bool(answer == right),
            score=scores[int(rng.integers(len(scores)))],
            keep=bool(rng.random() < 0.6),
        )
        for answer in rng.choice(4, size=int(rng.integers(3, 5)), p=[0.3, 0.3, 0.25, 0.15])
    ]


@designs
@pytest.mark.parametrize("name", EVERY_TWIN)
def test_means_agree_with_enumeration(name: str, *, replacement: bool) -> None:
    """A dozen questions of four or five samples, each judged at one k; variances are exact, too.

    Under "first" a credit may be the chance to come first or its outcome: both are of the same mean.
    """
    twin, ks, n = EVERY_TWIN[name], [1, 2, 3, 4], 20_000
    ks = [k for k in ks if k >= twin.least_k]
    index = list(EVERY_TWIN).index(name)
    rng = np.random.default_rng([2028, index, replacement])
    questions = [small_question(rng) for _ in range(24)]
    questions = [
        samples for samples in questions if replacement or len(twin.oracle.pool(samples)) >= 4
    ][:12]
    got = bootstrap(log_of(questions), twin.rule, ks, index, replacement=replacement, n=n)
    cells = Cells(n)
    for q, samples in enumerate(questions):
        point = q % len(ks)
        mean, square = moments(twin.oracle, samples, ks[point], replacement=replacement)
        low = float(square - mean**2)
        high = float(mean - mean**2) if "first" in name else low
        value = got.per_question[q : q + 1, point : point + 1]
        cells.add(value, [[float(mean)]], low=[[low]], high=[[high]])
    cells.assert_agreement()


TINY = [
    [Sample(0, correct=True, score=3), Sample(0, correct=True, score=1), *[Sample(1, score=2)] * 2],
    [Sample(0, correct=True, score=1), Sample(1, score=2), Sample(1, score=1), Sample(2, score=3)],
    [Sample(2, correct=True, score=5), Sample(None, score=4), Sample(0, score=3), Sample(0)],
]
JOINT = {
    name: EVERY_TWIN[name]
    for name in (
        "vote-split-ignore",
        "vote-wrong-vote",
        "best-split",
        "filter-split-ignore-candidates",
        "pass-at-k",
        "mean-at-k",
        "weighted-sum-split-ignore",
        "weighted-borda-split-ignore",
    )
}


@designs
@pytest.mark.parametrize("twin", JOINT.values(), ids=JOINT)
def test_the_points_of_a_replicate_share_their_draws(twin: Twin, *, replacement: bool) -> None:
    """Covariances over k equal those of the first k of the same ordered draws; questions add up independently."""
    ks, n = [1, 2, 3, 4], 40_000
    method = kc.Bootstrap(n_resamples=n, rng=5, replacement=replacement)
    curve = kc.curve(log_of(TINY), twin.rule, k=ks, method=method, interval=None)
    runs = curve.replicates("run_to_run")
    assert runs.shape == (n, len(ks))
    np.testing.assert_allclose(runs.mean(axis=0), curve.mean, rtol=1e-12)
    centred = runs - runs.mean(axis=0)
    for i, a in enumerate(ks):
        for j, b in enumerate(ks[: i + 1]):
            exact = sum(
                covariance(twin.oracle, each, (a, b), replacement=replacement) for each in TINY
            )
            products = centred[:, i] * centred[:, j]
            error = 5 * products.std() / n**0.5 + 1e-12
            assert abs(products.mean() - float(exact) / len(TINY) ** 2) < error, (a, b)


def test_replicates_are_independent_of_each_other() -> None:
    """Replicates that run side by side would show in a correlation at some lag."""
    n = 20_000
    for seed, k in enumerate((5, 40, 700)):
        log = log_of(random_questions(7))
        runs = bootstrap(log, kc.Vote(), [k], seed, replacement=True, n=n)
        series = runs.replicates("run_to_run")[:, 0]
        if series.std() == 0:
            continue
        z = (series - series.mean()) / series.std()
        lags = [float(np.mean(z[lag:] * z[:-lag])) for lag in (*range(1, 33), 64, 128, 256)]
        assert np.max(np.abs(lags)) < 4.5 / n**0.5


def test_other_seeds_and_other_questions_draw_otherwise() -> None:
    """Equal questions of other names are other streams, and so is another seed: their credits are unrelated."""
    n, samples = 20_000, TINY[0]
    log = log_of([samples, samples])
    one, two = (log.select(questions=[str(name)]) for name in log.question)
    runs = [
        bootstrap(each, kc.Vote(), [3], seed, replacement=True, n=n).replicates("run_to_run")[:, 0]
        for each, seed in ((one, 0), (two, 0), (one, 1))
    ]
    correlations = np.corrcoef(runs)[np.triu_indices(3, 1)]
    assert np.max(np.abs(correlations)) < 4.5 / n**0.5
