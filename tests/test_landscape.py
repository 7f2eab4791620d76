"""Landscapes against the signs of the increments, one by one."""

import numpy as np
import pytest

import kcurve as kc
from kcurve.theory import binary_vote, landscape, mixture_landscape
from tests.golden import golden, half_unit
from tests.oracles import landscapes as brute

MOST = 800


def triples(count, seed):
    rng = np.random.default_rng(seed)
    return rng.random(count), rng.uniform(0.5, 1, count), rng.uniform(0, 0.5, count)


@pytest.mark.parametrize(
    "case", golden("landscapes")["landscape"], ids=lambda c: str(c["alpha_p1_p2"])
)
def test_golden_landscapes(case):
    found = landscape(*case["alpha_p1_p2"])
    assert found.shape == case["shape"]
    assert found.t == pytest.approx(case["t"], abs=half_unit(6))
    assert found.alpha_c == pytest.approx(case["alpha_c"], abs=half_unit(6))
    np.testing.assert_allclose(
        found.accuracy([1, 3, 5]), case["accuracy"], rtol=0, atol=half_unit(5)
    )
    assert found.at_one == pytest.approx(case["accuracy"][0], abs=1e-15)
    assert found.limit == case["alpha_p1_p2"][0]


def test_ten_thousand_landscapes():
    alpha, p1, p2 = triples(10_000, seed=0)
    found = landscape(alpha, p1, p2)
    checked = 0
    for part in np.array_split(np.arange(len(alpha)), 20):
        levels = brute.two_levels(alpha[part], p1[part], p2[part])
        signs = brute.moves(*levels, MOST)
        curves = brute.curve(*levels, MOST)
        for row, sign, curve in zip(part, signs, curves, strict=True):
            turn = found.turning_point[row]
            if turn > 2 * MOST - 1:
                # The brute force does not reach the turn: it must not have seen one.
                assert len(sign) == 1
                continue
            if found.shape[row] in {"up-down", "down-up"} and len(sign) == 1:
                # The increments after the turn are smaller than the smallest double.
                assert turn > 100
                continue
            checked += 1
            assert found.shape[row] == brute.NAMES[sign]
            if np.isfinite(turn):
                extreme = curve.max() if sign[0] > 0 else curve.min()
                assert curve[(int(turn) - 1) // 2] == pytest.approx(extreme, abs=1e-14)
    assert checked > 9_900


def test_the_published_cases_are_exchanged():
    """p1 + p2 > 1 and alpha >= alpha_c is printed as increasing for ever; the hard queries take over in the end."""
    found = landscape(0.5, 0.85, 0.40)
    assert found.alpha > found.alpha_c
    assert found.accuracy(3) > found.accuracy(1)
    assert found.accuracy(5) < found.accuracy(3)
    assert found.limit < found.accuracy(3)


def test_at_the_threshold_one_call_and_three_are_equal():
    for p1, p2, shape in (
        (0.85, 0.4, "decreasing"),
        (0.65, 0.1, "increasing"),
        (0.7, 0.3, "constant"),
    ):
        found = landscape(landscape(0.5, p1, p2).alpha_c, p1, p2)
        assert found.shape == shape
        assert found.turning_point is None
        assert found.accuracy(3) == pytest.approx(found.accuracy(1), abs=1e-15)


@pytest.mark.parametrize(
    ("alpha", "p1", "p2", "shape"),
    [
        (0, 0.8, 0.3, "decreasing"),
        (1, 0.8, 0.3, "increasing"),
        (0.5, 1, 0.3, "decreasing"),
        (1, 1, 0.3, "constant"),
        (0.5, 0.8, 0, "increasing"),
        (0, 0.8, 0, "constant"),
        (0.5, 1, 0, "constant"),
        (0.6, 0.7, 0.3, "increasing"),
        (0.4, 0.7, 0.3, "decreasing"),
        (0.5, 0.9, 0.1, "constant"),
    ],
)
def test_edges(alpha, p1, p2, shape):
    assert landscape(alpha, p1, p2).shape == shape


def test_scalars_and_arrays():
    one = landscape(0.5, 0.85, 0.4)
    assert isinstance(one.shape, str)
    assert isinstance(one.turning_point, int)
    assert isinstance(one.t, float)
    assert one.to_dict()["shape"] == "up-down"
    many = landscape([[0.3], [0.5]], 0.85, [0.4, 0.45])
    assert many.shape.tolist() == [["decreasing", "up-down"], ["up-down", "up-down"]]
    assert many.to_dict()["turning_point"][1][0] == 3


@pytest.mark.parametrize(
    ("alpha", "p1", "p2", "message"),
    [
        (1.5, 0.8, 0.3, r"alpha must be in \[0, 1\], got 1\.5"),
        (0.5, 0.3, 0.3, r"p1 must be in \[0\.5, 1\] and above 0\.5, got 0\.3"),
        (0.5, 0.8, 0.6, r"p2 must be in \[0, 0\.5\] and below 0\.5, got 0\.6"),
        (0.5, 0.5, 0.3, "p1 must be above 0.5 and p2 below 0.5"),
        (float("nan"), 0.8, 0.3, "got nan"),
    ],
)
def test_wrong_arguments(alpha, p1, p2, message):
    with pytest.raises(kc.errors.ArgumentError, match=message):
        landscape(alpha, p1, p2)


def test_a_mixture_of_two_levels_is_a_landscape():
    for triple in zip(*triples(300, seed=1), strict=True):
        two, many = (
            landscape(*triple),
            mixture_landscape(*brute.two_levels(*map(np.float64, triple))),
        )
        assert many.shape == two.shape
        assert many.turning_points == (() if two.turning_point is None else (two.turning_point,))
        assert many.at_one == pytest.approx(two.at_one, abs=1e-15)
        assert many.limit == pytest.approx(two.limit, abs=1e-15)
        assert many.most_turns >= len(many.turning_points)


def test_mixtures_of_many_levels():
    rng = np.random.default_rng(2)
    turned = 0
    for levels in [2, 3, 4, 6, 10] * 40:
        p = rng.uniform(0.05, 0.95, levels)
        weights = rng.dirichlet(np.ones(levels))
        found = mixture_landscape(p, weights)
        curve = brute.curve(p, weights, 3000)
        (signs,) = brute.moves(p[None], weights[None], 3000)
        assert found.most_turns >= len(found.turning_points)
        if found.turning_points and found.turning_points[-1] > 1000:
            continue  # beyond it the increments may be below the smallest double
        turned += len(found.turning_points)
        assert found.shape.count("-") == len(found.turning_points)
        assert len(signs) == len(found.turning_points) + 1
        for turn, before in zip(found.turning_points, signs, strict=False):
            at = (turn - 1) // 2
            assert (
                before * curve[at]
                >= before * max(before * curve[at - 1], before * curve[at + 1]) * before - 1e-15
            )
        best = max(curve.max(), found.limit)
        assert found.supremum == pytest.approx(best, abs=2e-13)
        if np.isfinite(found.optimal_k):
            assert curve[(found.optimal_k - 1) // 2] == pytest.approx(curve.max(), abs=1e-13)
        else:
            assert found.limit >= curve.max() - 1e-13
    assert turned > 60


def test_a_turn_far_out():
    """The slow decay of levels near 1/2: the turn is near k = 1,000,000."""
    found = mixture_landscape([0.52, 0.4801], [0.6, 0.4])
    (turn,) = found.turning_points
    assert turn > 10_000
    around = found.accuracy(np.array([turn - 2, turn, turn + 2]))
    assert np.diff(around)[0] >= -1e-15 >= np.diff(around)[1] - 2e-15
    assert found.shape == "up-down"


def test_mixture_without_moves():
    found = mixture_landscape([0.0, 0.5, 1.0])
    assert (found.shape, found.turning_points, found.most_turns) == ("constant", (), 0)
    assert found.limit == found.at_one == 0.5
    assert found.supremum == pytest.approx(0.5, abs=1e-15)
    assert found.optimal_k == 1
    balanced = mixture_landscape([0.3, 0.7])
    assert balanced.shape == "constant"


def test_accuracy_of_a_mixture():
    found = mixture_landscape([0.9, 0.3], [1, 3])
    ks = np.array([[1, 2], [3, 9]])
    expected = 0.25 * binary_vote(0.9, ks) + 0.75 * binary_vote(0.3, ks)
    np.testing.assert_allclose(found.accuracy(ks), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("p", "weights", "message"),
    [
        ([], None, "one number for each level"),
        ([0.5, 0.6], [1.0], "one number for each level, got 2 and 1"),
        ([1.5], None, "p must be at least 0 and at most 1"),
        ([0.5], [-1.0], "weights must not be negative"),
        ([0.5], [0.0], "one must be above 0"),
    ],
)
def test_wrong_mixtures(p, weights, message):
    with pytest.raises(kc.errors.ArgumentError, match=message):
        mixture_landscape(p, weights)
