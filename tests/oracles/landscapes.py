"""Landscapes and optima by brute force: every odd number of calls up to a bound, added up step by step."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NAMES = {
    (): "constant",
    (1,): "increasing",
    (-1,): "decreasing",
    (1, -1): "up-down",
    (-1, 1): "down-up",
}


def steps(p: Floats, weights: Floats, most: int) -> Floats:
    """Return what each step of two calls adds, F(2m+1) - F(2m-1) for m = 1 .. most, [..., most].

    `p` and `weights` are [..., levels].
    """
    m = np.arange(1, most + 1)
    # C(2m, m) / 4^m by its recurrence.
    scaled = np.cumprod((2 * m - 1) / (2 * m))
    powers = np.power((4 * p * (1 - p))[..., None], m)
    return scaled * np.einsum("...l,...lm->...m", weights * (p - 0.5), powers)


def curve(p: Floats, weights: Floats, most: int) -> Floats:
    """Return F at k = 1, 3, ..., 2 most + 1."""
    start = (weights * p).sum(axis=-1, keepdims=True)
    return np.concatenate([start, start + np.cumsum(steps(p, weights, most), axis=-1)], axis=-1)


def moves(p: Floats, weights: Floats, most: int) -> list[tuple[int, ...]]:
    """Return the signs of the steps, repeated ones and zeros left out, row by row."""
    rows = []
    for row in np.sign(steps(p, weights, most)).astype(int):
        signs = row[row != 0]
        kept = signs[np.flatnonzero(np.diff(signs, prepend=0))]
        rows.append(tuple(kept.tolist()))
    return rows


def two_levels(alpha: Floats, p1: Floats, p2: Floats) -> tuple[Floats, Floats]:
    """Return the chances and the weights of the two levels, [..., 2]."""
    return np.stack([p1, p2], axis=-1), np.stack([alpha, 1 - alpha], axis=-1)
