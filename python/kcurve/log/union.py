"""Tallied logs of different questions become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.errors import LogError
from kcurve.log.columns import Categorical
from kcurve.log.packing import offsets_of
from kcurve.log.strings import Strings
from kcurve.log.tallied_log import TalliedLog
from kcurve.log.text_order import ascending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PER_ENTRY = ("codes", "correct", "count", "keep", "score")


def united(logs: Sequence[TalliedLog]) -> tuple[TalliedLog, NDArray[np.int64]]:
    """Put logs that share no question into one, in the order that a scan of all gives.

    Returns
    -------
    TalliedLog
        The questions of all logs in ascending order of data set, model and question id.
    int64 [Q]
        Where each of its questions was, counted through the logs as given.

    Raises
    ------
    LogError
        If only some of the logs have a `keep` or a `cluster` column, or a score.

    Examples
    --------
    >>> import kcurve as kc, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.parquet")
    >>> _ = kc.example_log().to_parquet(path)
    >>> log = kc.scan_log(path)
    >>> odd = np.arange(log.n_questions) % 2 == 1
    >>> together, order = united([log.select(questions=odd), log.select(questions=~odd)])
    >>> together == log
    True
    """
    values: dict[str, Any] = {name: _joined(logs, name) for name in _PER_ENTRY}
    question = _strings([log.question for log in logs])
    model, dataset = (
        _category([getattr(log, name) for log in logs]) for name in ("model", "dataset")
    )
    refuse_some(logs, "cluster")
    cluster = None if logs[0].cluster is None else _category([log.cluster for log in logs])
    joined = TalliedLog(
        **values,
        offsets=offsets_of(np.concatenate([np.diff(log.offsets) for log in logs])),
        question=question,
        model=model,
        dataset=dataset,
        cluster=cluster,
    )
    rank = np.empty(len(question), dtype=np.int64)
    rank[ascending(question)] = np.arange(len(question))
    order = np.lexsort((rank, _ranks(model), _ranks(dataset)))
    return joined.in_order(order), order


def refuse_some(logs: Sequence[TalliedLog], name: str) -> None:
    """Fail if only some of the logs have this column."""
    without = [log for log in logs if getattr(log, name) is None]
    if without and len(without) < len(logs):
        raise LogError(
            f'question "{without[0].question[0]}" has no {name} and others do; give every row one, '
            f"or leave the column out by {name}=None"
        )


def _joined(logs: Sequence[TalliedLog], name: str) -> object:
    refuse_some(logs, name)
    if getattr(logs[0], name) is None:
        return None
    return np.concatenate([getattr(log, name) for log in logs])


def _strings(columns: Sequence[Strings]) -> Strings:
    lengths = np.concatenate([np.diff(column.offsets) for column in columns])
    return Strings(offsets_of(lengths), np.concatenate([column.data for column in columns]))


def _category(columns: Sequence[Categorical | None]) -> Categorical:
    numbers: dict[str, int] = {}
    codes = []
    for column in columns:
        assert column is not None  # noqa: S101 - checked before
        known = [numbers.setdefault(name, len(numbers)) for name in column.names]
        codes.append(np.array(known, dtype=np.int32)[column.codes])
    return Categorical(np.concatenate(codes), tuple(numbers))


def _ranks(column: Categorical) -> NDArray[np.int64]:
    """Return the place of each question's category among the sorted names."""
    names = sorted(column.names, key=str.encode)
    place = {name: rank for rank, name in enumerate(names)}
    return np.array([place[name] for name in column.names], dtype=np.int64)[column.codes]
