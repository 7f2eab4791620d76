"""Verifiers on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.plot import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.verifiers.best_of_n_ceiling import BestOfNCeiling
    from kcurve.verifiers.calibration import Calibration
    from kcurve.verifiers.filter_ceiling import FilterCeiling
    from kcurve.verifiers.over_optimisation import OverOptimisation
    from kcurve.verifiers.roc import Roc
    from kcurve.verifiers.value_table import VerifierValue


def plot_roc(roc: Roc, ax: Axes | None, *, label: str | None) -> Axes:
    """Draw true against false positive rate; see `Roc.plot`."""
    ax = new_axes() if ax is None else ax
    area, name = (
        (roc.auc, "all samples") if roc.within == "pooled" else (roc.within_auc, "within questions")
    )
    ax.plot(roc.fpr, roc.tpr, label=label or f"{name}, AUC {area:.3f}")
    ax.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    ax.set_xlabel("false positive rate")
    ax.set_ylabel("true positive rate")
    ax.set_aspect("equal")
    return ax


def plot_calibration(found: Calibration, ax: Axes | None, *, label: str | None) -> Axes:
    """Draw the accuracy of each bin against its score; see `Calibration.plot`."""
    ax = new_axes() if ax is None else ax
    ax.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    ends = np.clip([found.accuracy - found.low, found.high - found.accuracy], 0, None)
    ax.errorbar(
        found.score,
        found.accuracy,
        yerr=None if np.isnan(ends).any() else ends,
        marker="o",
        markersize=4,
        linewidth=1,
        capsize=2,
        label=label or f"ECE {found.ece_corrected:.3f}",
    )
    ax.set_xlabel("score")
    ax.set_ylabel("share right")
    ax.set_aspect("equal")
    return ax


def plot_ceiling(found: BestOfNCeiling, ax: Axes | None) -> Axes:
    """Draw best-of-n and blind choice from top shares; see `BestOfNCeiling.plot`."""
    ax = found.curve.plot(ax, label="best-of-k")
    (line,) = ax.plot(
        1 / found.share, found.accuracy, marker="o", markersize=4, label="blind choice from top 1/k"
    )
    if not np.isnan(found.low).any():
        ax.fill_between(
            1 / found.share, found.low, found.high, color=line.get_color(), alpha=0.2, linewidth=0
        )
    ax.axhline(found.solved, color="grey", linewidth=0.8, linestyle=":", label="perfect verifier")
    ax.set_xscale("log")
    return ax


def plot_filter_ceiling(found: FilterCeiling, ax: Axes | None) -> Axes:
    """Draw the limit of Filter-Vote against the share kept; see `FilterCeiling.plot`."""
    ax = new_axes() if ax is None else ax
    (line,) = ax.plot(found.kept, found.limit, marker="o", markersize=4, label="Filter-Vote")
    if not np.isnan(found.low).any():
        ax.fill_between(
            found.kept, found.low, found.high, color=line.get_color(), alpha=0.2, linewidth=0
        )
    ax.axhline(found.limit[0], color="grey", linewidth=0.8, linestyle=":", label="plain vote")
    ax.set_xlabel("share of samples kept")
    ax.set_ylabel("accuracy, calls without end")
    return ax


def plot_over_optimisation(found: OverOptimisation, ax: Axes | None) -> Axes:
    """Draw accuracy and the chosen sample's score; see `OverOptimisation.plot`."""
    ax = found.curve.plot(ax, label="accuracy")
    ax.axvline(found.k, color="grey", linewidth=0.8, linestyle=":")
    lines = list(ax.get_lines()[:1])
    if not np.isnan(found.chosen_score).all():
        second = ax.twinx()
        lines += second.plot(
            found.curve.k, found.chosen_score, color="tab:red", linestyle="--", label="chosen score"
        )
        second.set_ylabel("score of the chosen sample")
        second.spines[["top"]].set_visible(False)
    ax.legend(handles=lines, frameon=False)
    return ax


def plot_value(found: VerifierValue, ax: Axes | None) -> Axes:
    """Draw best-of-n for verifiers of several areas; see `VerifierValue.plot`."""
    ax = new_axes() if ax is None else ax
    for area, accuracy in zip(found.auc, found.accuracy, strict=True):
        ax.plot(found.k, accuracy, linewidth=1, label=f"AUC {area:.4g}")
    if found.model == "binormal":
        ax.plot(found.k, found.present_accuracy, "k:", label=f"model, AUC {found.present:.3f}")
    ax.plot(found.k, found.logged, "k", label="logged")
    ax.set_xscale("log")
    ax.set_xlabel("LLM calls per question, k")
    ax.set_ylabel(f"accuracy of {found.rule.label}")
    ax.legend(frameon=False, fontsize="small")
    return ax
