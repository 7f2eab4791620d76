"""How often a vote is clear: the chance that an answer leads by so many votes, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.evaluation import drawn_log, sample_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Vote

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_BLOCK_NUMBERS = 4_000_000
"""About how many numbers a block of questions may take."""


def clear_votes(
    log: AnswerLog | TalliedLog, rule: Vote, calls: Sequence[int], leads: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return how often a vote is clear, and how often clear and correct, for each question.

    A vote of k samples is clear if its leader has at least `lead` votes more than the runner-up, so
    that with a lead of 1 or more there are no ties.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        The log; draws are without replacement.
    rule : Vote
        What samples without an answer count for.
    calls : sequence of int [S]
        Numbers of samples that vote, each at most the fewest of a question.
    leads : sequence of int [S]
        The lead, at least 1, for each.

    Returns
    -------
    clear, correct : float64 [Q, S]
        Probabilities.

    Notes
    -----
    The leader a has t votes and all others at most s = t - lead. Over the draws of k of n samples::

        P = sum_a sum_t C(c_a, t) [z^(k - t)] (1 + z)^u prod_(j != a) sum_(i <= s) C(c_j, i) z^i / C(n, k)

    with counts c and u samples without an answer. The products that leave one answer out are made
    of those before and those after it, so that nothing is subtracted. All terms are positive.
    """
    counts, right, none = _tallies(drawn_log(log, rule), rule)
    keys, inverse = np.unique(
        np.concatenate([counts, right, none[:, None]], axis=1), axis=0, return_inverse=True
    )
    answers = counts.shape[1]
    most = max(calls)
    block = max(1, _BLOCK_NUMBERS // ((answers + 1) * most * (most + 1)))
    found = [
        _of_tallies(part[:, :answers], part[:, answers:-1].astype(bool), part[:, -1], calls, leads)
        for part in np.split(keys, range(block, len(keys), block))
    ]
    clear, correct = (np.concatenate(each)[inverse.ravel()] for each in zip(*found, strict=True))
    return clear, correct


def _tallies(log: AnswerLog | TalliedLog, rule: Vote) -> tuple[Integers, Integers, Integers]:
    """Return counts [Q, A] by size, which answers are right, and samples that vote for none [Q]."""
    question = np.repeat(np.arange(log.n_questions), np.diff(log.offsets))
    weight = sample_counts(log)
    weight = np.ones(len(log.codes), np.int64) if weight is None else weight
    counts = np.zeros((log.n_questions, int(log.codes.max(initial=-1)) + 2), np.int64)
    right = np.zeros_like(counts)
    np.add.at(counts, (question, log.codes + 1), weight)
    np.maximum.at(right, (question, log.codes + 1), log.correct.astype(np.int64))
    none = counts[:, 0].copy()
    if rule.no_answer == "vote":
        none[:] = 0
    else:
        counts[:, 0] = 0
    order = np.lexsort((right, -counts), axis=1)
    counts, right = (np.take_along_axis(each, order, axis=1) for each in (counts, right))
    used = max(1, int((counts > 0).sum(axis=1).max()))
    return counts[:, :used], right[:, :used], none


def _of_tallies(
    counts: Integers,
    right: NDArray[np.bool_],
    none: Integers,
    calls: Sequence[int],
    leads: Sequence[int],
) -> tuple[Floats, Floats]:
    tallies, answers = counts.shape
    most = max(calls)
    ways = np.stack([_binomials(counts[:, a], most) for a in range(answers)])
    start = np.repeat(_binomials(none, most)[:, None, :], most, axis=1)
    before = [start]
    for a in range(answers - 1):
        before.append(_times(before[-1], ways[a]))
    after = np.zeros_like(start)
    after[:, :, 0] = 1.0
    clear = np.zeros((tallies, len(calls)))
    correct = np.zeros_like(clear)
    for a in reversed(range(answers)):
        others = _product(before[a], after)
        chance = np.zeros_like(clear)
        for at, (k, lead) in enumerate(zip(calls, leads, strict=True)):
            votes = np.arange(lead, k + 1)
            terms = ways[a][:, votes] * others[:, votes - lead, k - votes]
            chance[:, at] = terms.sum(axis=1)
        clear += chance
        correct += chance * right[:, a, None]
        after = _times(after, ways[a])
    drawn = _binomials(counts.sum(axis=1) + none, most)[:, calls]
    return clear / drawn, correct / drawn


def _binomials(n: Integers, most: int) -> Floats:
    """Return C(n, i) for i = 0 .. most, float64 [len(n), most + 1]."""
    i = np.arange(1, most + 1)
    factors = np.maximum(n[:, None] - i + 1, 0) / i
    return np.concatenate([np.ones((len(n), 1)), np.cumprod(factors, axis=1)], axis=1)


def _times(series: Floats, ways: Floats) -> Floats:
    """Multiply series [U, S, K + 1] by sum_(i <= s) ways_i z^i, where s is the position in S."""
    product = series.copy()
    degree = series.shape[2]
    for i in range(1, degree):
        if not ways[:, i].any():
            break
        product[:, i:, i:] += ways[:, i, None, None] * series[:, i:, : degree - i]
    return product


def _product(left: Floats, right: Floats) -> Floats:
    """Multiply series term by term of S."""
    product = np.zeros_like(left)
    degree = left.shape[2]
    for i in range(degree):
        product[:, :, i:] += left[:, :, i, None] * right[:, :, : degree - i]
    return product
