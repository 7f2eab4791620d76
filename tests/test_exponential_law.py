"""The exponential law: against general optimisers, its formula, the published numbers and itself."""

import numpy as np
import pytest
from scipy.special import betainc

import kcurve as kc
from kcurve import _core
from kcurve.laws import ExponentialLaw, fit
from tests.golden import golden
from tests.oracles.laws import exponential, least_squares_of_restarts

GOLDEN = golden("laws")
POINTS = np.array([2.0, 5, 10, 20, 50, 100])


def two_answers(*groups, n=20):
    """A log of questions with the correct answer in p n of n samples and one wrong one: (p, questions)."""
    rows = [
        [0] * round(p * n) + [1] * (n - round(p * n)) for p, count in groups for _ in range(count)
    ]
    return kc.AnswerLog.from_codes(np.array(rows), correct=np.zeros(len(rows), int))


def mixture(alpha, p):
    return two_answers((p[0], round(10 * alpha)), (p[1], round(10 - 10 * alpha)))


def truth(log, k):
    return kc.curve(log, k=k, method=kc.Exact(replacement=True), interval=None).mean


def vote(p, k):
    half = (np.asarray(k) - 1) // 2 + 1
    return betainc(half, half, p)


def many_curves(rng, kind, k, count):
    """Per-question curves: like those of logs, and like nothing the law can follow."""
    size = (count, 1)
    match kind:
        case "votes":
            return vote(rng.uniform(0.02, 0.5, size), k)
        case "near ties":
            return vote(0.5 - rng.uniform(0, 0.02, size), k)
        case "flat":
            return np.clip(rng.uniform(0, 1, size) + rng.normal(0, 1e-3, (count, len(k))), 0, 1)
        case "U":
            x = np.linspace(-1, 1, len(k))
            bowl = rng.uniform(0.1, 0.9, size) + rng.uniform(-0.5, 0.5, size) * x**2
            return np.clip(bowl + rng.uniform(-0.2, 0.2, size) * x, 0, 1)
        case "noise":
            return rng.uniform(0, 1, (count, len(k)))
        case _:
            rates = 10 ** rng.uniform(-5, 1, (2, count, 1))
            decay = np.exp(-rates[0] * k - rates[1] * np.sqrt(k) - rng.uniform(-1, 2, size))
            return np.clip(decay + rng.normal(0, 0.02, decay.shape), 0, 1)


KINDS = ["votes", "near ties", "flat", "U", "noise", "noisy law"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [0.0, 0.5, 1.0])
def test_no_worse_than_the_best_of_twenty_restarts(kind, limit):
    rng = np.random.default_rng(KINDS.index(kind))
    curves = many_curves(rng, kind, POINTS, 3)
    if limit > 0:
        curves = limit * (1 - curves)
    _, squares = _core.fit_exponential(POINTS, curves, np.full(3, limit), 1e-6, None)
    for curve, found in zip(curves, squares, strict=True):
        assert found <= least_squares_of_restarts(POINTS, curve, limit, 1e-6, rng) + 1e-12


@pytest.mark.parametrize("k", [[1, 2, 3, 4, 5], [1, 3, 5], [1, 10, 100, 1000], list(range(1, 31))])
def test_no_worse_than_restarts_at_other_numbers_of_calls(k):
    rng = np.random.default_rng(len(k))
    k = np.array(k, float)
    curves = np.concatenate([many_curves(rng, kind, k, 1) for kind in KINDS])
    _, squares = _core.fit_exponential(k, curves, np.zeros(len(curves)), 1e-6, None)
    for curve, found in zip(curves, squares, strict=True):
        assert found <= least_squares_of_restarts(k, curve, 0.0, 1e-6, rng) + 1e-12


def test_the_squares_are_those_of_the_values():
    rng = np.random.default_rng(4)
    curves = 0.5 * (1 - np.concatenate([many_curves(rng, kind, POINTS, 20) for kind in KINDS]))
    limits = np.full(len(curves), 0.5)
    coefficients, squares = _core.fit_exponential(POINTS, curves, limits, 1e-6, None)
    for c, curve, found in zip(coefficients, curves, squares, strict=True):
        values = [exponential(c, 0.5, int(k)) for k in POINTS]
        np.testing.assert_allclose(np.sum((values - curve) ** 2), found, rtol=1e-9, atol=1e-14)
    assert (coefficients[:, :2] >= 1e-6).all()


@pytest.mark.parametrize("limit", [0.0, 1.0, 1 / 3])
def test_constant_curves_at_the_limit_are_met(limit):
    curves = np.full((1, 6), limit)
    coefficients, squares = _core.fit_exponential(POINTS, curves, np.array([limit]), 1e-6, None)
    assert np.isfinite(coefficients).all()
    assert squares[0] < 1e-25
    values = _core.exponential_values(coefficients, np.array([limit]), POINTS)
    np.testing.assert_allclose(values, curves, atol=1e-12)


def test_values_follow_the_formula():
    rng = np.random.default_rng(0)
    coefficients = rng.uniform([0, 0, 0], [0.1, 1, 2], (30, 3))
    limits = rng.choice([0, 1, 0.5, 1 / 3], 30)
    values = _core.exponential_values(coefficients, limits, np.array([1.0, 7, 300]))
    for row, c, limit in zip(values, coefficients, limits, strict=True):
        expected = [exponential(c, limit, k) for k in (1, 7, 300)]
        np.testing.assert_allclose(row, expected, rtol=1e-12, atol=1e-15)
    means = _core.exponential_means(coefficients, limits, np.array([1.0, 7, 300]))
    np.testing.assert_allclose(means, values.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("case", GOLDEN["question"], ids=lambda case: str(case["right"][0]))
@pytest.mark.parametrize("side", ["easy", "hard"])
def test_published_fits(case, side):
    right, n = case["right"]
    p = right / n if side == "easy" else 1 - right / n
    found = ExponentialLaw().fit(two_answers((p, 1), n=n))
    assert abs(found.squares[0] - case["squares"]) <= case["half_unit"]
    published = [exponential(case["coefficients"], float(side == "easy"), int(k)) for k in POINTS]
    np.testing.assert_allclose(found.predict_questions(POINTS.astype(int))[0], published, atol=2e-5)


@pytest.mark.parametrize("case", GOLDEN["mixture"], ids=lambda case: f"{case['alpha']} {case['p']}")
def test_published_optima(case):
    log = mixture(case["alpha"], case["p"])
    found = ExponentialLaw().fit(log)
    k = np.arange(1, 1001)
    exact = truth(log, k)
    assert k[np.argmax(exact.round(13))] == case["best"]
    optimal = found.optimal_k()
    assert optimal == case.get("predicted", optimal)
    assert exact.max() - exact[optimal - 1] <= case["regret"] * 1.05 + 1e-12
    mean_square = np.mean((exact - found.predict(k)) ** 2)
    assert mean_square <= GOLDEN["extrapolation"]["mean_square"]


@pytest.mark.parametrize("case", GOLDEN["short"], ids=lambda case: str(case["p"]))
def test_published_extrapolation_from_five_calls(case):
    log = mixture(case["alpha"], case["p"])
    k = np.arange(1, 101)
    found = ExponentialLaw(k=range(1, 6)).fit(log)
    mean_square = np.mean((truth(log, k) - found.predict(k)) ** 2)
    assert abs(mean_square - case["mean_square"]) <= case["half_unit"]
    odd = ExponentialLaw(k=(1, 3, 5)).fit(log)
    mean_square = np.mean((truth(log, k) - odd.predict(k))[::2] ** 2)
    assert mean_square <= GOLDEN["short_odd"]["most"]


@pytest.mark.parametrize("m", [2, 3, 4])
def test_a_tie_tends_to_one_in_m(m):
    codes = np.repeat(np.arange(m + 1), [4] * m + [1])[None]
    found = ExponentialLaw().fit(kc.AnswerLog.from_codes(codes, correct=[0]))
    assert found.limits[0] == 1 / m
    np.testing.assert_allclose(found.predict(10**7), 1 / m, atol=1e-6)
    assert found.residuals.largest < 0.02


def test_several_correct_answers_share_the_limit():
    codes = np.array([[0, 0, 1, 1, 2, 2, 3]])
    log = kc.AnswerLog.from_codes(codes, correct=codes < 2)
    assert ExponentialLaw().fit(log).limits[0] == 2 / 3


def test_no_answers_lead_only_where_they_vote():
    codes = np.array([[-1, -1, -1, 0, 1, 0]])
    log = kc.AnswerLog.from_codes(codes, correct=[0])
    assert ExponentialLaw().fit(log).limits[0] == 1
    assert ExponentialLaw(rule=kc.Vote(no_answer="vote")).fit(log).limits[0] == 0
    assert ExponentialLaw(rule=kc.Vote(no_answer="drop")).fit(log).limits[0] == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_side_of_a_question_is_that_of_its_difficulty(seed):
    rng = np.random.default_rng(seed)
    codes, keep = rng.integers(-1, 4, (200, 9)), rng.uniform(size=(200, 9)) < 0.4
    log = kc.AnswerLog.from_codes(codes, correct=rng.integers(0, 4, 200), keep=keep)
    difficulty = kc.difficulty(log)
    for rule, d in ((kc.Vote(), difficulty.vote), (kc.FilterVote(), difficulty.filter)):
        limits = ExponentialLaw(rule=rule).fit(log).limits
        assert ((limits == 1) == (d < 0)).all()
        assert (limits[d > 0] == 0).all()
        # Among samples none of which is an answer there is no tie to win.
        assert (limits[d == 0] < 1).all()
        assert ((limits > 0) & (limits < 1)).any()


def test_filter_vote_is_judged_among_the_kept():
    codes = np.array([[0] * 10 + [1] * 15] * 2)
    keep = np.array([[1] * 8 + [0] * 2 + [1] * 6 + [0] * 9, [0] * 25], bool)
    log = kc.AnswerLog.from_codes(codes, correct=[0, 0], keep=keep)
    found = ExponentialLaw(rule=kc.FilterVote()).fit(log)
    assert found.limits.tolist() == [1, 0]
    exact = kc.curve(
        log, kc.FilterVote(), k=found.residuals.k, method=kc.Exact(replacement=True), interval=None
    )
    np.testing.assert_array_equal(found.residuals.observed, exact.mean)
    with pytest.raises(kc.ArgumentError, match="k must be at least 2"):
        found.predict(1)


def test_a_curve_is_fitted_at_its_own_calls():
    log = kc.example_log()
    curve = kc.curve(log, k=[1, 3, 9, 27])
    found = fit(curve, ExponentialLaw())
    assert found.residuals.k.tolist() == [1, 3, 9, 27]
    np.testing.assert_allclose(found.residuals.observed, curve.mean, rtol=1e-12)
    with pytest.raises(kc.ArgumentError, match="PassAtK"):
        fit(kc.curve(log, kc.PassAtK(), k=[1, 2]), ExponentialLaw())


def test_without_replacement_k_is_limited():
    log = kc.example_log().first(16)
    fit(log, ExponentialLaw(k=(1, 4, 16), method=kc.Exact()))
    with pytest.raises(kc.ArgumentError, match="k must be between 1 and 16"):
        fit(log, ExponentialLaw(method=kc.Exact()))


def test_prediction_beyond_the_samples_of_a_real_log():
    log = kc.example_log()
    found = fit(log.first(16), ExponentialLaw())
    later = kc.curve(log, k=[30], interval=None).mean
    low, high = found.interval([30])
    assert low[0] <= later[0] <= high[0]


def test_fewer_calls_than_fitted_are_predicted_as_the_fewest():
    found = ExponentialLaw().fit(two_answers((0.9, 3), (0.4, 2)))
    np.testing.assert_array_equal(found.predict([1, 2]), np.repeat(found.predict(2), 2))


def test_neither_threads_nor_the_order_of_questions_change_a_bit():
    log = kc.example_log()
    codes, correct = log.codes.reshape(-1, 30), log.correct.reshape(-1, 30)
    names = np.arange(log.n_questions).astype(str)
    order = np.random.default_rng(0).permutation(log.n_questions)
    logs = [
        kc.AnswerLog.from_codes(
            codes[place], correct=correct[place], question=names[place].tolist()
        )
        for place in (np.arange(len(order)), order)
    ]
    k = np.arange(1, 40)
    fits = [
        ExponentialLaw(threads=threads).fit(logs[which])
        for threads, which in ((1, 0), (2, 0), (None, 1))
    ]
    assert fits[0].coefficients.tobytes() == fits[1].coefficients.tobytes()
    assert fits[0].coefficients[order].tobytes() == fits[2].coefficients.tobytes()
    for other in fits[1:]:
        assert fits[0].predict(k).tobytes() == other.predict(k).tobytes()
        for one, two in zip(fits[0].interval([7]), other.interval([7]), strict=True):
            assert one.tobytes() == two.tobytes()


def test_a_tallied_log_gives_the_same_law(tmp_path):
    path = tmp_path / "log.parquet"
    log = kc.example_log()
    log.to_parquet(path)
    tallied = fit(kc.scan_log(path), ExponentialLaw())
    np.testing.assert_array_equal(tallied.predict([5, 500]), fit(log).predict([5, 500]))


@pytest.mark.parametrize(
    ("log", "law", "words"),
    [
        (two_answers((0.8, 3)), ExponentialLaw(), "all questions are easy"),
        (two_answers((0.3, 3)), ExponentialLaw(), "all questions are hard"),
        (two_answers((0.8, 3)), ExponentialLaw(k=(2, 5)), "2 numbers of calls"),
        (two_answers((1.0, 2), (0.0, 1)), ExponentialLaw(), "no question changes"),
        (two_answers((0.6, 2), (0.4, 2), n=5), ExponentialLaw(), "one sample decides"),
    ],
)
def test_verdicts(log, law, words):
    assert words in law.fit(log).verdict


def test_a_law_that_is_identified_has_no_verdict():
    assert ExponentialLaw().fit(two_answers((0.8, 3), (0.3, 3))).verdict is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"k": []}, "k must be an integer"),
        ({"k": [0, 3]}, "at least 1"),
        ({"k": [1, 4], "rule": kc.FilterVote()}, "at least 2"),
        ({"least_rate": -1}, "least_rate"),
    ],
)
def test_wrong_settings(settings, words):
    with pytest.raises(kc.ArgumentError, match=words):
        ExponentialLaw(**settings)
