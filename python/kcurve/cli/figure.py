"""A figure saved to a file, in the format that its name asks for."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes

FORMATS = ("png", "svg", "pdf")
_INCHES = (6, 3.8)
_DOTS_PER_INCH = 200


def check_figure(path: Path) -> None:
    """Fail if no figure can be saved there: to be called before long work.

    Raises
    ------
    ArgumentError
        The name does not end in .png, .svg or .pdf, or matplotlib is not installed.
    """
    if path.suffix.lower().lstrip(".") not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ArgumentError(f"--plot needs a file name that ends in one of {known}, got {path}")
    if find_spec("matplotlib") is None:
        raise ArgumentError("--plot needs matplotlib: pip install 'kcurve[plot]'")


def save_figure(path: Path, draw: Callable[[Axes], None]) -> None:
    """Save a figure of one pair of axes, on which `draw` draws.

    Raises
    ------
    ArgumentError
        As `check_figure`.
    OSError
        The file cannot be written.
    """
    check_figure(path)
    from matplotlib.figure import Figure  # noqa: PLC0415 - optional and slow to import

    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    figure.savefig(path, dpi=_DOTS_PER_INCH, format=path.suffix.lower().lstrip("."))
