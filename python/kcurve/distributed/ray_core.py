"""Tasks on a Ray cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kcurve.distributed.executor import Future


class Ray:
    """Run tasks on a Ray cluster.

    Connects to the cluster that ``ray.init`` was called for, or calls it. Intermediate results
    stay in Ray's object store. If a worker or a node is lost, Ray runs again what was on it.

    Parameters
    ----------
    retries : int
        How often a task whose worker is lost is run again; -1 for without end.
    **options
        Settings of ``ray.init`` if it has not been called, such as ``address="auto"``.

    Raises
    ------
    ImportError
        If Ray is not installed: ``pip install 'kcurve[ray]'``.
    """

    def __init__(self, *, retries: int = 5, **options: Any) -> None:  # noqa: ANN401 - those of Ray
        try:
            import ray  # noqa: PLC0415 - optional
        except ImportError as error:
            msg = "Ray is not installed; install it by: pip install 'kcurve[ray]'"
            raise ImportError(msg) from error
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            ray.init(**options)
        self._call = ray.remote(max_retries=retries)(call)

    @property
    def workers(self) -> int:
        """The processors of the cluster."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def submit(self, function: Callable[..., Any], *args: object, pieces: int) -> list[Future]:
        """Have a function called whose result is a sequence of so many pieces."""
        # Ray sees futures only where they are arguments themselves.
        lengths = [len(value) if isinstance(value, list) else None for value in args]
        flat = [one for value in args for one in (value if isinstance(value, list) else [value])]
        remote = self._call.options(num_returns=pieces, name=f"kcurve-{function.__name__}")
        made = remote.remote(function, lengths, pieces, *flat)
        return [made] if pieces == 1 else list(made)

    def completed(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        """Go through the values of these futures as they arrive, by key."""
        names = {future: name for name, future in futures.items()}
        waiting = list(names)
        while waiting:
            ready, waiting = self._ray.wait(waiting, num_returns=1)
            for future in ready:
                try:
                    value = self._ray.get(future)
                except self._ray.exceptions.RayTaskError as error:
                    raise error.cause from None
                yield names[future], value

    def cancel(self, futures: Iterable[Future]) -> None:
        """Give up on these."""
        for future in futures:
            self._ray.cancel(future)

    def close(self) -> None:
        """Shut Ray down if this executor started it."""
        if self._started:
            self._ray.shutdown()


def call(
    function: Callable[..., Any], lengths: list[int | None], pieces: int, *flat: object
) -> object:
    """Call a function with arguments of which the lists were laid out flat."""
    values = iter(flat)
    args = [
        next(values) if length is None else [next(values) for _ in range(length)]
        for length in lengths
    ]
    result = function(*args)
    return result[0] if pieces == 1 else result
