"""The best number of calls against brute force over every odd number of calls."""

from math import inf

import numpy as np
import pytest

import kcurve as kc
from kcurve.theory import binary_vote, k_star, landscape, mixture_landscape, optimal_calls
from tests.golden import golden, half_unit
from tests.oracles import landscapes as brute

MOST = 800


@pytest.mark.parametrize("row", golden("landscapes")["optimum"]["rows"], ids=str)
def test_golden_optima(row):
    alpha, p1, p2, formula, best, accuracy, at_one = row
    found = k_star(alpha, p1, p2)
    assert found.k_star == pytest.approx(formula, abs=half_unit(4))
    assert found.optimal_k == optimal_calls(alpha, p1, p2) == best
    assert found.accuracy == pytest.approx(accuracy, abs=half_unit(6))
    assert landscape(alpha, p1, p2).at_one == pytest.approx(at_one, abs=1e-12)
    assert found.valid == (best > 1)
    assert found.attained
    assert ("alpha <= alpha_c" in found.reason) == (best == 1)


@pytest.mark.parametrize("row", golden("landscapes")["minimum"]["rows"], ids=str)
def test_below_one_the_formula_gives_the_minimum(row):
    alpha, p1, p2, formula, worst = row
    found = k_star(alpha, p1, p2)
    assert found.k_star == pytest.approx(formula, abs=half_unit(4))
    assert not found.valid
    assert "worst" in found.reason
    assert landscape(alpha, p1, p2).turning_point == worst
    at_one = landscape(alpha, p1, p2).at_one
    assert found.accuracy == max(at_one, alpha)
    assert found.optimal_k == (1 if at_one >= alpha else inf)


def test_ten_thousand_optima():
    rng = np.random.default_rng(3)
    alpha, p1, p2 = rng.random(10_000), rng.uniform(0.5, 1, 10_000), rng.uniform(0, 0.5, 10_000)
    found = k_star(alpha, p1, p2)
    np.testing.assert_array_equal(found.optimal_k, optimal_calls(alpha, p1, p2))
    np.testing.assert_array_equal(found.valid, landscape(alpha, p1, p2).shape == "up-down")
    for part in np.array_split(np.arange(len(alpha)), 20):
        curves = brute.curve(*brute.two_levels(alpha[part], p1[part], p2[part]), MOST)
        for row, curve in zip(part, curves, strict=True):
            best = found.optimal_k[row]
            reached = curve.max()
            if best > 2 * MOST + 1:
                assert max(found.accuracy[row], alpha[row]) >= reached - 1e-13
                continue
            assert found.accuracy[row] == pytest.approx(reached, abs=1e-13)
            # The least of the best, where they differ by more than rounding.
            assert curve[: int(best - 1) // 2].max(initial=0) < reached + 1e-13
            assert curve[int(best - 1) // 2] == pytest.approx(reached, abs=1e-13)
    valid = found.valid & (found.k_star < 1e6)
    assert (np.abs(found.k_star - found.optimal_k)[valid] <= 1 + 1e-9).all()
    assert (found.k_star[valid] > 2 - 1e-9).all()


def test_at_the_threshold_the_formula_gives_two():
    alpha_c = landscape(0.5, 0.85, 0.4).alpha_c
    found = k_star(alpha_c, 0.85, 0.4)
    assert found.k_star == pytest.approx(2, abs=1e-12)
    assert not found.valid
    assert found.optimal_k == 1


def test_of_two_that_tie_the_fewer_calls():
    """alpha such that K* is 6: five calls and seven are equally good."""
    p1, p2 = 0.85, 0.4
    odds = (p2 * (1 - p2) / (p1 * (1 - p1))) ** 3 * (0.5 - p2) / (p1 - 0.5)
    alpha = odds / (1 + odds)
    found = k_star(alpha, p1, p2)
    assert found.k_star == pytest.approx(6, abs=1e-12)
    assert found.optimal_k == 5
    accuracy = landscape(alpha, p1, p2).accuracy([5, 7])
    assert accuracy[0] == pytest.approx(accuracy[1], abs=1e-15)


def test_rounding_to_the_nearest_integer_is_not_enough():
    alpha, p1, p2 = 0.70295, 0.94188, 0.30904
    found = k_star(alpha, p1, p2)
    assert round(found.k_star) == 2
    assert found.optimal_k == 3
    nearest, best = landscape(alpha, p1, p2).accuracy([2, 3])
    assert best - nearest == pytest.approx(0.00978, abs=half_unit(5))


def test_in_step():
    found = k_star(0.6, 0.7, 0.3)
    assert np.isnan(found.k_star)
    assert "p1 + p2 = 1" in found.reason
    assert (found.optimal_k, found.accuracy, found.attained) == (inf, 0.6, False)
    assert optimal_calls(0.4, 0.7, 0.3) == optimal_calls(0.5, 0.7, 0.3) == 1
    assert k_star(0.4, 0.7, 0.3).accuracy == pytest.approx(0.4 * 0.7 + 0.6 * 0.3)


def test_one_level():
    assert optimal_calls(1, 0.8, 0.3) == inf
    assert optimal_calls(0, 0.8, 0.3) == 1
    assert "one level" in k_star(1, 0.8, 0.3).reason


@pytest.mark.parametrize("k_max", [1, 2, 3, 4, 9, 10, 101])
def test_a_most_number_of_calls(k_max):
    rng = np.random.default_rng(k_max)
    alpha, p1, p2 = rng.random(500), rng.uniform(0.5, 1, 500), rng.uniform(0, 0.5, 500)
    best = optimal_calls(alpha, p1, p2, k_max=k_max)
    curves = brute.curve(*brute.two_levels(alpha, p1, p2), (k_max - 1) // 2)
    reached = np.take_along_axis(curves, ((best - 1) // 2).astype(int)[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(reached, curves.max(axis=1), rtol=0, atol=1e-14)


def test_the_optimum_of_a_mixture():
    """Two peaks: the later one may be the higher."""
    p, weights = np.array([0.99, 0.7, 0.56, 0.45]), np.array([0.02, 0.18, 0.35, 0.45])
    found = mixture_landscape(p, weights)
    ks = np.arange(1, 3000, 2)
    curve = weights @ binary_vote(p[:, None], ks)
    assert found.optimal_k == ks[np.argmax(curve)]
    assert found.supremum == pytest.approx(curve.max(), abs=1e-15)


def test_arrays_and_records():
    many = k_star([0.3, 0.6], 0.85, 0.4)
    assert many.optimal_k.tolist() == [1, 5]
    assert many.valid.tolist() == [False, True]
    assert many.to_dict()["attained"] == [True, True]
    assert isinstance(k_star(0.6, 0.85, 0.4).optimal_k, int)
    with pytest.raises(
        kc.errors.ArgumentError, match="k_max must be an integer of at least 1, got 0"
    ):
        optimal_calls(0.5, 0.85, 0.4, k_max=0)
