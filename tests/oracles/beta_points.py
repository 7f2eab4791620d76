"""Arguments of the incomplete beta function from everywhere it is defined."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def points(count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Draw a, b and x: tiny, huge and skewed shapes; x anywhere, near the ends, and near the mean.

    A third of the shapes are of common sizes, and a quarter of the pairs of like size.
    """
    rng = np.random.default_rng(seed)
    a, b = 10 ** rng.uniform(-10, 15, (2, count))
    common = rng.random(count) < 1 / 3
    a[common], b[common] = 10 ** rng.uniform(-1, 4, (2, common.sum()))
    alike = rng.random(count) < 1 / 4
    b[alike] = np.clip(a[alike] * 10 ** rng.uniform(-1, 1, alike.sum()), 1e-10, 1e15)
    mean = a / (a + b)
    deviation = np.sqrt(mean / (a + b) * (b / (a + b + 1)))
    anywhere = rng.random(count)
    x = np.choose(
        rng.integers(4, size=count),
        [
            anywhere,
            10 ** rng.uniform(-30, 0, count),
            1 - 10 ** rng.uniform(-16, 0, count),
            mean + deviation * rng.normal(0, 5, count),
        ],
    )
    return a, b, np.where((x > 0) & (x < 1), x, anywhere)
