"""Bands cover what they claim to cover, by simulation from populations with a known curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import kcurve as kc
from tests.logs import log_of
from tests.oracles.samples import question
from tests.populations import Population, beta, dirichlet, easy_and_hard, sample, vote_accuracy

if TYPE_CHECKING:
    from collections.abc import Callable

    from kcurve.curve.bands import Interval
    from kcurve.rules import Rule

Floats = npt.NDArray[np.float64]

POPULATIONS: dict[str, Population] = {
    "beta": beta(2.0, 1.5),
    "bimodal": easy_and_hard(0.6, (12.0, 2.0), (2.0, 8.0)),
    "five-answers": dirichlet([1.2, 0.6, 0.6, 0.4, 0.4]),
    "high": beta(19.0, 1.0),
    # One question in 33 fails most of the time. Thirty questions often hold none of these, and then look alike
    # and easy: no interval that trusts their spread can cover, so this population needs hundreds.
    "rare-failures": easy_and_hard(0.97, (30.0, 1.5), (2.0, 6.0)),
}
KS = (1, 3, 7)
LOW, HIGH = 0.92, 0.98  # what a 95% band may cover in 1,000 runs: 0.95 +- 4.3 standard errors


def log_of_codes(codes: npt.NDArray[np.int64]) -> kc.AnswerLog:
    return kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), dtype=np.int64))


def covered(curve: kc.Curve, truth: Floats) -> npt.NDArray[np.bool_]:
    """Return at which k the band holds the truth."""
    assert np.all(np.isfinite(curve.low))
    assert np.all(np.isfinite(curve.high))
    return np.asarray((curve.low <= truth) & (truth <= curve.high))


def coverage(
    population: Population, *, questions: int, samples: int, runs: int, seed: int
) -> Floats:
    """Return, for each k, the share of runs whose default band holds the population's accuracy."""
    rng = np.random.default_rng(seed)
    truth = np.array([population.accuracy(k) for k in KS])
    hits = np.zeros(len(KS))
    for _ in range(runs):
        codes = sample(rng, population.draw(rng, questions), samples)
        hits += covered(kc.curve(log_of_codes(codes), kc.Vote(), k=KS), truth)
    return hits / runs


@pytest.mark.parametrize("samples", [16, 64])
@pytest.mark.parametrize(
    ("name", "questions"),
    [(name, 30) for name in POPULATIONS if name != "rare-failures"]
    + [(name, 200) for name in POPULATIONS],
)
def test_the_default_band_covers_the_population(name: str, questions: int, samples: int) -> None:
    got = coverage(
        POPULATIONS[name], questions=questions, samples=samples, runs=1_000, seed=samples
    )
    assert np.all(got >= LOW), got
    # With 30 questions almost all of which every vote gets right, the accuracy takes a handful of values: no
    # interval can cover exactly 95%, and a good one errs on the wide side.
    if not (name == "high" and questions == 30):
        assert np.all(got <= HIGH), got


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_default_band_covers_the_population_with_thousands_of_questions(name: str) -> None:
    """400 runs: 0.95 +- 0.03 is 2.75 standard errors at one k, and the three k of a run go together."""
    got = coverage(POPULATIONS[name], questions=2_000, samples=16, runs=400, seed=7)
    assert np.all((got >= LOW) & (got <= HIGH)), got


@pytest.mark.parametrize("level", [0.5, 0.8, 0.99])
def test_the_level_is_the_coverage(level: float) -> None:
    rng, population, runs = np.random.default_rng(3), POPULATIONS["bimodal"], 1_000
    truth = np.array([population.accuracy(3)])
    hits = 0
    for _ in range(runs):
        log = log_of_codes(sample(rng, population.draw(rng, 100), 16))
        hits += int(covered(kc.curve(log, kc.Vote(), k=3, level=level), truth)[0])
    error = (level * (1 - level) / runs) ** 0.5
    assert abs(hits / runs - level) < 4 * error + 0.01


def fixed_questions(size: int, seed: int) -> Floats:
    return np.random.default_rng(seed).beta(2.0, 1.5, size)


def test_the_estimation_band_covers_these_questions() -> None:
    """Same questions, fresh samples: the band of interval="estimation" holds their own true accuracy."""
    rng, p = np.random.default_rng(5), fixed_questions(60, 11)
    probabilities = np.stack([p, 1 - p], axis=1)
    truth = np.array([vote_accuracy(p, k).mean() for k in KS])
    hits, runs = np.zeros(len(KS)), 1_000
    for _ in range(runs):
        log = log_of_codes(sample(rng, probabilities, 32))
        hits += covered(kc.curve(log, kc.Vote(), k=KS, interval="estimation"), truth)
    # The jackknife errs on the wide side (Efron and Stein 1981), more so the larger k/n.
    assert np.all(hits / runs >= LOW), hits / runs
    assert np.all(hits / runs <= 0.99), hits / runs


def test_the_run_to_run_band_covers_one_run_of_the_system() -> None:
    """One run asks each question k times and scores the vote; 95% of runs fall inside the band."""
    rng, p = np.random.default_rng(6), fixed_questions(300, 12)
    log = log_of_codes(sample(rng, np.stack([p, 1 - p], axis=1), 400))
    curve = kc.curve(log, kc.Vote(), k=KS, interval="run_to_run")
    runs = 2_000
    for i, k in enumerate(KS):
        wins = rng.binomial(k, p, (runs, len(p))) > k / 2
        accuracy = wins.mean(axis=1)
        inside = float(np.mean((curve.low[i] <= accuracy) & (accuracy <= curve.high[i])))
        # The band is centred on an estimate, which itself moves by its estimation error.
        assert 0.90 <= inside <= 0.98, (k, inside)
        spread = float(accuracy.std())
        half = float(curve.high[i] - curve.low[i]) / 2
        assert half == pytest.approx(stats.norm.ppf(0.975) * spread, rel=0.1)


def test_the_generalisation_band_is_the_spread_over_questions_alone() -> None:
    """Its width does not fall with more samples, and matches the spread of the true accuracies."""
    rng, runs, size = np.random.default_rng(8), 100, 200
    halves: dict[int, list[float]] = {8: [], 64: []}
    spreads = []
    for _ in range(runs):
        p = rng.beta(2.0, 1.5, size)
        spreads.append(vote_accuracy(p, 3).std() / size**0.5)
        for n, found in halves.items():
            log = log_of_codes(sample(rng, np.stack([p, 1 - p], axis=1), n))
            band = kc.curve(log, kc.Vote(), k=3, interval="generalisation")
            found.append(float(band.high[0] - band.low[0]) / 2)
    expected = stats.norm.ppf(0.975) * float(np.mean(spreads))
    for found in halves.values():
        assert np.mean(found) == pytest.approx(expected, rel=0.06)


def test_the_combined_band_is_wider_than_its_two_parts() -> None:
    rng = np.random.default_rng(9)
    curve = kc.curve(
        log_of_codes(sample(rng, POPULATIONS["beta"].draw(rng, 100), 16)), kc.Vote(), k=KS
    )
    whole = curve.high - curve.low
    for part in ("estimation", "generalisation"):
        band = curve.band(interval=part)
        assert np.all(band.high - band.low < whole)
        np.testing.assert_array_equal(band.mean, curve.mean)


def test_more_samples_narrow_estimation_and_more_questions_narrow_all() -> None:
    rng, population = np.random.default_rng(10), POPULATIONS["beta"]
    codes = sample(rng, population.draw(rng, 1_600), 64)

    def width(codes: npt.NDArray[np.int64], interval: Interval) -> float:
        curve = kc.curve(log_of_codes(codes), kc.Vote(), k=3, interval=interval)
        return float(curve.high[0] - curve.low[0])

    assert width(codes, "estimation") == pytest.approx(
        width(codes[:, :16], "estimation") / 2, rel=0.15
    )
    every: tuple[Interval, ...] = ("combined", "estimation", "generalisation", "run_to_run")
    for interval in every:
        assert width(codes, interval) == pytest.approx(width(codes[:400], interval) / 2, rel=0.15)


def clustered_logs(
    rng: np.random.Generator, clusters: int, size: int
) -> tuple[kc.AnswerLog, kc.AnswerLog]:
    """Return the same answers with and without the clusters whose questions share their difficulty."""
    p = np.repeat(rng.beta(1.0, 1.0, clusters), size)
    right = rng.binomial(16, p)
    questions = [question([int(c), 16 - int(c)]) for c in right]
    names = [f"c{i // size}" for i in range(len(p))]
    return log_of(questions, clusters=names), log_of(questions)


def test_real_clusters_widen_the_band_and_restore_coverage() -> None:
    rng, runs = np.random.default_rng(13), 300
    truth = np.array([beta(1.0, 1.0).accuracy(3)])
    hits = {"clustered": 0, "alone": 0}
    for _ in range(runs):
        clustered, alone = (
            kc.curve(log, kc.Vote(), k=3) for log in clustered_logs(rng, clusters=40, size=5)
        )
        assert clustered.high[0] - clustered.low[0] > 1.3 * (alone.high[0] - alone.low[0])
        hits["clustered"] += int(covered(clustered, truth)[0])
        hits["alone"] += int(covered(alone, truth)[0])
    assert hits["clustered"] / runs >= 0.91
    assert hits["alone"] / runs < 0.8


def test_clusters_of_one_question_change_nothing() -> None:
    rng = np.random.default_rng(14)
    clustered, alone = (
        kc.curve(log, kc.Vote(), k=3) for log in clustered_logs(rng, clusters=50, size=1)
    )
    np.testing.assert_allclose(clustered.low, alone.low, rtol=1e-9)
    np.testing.assert_allclose(clustered.high, alone.high, rtol=1e-9)


def test_simultaneous_bands_cover_at_every_k_at_once() -> None:
    rng, population, runs = np.random.default_rng(15), POPULATIONS["bimodal"], 500
    ks = (1, 3, 5, 7, 9, 11, 13)
    truth = np.array([population.accuracy(k) for k in ks])
    joint = {"simultaneous": 0, "pointwise": 0}
    for _ in range(runs):
        log = log_of_codes(sample(rng, population.draw(rng, 200), 32))
        pointwise = kc.curve(log, kc.Vote(), k=ks)
        simultaneous = pointwise.band(simultaneous=True)
        assert np.all(simultaneous.high - simultaneous.low >= pointwise.high - pointwise.low)
        joint["simultaneous"] += int(covered(simultaneous, truth).all())
        joint["pointwise"] += int(covered(pointwise, truth).all())
    assert 0.92 <= joint["simultaneous"] / runs <= 0.99
    assert joint["pointwise"] < joint["simultaneous"]


def test_simultaneous_bands_are_deterministic_and_named() -> None:
    rng = np.random.default_rng(16)
    log = log_of_codes(sample(rng, POPULATIONS["beta"].draw(rng, 50), 16))
    one, two = (kc.curve(log, kc.Vote(), simultaneous=True) for _ in range(2))
    np.testing.assert_array_equal(one.low, two.low)
    np.testing.assert_array_equal(one.high, two.high)


@pytest.mark.parametrize(
    "rule", [kc.PassAtK(), kc.PassHatK(), kc.MeanAtK(), kc.Vote(ties="wrong")], ids=repr
)
def test_other_rules_cover_too(rule: Rule) -> None:
    """Truth by the beta-binomial law of the number of correct samples among k = 3."""
    a, b, k, runs = 2.0, 1.5, 3, 600
    count = stats.betabinom(k, a, b)
    truths: dict[str, Callable[[], float]] = {
        "PassAtK": lambda: count.sf(0),
        "PassHatK": lambda: count.pmf(k),
        "MeanAtK": lambda: a / (a + b),
        "Vote": lambda: count.sf(1),
    }
    truth = np.array([truths[type(rule).__name__]()])
    rng, hits = np.random.default_rng(17), 0
    for _ in range(runs):
        codes = sample(rng, POPULATIONS["beta"].draw(rng, 100), 12)
        hits += int(covered(kc.curve(log_of_codes(codes), rule, k=k), truth)[0])
    assert 0.92 <= hits / runs <= 0.98


def test_bands_stay_between_zero_and_one() -> None:
    for right in (0, 16):
        log = log_of([question([right, 16 - right])] * 12)
        for interval in ("combined", "estimation", "generalisation", "run_to_run"):
            curve = kc.curve(log, kc.Vote(), k=[1, 3], interval=interval)
            assert np.all(curve.low >= 0)
            assert np.all(curve.high <= 1)
            assert np.all(curve.low <= curve.mean)
            assert np.all(curve.mean <= curve.high)


def test_a_perfect_score_on_few_questions_leaves_room_for_doubt() -> None:
    """12 of 12 right is no proof of 100%: the rule of three gives a lower limit near 1 - 3/12."""
    curve = kc.curve(log_of([question([16])] * 12), kc.Vote(), k=[1, 3])
    assert np.all(curve.low < 0.9)
    assert np.all(curve.low > 0.6)
