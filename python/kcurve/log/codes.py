"""Logs from arrays of integer answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from kcurve import _core
from kcurve.errors import ArgumentError
from kcurve.log.packing import offsets_of
from kcurve.log.strings import OptionalStrings, Strings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


# A questions x samples matrix, or one array of samples per question.
Samples: TypeAlias = "NDArray[Any] | Sequence[ArrayLike]"


def encode_codes(
    codes: Samples,
    correct: Samples | Sequence[int],
    question: Sequence[str] | None,
    score: Samples | None,
    keep: Samples | None,
) -> dict[str, Any]:
    """Check the arrays and return the fields of the log that they make."""
    flat, offsets = _flat("codes", codes)
    if flat.dtype.kind not in "iu":
        raise ArgumentError(f"codes must be integers, got {flat.dtype}")
    if flat.dtype != np.int32:
        flat = flat.astype(np.int64, copy=False)
    counts = np.diff(offsets)
    if not len(counts) or not counts.all():
        empty = (
            "there is no question" if not len(counts) else f"row {int(counts.argmin())} has none"
        )
        raise ArgumentError(f"every question needs at least one sample, but {empty}")
    n_questions = len(counts)
    flags, reference = _correct(correct, flat, counts)
    encoded, texts, text_offsets = _core.encode_codes(offsets, flat)
    return {
        "offsets": offsets,
        "codes": encoded,
        "correct": flags,
        "sample": np.arange(len(flat), dtype=np.int64) - np.repeat(offsets[:-1], counts),
        "question": _question_ids(question, n_questions),
        "answers": Strings(*texts),
        "answer_offsets": text_offsets,
        "reference": reference,
        "score": None if score is None else _like("score", score, counts).astype(np.float64),
        "keep": None if keep is None else _flags("keep", keep, counts),
    }


def _flat(name: str, values: Samples) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Samples one question after another, and where each question begins."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        if values.ndim != 2:
            raise ArgumentError(
                f"{name} must be a questions x samples matrix or a list of one array per "
                f"question, got an array of {values.ndim} dimensions"
            )
        counts = np.full(values.shape[0], values.shape[1], dtype=np.int64)
        return np.ascontiguousarray(values).reshape(-1), offsets_of(counts)
    rows = [np.asarray(row) for row in values]
    for position, row in enumerate(rows):
        if row.ndim != 1:
            raise ArgumentError(
                f"row {position} of {name} must be a list of samples, got {row.ndim} dimensions"
            )
    counts = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    # An empty row has no type of its own to impose.
    filled = [row for row in rows if len(row)]
    return np.concatenate(filled) if filled else np.zeros(0, np.int64), offsets_of(counts)


def _like(name: str, values: Samples, counts: NDArray[np.int64]) -> NDArray[Any]:
    """Flatten values given for every sample, in the shape of the codes."""
    flat, offsets = _flat(name, values)
    given = np.diff(offsets)
    if len(given) != len(counts):
        raise ArgumentError(
            f"{name} must have one row per question ({len(counts)}), got {len(given)}"
        )
    different = np.flatnonzero(given != counts)
    if len(different):
        row = int(different[0])
        raise ArgumentError(
            f"row {row} of {name} must have {counts[row]} samples like that of codes, "
            f"got {given[row]}"
        )
    return flat


def _flags(name: str, values: Samples, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    flat = _like(name, values, counts)
    if flat.dtype != np.bool_ and not np.isin(flat, (0, 1)).all():
        raise ArgumentError(f"{name} must be booleans, or 0 and 1, got {flat.dtype}")
    return flat.astype(np.bool_)


def _correct(
    correct: Samples | Sequence[int], codes: NDArray[Any], counts: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], OptionalStrings | None]:
    """Flags from the correct code of each question, or as given for each sample."""
    ragged = isinstance(correct, (list, tuple)) and any(np.ndim(row) for row in correct)
    if ragged or np.ndim(cast("Any", correct)) == 2:
        return _flags("correct", cast("Samples", correct), counts), None
    references = np.asarray(correct)
    if references.shape != counts.shape or references.dtype.kind not in "iu":
        raise ArgumentError(
            f"correct must be one code for each of the {len(counts)} questions, or one boolean "
            f"for every sample, got {references.dtype} of shape {references.shape}"
        )
    flags = codes == np.repeat(references.astype(np.int64), counts)
    flags &= codes >= 0
    # A negative code says that no answer is the correct one.
    texts = (str(code) if code >= 0 else None for code in references.tolist())
    return flags, OptionalStrings.pack(texts)


def _question_ids(question: Sequence[str] | None, n_questions: int) -> Strings:
    if question is None:
        return Strings.pack(map(str, range(n_questions)))
    ids = [str(one) for one in question]
    if len(ids) != n_questions:
        raise ArgumentError(f"question must have {n_questions} ids, got {len(ids)}")
    if len(set(ids)) != n_questions:
        repeated = next(one for position, one in enumerate(ids) if one in ids[:position])
        raise ArgumentError(f"question ids must differ, but {repeated!r} appears twice")
    return Strings.pack(ids)
