"""Curves on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve.result import Curve

    Floats = NDArray[np.float64]

_LOG_AXIS_FROM = 30
"""Curves that reach this many calls get a logarithmic axis."""


def plot_curve(curve: Curve, ax: Axes | None, *, label: str | None) -> Axes:
    """Draw mean and band against k; see `Curve.plot`."""
    return plot_band(
        curve.k, curve.mean, curve.low, curve.high, ax=ax, label=label or curve.rule.label
    )


def plot_band(
    k: NDArray[np.int64], mean: Floats, low: Floats, high: Floats, *, ax: Axes | None, label: str
) -> Axes:
    """Draw values and their band against k, on new axes if none are given."""
    ax = new_axes() if ax is None else ax
    (line,) = ax.plot(k, mean, label=label)
    if not np.isnan(low).all():
        ax.fill_between(k, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if k[-1] >= _LOG_AXIS_FROM:
        ax.set_xscale("log")
    ax.set_xlabel("LLM calls per question, k")
    ax.set_ylabel("accuracy")
    return ax


def new_axes() -> Axes:
    """Return the axes of a new figure; ImportError with the remedy if matplotlib is missing."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - optional and slow to import
    except ImportError as error:
        msg = "plot() needs matplotlib: pip install 'kcurve[plot]'"
        raise ImportError(msg) from error
    _, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
