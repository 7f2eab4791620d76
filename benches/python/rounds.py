"""Interleaved timing: A B C A B C ..., so that a slow minute of the machine slows everyone alike."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from numpy.typing import NDArray

    class Contestant(Protocol):
        """Who is timed: ``run()`` does ``units`` pieces of work and gives a curve."""

        @property
        def name(self) -> str: ...

        @property
        def units(self) -> int: ...

        def run(self) -> NDArray[np.float64]: ...


@dataclass(frozen=True)
class Timing:
    """Microseconds per question or replicate [rounds] of one contestant, and the curve that it computed."""

    name: str
    units: int
    microseconds: NDArray[np.float64]
    curve: NDArray[np.float64]

    def times(self, other: Timing) -> NDArray[np.float64]:
        """Return the ratio of the two in each round."""
        return self.microseconds / other.microseconds


def interleaved(contestants: Sequence[Contestant], rounds: int) -> list[Timing]:
    """Run everyone once to warm up, then ``rounds`` times in turn."""
    curves = [contestant.run() for contestant in contestants]
    seconds = np.zeros((rounds, len(contestants)))
    gc.collect()
    gc.disable()
    try:
        for row in seconds:
            for column, contestant in enumerate(contestants):
                start = perf_counter()
                contestant.run()
                row[column] = perf_counter() - start
    finally:
        gc.enable()
    return [
        Timing(one.name, one.units, 1e6 * column / one.units, curve)
        for one, column, curve in zip(contestants, seconds.T, curves, strict=True)
    ]
