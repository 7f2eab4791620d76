"""How sure a sample is of which answer leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Positions = NDArray[np.int64]

_PRIOR = 0.5
_NODES = 64
_REACH = 3.1
_PAIRS = 50_000
"""Pairs of answers that are compared at once: bounds the memory."""


class Answers(NamedTuple):
    """The answers of all questions, those of one question side by side."""

    question: Positions
    """Which question each is of, non-decreasing, [A]."""
    claim: Floats
    """Sum of its samples' weights, [A]."""
    squares: Floats
    """Sum of the squares of these weights, [A]."""
    right: NDArray[np.bool_]
    """Whether it is correct, [A]."""


def lead_probability(answers: Answers, questions: int) -> Floats:
    """Return the posterior probability that a correct answer leads each question, [Q].

    Claims are independent gammas: for plain votes their shares are the Dirichlet posterior of the
    answer probabilities under Jeffreys' prior, one half for each answer seen, for the correct one
    if it is not, and for one more that nobody has given yet. Weighted claims have gammas of the same
    mean and variance. An answer leads with probability ``int f(x) prod F_j(x) dx`` over the others,
    by tanh-sinh quadrature of the quantiles of f: no random numbers.
    """
    full = _with_unseen(answers, questions)
    scale = np.where(full.claim > 0, full.squares / np.where(full.claim > 0, full.claim, 1), 0.0)
    scale = np.maximum(scale, 1e-12)
    shape = _PRIOR + np.where(full.claim > 0, full.claim / scale, 0.0)
    starts = np.searchsorted(full.question, np.arange(questions + 1))
    targets = np.flatnonzero(full.right)
    sizes = np.diff(starts)[full.question[targets]]
    blocks = np.flatnonzero(np.diff(np.cumsum(sizes) // _PAIRS, prepend=-1))
    probability = np.zeros(questions)
    for block in np.split(targets, blocks[1:]):
        led = _lead(
            shape, scale, block, starts[full.question[block]], starts[full.question[block] + 1]
        )
        np.add.at(probability, full.question[block], led)
    return np.clip(probability, 0.0, 1.0)


def _with_unseen(answers: Answers, questions: int) -> Answers:
    """Add to every question a wrong answer not seen yet, and the correct one if it is not seen."""
    samples = np.bincount(answers.question, answers.claim, minlength=questions)
    squares = np.bincount(answers.question, answers.squares, minlength=questions)
    # They weigh what a sample of the question does; the claim is that of the prior alone.
    weight = np.where(samples > 0, squares / np.where(samples > 0, samples, 1), 1.0)
    found = np.bincount(answers.question, answers.right, minlength=questions) > 0
    everyone, lost = np.arange(questions), np.flatnonzero(~found)
    added = np.concatenate([everyone, lost])
    tiny = 1e-12 * weight[added]
    question = np.concatenate([answers.question, added])
    order = np.argsort(question, kind="stable")
    right = np.concatenate([answers.right, np.zeros(questions, bool), np.ones(len(lost), bool)])
    return Answers(
        question[order],
        np.concatenate([answers.claim, tiny])[order],
        np.concatenate([answers.squares, tiny * weight[added]])[order],
        right[order],
    )


def _lead(
    shape: Floats, scale: Floats, targets: Positions, first: Positions, last: Positions
) -> Floats:
    """Return the probability that each target exceeds all of first..last but itself."""
    from scipy.special import gammainc, gammaincinv  # noqa: PLC0415 - scipy is slow to import

    # Quantiles of small shapes are steep near 0 and 1, which this substitution evens out.
    point = np.linspace(-_REACH, _REACH, _NODES)
    share = 1 / (1 + np.exp(-np.pi * np.sinh(point)))
    weights = np.pi * np.cosh(point) * share * (1 - share) * (point[1] - point[0])
    quantiles = gammaincinv(shape[targets][:, None], share) * scale[targets][:, None]
    sizes = last - first
    ends = np.cumsum(sizes)
    pair = np.repeat(np.arange(len(targets)), sizes)
    rival = np.arange(ends[-1]) - np.repeat(ends - sizes - first, sizes)
    with np.errstate(divide="ignore"):
        below = np.log(gammainc(shape[rival][:, None], quantiles[pair] / scale[rival][:, None]))
    below[rival == targets[pair]] = 0.0
    product = np.exp(np.add.reduceat(below, ends - sizes, axis=0))
    return np.asarray(product @ weights)
