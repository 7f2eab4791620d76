"""Rows from the Hugging Face hub, by its package `datasets`."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kcurve.datasets.rows import LocatedRow


def rows(hub: str, configurations: Sequence[str], split: str) -> Iterator[LocatedRow]:
    """Yield the rows of some configurations of a data set on the hub.

    The package keeps what it has downloaded; with ``HF_HUB_OFFLINE=1`` it reads only that, and says
    at once if there is nothing.

    Raises
    ------
    DatasetError
        If the package is missing, the hub cannot be reached, or the data set cannot be read.
    """
    package = _package()
    for configuration in configurations:
        where = f"{hub} ({configuration}, {split})"
        for number, row in enumerate(_table(package, hub, configuration, split), start=1):
            yield f"{where}, row {number}", row


def _package() -> Any:  # noqa: ANN401 -- the package is not installed where types are checked
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        if error.name != "datasets":
            raise
        raise DatasetError(
            "data sets of the Hugging Face hub need the package datasets: pip install 'kcurve[hf]', "
            "or give the path of a file"
        ) from None


def _table(package: Any, hub: str, configuration: str, split: str) -> Any:  # noqa: ANN401
    try:
        return package.load_dataset(hub, configuration, split=split)
    except Exception as error:
        # The package raises errors of many kinds, those of its HTTP client among them.
        reason = " ".join(str(error).split()) or type(error).__name__
        offline = os.environ.get("HF_HUB_OFFLINE", "") not in {"", "0"}
        remedy = (
            "HF_HUB_OFFLINE is set, so only what was downloaded before can be read"
            if offline
            else "check the connection and your access, or set HF_HUB_OFFLINE=1 to fail at once"
        )
        raise DatasetError(
            f"{hub} ({configuration}, {split}) cannot be read from the hub: {reason:.200}; {remedy}, "
            "or download it and give the path of the file"
        ) from error
