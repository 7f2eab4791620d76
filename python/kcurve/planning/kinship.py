"""What to believe of drawn accuracies: systems are of one kind, and not every question has been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.points import Points

    Floats = NDArray[np.float64]

_SCALE = 0.2
"""Scale of the half-Cauchy prior of the spread of systems: 20 points."""

_DEGREES = 3.0
"""Degrees of freedom of systems around their mean."""

_SPREADS = np.geomspace(5e-4, 0.6, 24)
_ROUNDS = 20


def believed_points(
    points: Points,
    measured: Floats,
    affordable: NDArray[np.bool_],
    random: np.random.Generator,
) -> Floats:
    """Return draws [R, P] of what to believe, of bootstrap draws [R, P] of accuracy.

    - Systems are of one kind: `believed` shrinks differences between them that their noise can
      explain. A system is measured by its best affordable point; its other points move with it, and a
      cascade as its draws follow those of its two systems (least squares).
    - There are questions that no one has seen. One more, weighted at random like any other, joins
      every draw; each system is right or wrong on it by a fair coin, whatever its rule and k, and
      a cascade half so by each.
    """
    parts = [
        getattr(rule, "systems", (system,))
        for system, rule in zip(points.system, points.rule, strict=True)
    ]
    names = list(dict.fromkeys(name for part in parts for name in part))
    members = np.array([[name in part for part in parts] for name in names])
    best: dict[str, int] = {}
    for point in np.argsort(points.accuracy, kind="stable"):
        if affordable[point]:
            best[points.system[point]] = int(point)
    known = [i for i, name in enumerate(names) if name in best]
    at = np.array([best[names[i]] for i in known], np.int64)
    accuracy = measured.copy()
    if len(at) > 1:
        moved = believed(measured[:, at], random) - measured[:, at]
        accuracy += moved @ _follows(measured, at, members[known])
    weight = random.standard_exponential((len(measured), 1))
    seen = random.standard_gamma(len(np.unique(points.unit_of)), size=(len(measured), 1))
    right = random.random((len(measured), len(names))) < 0.5
    imagined = right @ (members / members.sum(axis=0))
    accuracy += weight / (seen + weight) * (imagined - accuracy)
    return accuracy


def _follows(measured: Floats, at: NDArray[np.int64], members: NDArray[np.bool_]) -> Floats:
    """Return how much each point moves with each system, [S, P]: 1 with its own, if it has one."""
    alone = members.sum(axis=0) == 1
    moves = np.where(alone, members, 0.0)
    centred = measured - measured.mean(axis=0)
    for first, second in {
        tuple(np.flatnonzero(column)) for column in members.T if column.sum() == 2
    }:
        pair = np.array([first, second])
        own = np.flatnonzero(members[pair].all(axis=0))
        slopes, *_ = np.linalg.lstsq(centred[:, at[pair]], centred[:, own], rcond=1e-6)
        moves[np.ix_(pair, own)] = np.clip(slopes, 0.0, 1.0)
    return moves


def believed(drawn: Floats, random: np.random.Generator) -> Floats:
    """Return draws of the accuracies of systems, given that they are systems of one kind.

    Parameters
    ----------
    drawn : float64 [R, S]
        Draws around the measured accuracies, as far as the log goes.
    random : Generator
        Where chance comes from.

    Returns
    -------
    float64 [R, S]

    Notes
    -----
    Accuracies are Student's t with 3 degrees of freedom around an unknown mean, so that one system may be
    far from the others, with an unknown spread, half-Cauchy with a scale of 20 points. A Gibbs
    sampler runs for each draw x of the log: given the variances D of the systems, and the map M from measured to
    posterior means, a posterior draw is ``z + M (x - z)`` with z normal of variance D. Systems that
    differ by much more than their noise keep their draws; the differences of others shrink.

    References
    ----------
    Gelman, "Prior Distributions for Variance Parameters in Hierarchical Models", 2006.
    """
    replicates, systems = drawn.shape
    if systems < 2:
        return drawn
    covariance = np.atleast_2d(np.cov(drawn.T)) + 1e-12 * np.eye(systems)
    # Far systems are recognised from where they were measured, not from where a narrow prior draws them.
    value = drawn
    mean = np.median(value, axis=1)
    spread = np.clip(1.5 * np.median(np.abs(value - mean[:, None]), axis=1), *_SPREADS[[0, -1]])
    for _ in range(_ROUNDS):
        squares = (value - mean[:, None]) ** 2
        shape = random.standard_gamma((_DEGREES + 1) / 2, size=squares.shape)
        scale = (_DEGREES + squares / spread[:, None] ** 2) / 2 / shape
        spread = _spreads(squares / scale, systems, random)
        variance = spread[:, None] ** 2 * scale
        value = _given(variance, covariance, drawn, random)
        weights = 1 / variance
        total = weights.sum(axis=1)
        mean = (weights * value).sum(axis=1) / total
        mean += random.standard_normal(replicates) / np.sqrt(total)
    return value


def _given(
    variance: Floats, covariance: Floats, drawn: Floats, random: np.random.Generator
) -> Floats:
    """Return posterior draws [R, S] given the variances [R, S] of the systems around their mean."""
    systems = len(covariance)
    precision = np.linalg.inv(covariance + variance[:, :, None] * np.eye(systems))
    fresh = random.standard_normal(drawn.shape) * np.sqrt(variance)
    gap = drawn - fresh
    weights = precision.sum(axis=1)
    mean = (weights * gap).sum(axis=1) / weights.sum(axis=1)
    rest = np.einsum("rst,rt->rs", precision, gap - mean[:, None])
    return np.asarray(fresh + mean[:, None] + variance * rest)


def _spreads(squares: Floats, systems: int, random: np.random.Generator) -> Floats:
    """Draw spreads [R] given scaled squared distances [R, S] from the mean."""
    logs = -systems * np.log(_SPREADS) - squares.sum(axis=1)[:, None] / (2 * _SPREADS**2)
    logs += np.log(np.gradient(_SPREADS)) - np.log1p((_SPREADS / _SCALE) ** 2)
    return np.asarray(_SPREADS[np.argmax(logs + random.gumbel(size=logs.shape), axis=1)])
