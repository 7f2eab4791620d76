"""Texts packed end to end: ids, answers, references."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from kcurve.log.packing import offsets_of, read_only, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray


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


def _position(position: int, length: int) -> int:
    if not -length <= position < length:
        message = f"position {position} is outside of {length} texts"
        raise IndexError(message)
    return position % length


def _few(texts: Strings | OptionalStrings) -> str:
    shown = ", ".join(repr(texts[position]) for position in range(min(3, len(texts))))
    return f"[{shown}]" if len(texts) <= 3 else f"[{shown}, ...], {len(texts)} texts"
