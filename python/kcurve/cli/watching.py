"""A bar for a run of a live strategy: questions, time left, calls, tokens, money, failures."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.status import Status

from kcurve.cli.terminal import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kcurve.strategies import RunState, SearchProgress


@contextmanager
def watching(label: str) -> Iterator[Callable[[RunState], None] | None]:
    """Give what shows a `RunState` on a line of standard error; None where nobody looks.

    The line appears after `PATIENCE` seconds, so short runs show none.
    """
    if not sys.stderr.isatty():
        yield None
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[facts]}"),
        console=Console(stderr=True, markup=False),
        transient=True,
    )
    task = bar.add_task(label, total=None, facts="")

    def show(state: RunState) -> None:
        bar.update(task, completed=state.done, total=state.total, facts=facts(state))
        if state.seconds > PATIENCE:
            bar.start()  # does nothing to a bar already shown

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def watching_search(label: str) -> Iterator[Callable[[SearchProgress], None] | None]:
    """Give what shows a `SearchProgress` on a line of standard error; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    began = monotonic()
    with Status(label, console=Console(stderr=True, markup=False)) as line:

        def show(state: SearchProgress) -> None:
            line.update(f"{label}: {search_facts(state)}, {duration(monotonic() - began)}")

        yield show


def search_facts(state: SearchProgress) -> str:
    """Return how far a search is, in words.

    Examples
    --------
    >>> from kcurve.strategies import SearchProgress
    >>> search_facts(
    ...     SearchProgress(
    ...         question="q",
    ...         depth=3,
    ...         nodes=40,
    ...         complete=2,
    ...         failed=0,
    ...         open=9,
    ...         remaining=14,
    ...         tokens=1234,
    ...     )
    ... )
    'depth 3, 9 open, 2 complete, 14 to go, 40 steps, 1,234 tokens'
    """
    parts = [f"depth {state.depth}", f"{state.open:,} open", f"{state.complete:,} complete"]
    parts += [f"{state.remaining:,} to go", f"{state.nodes:,} steps", f"{state.tokens:,} tokens"]
    if state.failed:
        parts.append(f"{state.failed:,} failed")
    return ", ".join(parts)


def facts(state: RunState) -> str:
    """Return what a run has taken, in words.

    Examples
    --------
    >>> from kcurve.strategies import RunState
    >>> facts(
    ...     RunState(
    ...         done=5, total=20, calls=1234, tokens=56_000, seconds=30, failures={"timeout": 2}
    ...     )
    ... )
    '1:30 left, 1,234 calls, 56,000 tokens, 2 failures'
    """
    left = state.remaining_seconds
    parts = [] if left is None or state.stopping else [f"{duration(left)} left"]
    parts += [f"{state.calls:,} calls", f"{state.tokens:,} tokens"]
    if state.money:
        parts.append(f"money {state.money:.4g}")
    if lost := sum(state.failures.values()):
        parts.append(f"{lost:,} failures")
    if state.stopping:
        parts.append("stopping: waiting for calls under way")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return seconds as minutes and seconds, or hours as well.

    Examples
    --------
    >>> duration(62.4), duration(7325)
    ('1:02', '2:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
