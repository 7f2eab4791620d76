"""Bootstrap replicates of the vote curve by compiled loops that spare no trouble.

What somebody who profiles would do to the loop of `numba_bootstrap`, which draws one answer after another:

- a 64-bit word of SplitMix64 makes two draws of 32 bits each;
- many answers: the two draws of a word go to two tables of tallies, so that an addition seldom waits for
  the one before it, and answers are bytes, so that a log fits the first-level cache;
- few answers: no table at all. A block of random numbers is compared with the cumulated share of each
  answer, and the comparisons are counted; both loops compile to vector instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)
LOWER = np.uint64(0xFFFFFFFF)
BLOCK = 512
"""Words made at a time: 4 KiB of random numbers."""
MOST_COMPARED = 16
"""Answers up to which comparing is faster than tallying; fewer if there are few draws. Found by trying."""


def replicate_curves(
    codes: NDArray[np.int32], k: NDArray[np.int64], *, replicates: int, seed: int = 0
) -> NDArray[np.float64]:
    """Return the score [replicates, K] of one question in each replicate, ties split; ``k`` increasing."""
    counts = np.bincount(codes)
    score = np.zeros((replicates, len(k)))
    if len(counts) <= MOST_COMPARED and len(counts) ** 2 <= k[-1]:
        cumulated = np.cumsum(counts)[:-1] / len(codes)
        _compare(np.round(cumulated * 2**32).astype(np.uint32), k, np.uint64(seed), score)
    else:
        small = codes.astype(np.uint8 if len(counts) <= 256 else np.uint32)
        _tally(small, len(counts), k, np.uint64(seed), score)
    return score


@nb.njit(inline="always")
def _mixed(state):
    mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@nb.njit
def random_words(n: int) -> int:
    """Make n words in a vector loop and keep only their exclusive or: what randomness costs here."""
    found = np.uint64(0)
    for i in range(n):
        found ^= _mixed(GOLDEN * np.uint64(i))
    return found


@nb.njit(inline="always")
def _credit_of_sums(even, odd):
    correct, leaders = even[CORRECT] + odd[CORRECT], 0
    for answer in range(len(even)):
        tally = even[answer] + odd[answer]
        if tally > correct:
            return 0.0
        leaders += tally == correct
    return 1.0 / leaders


@nb.njit(inline="always")
def _credit_of_differences(below):
    correct, leaders = below[CORRECT + 1] - below[CORRECT], 0
    for answer in range(len(below) - 1):
        tally = below[answer + 1] - below[answer]
        if tally > correct:
            return 0.0
        leaders += tally == correct
    return 1.0 / leaders


@nb.njit
def _tally(answers, n_answers, k, seed, score):
    n = np.uint64(len(answers))
    even = np.zeros(n_answers, dtype=np.int32)
    odd = np.zeros(n_answers, dtype=np.int32)
    state = seed
    for replicate in range(len(score)):
        even[:] = 0
        odd[:] = 0
        drawn = 0
        for point in range(len(k)):
            step = k[point] - drawn
            for _ in range(step // 2):
                state += GOLDEN
                word = _mixed(state)
                even[answers[((word >> HALF) * n) >> HALF]] += 1
                odd[answers[((word & LOWER) * n) >> HALF]] += 1
            if step % 2:
                state += GOLDEN
                even[answers[((_mixed(state) >> HALF) * n) >> HALF]] += 1
            drawn = k[point]
            score[replicate, point] = _credit_of_sums(even, odd)


@nb.njit
def _compare(cumulated, k, seed, score):
    n_answers = len(cumulated) + 1
    numbers = np.empty(2 * BLOCK, dtype=np.uint32)
    # Draws below the end of each answer's share of the range of 32-bit numbers; the first stays 0.
    below = np.zeros(n_answers + 1, dtype=np.int64)
    state = seed
    for replicate in range(len(score)):
        below[:] = 0
        drawn = 0
        for point in range(len(k)):
            left = k[point] - drawn
            drawn = k[point]
            while left > 0:
                some = min(left, 2 * BLOCK)
                words = (some + 1) // 2
                for i in range(words):
                    word = _mixed(state + GOLDEN * np.uint64(i + 1))
                    numbers[i] = np.uint32(word >> HALF)
                    numbers[words + i] = np.uint32(word)
                state += GOLDEN * np.uint64(words)
                for answer in range(n_answers - 1):
                    end, count = cumulated[answer], np.uint32(0)
                    for i in range(some):
                        count += np.uint32(numbers[i] < end)
                    below[answer + 1] += count
                below[n_answers] += some
                left -= some
            score[replicate, point] = _credit_of_differences(below)
