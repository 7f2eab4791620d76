"""Where the best size changes as compute grows, and the law of sizes through these places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from kcurve.laws import SizeLaw
from kcurve.planning.envelope import EVEN, knots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kcurve.laws import SizeFit

    Floats = NDArray[np.float64]

Reason = Literal["overtakes", "first payable", "samples end"]
"""Why the best size changes; see `Switch`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """An amount of compute at which another size becomes best.

    Attributes
    ----------
    compute : float
        Where the errors of both sizes are equal, C.
    before, after : float
        The sizes that are best below and above it.
    reason : {"overtakes", "first payable", "samples end"}
        ``"overtakes"``: both could be had on either side. ``"first payable"``: the new size is ahead
        as soon as one answer of it can be paid. ``"samples end"``: the old size has no more samples
        in the log, and might have stayed ahead with more.
    """

    compute: float
    before: float
    after: float
    reason: Reason

    @property
    def size(self) -> float:
        """The size in between, their geometric mean."""
        return float(np.sqrt(self.before * self.after))


class SizeEnvelope(NamedTuple):
    """The frontier of one size in one draw: costs, rising, and accuracies; `last`, its dearest point."""

    size: float
    cost: Floats
    accuracy: Floats
    last: float

    def at(self, compute: Floats) -> Floats:
        """Return the accuracies, linear in the logarithm of the compute; -inf where none can be paid."""
        found = np.interp(np.log(compute), np.log(self.cost), self.accuracy)
        return np.where(compute < self.cost[0] * (1 - EVEN), -np.inf, found)


def envelopes(accuracy: Floats, cost: Floats, size: Floats) -> Iterator[list[SizeEnvelope]]:
    """Yield the envelopes of the sizes of the points [P] in each draw [R, P]."""
    different = np.unique(size)
    parts = [knots(accuracy[:, size == each], cost[:, size == each]) for each in different]
    ends = np.stack([cost[:, size == each].max(axis=1) for each in different], axis=1)
    for last, *row in zip(ends, *parts, strict=True):
        yield [
            SizeEnvelope(float(each), costs, best, float(end))
            for each, (costs, best), end in zip(different, row, last, strict=True)
        ]


def switches(sizes: list[SizeEnvelope]) -> list[Switch]:
    """Return where the best size changes; of equal sizes the smaller is best."""
    grid = np.unique(np.concatenate([each.cost for each in sizes]))
    values = np.array([each.at(grid) for each in sizes])
    best = np.argmax(values >= values.max(axis=0) - EVEN, axis=0)
    found = []
    for i in np.flatnonzero(best[1:] != best[:-1]):
        old, new = sizes[best[i]], sizes[best[i + 1]]
        gap = values[best[i + 1], i : i + 2] - values[best[i], i : i + 2]
        reason: Reason = "overtakes"
        if not np.isfinite(gap[0]):
            reason, compute = "first payable", grid[i + 1]
        else:
            step = np.log(grid[i + 1] / grid[i])
            compute = grid[i] * np.exp(np.clip(-gap[0] / (gap[1] - gap[0]), 0, 1) * step)
            if compute >= old.last * (1 - EVEN):
                reason = "samples end"
        found.append(Switch(compute=float(compute), before=old.size, after=new.size, reason=reason))
    return found


def law_of(found: list[Switch]) -> SizeFit | None:
    """Fit the law to switches: one point for each pair of sizes, between both, where they are equal.

    None for fewer than two different pairs.
    """
    pairs: dict[float, list[float]] = {}
    for each in found:
        # Noise makes two sizes change places more than once: the middle of these places counts.
        pairs.setdefault(each.size, []).append(np.log10(each.compute))
    if len(pairs) < 2:
        return None
    return SizeLaw().fit((list(pairs), [10 ** float(np.mean(logs)) for logs in pairs.values()]))
