"""kcurve as a contestant: everything that is asked of it, through its public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logs import DrawnLog


def answer_log(
    log: DrawnLog, score: NDArray[np.float64] | None = None, *, copies: int = 1
) -> kc.AnswerLog:
    """Make the log that is measured on, each question so many times; not part of any timing."""
    correct = np.full(log.n_questions * copies, CORRECT)
    codes = np.tile(log.codes, (copies, 1))
    scores = None if score is None else np.tile(score, (copies, 1))
    return kc.AnswerLog.from_codes(codes, correct=correct, score=scores)


def vote_curve(
    log: kc.AnswerLog,
    k: NDArray[np.int64],
    *,
    replacement: bool,
    interval: str | None = None,
    threads: int = 1,
) -> kc.Curve:
    return kc.curve(
        log,
        kc.Vote(),
        k=k,
        method=kc.Exact(replacement=replacement),
        interval=interval,
        threads=threads,
    )


def bootstrap_curve(
    log: kc.AnswerLog, k: NDArray[np.int64], *, replicates: int, weighted: bool, threads: int = 1
) -> kc.Curve:
    """Return the mean curve over replicates with replacement, of the plain vote or that of summed scores."""
    return kc.curve(
        log,
        kc.WeightedVote() if weighted else kc.Vote(),
        k=k,
        method=kc.Bootstrap(n_resamples=replicates, rng=0),
        interval=None,
        threads=threads,
    )
