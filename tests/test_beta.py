"""The beta functions against 60 digits, against scipy's, and against each other."""

from math import inf, nan

import numpy as np
import pytest
import scipy.special
from mpmath import mpf

from kcurve.theory import betainc, betaincc, betainccinv, betaincinv, betaln
from tests.oracles.beta import log_beta, tails
from tests.oracles.beta_points import points

LEAST = 1e-290
EDGES = [
    (0, 1, 0.5),
    (1, 0, 0.5),
    (0, 0, 0.5),
    (-1, 1, 0.5),
    (1, -1, 0.5),
    (inf, 1, 0.5),
    (1, inf, 0.5),
    (inf, inf, 0.5),
    (inf, 1, 0),
    (inf, 1, 1),
    (1, inf, 0),
    (0, inf, 0.5),
    (inf, 0, 0.5),
    (1, 1, -0.1),
    (1, 1, 1.1),
    (2, 3, 0),
    (2, 3, 1),
    (0, 1, 0),
    (0, 1, 1),
    (1, 0, 0),
    (1, 0, 1),
    (nan, 1, 0.5),
    (1, nan, 0.5),
    (1, 1, nan),
    (1, 1, inf),
]


def off(got, exact):
    """Relative errors where the exact value is no smaller than `LEAST`, else 0."""
    return np.array(
        [
            float(abs(g / e - 1)) if e > LEAST else 0.0
            for g, e in zip(got.tolist(), exact, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def domain():
    a, b, x = points(250, seed=1)
    exact = [tails(*point) for point in zip(a.tolist(), b.tolist(), x.tolist(), strict=True)]
    return a, b, x, *zip(*exact, strict=True)


def test_both_tails_over_the_whole_domain(domain):
    a, b, x, lower, upper = domain
    assert off(betainc(a, b, x), lower).max() < 1e-14
    assert off(betaincc(a, b, x), upper).max() < 1e-14


def test_never_worse_than_scipy(domain):
    """Beyond the last few bits, where either may be luckier."""
    a, b, x, lower, upper = domain
    for ours, theirs, exact in (
        (betainc, scipy.special.betainc, lower),
        (betaincc, scipy.special.betaincc, upper),
    ):
        assert (off(ours(a, b, x), exact) <= off(theirs(a, b, x), exact) + 3e-15).all()


@pytest.mark.parametrize(
    ("a", "b", "x", "value"),
    [
        # One billion billion trials, 20 standard deviations below the mean: the conditioning is 1e15.
        (1e15, 1e15, 0.5 - 20 / (2 * 2e15) ** 0.5 / 2, None),
        (1e15, 3e-10, 1 - 2.0**-52, None),
        (12.5, 1e15, 1e-14, None),
        (1e15, 40.25, 1 - 4e-14, None),
        (3.0, 3.0, 0.6, mpf("0.68256")),
        (1.0, 1.0, 1e-300, mpf(1e-300)),
    ],
)
def test_hard_points(a, b, x, value):
    lower, upper = tails(a, b, x)
    if value is not None:
        assert abs(lower / value - 1) < 1e-14
    for got, exact in ((betainc(a, b, x), lower), (betaincc(a, b, x), upper)):
        if exact > 1e-307:
            assert abs(mpf(float(got)) / exact - 1) < 5e-15


@pytest.mark.parametrize(
    ("a", "b"),
    [(19.9, 20.1), (20, 21), (20, 1e4), (40.5, 60), (100, 100), (777, 3), (1e3, 1.5e3), (1e5, 25)],
)
def test_where_one_expansion_takes_over_from_another(a, b):
    """From the mean far into both tails, and closely about the borders between the methods."""
    mean = a / (a + b)
    shares = [
        -0.9,
        -0.7,
        -0.51,
        -0.499,
        -0.3,
        -1e-3,
        0,
        1e-9,
        1e-2,
        0.3,
        0.499,
        0.51,
        0.7,
        0.8,
        1,
        3,
    ]
    x = np.array(
        [mean * (1 + share) for share in shares] + [1 - (1 - mean) * (1 + s) for s in shares]
    )
    x = x[(x > 0) & (x < 1)]
    exact = [tails(a, b, point) for point in x.tolist()]
    for got, which in ((betainc(a, b, x), 0), (betaincc(a, b, x), 1)):
        assert off(got, [pair[which] for pair in exact]).max() < 5e-15


def test_the_smallest_doubles():
    x = np.array([1e-200, 3e-308**0.5, 1e-160])
    np.testing.assert_allclose(betainc(2, 1, x), x**2, rtol=1e-14, atol=5e-324)
    assert betainc(300, 300, 1e-30) == 0
    assert betaincc(300, 300, 1 - 1e-12) == 0


@pytest.mark.parametrize("point", EDGES, ids=str)
def test_edges_are_those_of_scipy(point):
    np.testing.assert_equal(betainc(*point), scipy.special.betainc(*map(float, point)))
    np.testing.assert_equal(betaincc(*point), scipy.special.betaincc(*map(float, point)))
    np.testing.assert_equal(betaincinv(*point), scipy.special.betaincinv(*map(float, point)))
    np.testing.assert_equal(betainccinv(*point), scipy.special.betainccinv(*map(float, point)))


def test_a_value_does_not_depend_on_its_neighbours():
    a, b, x = points(500, seed=3)
    together = betainc(a, b, x)
    alone = [betainc(*point) for point in zip(a, b, x, strict=True)]
    np.testing.assert_array_equal(together, alone)


def test_broadcasting_and_scalars():
    assert isinstance(betainc(2, 3, 0.5), np.float64)
    table = betainc(np.array([[1.0], [2.0]]), 3, [0.25, 0.5, 0.75])
    assert table.shape == (2, 3)
    assert table[1, 2] == betainc(2.0, 3.0, 0.75)
    assert betainc(1, 1, []).shape == (0,)
    with pytest.raises(ValueError, match="shape"):
        betainc([1, 2], [1, 2, 3], 0.5)


@pytest.mark.parametrize(
    ("inverse", "tail"), [(betaincinv, betainc), (betainccinv, betaincc)], ids=["lower", "upper"]
)
def test_inverses_find_the_nearest_double_or_a_neighbour(inverse, tail):
    a, b, x = points(3000, seed=2)
    y = tail(a, b, x)
    kept = (y > 1e-300) & (y < 1)
    a, b, y = a[kept], b[kept], y[kept]
    found = inverse(a, b, y)
    ends = [tail(a, b, np.nextafter(found, end)) for end in (0, 1)]
    room = 1e-14
    assert (y >= np.minimum(*ends) * (1 - room)).all()
    assert (y <= np.maximum(*ends) * (1 + room)).all()


def test_inverse_of_the_smallest_tails():
    for y in (1e-300, 1e-100, 1e-10):
        assert betainc(50, 7, betaincinv(50, 7, y)) == pytest.approx(y, rel=1e-12)
    assert betaincinv(1, 1, 1e-300) == pytest.approx(1e-300, rel=1e-14)
    assert betaincinv(1e-10, 1, 0.5) == 0


def test_logarithm_of_beta():
    a, b, _ = points(500, seed=4)
    for got, point in zip(betaln(a, b), zip(a.tolist(), b.tolist(), strict=True), strict=True):
        exact = log_beta(*point)
        assert abs(mpf(float(got)) - exact) < 3e-15 * max(1, abs(exact))
    assert betaln(0, 1) == inf
    assert betaln(inf, 1) == -inf
    assert np.isnan(betaln([inf, -1, nan], [inf, 1, 1])).all()
