"""Tasks on a Dask cluster."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kcurve.distributed.executor import Future


class Dask:
    """Run tasks on the cluster of a Dask client.

    Intermediate results stay on the workers. If a worker is lost, Dask runs again what was on it.

    Parameters
    ----------
    client : distributed.Client
        Connected to a scheduler. Its workers need kcurve, and the files under the same paths.
        The client stays open.
    retries : int
        How often a task that failed is tried again, for storage that is not always there.

    Raises
    ------
    ImportError
        If Dask is not installed: ``pip install 'kcurve[dask]'``.
    """

    def __init__(self, client: Any, *, retries: int = 1) -> None:  # noqa: ANN401 - Dask is optional
        try:
            from distributed import as_completed  # noqa: PLC0415 - optional
        except ImportError as error:
            msg = "Dask is not installed; install it by: pip install 'kcurve[dask]'"
            raise ImportError(msg) from error
        self._client = client
        self._as_completed: Callable[..., Any] = as_completed
        self._retries = retries

    @property
    def workers(self) -> int:
        """The threads of all workers."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, function: Callable[..., Any], *args: object, pieces: int) -> list[Future]:
        """Have a function called whose result is a sequence of so many pieces."""
        name = f"kcurve-{function.__name__}"
        whole = self._client.submit(
            function, *args, pure=False, retries=self._retries, key=_key(name)
        )
        return [
            self._client.submit(itemgetter(piece), whole, pure=False, key=_key(f"{name}-piece"))
            for piece in range(pieces)
        ]

    def completed(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        """Go through the values of these futures as they arrive, by key."""
        names = {future.key: name for name, future in futures.items()}
        if not names:
            return
        for future, value in self._as_completed(
            futures.values(), loop=self._client.loop, with_results=True
        ):
            yield names[future.key], value

    def cancel(self, futures: Iterable[Future]) -> None:
        """Give up on these."""
        self._client.cancel(list(futures))

    def close(self) -> None:
        """Do nothing: the client is that of the caller."""


def _key(name: str) -> str:
    return f"{name}-{uuid4().hex}"
