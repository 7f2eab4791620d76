"""The columns of a log that are more than one array: packed texts, categories, step scores."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

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


def read_only(array: ArrayLike, dtype: type[_Scalar]) -> NDArray[_Scalar]:
    """One-dimensional, contiguous view that cannot be written to; copies only to convert."""
    view = np.ascontiguousarray(array, dtype=dtype).reshape(-1).view()
    view.setflags(write=False)
    return view


def spans(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions `starts[i], ..., starts[i] + counts[i] - 1` of all runs, one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - counts), counts) + np.arange(total, dtype=np.int64)


def offsets_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where runs of these lengths begin, and the end of the last."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


@dataclass(frozen=True, eq=False, repr=False)
class Strings:
    """Texts packed end to end, so that millions of them are two arrays.

    Behaves as an immutable sequence of `str`.

    Attributes
    ----------
    offsets : int64 [n + 1]
        Text `i` is `data[offsets[i]:offsets[i + 1]]`.
    data : uint8
        UTF-8.

    Examples
    --------
    >>> names = Strings.pack(["ja", "nein", ""])
    >>> len(names), names[1], names[-1]
    (3, 'nein', '')
    >>> list(names.take([2, 0]))
    ['', 'ja']
    """

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        object.__setattr__(self, "offsets", read_only(self.offsets, np.int64))
        object.__setattr__(self, "data", read_only(self.data, np.uint8))

    @classmethod
    def pack(cls, texts: Iterable[str]) -> Strings:
        """Pack texts.

        Examples
        --------
        >>> Strings.pack(["a", "bc"]).offsets
        array([0, 1, 3])
        """
        encoded = [text.encode() for text in texts]
        counts = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        return cls(offsets_of(counts), np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def take(self, positions: ArrayLike) -> Strings:
        """Return the texts at these positions, in this order.

        Examples
        --------
        >>> list(Strings.pack(["a", "b", "c"]).take([2, 2]))
        ['c', 'c']
        """
        index = np.asarray(positions, dtype=np.int64)
        counts = self.offsets[index + 1] - self.offsets[index]
        return Strings(offsets_of(counts), self.data[spans(self.offsets[index], counts)])

    def tolist(self) -> list[str]:
        """Return all texts as a list.

        Examples
        --------
        >>> Strings.pack(["a", "b"]).tolist()
        ['a', 'b']
        """
        data, bounds = self.data.tobytes(), self.offsets.tolist()
        return [data[start:end].decode() for start, end in pairwise(bounds)]

    def equals(self, other: Strings) -> bool:
        """Tell whether both hold the same texts in the same order.

        Examples
        --------
        >>> Strings.pack(["a", "b"]).equals(Strings.pack(["ab", ""]))
        False
        """
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.data, other.data)

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.offsets) - 1

    def __getitem__(self, position: int) -> str:
        """Return one text; negative positions count from the end."""
        position = _position(position, len(self))
        start, end = self.offsets[position], self.offsets[position + 1]
        return self.data[start:end].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        """Go through the texts."""
        return iter(self.tolist())

    def __repr__(self) -> str:
        """Show the first few texts."""
        return f"Strings({_few(self)})"


@dataclass(frozen=True, eq=False, repr=False)
class OptionalStrings:
    """Packed texts of which some are missing; indexing gives `str` or `None`.

    Attributes
    ----------
    strings : Strings
        The texts; empty where missing.
    missing : bool [n]
        Which are missing.

    Examples
    --------
    >>> references = OptionalStrings.pack(["4", None])
    >>> references[0], references[1]
    ('4', None)
    """

    strings: Strings
    missing: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Make the mask read-only."""
        object.__setattr__(self, "missing", read_only(self.missing, np.bool_))

    @classmethod
    def pack(cls, texts: Iterable[str | None]) -> OptionalStrings:
        """Pack texts and the places where there is none.

        Examples
        --------
        >>> OptionalStrings.pack(["", None]).missing
        array([False,  True])
        """
        given = list(texts)
        missing = np.fromiter((text is None for text in given), dtype=np.bool_, count=len(given))
        return cls(Strings.pack(text or "" for text in given), missing)

    def take(self, positions: ArrayLike) -> OptionalStrings:
        """Return the texts at these positions, in this order.

        Examples
        --------
        >>> list(OptionalStrings.pack(["4", None]).take([1, 0]))
        [None, '4']
        """
        index = np.asarray(positions, dtype=np.int64)
        return OptionalStrings(self.strings.take(index), self.missing[index])

    def equals(self, other: OptionalStrings) -> bool:
        """Tell whether both hold the same texts, and miss the same ones.

        Examples
        --------
        >>> OptionalStrings.pack([""]).equals(OptionalStrings.pack([None]))
        False
        """
        return np.array_equal(self.missing, other.missing) and self.strings.equals(other.strings)

    def __len__(self) -> int:
        """Count the places."""
        return len(self.strings)

    def __getitem__(self, position: int) -> str | None:
        """Return one text, or `None` where it is missing."""
        return None if self.missing[position] else self.strings[position]

    def __iter__(self) -> Iterator[str | None]:
        """Go through the texts."""
        for text, missing in zip(self.strings, self.missing.tolist(), strict=True):
            yield None if missing else text

    def __repr__(self) -> str:
        """Show the first few texts."""
        return f"OptionalStrings({_few(self)})"


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


def _position(position: int, length: int) -> int:
    if not -length <= position < length:
        message = f"position {position} is outside of {length} texts"
        raise IndexError(message)
    return position % length


def _few(texts: Strings | OptionalStrings) -> str:
    shown = ", ".join(repr(texts[position]) for position in range(min(3, len(texts))))
    return f"[{shown}]" if len(texts) <= 3 else f"[{shown}, ...], {len(texts)} texts"
