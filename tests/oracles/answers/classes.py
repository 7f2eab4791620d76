"""Which answers are the same."""

from __future__ import annotations

from tests.oracles.answers.normalisation import normalised
from tests.oracles.answers.numbers import close, number


def by_number(
    spellings: list[str], reference: str | None, relative: str, absolute: str
) -> dict[str, object]:
    """What the equal answers of each spelling have in common: the number that claimed theirs, or their text."""
    values = {one: number(one) for one in spellings}
    left = {value for value in values.values() if value is not None}
    claimed = {}
    founder = None if reference is None else values[reference]
    while left:
        founder = min(left) if founder is None else founder
        claims = {value for value in left if close(founder, value, relative, absolute)}
        claimed.update(dict.fromkeys(claims, founder))
        left -= claims
        founder = None
    return {
        one: normalised(one) if value is None else claimed[value] for one, value in values.items()
    }


def numbered(
    answers: list[str | None], reference: str | None, group: dict[str, object]
) -> tuple[list[int], tuple[str, ...], int]:
    """Codes in order of appearance, the first spelling of each class, and the code of the reference."""
    found = [None if answer is None else group[answer] for answer in answers]
    order = list(dict.fromkeys(one for one in found if one is not None))
    codes = [-1 if one is None else order.index(one) for one in found]
    first = tuple(answers[codes.index(code)] for code in range(len(order)))
    right = None if reference is None else group[reference]
    return codes, first, order.index(right) if right in order else -1
