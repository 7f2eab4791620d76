"""`kcurve summary`: what a log holds."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from kcurve.cli.inputs import LogOptions, read_parts
from kcurve.cli.machine import summaries_as_json
from kcurve.cli.terminal import console, write

_DEFAULT_LOGS = LogOptions()


def summary(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Show what a log holds: questions, samples, answers, gaps.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    json
        Print one JSON object.
    """
    parts = read_parts(logs, which)
    if json:
        write(summaries_as_json(parts))
        return
    screen = console()
    for position, part in enumerate(parts):
        if position:
            screen.print()
        screen.print(Text(part.label, style="bold"))
        screen.print(Text(repr(part.summary())))
