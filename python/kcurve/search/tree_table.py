"""Search trees as Arrow tables: a row for each node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.search.tree_columns import STATUSES

if TYPE_CHECKING:
    from kcurve.search.search_tree import SearchTree


def table(tree: SearchTree) -> Any:  # noqa: ANN401 - a table of pyarrow
    """Return a pyarrow table; ImportError if pyarrow is not installed."""
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - optional, and heavy

    nodes = np.arange(len(tree), dtype=np.int64)
    status = pa.DictionaryArray.from_arrays(
        pa.array(tree.status.astype(np.int8)), pa.array(STATUSES)
    )
    return pa.table(
        {
            "node": nodes,
            "parent": pa.array(tree.parent, mask=nodes == 0),
            "depth": tree.depth,
            "reward": pa.array(tree.reward, from_pandas=True),
            "visits": tree.visits,
            "value": pa.array(tree.value, from_pandas=True),
            "tokens": tree.tokens,
            "path_tokens": tree.path_tokens,
            "status": status,
            "text": pa.array(tree.texts, pa.large_string()),
            "answer": pa.array(tree.answers, pa.large_string()),
            "chosen": nodes == (-1 if tree.chosen is None else tree.chosen),
        }
    )
