"""Systems judged together: how far apart they are says how much of a difference to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SCALE = 0.2
"""Scale of the half-Cauchy prior of the spread of systems: 20 points."""

_SPREADS = np.geomspace(5e-4, 0.6, 24)


def believed(drawn: Floats, measured: Floats, random: np.random.Generator) -> Floats:
    """Return draws of the accuracies of systems, given that they are systems of one kind.

    Parameters
    ----------
    drawn : float64 [R, S]
        Draws around the measured accuracies, as far as the log goes.
    measured : float64 [S]
        The measured accuracies.
    random : Generator
        Where chance comes from.

    Returns
    -------
    float64 [R, S]

    Notes
    -----
    Accuracies are normal with an unknown mean and an unknown spread t; its prior is half-Cauchy with a
    scale of 20 points, its posterior is found on a grid. Given t, with the covariance V of the draws
    and M the map from measured to posterior means, a posterior draw is ``z + M (x - z)`` for a draw x of the
    log and z normal with the spread t. Systems that differ by much more than their noise keep their
    draws; if they differ by less, their differences shrink.

    References
    ----------
    Gelman, "Prior Distributions for Variance Parameters in Hierarchical Models", 2006.
    """
    replicates, systems = drawn.shape
    if systems < 2:
        return drawn
    covariance = np.atleast_2d(np.cov(drawn.T))
    contrasts = np.eye(systems)[:-1] - np.eye(systems)[1:]
    gaps = contrasts @ measured
    ones = np.ones((systems, 1))
    logs, maps = np.empty(len(_SPREADS)), np.empty((len(_SPREADS), systems, systems))
    for i, spread in enumerate(_SPREADS):
        whole = covariance + spread**2 * np.eye(systems)
        between = contrasts @ whole @ contrasts.T
        logs[i] = -0.5 * (np.linalg.slogdet(between)[1] + gaps @ np.linalg.solve(between, gaps))
        weights = np.linalg.inv(whole)
        mean = ones @ (ones.T @ weights) / float((ones.T @ weights @ ones)[0, 0])
        maps[i] = mean + spread**2 * weights @ (np.eye(systems) - mean)
    logs -= np.log1p((_SPREADS / _SCALE) ** 2)
    chance = np.exp(logs - logs.max()) * np.gradient(_SPREADS)
    picked = random.choice(len(_SPREADS), replicates, p=chance / chance.sum())
    fresh = random.standard_normal((replicates, systems)) * _SPREADS[picked, None]
    moved = np.empty_like(drawn)
    for i in np.unique(picked):
        rows = picked == i
        moved[rows] = fresh[rows] + (drawn[rows] - fresh[rows]) @ maps[i].T
    return moved
