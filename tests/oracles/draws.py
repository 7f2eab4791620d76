"""Every way to draw k samples of a question, with its probability.

Two enumerations of the same thing. `multisets` lists how many of each kind were drawn, with the multivariate
hypergeometric (without replacement) or multinomial (with replacement) probability. `sequences` is more literal
still: every ordered draw of individual samples, all equally likely; it is what `multisets` is checked against.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracles.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Draw = tuple[Sample, ...]


def compositions(total: int, limits: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every tuple of non-negative integers with this sum, the i-th at most ``limits[i]``."""
    if not limits:
        if total == 0:
            yield ()
        return
    for first in range(min(total, limits[0]) + 1):
        for rest in compositions(total - first, limits[1:]):
            yield (first, *rest)


def multisets(
    samples: Sequence[Sample], k: int, *, replacement: bool
) -> Iterator[tuple[Draw, Fraction]]:
    """Yield every multiset of k samples with its probability."""
    kinds = Counter(samples)
    available = list(kinds.values())
    n = len(samples)
    if not replacement and k > n:
        message = f"cannot draw {k} of {n} samples without replacement"
        raise ValueError(message)
    for drawn in compositions(k, [k] * len(kinds) if replacement else available):
        if replacement:
            arrangements = math.factorial(k) // math.prod(map(math.factorial, drawn))
            ways = arrangements * math.prod(
                count**i for count, i in zip(available, drawn, strict=True)
            )
            probability = Fraction(ways, n**k)
        else:
            ways = math.prod(map(math.comb, available, drawn))
            probability = Fraction(ways, math.comb(n, k))
        yield tuple(itertools.chain.from_iterable(map(itertools.repeat, kinds, drawn))), probability


def sequences(samples: Sequence[Sample], k: int, *, replacement: bool) -> Iterator[Draw]:
    """Yield every ordered draw of k individual samples; all of them are equally likely."""
    if replacement:
        yield from itertools.product(samples, repeat=k)
    else:
        yield from itertools.permutations(samples, k)


def subsets(samples: Sequence[Sample], k: int) -> Iterator[Draw]:
    """Yield every subset of k individual samples; all of them are equally likely."""
    yield from itertools.combinations(samples, k)
