r"""Score readers: what number a reward model gave.

A score reader is a callable ``(text, logprobs=None) -> float`` that gets the text of a response and the
log-probabilities of its tokens, if they were asked for; NaN says that there is no score. The ones here are frozen
values, which compare, hash and can be described; no text and no JSON makes them fail. Any other callable does as
well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import fsum, inf, isfinite, nan, prod
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from kcurve._validation import choice, instance
from kcurve.answers.equivalence import number
from kcurve.answers.extractors import Contains, LastNumber
from kcurve.answers.token_masses import token_masses
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kcurve.answers.extractors import Extractor

Row: TypeAlias = Literal["last", "first", "min", "prod", "mean"]
"""Which row of a table of numbers is the score, or what is made of all of them."""

_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "min": min,
    "prod": prod,
    "mean": lambda values: fsum(values) / len(values),
}


class ScoreReader(Protocol):
    """Anything that takes a text and its log-probabilities, and returns the score in them, or NaN."""

    def __call__(self, text: str | None, logprobs: object = None) -> float:
        """Return the score, NaN if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """1 if an extractor finds something in the text, else 0: the verdict of a judge.

    Parameters
    ----------
    extractor : Extractor, optional
        What a favourable verdict holds.

    Notes
    -----
    A response without text (None, or empty) is no verdict: NaN.

    Examples
    --------
    >>> read = Verdict()
    >>> read("Every step holds. [correct]"), read("The second step is wrong."), read(None)
    (1.0, 0.0, nan)
    """

    extractor: Extractor = Contains("[correct]")  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        """Check the extractor."""
        _check_callable("extractor", self.extractor)

    def __call__(self, text: str | None, logprobs: object = None) -> float:  # noqa: ARG002 - every reader has both
        """Return 1 or 0, NaN if there is no text."""
        return float(self.extractor(_sound(text)) is not None) if text else nan


@dataclass(frozen=True, slots=True)
class NumberScore:
    r"""The number that the text states, scaled linearly so that `low` becomes 0 and `high` 1.

    Parameters
    ----------
    low, high : float, optional
        The ends of the scale that the model was told.
    extract : Extractor, optional
        Where in the text the number is.

    Notes
    -----
    NaN if there is no number, or one outside of the scale. The value is that of `number`: 50% is one half, and
    7/10 is 0.7, not 7 out of 10; where a model writes "7/10" and means 7, let ``Regex(r"\b(\d+)/10")`` extract it.

    Raises
    ------
    ArgumentError
        If `low` is not below `high`, or one of them is not finite.

    Examples
    --------
    >>> read = NumberScore(1, 5)
    >>> read("Clear and correct: 4"), read("11"), read("none")
    (0.75, nan, nan)
    """

    low: float = 0.0
    high: float = 1.0
    extract: Extractor = LastNumber()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        """Check the scale and the extractor."""
        for name in ("low", "high"):
            value: object = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not isfinite(_float(value))
            ):
                raise ArgumentError(f"{name} must be a finite number, got {value!r:.80}")
            object.__setattr__(self, name, float(value))
        if not self.low < self.high:
            raise ArgumentError(f"low must be below high, got low={self.low}, high={self.high}")
        _check_callable("extract", self.extract)

    def __call__(self, text: str | None, logprobs: object = None) -> float:  # noqa: ARG002 - every reader has both
        """Return the scaled number, NaN if there is none."""
        found = self.extract(_sound(text)) if text else None
        value = None if found is None else number(_sound(found))
        low, high = _as_written(self.low), _as_written(self.high)
        if value is None or not low <= value <= high:
            return nan
        return float((value - low) / (high - low))


@dataclass(frozen=True, slots=True)
class TokenProbability:
    """How probable a favourable token was against an unfavourable one: p / (p + q).

    The place is the last token of the response that is one of the two kinds; p and q are the probabilities of the
    `positive` and the `negative` tokens there.

    Parameters
    ----------
    positive, negative : str or sequence of str
        The tokens of each kind. Tokens are compared without the space around them, so ``"yes"`` stands for
        ``" yes"`` as well; case counts.

    Notes
    -----
    The response needs log-probabilities, and alternatives among them: ``Parameters(logprobs=20)``. p is the sum
    over the alternatives at that place, and the token itself, that are of the kind. A kind that is not among them
    counts as 0: then the score, 0 or 1, is a bound, off by no more than the probability of what the alternatives leave
    out, divided by p + q. NaN if no token is of either kind, or there are no log-probabilities.

    Log-probabilities are read in the form of chats (``{"content": [{"token", "logprob", "top_logprobs"}]}``) and in that
    of completions (``{"tokens", "token_logprobs", "top_logprobs"}``).

    Raises
    ------
    ArgumentError
        If a kind has no tokens, or a token is empty or of both kinds.

    Examples
    --------
    >>> read = TokenProbability("+", "-")
    >>> logprobs = {
    ...     "tokens": ["Step", " 1", " +"],
    ...     "token_logprobs": [-0.1, -0.2, -0.2231435513],
    ...     "top_logprobs": [None, None, {" +": -0.2231435513, " -": -1.6094379124}],
    ... }
    >>> round(read("Step 1 +", logprobs), 6)
    0.8
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...]

    def __init__(self, positive: str | Sequence[str], negative: str | Sequence[str]) -> None:
        """Check the tokens."""
        kinds = []
        for name, tokens in (("positive", positive), ("negative", negative)):
            several = (tokens,) if isinstance(tokens, str) else tuple(tokens)
            for token in several:
                instance(f"a token of {name}", token, str)
            kind = tuple(token.strip() for token in several)
            if not kind or not all(kind):
                raise ArgumentError(
                    f"{name} must be tokens that are more than space, got {tokens!r:.80}"
                )
            object.__setattr__(self, name, kind)
            kinds.append(kind)
        if both := set(kinds[0]) & set(kinds[1]):
            raise ArgumentError(
                f"a token must be of one kind, got {min(both)!r} as positive and negative"
            )

    def __call__(self, text: str | None, logprobs: object = None) -> float:  # noqa: ARG002 - every reader has both
        """Return the share of the positive tokens, NaN if neither kind was written."""
        return token_masses(logprobs, self.positive, self.negative)


@dataclass(frozen=True, slots=True)
class VectorScore:
    """A number out of those that a pooling, classification or scoring endpoint returned.

    Parameters
    ----------
    row : {"last", "first", "min", "prod", "mean"} or int, optional
        If there is a row for each step (or token): which counts, or how all of them become one score. An integer is a
        position, counted from the end if negative.
    column : int, optional
        Which number of a row counts: the class "good" of a classifier, say. Counted from the end if negative.

    Notes
    -----
    The text is the JSON of the numbers: one number, a row, or a list of rows. A position that there is not, a number
    that is missing or not finite, and anything else is NaN.

    Raises
    ------
    ArgumentError
        If `row` or `column` is none of these.

    Examples
    --------
    >>> read = VectorScore("min")
    >>> read("[[0.1, 0.9], [0.4, 0.6]]"), read("[0.93]"), read("no JSON")
    (0.6, 0.93, nan)
    """

    row: Row | int = "last"
    column: int = -1

    def __post_init__(self) -> None:
        """Check the positions."""
        if not _is_integer(self.row):
            choice("row", self.row, (*_AGGREGATES, "an integer"))
        if not _is_integer(self.column):
            raise ArgumentError(f"column must be an integer, got {self.column!r}")

    def __call__(self, text: str | None, logprobs: object = None) -> float:  # noqa: ARG002 - every reader has both
        """Return the number, NaN if it is not there."""
        values = [_at(row, self.column) for row in _rows(text)]
        if isinstance(self.row, int):
            return _at(values, self.row)
        if not values or not all(map(isfinite, values)):
            # One that does not count does not matter.
            values = [_at(values, {"last": -1, "first": 0}.get(self.row))]
        return _finite(_AGGREGATES[self.row](values))


def _rows(text: str | None) -> list[list[object]]:
    """Return the rows of a table of numbers; a row is a table of one, and a number a row of one."""
    try:
        table = json.loads(text or "")
    except (ValueError, RecursionError):
        return []
    if not isinstance(table, list):
        return [[table]]
    if any(isinstance(row, list) for row in table):
        return [row if isinstance(row, list) else [] for row in table]
    return [table] if table else []


def _at(values: Sequence[object], position: int | None) -> float:
    """Return the finite number at a position, NaN if there is none."""
    if position is None or not -len(values) <= position < len(values):
        return nan
    return _finite(values[position])


def _finite(value: object) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    found = _float(value) if plain else nan  # type: ignore[arg-type]
    return found if isfinite(found) else nan


@lru_cache
def _as_written(value: float) -> Fraction:
    """Return the number that a float is written as: 0.1 is a tenth."""
    return Fraction(str(value))


def _float(value: float) -> float:
    """Return an integer of any size as a float."""
    try:
        return float(value)
    except OverflowError:
        return inf


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_callable(name: str, value: object) -> None:
    if not callable(value):
        raise ArgumentError(f"{name} must be an extractor, got {value!r:.80}")


def _sound(text: str) -> str:
    """Return the text as UTF-8 can hold it: half a character, as cut-off JSON may have it, becomes a mark."""
    return text if text.isascii() else text.encode(errors="replace").decode()
