"""Extractors, equivalences and score readers as plain JSON, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kcurve.answers.equivalence import SameExpression, SameNumber, SameText
from kcurve.answers.extractors import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    FirstOf,
    JSONField,
    LastNumber,
    Regex,
    TheAnswerIs,
    WholeText,
)
from kcurve.answers.form import form
from kcurve.answers.scores import NumberScore, TokenProbability, VectorScore, Verdict
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        AnswerIs,
        Boxed,
        ChoiceLetter,
        Contains,
        FirstOf,
        JSONField,
        LastNumber,
        NumberScore,
        Regex,
        SameExpression,
        SameNumber,
        SameText,
        TheAnswerIs,
        TokenProbability,
        VectorScore,
        Verdict,
        WholeText,
    )
}


def describe(value: Callable[..., object]) -> dict[str, Any]:
    """Return an extractor, equivalence or score reader as plain JSON; equal values have equal descriptions.

    Notes
    -----
    A callable of your own is named, not described: ``{"kind": "callable", "name": ...}``.

    Examples
    --------
    >>> from kcurve.answers import ChoiceLetter
    >>> describe(ChoiceLetter("ABC"))
    {'kind': 'ChoiceLetter', 'choices': 'ABC'}
    """
    if type(value) in _KINDS.values():
        return form(value, describe)
    if not callable(value):
        raise ArgumentError(
            f"only extractors, equivalences and score readers can be described, got {value!r}"
        )
    named = value if hasattr(value, "__qualname__") else type(value)
    return {"kind": "callable", "name": f"{named.__module__}.{named.__qualname__}"}


def from_description(description: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of many
    """Return the extractor, equivalence or score reader that `describe` described.

    Raises
    ------
    ArgumentError
        If the description is of a callable of your own, which must be passed instead, or of nothing
        that is known.

    Examples
    --------
    >>> from_description({"kind": "ChoiceLetter", "choices": "ABC"})
    ChoiceLetter(choices='ABC')
    """
    settings = dict(description)
    kind = settings.pop("kind", None)
    if kind == "callable":
        msg = f"{settings.get('name')} is a function of your own, which no description holds: pass it itself"
        raise ArgumentError(msg)
    if kind not in _KINDS:
        msg = f"kind must be one of {', '.join(sorted(_KINDS))}, got {kind!r}"
        raise ArgumentError(msg)
    try:
        if kind == "FirstOf":
            return FirstOf(*map(from_description, settings.pop("extractors")), **settings)
        for name, setting in settings.items():
            if isinstance(setting, dict):
                settings[name] = from_description(setting)
        return _KINDS[kind](**settings)
    except (KeyError, TypeError) as error:
        raise ArgumentError(f"{dict(description)!r} does not describe a {kind}: {error}") from None
