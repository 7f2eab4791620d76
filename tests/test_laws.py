"""What all fitted laws can do, and the laws that are straight lines: coverage and size."""

import json

import matplotlib as mpl
import numpy as np
import pytest
from scipy.stats import linregress, t

import kcurve as kc
from kcurve.laws import (
    BetaBinomialLaw,
    BilevelLaw,
    BinaryLaw,
    ExponentialLaw,
    PowerLaw,
    SizeLaw,
    fit,
)
from kcurve.laws.power import _line
from tests.counted_logs import counted, drawn
from tests.golden import golden

mpl.use("Agg")

LAWS = [
    ExponentialLaw(),
    BetaBinomialLaw(),
    BetaBinomialLaw(zero_inflated=True),
    BilevelLaw(),
    BilevelLaw(criterion="least_squares"),
    BinaryLaw(),
    BinaryLaw(reading="rival"),
    PowerLaw(),
    PowerLaw(weighted=True),
]


# --- every law --------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_what_all_fits_can_do(law):
    log = kc.example_log()
    found = fit(log, law)
    k = [1000, 3, 40]
    mean = found.predict(k)
    low, high = found.interval(k, n_resamples=200)
    assert (low < mean).all()
    assert (mean < high).all()
    inner = found.interval(k, level=0.5, n_resamples=200)
    assert (low < inner[0]).all()
    assert (inner[1] < high).all()
    assert found.predict(3) == pytest.approx(mean[1], rel=1e-14)
    for name, (least, most) in found.parameter_intervals(n_resamples=200).items():
        assert least <= found.parameters[name] <= most
    json.dumps(found.to_dict(), allow_nan=False)
    assert type(law).__name__ in repr(found)
    assert found.residuals.rmse < 0.1
    scores = found.predict(range(1, 101))
    assert scores[found.optimal_k(k_max=100) - 1] >= scores.max() - 1e-12
    assert found.optimal_k(k_max=100, tolerance=0.05) <= found.optimal_k(k_max=100)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_intervals_have_the_same_bits_for_the_same_seed(law):
    log = kc.example_log().select(questions=np.arange(999) < 150)
    found = fit(log, law)
    one, same, other = (found.interval([7, 70], n_resamples=40, rng=rng) for rng in (1, 1, 2))
    assert np.array(one).tobytes() == np.array(same).tobytes()
    assert np.array(one).tobytes() != np.array(other).tobytes()


@pytest.mark.parametrize("law", [ExponentialLaw(), PowerLaw()], ids=repr)
def test_plots(law):
    axes = fit(kc.example_log(), law).plot(k_max=500)
    assert axes.get_xscale() == "log"
    assert len(axes.lines) == 2
    assert axes.lines[0].get_xdata()[-1] == 500


@pytest.mark.parametrize("k", [[], 0, [1, 0], 2.5, "3"])
def test_wrong_numbers_of_calls(k):
    with pytest.raises(kc.ArgumentError, match="k must be"):
        fit(kc.example_log(), PowerLaw()).predict(k)


def test_wrong_settings_of_intervals():
    found = fit(kc.example_log(), PowerLaw())
    with pytest.raises(kc.ArgumentError, match="level"):
        found.interval(3, level=1.5)
    with pytest.raises(kc.ArgumentError, match="n_resamples"):
        found.interval(3, n_resamples=0)
    with pytest.raises(kc.ArgumentError, match="rng"):
        found.interval(3, rng=-1)
    with pytest.raises(kc.ArgumentError, match="k_max"):
        found.optimal_k(k_max=0)


def test_wrong_data():
    with pytest.raises(TypeError, match="data must be"):
        fit([1, 2, 3], PowerLaw())
    with pytest.raises(TypeError, match="law must be"):
        fit(kc.example_log(), kc.Vote())


def test_clusters_are_resampled_together():
    correct, samples = drawn(np.repeat([0.1, 0.9, 0.3, 0.8], 25), np.random.default_rng(1))
    table = {"question_id": [], "answer": [], "reference": [], "cluster": []}
    for question, (c, n) in enumerate(zip(correct, samples, strict=True)):
        table["question_id"] += [question] * n
        table["answer"] += [0] * c + [1] * (n - c)
        table["reference"] += [0] * n
        table["cluster"] += [question // 25] * n
    clustered = fit(kc.AnswerLog.from_table(table), BetaBinomialLaw())
    alone = fit(counted(correct, samples), BetaBinomialLaw())
    np.testing.assert_allclose(clustered.predict(5), alone.predict(5), rtol=1e-9)
    widths = [
        np.diff(found.interval(1, n_resamples=300), axis=0)[0, 0] for found in (clustered, alone)
    ]
    assert widths[0] > 2 * widths[1]


# --- coverage ---------------------------------------------------------------------------------


def test_a_power_law_is_recovered():
    k = np.array([1, 2, 4, 8, 16, 32])
    coverage = np.exp(-1.7 * k**-0.6)
    np.testing.assert_allclose(_line(coverage[None], k, np.ones(6)), [[1.7, 0.6]], rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_line_is_that_of_numpy(weighted):
    curve = kc.curve(kc.example_log(), kc.PassAtK(), k=[1, 2, 5, 10, 20, 30])
    found = fit(curve, PowerLaw(weighted=weighted))
    weights = np.sqrt(found.weights)
    slope, height = np.polyfit(np.log(curve.k), np.log(-np.log(curve.mean)), 1, w=weights)
    np.testing.assert_allclose([found.b, np.log(found.a)], [-slope, height], rtol=1e-9)
    assert (np.ptp(found.weights) > 0) == weighted


@pytest.mark.parametrize(
    ("correct", "samples", "words"),
    [
        ([2, 4, 5], [6, 6, 6], "pass@k is 0 or 1 at"),
        ([0, 0], [5, 5], "two at least are needed"),
        ([0, 5], [5, 5], "does not grow"),
        ([0, 2], [2, 2], "two numbers of calls"),
    ],
)
def test_verdicts_of_the_power_law(correct, samples, words):
    assert words in fit(counted(correct, samples), PowerLaw()).verdict


def test_the_power_law_is_of_pass_at_k():
    with pytest.raises(kc.ArgumentError, match="PowerLaw is of PassAtK"):
        fit(kc.curve(kc.example_log(), k=[1, 2]), PowerLaw())


# --- size -------------------------------------------------------------------------------------


def test_published_sizes():
    case = golden("laws")["size"]
    sizes = np.array([4e8, 1.4e9, 2.8e9, 7e9])
    found = fit((sizes, 10 ** (case["a"] * np.log10(sizes) + case["b"])), SizeLaw())
    np.testing.assert_allclose([found.a, found.b], [case["a"], case["b"]], rtol=1e-10)
    for compute, size, half in zip(case["compute"], case["size"], case["half_units"], strict=True):
        assert abs(found.optimal_size(compute)[0] - size) <= half
    np.testing.assert_allclose(found.predict(found.optimal_size([1e13])), 1e13, rtol=1e-9)


def test_size_intervals_are_those_of_the_line():
    rng = np.random.default_rng(0)
    x = np.linspace(8.5, 10.5, 9)
    y = 1.2 * x + 2 + rng.normal(0, 0.1, 9)
    found = fit((10**x, 10**y), SizeLaw())
    line = linregress(x, y)
    critical = t.ppf(0.95, 7)
    low, high = found.parameter_intervals(level=0.9)["a"]
    np.testing.assert_allclose(
        [low, high], line.slope + np.array([-1, 1]) * critical * line.stderr, rtol=1e-9
    )
    low, high = found.parameter_intervals(level=0.9)["b"]
    np.testing.assert_allclose(
        [low, high],
        line.intercept + np.array([-1, 1]) * critical * line.intercept_stderr,
        rtol=1e-9,
    )
    middle = 10 ** x.mean()
    low, high = found.interval(middle, level=0.9)
    noise = np.sqrt(np.sum(found.residuals**2) / 7 / 9)
    np.testing.assert_allclose(np.log10(high / low) / 2, critical * noise, rtol=1e-9)
    least, most = found.optimal_size_interval(found.predict(middle), level=0.9)
    np.testing.assert_allclose(np.log10(most / least) / 2, critical * noise / found.a, rtol=1e-9)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (([1e9], [1e12]), "at least 2 different sizes"),
        (([1e9, 2e9], [1e12]), "one length"),
        (([1e9, -2e9], [1e12, 1e13]), "positive"),
        ((1, 2, 3), "pair"),
    ],
)
def test_wrong_sizes(data, words):
    with pytest.raises(kc.ArgumentError, match=words):
        fit(data, SizeLaw())


def test_verdicts_of_sizes():
    two = fit(([1e9, 2e9], [1e12, 1e13]), SizeLaw())
    assert "two points" in two.verdict
    assert np.isnan(two.interval(1e9)).all()
    falling = fit(([1e9, 2e9, 3e9], [1e13, 1e12, 1e11]), SizeLaw())
    assert "does not grow" in falling.verdict
    assert np.isnan(falling.optimal_size(1e12)).all()
    json.dumps(falling.to_dict())
