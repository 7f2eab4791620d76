"""The regularised incomplete beta function in 60 digits, by quadrature or by its power series.

Slow and plain: no expansion is chosen for its speed, and none is shared with the package.
"""

from functools import cache

from mpmath import mp, mpf

DIGITS = 60
NODES = 40


@cache
def _legendre() -> tuple[list[mpf], list[mpf]]:
    """Return the nodes and weights of Gauss and Legendre on [-1, 1], by Newton's method."""
    nodes, weights = [], []
    with mp.workdps(DIGITS + 10):
        for i in range(NODES):
            x = mp.cos(mp.pi * (i + mpf("0.75")) / (NODES + mpf("0.5")))
            for _ in range(100):
                p0, p1 = mpf(1), x
                for n in range(2, NODES + 1):
                    p0, p1 = p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n
                slope = NODES * (x * p1 - p0) / (x * x - 1)
                step = p1 / slope
                x -= step
                if abs(step) < mpf(10) ** (-DIGITS - 5):
                    break
            nodes.append(x)
            weights.append(2 / ((1 - x * x) * slope**2))
    return nodes, weights


def tails(a: float, b: float, x: float) -> tuple[mpf, mpf]:
    """Return I_x(a, b) and 1 - I_x(a, b) for 0 < x < 1 and positive a and b."""
    with mp.workdps(DIGITS + 25):
        a_, b_, x_ = mpf(a), mpf(b), mpf(x)
        if b_ * x_ <= 60 and x_ <= mpf("0.5"):
            return _by_series(a_, b_, x_)
        if a_ * (1 - x_) <= 60 and x_ > mpf("0.5"):
            return _by_series(b_, a_, 1 - x_)[::-1]
        if a_ >= 1 and (x_ * (a_ + b_) <= a_ or b_ < 1):
            lower = _by_quadrature(a_, b_, x_)
        else:
            upper = _by_quadrature(b_, a_, 1 - x_)
            return 1 - upper, upper
        return lower, 1 - lower


def _log_beta(a: mpf, b: mpf) -> mpf:
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def log_beta(a: float, b: float) -> mpf:
    """Return the logarithm of the beta function."""
    with mp.workdps(DIGITS + 25):
        return _log_beta(mpf(a), mpf(b))


def _by_series(a: mpf, b: mpf, x: mpf) -> tuple[mpf, mpf]:
    """Return both tails: x^a / B(a, b) times the sum of (1-b)(2-b)...(i-b) x^i / (i! (a+i)), with 30 digits to lose."""
    with mp.extradps(70):
        total, term, i = 1 / a, mpf(1), 0
        while True:
            i += 1
            term *= (i - b) * x / i
            total += term / (a + i)
            if abs(term) < abs(total) * mpf(10) ** (-DIGITS - 70) * a:
                break
        lower = mp.exp(a * mp.log(x) - _log_beta(a, b)) * total
        return lower, 1 - lower


def _by_quadrature(a: mpf, b: mpf, x: mpf) -> mpf:
    """Integrate over s, where the variable is x exp(-s), in steps as long as the integrand is smooth."""
    y = 1 - x
    slope = a - (b - 1) * x / y
    curvature = abs(b - 1) * x / y**2
    step = 1 / max(slope / 4, mp.sqrt(curvature), 1 / mp.log(1 / x), mpf(1) / 4)
    nodes, weights = _legendre()
    total, start = mpf(0), mpf(0)
    while True:
        piece = mpf(0)
        for node, weight in zip(nodes, weights, strict=True):
            s = start + step * (1 + node) / 2
            piece += weight * mp.exp(-a * s + (b - 1) * mp.log1p(-x * mp.expm1(-s) / y))
        piece *= step / 2
        total += piece
        start += step
        if piece < total * mpf(10) ** -40:
            break
    return total * mp.exp(a * mp.log(x) + (b - 1) * mp.log(y) - _log_beta(a, b))
