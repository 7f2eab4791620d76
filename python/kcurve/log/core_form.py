"""Logs as the core takes and returns them: dictionaries of plain arrays."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from kcurve.log.columns import Categorical, StepScores
from kcurve.log.strings import OptionalStrings, Strings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kcurve import _core
    from kcurve.log.answer_log import AnswerLog

_TEXTS = ("question", "answers")
_CATEGORIES = ("model", "dataset", "cluster")


def from_core(encoded: _core.EncodedLog) -> dict[str, Any]:
    """Return the fields of a log for the arrays that the core returned."""
    values: dict[str, Any] = dict(encoded)
    for name in _TEXTS:
        values[name] = Strings(*values[name])
    for name in _CATEGORIES:
        if values[name] is not None:
            codes, names = values[name]
            values[name] = Categorical(codes, tuple(Strings(*names)))
    if values["reference"] is not None:
        texts, missing = values["reference"]
        values["reference"] = OptionalStrings(Strings(*texts), missing)
    if values["step_scores"] is not None:
        values["step_scores"] = StepScores(*values["step_scores"])
    return values


def tallied_from_core(tallied: _core.TalliedLog) -> dict[str, Any]:
    """Return the fields of a tallied log for the arrays that the core returned."""
    values: dict[str, Any] = dict(tallied)
    values["question"] = Strings(*values["question"])
    for name in _CATEGORIES:
        if values[name] is not None:
            codes, names = values[name]
            values[name] = Categorical(codes, tuple(Strings(*names)))
    return values


def to_core(log: AnswerLog) -> _core.EncodedLog:
    """Return the arrays of a log for the core."""
    values: dict[str, Any] = {field.name: getattr(log, field.name) for field in fields(log)}
    for name in _TEXTS:
        values[name] = _pair(values[name])
    for name in _CATEGORIES:
        if values[name] is not None:
            values[name] = values[name].codes, _pair(Strings.pack(values[name].names))
    if log.reference is not None:
        values["reference"] = _pair(log.reference.strings), log.reference.missing
    return values  # type: ignore[return-value]


def _pair(texts: Strings) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    return texts.offsets, texts.data
