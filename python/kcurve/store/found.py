"""What the store answers to those who are about to sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.store.records import Sample


class Found(NamedTuple):
    """What is known of some samples of a request.

    Attributes
    ----------
    request : int
        Its row.
    samples : mapping of int
        The samples that need not be asked for, by index: responses, and decisions not to ask again.
    unknown : mapping of int
        Indices whose last attempt was cut off with its process, and the facts about it: `request`, `sample`,
        `attempt` (its number, from 1), `seed`, `sent` (seconds since 1970), `session`.
    """

    request: int
    samples: Mapping[int, Sample]
    unknown: Mapping[int, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one attempt, which is journalled as sent; or that there is none.

    Attributes
    ----------
    granted : bool
        Whether to send it. If not, the sample is in the store, or another attempt is under way.
    request, index : int
        The sample.
    seed : int or None
        The seed to send.
    row : int
        The attempt, 0 if not granted.
    attempt : int
        Its number, from 1, over all processes.
    """

    granted: bool
    request: int
    index: int
    seed: int | None
    row: int
    attempt: int
