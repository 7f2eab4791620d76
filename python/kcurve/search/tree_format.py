"""Search trees as plain values and as JSON: a list for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np

from kcurve.errors import ArgumentError
from kcurve.search.tree_columns import STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kcurve.search.search_tree import SearchTree

FORMAT = "kcurve-search-tree"
VERSION = 1

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Node = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]


class Tag(msgspec.Struct):
    """What a reader has to know first."""

    format: str
    version: int


class Columns(Tag, forbid_unknown_fields=True):
    """What version 1 holds."""

    chosen: Count | None
    parent: list[Node]
    depth: list[Count]
    reward: list[float | None]
    visits: list[Count]
    value: list[float | None]
    tokens: list[Count]
    path_tokens: list[Count]
    status: list[Literal["open", "complete", "cut", "failed"]]
    text: list[str]
    answer: list[str | None]


def plain(tree: SearchTree) -> dict[str, Any]:
    """Return the tree as lists."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "chosen": tree.chosen,
        "parent": tree.parent.tolist(),
        "depth": tree.depth.tolist(),
        "reward": _numbers(tree.reward),
        "visits": tree.visits.tolist(),
        "value": _numbers(tree.value),
        "tokens": tree.tokens.tolist(),
        "path_tokens": tree.path_tokens.tolist(),
        "status": np.array(STATUSES, object)[tree.status].tolist(),
        "text": list(tree.texts),
        "answer": list(tree.answers),
    }


def encoded(tree: SearchTree) -> str:
    """Return the tree as JSON."""
    return msgspec.json.encode(plain(tree)).decode()


def from_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the tree that `plain` described."""
    try:
        _check_tag(msgspec.convert(values, Tag))
        columns = msgspec.convert(values, Columns)
    except msgspec.ValidationError as error:
        raise _no_tree(error) from None
    return _arguments(columns)


def decoded(text: str | bytes) -> dict[str, Any]:
    """Return the arguments of the tree that `encoded` wrote."""
    try:
        _check_tag(msgspec.json.decode(text, type=Tag))
        columns = msgspec.json.decode(text, type=Columns)
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, RecursionError) as error:
        raise _no_tree(error) from None
    return _arguments(columns)


def _check_tag(tag: Tag) -> None:
    if tag.format != FORMAT:
        raise ArgumentError(f"format must be {FORMAT!r}, got {tag.format!r:.80}")
    if tag.version != VERSION:
        raise ArgumentError(
            f"this kcurve reads version {VERSION} of {FORMAT}, got version {tag.version}; "
            "read it with the kcurve that wrote it, or a later one"
        )


def _no_tree(error: Exception) -> ArgumentError:
    return ArgumentError(f"this is no search tree as to_dict and to_json write it: {error}")


def _arguments(columns: Columns) -> dict[str, Any]:
    names = ("parent", "depth", "visits", "tokens", "path_tokens")
    return {
        **{name: np.array(getattr(columns, name), np.int64) for name in names},
        **{name: np.array(getattr(columns, name), np.float64) for name in ("reward", "value")},
        "status": columns.status,
        "texts": tuple(columns.text),
        "answers": tuple(columns.answer),
        "chosen": columns.chosen,
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Return a list with None for NaN."""
    found = values.astype(object)
    found[np.isnan(values)] = None
    numbers: list[float | None] = found.tolist()
    return numbers
