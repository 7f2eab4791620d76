"""The columns of a log: which there are, categories, step scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from kcurve.log.packing import offsets_of, read_only, spans

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# The columns of a log that have one value per sample, and those that have one per question.
PER_SAMPLE = {
    "codes": np.int32,
    "correct": np.bool_,
    "sample": np.int64,
    "score": np.float64,
    "keep": np.bool_,
    "tokens_in": np.float64,
    "tokens_out": np.float64,
    "cost": np.float64,
    "latency": np.float64,
    "status": np.uint8,
}
# Any column of a log.
Column: TypeAlias = Any

PER_QUESTION = ("question", "reference", "model", "dataset", "cluster")

# Those that a log may be without, model and data set apart, which are empty then.
OPTIONAL = (
    "reference", "score", "keep", "step_scores", "tokens_in", "tokens_out", "cost", "latency",
    "status", "cluster",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Categorical:
    """A category for each question.

    Attributes
    ----------
    codes : int32 [Q]
        Position in `names`.
    names : tuple of str
        The categories, in the order in which the log first mentions them; a single empty name
        if the log has no such column.

    Examples
    --------
    >>> model = Categorical(np.array([0, 1, 0]), ("small", "large"))
    >>> model[2]
    'small'
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Make the codes read-only."""
        object.__setattr__(self, "codes", read_only(self.codes, np.int32))
        object.__setattr__(self, "names", tuple(self.names))

    def take(self, positions: ArrayLike) -> Categorical:
        """Return the categories at these positions; unused names are dropped.

        Examples
        --------
        >>> Categorical(np.array([0, 1]), ("small", "large")).take([1])
        Categorical(codes=array([0], dtype=int32), names=('large',))
        """
        used, codes = np.unique(
            self.codes[np.asarray(positions, dtype=np.int64)], return_inverse=True
        )
        names = tuple(self.names[code] for code in used.tolist())
        return Categorical(codes.astype(np.int32), names)

    def by_first_appearance(self) -> Categorical:
        """Return the same categories, named in the order in which they appear.

        Examples
        --------
        >>> Categorical(np.array([1, 0]), ("small", "large")).by_first_appearance()
        Categorical(codes=array([0, 1], dtype=int32), names=('large', 'small'))
        """
        used, first = np.unique(self.codes, return_index=True)
        used = used[np.argsort(first)]
        numbers = np.zeros(len(self.names), dtype=np.int32)
        numbers[used] = np.arange(len(used))
        return Categorical(numbers[self.codes], tuple(self.names[code] for code in used.tolist()))

    def equals(self, other: Categorical) -> bool:
        """Tell whether both assign the same names.

        Examples
        --------
        >>> a = Categorical(np.array([0]), ("small",))
        >>> a.equals(Categorical(np.array([0]), ("large",)))
        False
        """
        return self.names == other.names and np.array_equal(self.codes, other.codes)

    def __len__(self) -> int:
        """Count the questions."""
        return len(self.codes)

    def __getitem__(self, question: int) -> str:
        """Return the category of one question."""
        return self.names[int(self.codes[question])]


class StepScores(NamedTuple):
    """The scores of every step of every sample, packed.

    Attributes
    ----------
    offsets : int64 [N + 1]
        The steps of sample `i` are `values[offsets[i]:offsets[i + 1]]`.
    values : float64
        The scores; NaN where one is missing.
    """

    offsets: NDArray[np.int64]
    values: NDArray[np.float64]

    def take(self, positions: ArrayLike) -> StepScores:
        """Return the steps of the samples at these positions.

        Examples
        --------
        >>> steps = StepScores(np.array([0, 2, 3]), np.array([0.5, 0.75, 1.0]))
        >>> steps.take([1]).values
        array([1.])
        """
        index = np.asarray(positions, dtype=np.int64)
        counts = self.offsets[index + 1] - self.offsets[index]
        return StepScores(offsets_of(counts), self.values[spans(self.offsets[index], counts)])


def same(mine: Column, theirs: Column) -> bool:
    """Tell whether two columns hold the same; NaN equals NaN, a missing column itself."""
    if mine is None or theirs is None:
        return mine is theirs
    if isinstance(mine, StepScores):
        return all(map(same, mine, theirs))
    if isinstance(mine, np.ndarray):
        return np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f")
    return bool(mine.equals(theirs))
