"""The two streams of the command: results to standard output, progress to standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

PIPED_WIDTH = 200
"""Characters per line where nobody looks: tables in files and pipes are not folded."""

PATIENCE = 0.5
"""Seconds of work before a progress bar is shown."""


def console() -> Console:
    """Console of the results: as wide as the terminal, plain in a pipe."""
    piped = not sys.stdout.isatty()
    return Console(highlight=False, emoji=False, markup=False, width=PIPED_WIDTH if piped else None)


def write(text: str) -> None:
    """Write machine output to standard output as it is."""
    sys.stdout.write(text)


class _Speed(ProgressColumn):
    """Units done per second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return the speed, once there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {self._unit}/s")


@contextmanager
def progress(
    label: str, *, unit: str | None = None
) -> Iterator[Callable[[int, int | None], None] | None]:
    """Give a `progress(done, total)` that moves a bar with the time left; None where nobody looks.

    A total of None is not known: the bar then only shows that something happens. With a `unit` it
    says how many of them are done per second.

    The bar appears after `PATIENCE` seconds, so short work shows none.
    """
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        *([] if unit is None else [_Speed(unit)]),
    )
    bar = Progress(*columns, console=Console(stderr=True, markup=False), transient=True)
    task = bar.add_task(label, total=None)
    begin = time.monotonic()

    def advance(done: int, total: int | None) -> None:
        bar.update(task, completed=done, total=total)
        if time.monotonic() - begin > PATIENCE:
            bar.start()  # does nothing to a bar already shown

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()
