"""Figures in files."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

_SUFFIXES = (".pdf", ".png", ".svg")
_RESOLUTION = 150


def check_figure(path: Path) -> None:
    """Fail early for a file that no figure can be written to."""
    if path.suffix.lower() not in _SUFFIXES:
        kinds = ", ".join(_SUFFIXES)
        raise ArgumentError(f"--plot must name a file that ends with {kinds}; got {path}")
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415 - optional
    except ImportError:
        raise ArgumentError("--plot needs matplotlib: pip install 'kcurve[plot]'") from None


def save_figure(draw: "Callable[[Axes], object]", path: Path) -> None:
    """Write what `draw` draws on new axes; the suffix of the file says in which format."""
    check_figure(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - optional
    from matplotlib.figure import Figure  # noqa: PLC0415 - optional

    # Without pyplot: no window system is looked for, and no figure is kept.
    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(frameon=False)
    figure.savefig(path, dpi=_RESOLUTION)
