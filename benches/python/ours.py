"""kcurve as a contestant: everything that is asked of it, through its public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logs import DrawnLog


def answer_log(log: DrawnLog) -> kc.AnswerLog:
    """Make the log that is measured on; not part of any timing."""
    return kc.AnswerLog.from_codes(log.codes, correct=np.full(log.n_questions, CORRECT))


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
