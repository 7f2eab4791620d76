"""Bootstrap bands cover what they claim to cover, by simulation from populations with a known curve.

Draws are without replacement: then the curve is unbiased, and what is missing in coverage is the band's own fault.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import kcurve as kc
from tests.populations import Population, beta, dirichlet, easy_and_hard, sample

Floats = npt.NDArray[np.float64]

BIMODAL = easy_and_hard(0.6, (12.0, 2.0), (2.0, 8.0))
FIVE_ANSWERS = dirichlet([1.2, 0.6, 0.6, 0.4, 0.4])
LIMITS = ("percentile", "basic", "bca", "studentised")
KS = (1, 3, 7)
RUNS, REPLICATES = 400, 1_000
LOW, HIGH = 0.92, 0.98  # what a 95% band may cover in 400 runs: 0.95 +- 2.75 standard errors


def bootstrap(codes: npt.NDArray[np.int64], **settings: Any) -> kc.Curve:
    """Return the vote's bootstrap curve and band; seeds differ between logs, as users' logs do."""
    limits = settings.pop("limits", None)
    method = kc.Bootstrap(
        n_resamples=settings.pop("replicates", REPLICATES),
        rng=settings.pop("seed"),
        replacement=settings.pop("replacement", False),
        **({} if limits is None else {"limits": limits}),
    )
    log = kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), dtype=np.int64))
    return kc.curve(log, kc.Vote(), method=method, **settings)


def inside(curve: kc.Curve, values: Floats) -> npt.NDArray[np.bool_]:
    """Return where the band holds values of shape [..., K]."""
    assert np.all(np.isfinite(curve.low))
    assert np.all(np.isfinite(curve.high))
    # Values that are multiples of 1/Q fall on a limit often; a rounding error is no miss.
    return np.asarray((curve.low - 1e-12 <= values) & (values <= curve.high + 1e-12))


def coverage(population: Population, *, questions: int, limits: str, seed: int) -> Floats:
    """Return, for each k, the share of runs whose band holds the population's accuracy."""
    rng = np.random.default_rng(seed)
    truth = np.array([population.accuracy(k) for k in KS])
    hits = np.zeros(len(KS))
    for run in range(RUNS):
        codes = sample(rng, population.draw(rng, questions), 32)
        hits += inside(bootstrap(codes, k=KS, interval="combined", limits=limits, seed=run), truth)
    return hits / RUNS


@pytest.mark.parametrize("limits", LIMITS)
def test_the_combined_band_covers_the_population(limits: str) -> None:
    got = coverage(BIMODAL, questions=200, limits=limits, seed=21)
    assert np.all((got >= LOW) & (got <= HIGH)), got


def test_the_combined_band_covers_with_several_answers() -> None:
    got = coverage(FIVE_ANSWERS, questions=200, limits="bca", seed=22)
    assert np.all((got >= LOW) & (got <= HIGH)), got


@pytest.mark.parametrize("limits", LIMITS)
def test_thirty_questions_cover_nearly_as_well(limits: str) -> None:
    """The spread of 30 scores is known to one part in eight; studentised limits make up for it, and more."""
    got = coverage(BIMODAL, questions=30, limits=limits, seed=23)
    least = 0.93 if limits == "studentised" else 0.89
    assert np.all((got >= least) & (got <= 0.99)), got


def votes(rng: np.random.Generator, probabilities: Floats) -> Floats:
    """Return the accuracy [K] of one run of the system: KS[-1] answers per question, voted on as they come."""
    answers = sample(rng, probabilities, KS[-1])
    return np.array([(2 * (answers[:, :k] == 0).sum(axis=1) > k).mean() for k in KS])


def test_the_run_to_run_band_holds_one_run_of_the_system() -> None:
    """The same questions, asked again; the log has so many samples that it knows them well."""
    rng = np.random.default_rng(24)
    p = rng.beta(2.0, 1.5, 300)
    probabilities = np.stack([p, 1 - p], axis=1)
    codes = sample(rng, probabilities, 800)
    curve = bootstrap(codes, k=KS, interval="run_to_run", seed=0, replicates=4_000)
    got = inside(curve, np.array([votes(rng, probabilities) for _ in range(2_000)])).mean(axis=0)
    assert np.all((got >= 0.925) & (got <= 0.975)), got


def test_the_fresh_run_band_holds_one_run_on_fresh_questions() -> None:
    """The log is one draw of questions and the fresh run another: the band has to allow for both."""
    rng, fresh = np.random.default_rng(25), 10
    hits = np.zeros(len(KS))
    for run in range(RUNS):
        codes = sample(rng, BIMODAL.draw(rng, 200), 32)
        curve = bootstrap(codes, k=KS, interval="fresh_run", seed=run)
        runs = np.array([votes(rng, BIMODAL.draw(rng, 200)) for _ in range(fresh)])
        hits += inside(curve, runs).mean(axis=0)
    assert np.all((hits / RUNS >= LOW) & (hits / RUNS <= HIGH)), hits / RUNS


def test_simultaneous_bands_hold_the_whole_curve() -> None:
    rng, ks = np.random.default_rng(26), tuple(range(1, 14, 2))
    truth = np.array([BIMODAL.accuracy(k) for k in ks])
    joint = {"simultaneous": 0, "pointwise": 0}
    for run in range(RUNS):
        codes = sample(rng, BIMODAL.draw(rng, 200), 32)
        pointwise = bootstrap(codes, k=ks, interval="combined", seed=run)
        whole = pointwise.band(simultaneous=True)
        assert np.all(whole.low <= pointwise.low + 1e-12)
        assert np.all(whole.high >= pointwise.high - 1e-12)
        joint["simultaneous"] += int(inside(whole, truth).all())
        joint["pointwise"] += int(inside(pointwise, truth).all())
    assert LOW <= joint["simultaneous"] / RUNS <= 0.985, joint
    assert joint["pointwise"] < joint["simultaneous"], joint


@pytest.mark.parametrize("interval", ["combined", "run_to_run"])
def test_a_band_holds_its_share_of_its_own_replicates(interval: Any) -> None:
    """The rank envelope holds `level` of the replicate curves whole; the pointwise band of those at each k."""
    rng = np.random.default_rng(27)
    codes = sample(rng, beta(2.0, 1.5).draw(rng, 100), 32)
    ks, settings = tuple(range(1, 14, 2)), {"seed": 3, "replicates": 4_000, "limits": "percentile"}
    pointwise = bootstrap(codes, k=ks, interval=interval, level=0.9, **settings)
    whole = bootstrap(codes, k=ks, interval=interval, level=0.9, simultaneous=True, **settings)
    replicates = pointwise.replicates(interval)
    assert replicates.shape == (4_000, len(ks))
    # Accuracies of one run are multiples of 1/100, of which a good part may fall on the limit itself.
    most = 0.92 if interval == "combined" else 0.98
    each = inside(pointwise, replicates).mean(axis=0)
    assert np.all((each >= 0.899) & (each <= most)), each
    assert 0.9 <= inside(whole, replicates).all(axis=1).mean() <= most
