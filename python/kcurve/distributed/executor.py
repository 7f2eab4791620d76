"""What a curve needs of an engine that runs tasks on workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Future: TypeAlias = Any
"""What an engine calls a value that is not there yet."""


@runtime_checkable
class Executor(Protocol):
    """Runs functions on workers, and keeps what they return where it is until it is asked for.

    `ProcessPool`, `Dask` and `Ray` are executors; so is anything with these methods.

    Attributes
    ----------
    workers : int
        How many tasks run at once, about.
    """

    @property
    def workers(self) -> int:
        """How many tasks run at once, about."""

    def submit(self, function: Callable[..., Any], *args: object, pieces: int) -> list[Future]:
        """Have a function called whose result is a sequence of so many pieces.

        Arguments may be futures and lists of futures, which the function gets as values. Returns
        one future for each piece, so that a task is sent only those it asks for. A task whose
        worker is lost is run again.
        """

    def completed(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        """Go through the values of these futures as they arrive, by key.

        What a task raised is raised here.
        """

    def cancel(self, futures: Iterable[Future]) -> None:
        """Give up on these as far as possible; return at once."""

    def close(self) -> None:
        """Let go of what this executor started; an engine that it was given stays."""
