"""Parts of a data set: configurations on the hub, and the rows of a file that belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.catalogue import PHYSICS
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kcurve.datasets.catalogue import Dataset
    from kcurve.datasets.rows import Row

_GPQA = ("diamond", "main", "extended")
_SUBJECT_COLUMNS = ("subject", "topic", "category")


def subjects(subset: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names of the parts asked for; "physics" stands for its subjects.

    Examples
    --------
    >>> subjects(["physics", "anatomy"])[-2:]
    ('high_school_physics', 'anatomy')
    """
    asked = () if subset is None else (subset,) if isinstance(subset, str) else tuple(subset)
    if subset is not None and not asked:
        raise ArgumentError("subset must name a part of the data set, got an empty sequence")
    named = (part for name in asked for part in (PHYSICS if name == "physics" else (name,)))
    return tuple(dict.fromkeys(named))


def configurations(entry: Dataset, subset: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names on the hub of the parts asked for.

    Raises
    ------
    ArgumentError
        If the data set has no such part.
    """
    if subset is None:
        return (entry.config,)
    if entry.name == "mmlu":
        return subjects(subset)
    if entry.name == "gpqa":
        asked = (subset,) if isinstance(subset, str) else tuple(subset)
        for name in asked:
            if name not in _GPQA:
                options = ", ".join(map(repr, _GPQA))
                raise ArgumentError(f"the subsets of GPQA are {options}, got {name!r}")
        return tuple(f"gpqa_{name}" for name in asked)
    raise ArgumentError(f"{entry.name} has no subsets, got {subset!r}; leave subset out")


def within(subset: str | Sequence[str] | None) -> Callable[[Row], bool]:
    """Whether a row of a file belongs to the subjects asked for, by its column of subjects."""
    wanted = frozenset(subjects(subset))
    if not wanted:
        return lambda _: True

    def belongs(row: Row) -> bool:
        column = next((name for name in _SUBJECT_COLUMNS if name in row), None)
        if column is None:
            options = ", ".join(map(repr, _SUBJECT_COLUMNS))
            found = ", ".join(map(repr, row))
            raise ArgumentError(
                f"a subset of a file needs a column {options}; the columns are {found}"
            )
        return row[column] in wanted

    return belongs
