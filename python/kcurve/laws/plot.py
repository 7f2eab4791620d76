"""Fitted laws on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.laws.fitted import FittedLaw

_RESAMPLES = 200
_POINTS = 40


def plot_fit(fit: FittedLaw, ax: Axes | None, *, k_max: int | None, label: str | None) -> Axes:
    """Draw line, band and points against k; see `FittedLaw.plot`."""
    ax = new_axes(ax)
    observed = fit.residuals
    last = 10 * int(observed.k[-1]) if k_max is None else k_max
    first = min(fit.least_k if observed.k[0] == fit.least_k else int(observed.k[0]), last)
    k = np.unique(np.geomspace(first, last, _POINTS).round().astype(np.int64))
    low, high = fit.interval(k, n_resamples=_RESAMPLES)
    (line,) = ax.plot(k, fit.predict(k), label=label or type(fit.law).__name__)
    ax.fill_between(k, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.plot(observed.k, observed.observed, "o", color=line.get_color(), markersize=3)
    ax.set_xscale("log")
    ax.set_xlabel("LLM calls per question, k")
    ax.set_ylabel("accuracy")
    return ax


def new_axes(ax: Axes | None) -> Axes:
    """Return the axes, or new ones."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - optional and slow to import
    except ImportError as error:
        msg = "plot() needs matplotlib: pip install 'kcurve[plot]'"
        raise ImportError(msg) from error
    if ax is None:
        _, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
        ax.spines[["top", "right"]].set_visible(False)
    return ax
