"""What nodes of known quality do to candidates, in many runs at once.

Candidates are codes [runs, n]: 0 is right, 1 and more are wrong answers, -1 is no answer, and -2 stands where a filter
has taken one away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kcurve.networks.scores import vote_leaders
from kcurve.networks.selectors import Chained, FullList, Majority

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.networks.nodes import Select
    from kcurve.networks.qualities import ShareQuality
    from kcurve.simulate import Filter as KeepRates
    from kcurve.theory import Step

    Bools = NDArray[np.bool_]
    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

Codes: TypeAlias = "NDArray[np.int16]"

RIGHT, NO_ANSWER, ABSENT = 0, -1, -2

_ROUNDING = 1e-9


def generated(answers: Floats, n: int, random: np.random.Generator) -> Codes:
    """Draw n candidates in each run, by the probabilities of answers [runs, A] in each."""
    steps = answers.cumsum(axis=1)
    # What lacks of 1 by rounding alone is no chance of no answer.
    steps[np.abs(steps - 1) < _ROUNDING] = 1.0
    drawn = random.random((len(answers), n))
    codes = np.zeros(drawn.shape, dtype=np.int16)
    for answer in range(steps.shape[1]):
        codes += drawn >= steps[:, answer, None]
    codes[codes == steps.shape[1]] = NO_ANSWER
    return codes


def enhanced(codes: Codes, step: Step, alphabet: int, random: np.random.Generator) -> Codes:
    """Give each candidate one round: a right one may be spoilt, another one mended."""
    changed = random.random(codes.shape)
    spoilt = (codes == RIGHT) & (changed >= step.keep_right)
    mended = (codes != RIGHT) & (codes != ABSENT) & (changed < step.fix_wrong)
    wrong = random.integers(1, alphabet, codes.shape, dtype=np.int16)
    return np.where(spoilt, wrong, np.where(mended, np.int16(RIGHT), codes))


def filtered(codes: Codes, rates: KeepRates, random: np.random.Generator) -> tuple[Codes, Integers]:
    """Keep candidates by their rates, or all of a run that none is kept of; and count the calls."""
    kept = rates.flags(codes == RIGHT, codes >= 0, random)
    nothing = ~kept.any(axis=1, keepdims=True)
    left = np.where(kept | nothing, codes, np.int16(ABSENT))
    return left, (codes >= 0).sum(axis=1)


def selected(
    codes: Codes,
    node: Select,
    chance: float,
    share: ShareQuality,
    random: np.random.Generator,
) -> tuple[Codes, Integers]:
    """Select one candidate of each run, and count the calls."""
    match node.by:
        case Chained():
            return _chained(codes, chance, random)
        case FullList():
            return _listed(codes, share, random)
        case Majority():
            leading, calls = vote_leaders(codes), np.zeros(len(codes), dtype=np.int64)
        case by:
            asked = by.asked(codes)
            first = random.random(asked.shape) < _first_preferred(codes, chance)
            won = np.where(asked, np.where(first, 1, -1), 0).astype(np.int8)
            leading, calls = by.leading(codes, won), asked.sum(axis=(1, 2))
    order = (
        random.random(codes.shape) if node.ties == "random" else np.arange(codes.shape[1], 0, -1.0)
    )
    return _taken(codes, np.where(leading, order, -1.0).argmax(axis=1)), calls


def _first_preferred(codes: Codes, chance: float) -> Floats:
    """Return the chance that the first of two is preferred [runs, n, n]."""
    right = codes == RIGHT
    better = right[:, :, None].astype(np.int8) - right[:, None, :]
    return np.asarray(np.array([0.5, chance, 1 - chance])[better])


def _chained(codes: Codes, chance: float, random: np.random.Generator) -> tuple[Codes, Integers]:
    champion = codes[:, 0].copy()
    calls = np.zeros(len(codes), dtype=np.int64)
    for place in range(1, codes.shape[1]):
        challenger = codes[:, place]
        meet = (champion >= 0) & (challenger >= 0) & (champion != challenger)
        loses = np.where(challenger == RIGHT, chance, np.where(champion == RIGHT, 1 - chance, 0.5))
        beaten = meet & (random.random(len(codes)) < loses)
        calls += meet
        # Whoever comes first stands in for nobody, and one with an answer for one without.
        vacant = (champion < 0) & (challenger > champion)
        champion = np.where(beaten | vacant, challenger, champion)
    return champion[:, None], calls


def _listed(
    codes: Codes, share: ShareQuality, random: np.random.Generator
) -> tuple[Codes, Integers]:
    answered, right = codes >= 0, codes == RIGHT
    among = answered.sum(axis=1)
    fraction = right.sum(axis=1) / np.maximum(among, 1)
    quality = np.broadcast_to(np.asarray(share(fraction), dtype=np.float64), fraction.shape)
    # Among candidates that are all right, or all wrong, the quality has no say.
    named = (random.random(len(codes)) < quality) & (fraction > 0) | (fraction == 1)
    pool = np.where(named[:, None], right, answered & ~right)
    order = np.where(pool, random.random(codes.shape), -1.0)
    order = np.where(pool.any(axis=1, keepdims=True), order, codes)
    highest = np.where(answered, codes, -1).max(axis=1)
    lowest = np.where(answered, codes, np.iinfo(np.int16).max).min(axis=1)
    return _taken(codes, order.argmax(axis=1)), ((among > 1) & (highest != lowest)).astype(np.int64)


def _taken(codes: Codes, places: Integers) -> Codes:
    return np.take_along_axis(codes, places[:, None], axis=1)
