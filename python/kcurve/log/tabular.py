"""Tables and files, and the names of their columns, on the way into the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypedDict, get_args

import numpy as np

from kcurve import _core
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from numpy.typing import NDArray

Duplicates: TypeAlias = Literal["error", "first", "last"]
Progress: TypeAlias = Callable[[int], object]


class Columns(TypedDict, total=False):
    """Which column plays which role, by name.

    A role that is not mentioned is looked for under its default name; unless it is the question
    or the answer, the log does without it if there is no such column. A column that is named must
    be there. `None` leaves a role out.

    ===========  ============  =================================================================
    role         default       values
    ===========  ============  =================================================================
    question     question_id   the question's id
    answer       answer        the extracted answer; null for none; answer=None for graded
                               samples without answers
    reference    reference     the correct answer
    correct      correct       whether the sample is correct: a boolean, 0 or 1, "true" or "false"
    sample       sample_index  the number of the sample; without it, rows count as they come
    score        score         a verifier's score
    keep         keep          whether a filter kept the sample
    step_scores  step_scores   a list of scores, one per step
    tokens_in    tokens_in     tokens of the prompt
    tokens_out   tokens_out    tokens generated
    cost         cost          money, in any one currency
    latency      latency       seconds
    status       status        "ok", "no_answer", "truncated", "error", or 0 to 3
    model        model         the model that answered
    dataset      dataset       the data set of the question
    cluster      cluster       questions that are not independent of each other share one
    ===========  ============  =================================================================
    """

    question: str
    answer: str | None
    reference: str | None
    correct: str | None
    sample: str | None
    score: str | None
    keep: str | None
    step_scores: str | None
    tokens_in: str | None
    tokens_out: str | None
    cost: str | None
    latency: str | None
    status: str | None
    model: str | None
    dataset: str | None
    cluster: str | None


class ArrowStream(Protocol):
    """A table that speaks Arrow: of polars, pandas, pyarrow, duckdb, and many others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows as a PyCapsule."""


_DEFAULT_COLUMNS = {"question": "question_id", "sample": "sample_index"}
_NEEDED = ("question", "answer")


def encode_table(
    table: ArrowStream | Mapping[str, object],
    duplicates: Duplicates,
    progress: Progress | None,
    columns: Columns,
) -> _core.EncodedLog:
    """Encode the rows of a table in memory."""
    names, duplicates = column_names(columns), _policy(duplicates)
    if isinstance(table, Mapping) or _is_pandas(table):
        return _core.encode_columns(_picked(table, names), names, duplicates, progress)
    if hasattr(table, "__arrow_c_stream__") or hasattr(table, "__arrow_c_array__"):
        return _core.encode_table(table, names, duplicates, progress)
    raise ArgumentError(
        f"table must speak Arrow (__arrow_c_stream__) or map column names to values, "
        f"got {type(table).__qualname__}"
    )


def encode_file(
    path: str | PathLike[str],
    duplicates: Duplicates,
    progress: Progress | None,
    columns: Columns,
) -> _core.EncodedLog:
    """Encode the rows of a file."""
    return _core.encode_file(path, column_names(columns), _policy(duplicates), progress)


def column_names(columns: Columns) -> dict[str, tuple[str, bool] | None]:
    """Name of each role's column and whether it must be there."""
    roles = Columns.__annotations__
    names: dict[str, tuple[str, bool] | None] = {
        role: (_DEFAULT_COLUMNS.get(role, role), role in _NEEDED) for role in roles
    }
    for role, name in columns.items():
        if role not in roles:
            message = f"no column role {role!r}; the roles are {', '.join(roles)}"
            raise TypeError(message)
        if name is None and role != "question":
            names[role] = None
        elif isinstance(name, str):
            names[role] = (name, True)
        else:
            raise ArgumentError(f"{role} must be the name of a column, got {name!r}")
    return names


def _policy(duplicates: Duplicates) -> Duplicates:
    if duplicates not in get_args(Duplicates):
        raise ArgumentError(f'duplicates must be "error", "first" or "last", got {duplicates!r}')
    return duplicates


def _is_pandas(table: object) -> bool:
    # Known by name, so that pandas need not be installed.
    return type(table).__module__.partition(".")[0] == "pandas" and hasattr(table, "columns")


# Of a package that is not imported here, hence without a type.
_Foreign: TypeAlias = "Any"
_Picked: TypeAlias = "list[tuple[str, object, NDArray[np.bool_] | None]]"


def _picked(table: _Foreign, names: Mapping[str, tuple[str, bool] | None]) -> _Picked:
    """Take the wanted columns of a table; of the others only the name."""
    wanted = {column[0] for column in names.values() if column is not None}
    labels = table.columns if hasattr(table, "columns") else table
    return [
        (str(label), *(_values(str(label), table[label]) if label in wanted else (None, None)))
        for label in labels
    ]


def _values(name: str, column: _Foreign) -> tuple[object, NDArray[np.bool_] | None]:
    """Values of a column in a form the core takes, and which of them are missing."""
    if isinstance(column, str):
        raise ArgumentError(f"column {name!r} must be a sequence of values, got {column!r}")
    if type(column).__module__.partition(".")[0] == "pandas":
        return _pandas_values(column), None
    if isinstance(column, np.ma.MaskedArray):
        return _numbers(column.data), np.ma.getmaskarray(column)
    if isinstance(column, np.ndarray):
        return _numbers(column), None
    if hasattr(column, "__arrow_c_stream__") or hasattr(column, "__arrow_c_array__"):
        return column, None
    return list(column), None


def _pandas_values(series: _Foreign) -> object:
    if isinstance(series.dtype, np.dtype):
        return _numbers(series.to_numpy())
    # pandas speaks Arrow only where pyarrow is installed.
    return (
        series if find_spec("pyarrow") and hasattr(series, "__arrow_c_stream__") else list(series)
    )


def _numbers(array: NDArray[Any]) -> object:
    """An array of numbers or booleans of the widths the core takes; others as a list."""
    width = {"b": np.bool_, "i": np.int64, "u": np.uint64, "f": np.float64}.get(array.dtype.kind)
    if width is None or array.ndim != 1:
        return array.tolist() if array.ndim == 1 else list(array)
    return np.ascontiguousarray(array, dtype=width)
