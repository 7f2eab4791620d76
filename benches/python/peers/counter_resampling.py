"""The reference approach: for each k draw k samples, count them, see who wins; many times over."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray


def vote_curve(
    codes: NDArray[np.int32],
    k: NDArray[np.int64],
    *,
    replacement: bool,
    trials: int = 1000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the mean score [Q, K] over ``trials`` draws of ``k`` samples each.

    A tie goes to the answer drawn first, whose expectation over random orders is the even split.
    """
    # np.random.choice is the method of this class on the module's hidden instance.
    choice = np.random.RandomState(seed).choice
    scores = np.zeros((len(codes), len(k)))
    for question, answers in enumerate(codes):
        for point, size in enumerate(k):
            wins = 0
            for _ in range(trials):
                drawn = Counter(choice(answers, size=size, replace=replacement).tolist())
                wins += drawn.most_common(1)[0][0] == CORRECT
            scores[question, point] = wins / trials
    return scores
