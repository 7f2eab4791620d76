"""Choices in another order, the same on every machine."""

from __future__ import annotations

from hashlib import sha256

_TAG = "kcurve.choices.v1"


def permutation(seed: int, question: str, n: int) -> tuple[int, ...]:
    r"""Order in which the `n` choices of a question are shown.

    The choices are sorted by the SHA-256 of seed, name of the question and position. That depends on no
    generator of random numbers, no platform and no other question, so a subset of a data set is
    shuffled like the whole.

    Parameters
    ----------
    seed : int
        Names the shuffle.
    question : str
        The name of the question.
    n : int
        How many choices it has.

    Returns
    -------
    tuple of int
        At each place, the position that the choice had before. All n! orders are equally likely over
        seeds.

    Examples
    --------
    >>> permutation(0, "q1", 4), permutation(0, "q2", 4)
    ((0, 1, 2, 3), (1, 0, 3, 2))
    """
    return tuple(
        sorted(
            range(n),
            key=lambda position: sha256(
                "\0".join((_TAG, str(seed), question, str(position))).encode()
            ).digest(),
        )
    )
