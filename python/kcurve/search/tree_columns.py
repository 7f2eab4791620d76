"""The columns of a search tree: which there are, and whether they describe one tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.errors import ArgumentError
from kcurve.search.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Columns = dict[str, NDArray[Any]]

STATUSES = tuple(status.name.lower() for status in Status)

COLUMNS = ("parent", "depth", "reward", "visits", "value", "tokens", "path_tokens", "status")
COUNTS = ("depth", "visits", "tokens", "path_tokens")
SCORES = ("reward", "value")
NEEDED = ("parent", "reward", "tokens", "status")

# A path is counted no further.
MOST_TOKENS = 2**32 - 1


def checked_columns(columns: Mapping[str, object]) -> Columns:
    """Return read-only copies of all `COLUMNS`; ArgumentError if they do not describe a tree."""
    found = converted_columns(columns)
    _check_lengths(found)
    _check_parents(found["parent"])
    _check_root(found)
    _check_steps(found)
    _check_scores(found)
    for column in found.values():
        column.setflags(write=False)
    return found


def completed_columns(columns: object) -> Columns:
    """Return `COLUMNS` from the keys or attributes of `columns`, and count what is not there."""
    if isinstance(columns, Mapping):
        given = {name: columns[name] for name in COLUMNS if name in columns}
    else:
        given = {name: getattr(columns, name) for name in COLUMNS if hasattr(columns, name)}
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise ArgumentError(f"the columns of a tree are {', '.join(NEEDED)}; no {missing[0]} given")
    found = converted_columns(given)
    _check_lengths(found)
    _check_parents(found["parent"])
    nodes = len(found["parent"])
    steps = np.ones(nodes, np.int64)
    steps[0] = 0
    if "depth" not in found:
        found["depth"] = path_sums(found["parent"], steps)
    if "path_tokens" not in found:
        found["path_tokens"] = path_sums(found["parent"], found["tokens"]).clip(max=MOST_TOKENS)
    found.setdefault("visits", np.zeros(nodes, np.int64))
    found.setdefault("value", np.full(nodes, np.nan))
    return found


def path_sums(parent: Integers, values: Integers) -> Integers:
    """Return for each node the sum of `values` over it and all its ancestors.

    Every round doubles how far up a node has looked, so that there are as many rounds as the depth has digits.
    """
    sums = values.copy()
    # One more entry, which parent -1 means: above the root there is nothing to add.
    sums = np.append(sums, 0)
    above = np.append(parent, -1)
    while (above >= 0).any():
        sums = sums + sums[above]
        above = above[above]
    return sums[:-1]


def converted_columns(columns: Mapping[str, object]) -> Columns:
    """Return copies with the types of the columns: int64, float64, and uint8 for the status."""
    found: Columns = {}
    for name, values in columns.items():
        if name == "status":
            found[name] = _statuses(values)
        elif name in SCORES:
            found[name] = _reals(name, values)
        else:
            found[name] = _integers(name, values)
    return found


def checked_texts(
    name: str, values: Iterable[str | None], nodes: int, *, missing: bool
) -> tuple[Any, ...]:
    """Return the texts as a tuple; ArgumentError unless there is one, or None if `missing`, per node."""
    if isinstance(values, str):
        raise ArgumentError(f"{name} must have an entry for each node, got one text {values!r:.80}")
    texts = tuple(values)
    if len(texts) != nodes:
        raise ArgumentError(
            f"{name} must have {nodes} entries, one for each node, got {len(texts)}"
        )
    kinds = set(map(type, texts)) - ({str, type(None)} if missing else {str})
    if any(not issubclass(kind, str) for kind in kinds):
        place, wrong = next((i, x) for i, x in enumerate(texts) if type(x) in kinds)
        wanted = "a text or None" if missing else "a text"
        raise ArgumentError(f"{name}[{place}] must be {wanted}, got {wrong!r:.80}")
    try:
        "".join(text for text in texts if text is not None).encode()
    except UnicodeEncodeError:
        place = next(i for i, text in enumerate(texts) if text is not None and not _encodes(text))
        raise ArgumentError(
            f"{name}[{place}] holds half a surrogate pair, which no file can hold; replace it"
        ) from None
    return texts


def _encodes(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


def _integers(name: str, values: object) -> Integers:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ArgumentError(f"{name} must be integers below 2^63, got {array.dtype} values")
    if array.dtype == np.uint64 and (array > np.iinfo(np.int64).max).any():
        raise ArgumentError(f"{name} must be integers below 2^63, got {array.max()}")
    return _one_dimension(name, array.astype(np.int64))


def _reals(name: str, values: object) -> NDArray[np.float64]:
    array = np.asarray(values)
    try:
        found = array.astype(np.float64) if array.dtype.kind in "fiuO" else None
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise ArgumentError(f"{name} must be numbers, got {values!r:.80}")
    return _one_dimension(name, found)


def _statuses(values: object) -> NDArray[np.uint8]:
    array = np.asarray(values)
    if array.dtype.kind in "UOT":
        known = {name: number for number, name in enumerate(STATUSES)}
        names = array.ravel().tolist()
        try:
            array = np.array([known[name] for name in names], np.int64)
        except (KeyError, TypeError):
            place = next(i for i, name in enumerate(names) if name not in STATUSES)
            options = ", ".join(map(repr, STATUSES))
            raise ArgumentError(
                f"status[{place}] must be one of {options}, got {names[place]!r:.80}"
            ) from None
    numbers = _integers("status", array)
    _check(numbers, (numbers >= 0) & (numbers < len(STATUSES)), "status", "0, 1, 2 or 3")
    return numbers.astype(np.uint8)


def _one_dimension(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim != 1:
        raise ArgumentError(f"{name} must have one dimension, got shape {array.shape}")
    return array


def _check(values: NDArray[Any], right: NDArray[np.bool_], name: str, wanted: str) -> None:
    """Fail with the first value that is not right."""
    if not right.all():
        node = int(np.flatnonzero(~right)[0])
        raise ArgumentError(f"{name}[{node}] must be {wanted}, got {values[node]}")


def _check_lengths(columns: Columns) -> None:
    nodes = len(columns["parent"])
    if nodes == 0:
        raise ArgumentError("a tree must have a root, got columns without entries")
    for name, column in columns.items():
        if len(column) != nodes:
            raise ArgumentError(
                f"{name} must have {nodes} entries, as many as parent, got {len(column)}"
            )


def _check_parents(parent: Integers) -> None:
    """Fail unless every parent comes before its children; the root's becomes -1."""
    if parent[0] not in (-1, 0):
        raise ArgumentError(f"parent[0] must be -1, for the root has none, got {parent[0]}")
    parent[0] = -1
    nodes = np.arange(len(parent))
    wanted = "a node before its child"
    _check(parent, (parent < nodes) & ((parent >= 0) | (nodes == 0)), "parent", wanted)


def _check_root(columns: Columns) -> None:
    for name in ("depth", "tokens", "path_tokens"):
        if columns[name][0] != 0:
            raise ArgumentError(
                f"{name}[0] must be 0, for the root is no step, got {columns[name][0]}"
            )


def _check_scores(columns: Columns) -> None:
    """Fail unless scores are finite or NaN; what a failed node was told instead of a score is none."""
    reward = columns["reward"]
    reward[np.isinf(reward) & (columns["status"] == Status.FAILED)] = np.nan
    for name in SCORES:
        _check(columns[name], ~np.isinf(columns[name]), name, "finite, or NaN for none")


def _check_steps(columns: Columns) -> None:
    """Fail unless each node continues an open one, and adds up what its path has."""
    for name in COUNTS:
        _check(columns[name], columns[name] >= 0, name, "at least 0")
    _check(columns["tokens"], columns["tokens"] <= MOST_TOKENS, "tokens", "at most 2^32 - 1")
    above = columns["parent"].copy()
    above[0] = 0
    first = np.arange(len(above)) == 0
    depth, path_tokens = columns["depth"], columns["path_tokens"]
    wanted = "one more than its parent's"
    _check(depth, first | (depth == depth[above] + 1), "depth", wanted)
    expected = np.minimum(path_tokens[above] + columns["tokens"], MOST_TOKENS)
    wanted = "its parent's and its own tokens together, at most 2^32 - 1"
    _check(path_tokens, first | (path_tokens == expected), "path_tokens", wanted)
    ended = first | (columns["status"][above] == Status.OPEN)
    if not ended.all():
        node = int(np.flatnonzero(~ended)[0])
        status = STATUSES[columns["status"][above[node]]]
        raise ArgumentError(
            f"only open nodes have children; node {node} continues node {above[node]}, which is {status}"
        )
