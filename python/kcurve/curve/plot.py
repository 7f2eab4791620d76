"""Curves on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.curve.result import Curve

_LOG_AXIS_FROM = 30
"""Curves that reach this many calls get a logarithmic axis."""


def plot_curve(curve: Curve, ax: Axes | None, *, label: str | None) -> Axes:
    """Draw mean and band against k; see `Curve.plot`."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - optional and slow to import
    except ImportError as error:
        msg = "plot() needs matplotlib: pip install 'kcurve[plot]'"
        raise ImportError(msg) from error
    if ax is None:
        _, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
        ax.spines[["top", "right"]].set_visible(False)
    (line,) = ax.plot(curve.k, curve.mean, label=label or curve.rule.label)
    if not np.isnan(curve.low).all():
        ax.fill_between(
            curve.k, curve.low, curve.high, color=line.get_color(), alpha=0.2, linewidth=0
        )
    if curve.k[-1] >= _LOG_AXIS_FROM:
        ax.set_xscale("log")
    ax.set_xlabel("LLM calls per question, k")
    ax.set_ylabel("accuracy")
    return ax
