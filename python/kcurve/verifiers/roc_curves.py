"""The points of ROC curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]


def pooled_curve(samples: ScoredSamples) -> tuple[Floats, Floats, Floats]:
    """Return thresholds, false and true positive rates with all samples in one pool."""
    scores, level = np.unique(samples.score, return_inverse=True)
    right = np.bincount(level, samples.right)[::-1].cumsum()
    all_ = np.bincount(level)[::-1].cumsum()
    wrong = all_ - right
    threshold = np.concatenate([[np.inf], scores[::-1]])
    rates = [np.concatenate([[0.0], counts / counts[-1]]) for counts in (wrong, right)]
    return threshold, rates[0], rates[1]


def mean_curve(samples: ScoredSamples, mixed: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Return the mean true positive rate of the mixed questions at each false positive rate.

    Every question's curve is made of straight pieces. Their slopes are added up where they begin
    and taken away where they end; upright pieces are jumps of the mean, which has two points there.
    """
    if not mixed.any():
        nothing = np.full(1, np.nan)
        return nothing, nothing.copy(), nothing.copy()
    taken = mixed[samples.question]
    # Samples are sorted by question and score: backwards, from the highest score down.
    question, score, right = (
        values[taken][::-1] for values in (samples.question, samples.score, samples.right)
    )
    first = np.ones(len(question), dtype=bool)
    first[1:] = (question[1:] != question[:-1]) | (score[1:] != score[:-1])
    level = np.cumsum(first) - 1
    owner = question[first]
    right_at = np.bincount(level, right)
    wrong_at = np.bincount(level) - right_at
    n_right = np.bincount(question, right, minlength=len(mixed))
    n_wrong = np.bincount(question, minlength=len(mixed)) - n_right
    wrong_to = wrong_at.cumsum()
    starts = np.ones(len(owner), dtype=bool)
    starts[1:] = owner[1:] != owner[:-1]
    began = (wrong_to - wrong_at)[starts][np.cumsum(starts) - 1]
    begin, end = ((counts - began) / n_wrong[owner] for counts in (wrong_to - wrong_at, wrong_to))
    rise = right_at / n_right[owner]
    upright = wrong_at == 0
    slope = rise[~upright] * n_wrong[owner][~upright] / wrong_at[~upright]
    fpr, place = np.unique(np.concatenate([begin, end, [0.0, 1.0]]), return_inverse=True)
    begins, ends = place[: len(begin)], place[len(begin) : 2 * len(begin)]
    turns = np.bincount(begins[~upright], slope, minlength=len(fpr)) - np.bincount(
        ends[~upright], slope, minlength=len(fpr)
    )
    jumps = np.bincount(begins[upright], rise[upright], minlength=len(fpr))
    runs = np.concatenate([[0.0], np.cumsum(turns)[:-1] * np.diff(fpr)])
    after = np.cumsum(runs + jumps) / mixed.sum()
    before = after - jumps / mixed.sum()
    keep = np.stack([jumps > 0, np.ones(len(fpr), dtype=bool)], axis=1).ravel()
    tpr = np.stack([before, after], axis=1).ravel()[keep]
    fpr = np.repeat(fpr, 2)[keep]
    tpr = np.clip(tpr, 0.0, 1.0)
    # Every curve ends there; the sum of their slopes does but for rounding.
    tpr[-1] = 1.0
    return np.full(len(fpr), np.nan), fpr, tpr
