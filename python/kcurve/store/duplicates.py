"""Samples too much alike to have been drawn independently."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kcurve._validation import positive_integer

if TYPE_CHECKING:
    import sqlite3

# Short answers are equal by chance; two long texts of a sampled model are not.
LEAST_LENGTH = 80

_EQUAL = """
SELECT request, count(*) AS copies, min(sample), text FROM responses
JOIN requests ON requests.id = request
WHERE length(text) >= ?
  AND coalesce(json_extract(CAST(canonical AS TEXT), '$.parameters.temperature'), 1) > 0
GROUP BY request, text HAVING copies > 1 ORDER BY copies DESC, request, min(sample)
"""
_SEEDS = """
SELECT count(*) FROM (
    SELECT 1 FROM responses WHERE seed IS NOT NULL GROUP BY request, seed HAVING count(*) > 1
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A text that a request brought more than once.

    Attributes
    ----------
    request : int
        The row of the request.
    copies : int
        How many samples have the text.
    first : int
        The index of the first of them.
    text : str
        How the text begins.
    """

    request: int
    copies: int
    first: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """Long equal texts sampled at a temperature above 0, and seeds that were used twice.

    A server that ignores the seed, caches responses, or repeats the samples of one call makes k samples worth less than
    k: accuracy of a vote looks flatter, and pass@k lower, than they are.

    Attributes
    ----------
    samples : int
        The long samples that were compared.
    surplus : int
        How many of them repeat another one.
    repeated : tuple of Repeated
        The texts, those with the most copies first, at most 100.
    shared_seeds : int
        Seeds that more than one sample of a request was drawn with.
    """

    samples: int
    surplus: int
    repeated: tuple[Repeated, ...]
    shared_seeds: int

    def __bool__(self) -> bool:
        """Tell whether there is anything to be alarmed about."""
        return bool(self.surplus or self.shared_seeds)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values."""
        return asdict(self)


def duplicates(connection: sqlite3.Connection, *, least_length: int = LEAST_LENGTH) -> Duplicates:
    """Look for equal texts of at least this many characters within each request."""
    positive_integer("least_length", least_length)
    (samples,) = connection.execute(
        "SELECT count(*) FROM responses WHERE length(text) >= ?", (least_length,)
    ).fetchone()
    surplus = 0
    repeated: list[Repeated] = []
    for request, copies, first, text in connection.execute(_EQUAL, (least_length,)):
        surplus += copies - 1
        if len(repeated) < 100:
            repeated.append(Repeated(request=request, copies=copies, first=first, text=text[:200]))
    (shared,) = connection.execute(_SEEDS).fetchone()
    return Duplicates(
        samples=samples, surplus=surplus, repeated=tuple(repeated), shared_seeds=shared
    )
