"""Bootstrap replicates of the vote curve by a compiled loop over draws.

One pass of ``max(k)`` draws gives the whole curve of a replicate. A draw costs a random number, a gather
and one comparison: the leader's tally and the number of leaders are kept as the tallies run, so reading
the vote at a grid point is a table look-up however many answers there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray


GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def replicate_curves(
    codes: NDArray[np.int32], k: NDArray[np.int64], *, replicates: int = 300, seed: int = 0
) -> NDArray[np.float64]:
    """Return the data set's score [replicates, K] in each replicate, ties split; ``k`` increasing."""
    total = np.zeros((replicates, len(k)))
    n_answers = int(codes.max()) + 1
    sparse = n_answers * len(k) < int(k[-1])
    accumulate = _count_at_points if sparse else _follow_the_leader
    accumulate(codes, n_answers, k, np.uint64(seed), total)
    return total / len(codes)


@nb.njit(inline="always")
def _next_answer(answers, state):
    # SplitMix64; its upper half, scaled to the samples by a multiplication.
    mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    upper = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)
    return answers[(upper * np.uint64(len(answers))) >> np.uint64(32)]


@nb.njit
def _follow_the_leader(codes, n_answers, k, seed, total):
    """Dense grids: keep the leading tally and the number of leaders after every draw."""
    tallies = np.zeros(n_answers, dtype=np.int32)
    state = seed
    for question in range(len(codes)):
        answers = codes[question]
        for replicate in range(len(total)):
            tallies[:] = 0
            top, leaders, correct_leads = 0, 0, False
            drawn = 0
            for point in range(len(k)):
                for _ in range(k[point] - drawn):
                    state += GOLDEN
                    answer = _next_answer(answers, state)
                    tally = tallies[answer] + 1
                    tallies[answer] = tally
                    if tally > top:
                        top, leaders, correct_leads = tally, 1, answer == CORRECT
                    elif tally == top:
                        leaders += 1
                        correct_leads = correct_leads or answer == CORRECT
                drawn = k[point]
                if correct_leads:
                    total[replicate, point] += 1.0 / leaders


@nb.njit
def _count_at_points(codes, n_answers, k, seed, total):
    """Sparse grids: only tally the draws, and look for the leaders at the grid points."""
    tallies = np.zeros(n_answers, dtype=np.int32)
    state = seed
    for question in range(len(codes)):
        answers = codes[question]
        for replicate in range(len(total)):
            tallies[:] = 0
            drawn = 0
            for point in range(len(k)):
                for _ in range(k[point] - drawn):
                    state += GOLDEN
                    tallies[_next_answer(answers, state)] += 1
                drawn = k[point]
                correct = tallies[CORRECT]
                leaders = 0
                for tally in tallies:
                    if tally > correct:
                        leaders = 0
                        break
                    leaders += tally == correct
                if leaders:
                    total[replicate, point] += 1.0 / leaders
