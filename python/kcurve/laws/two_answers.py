"""Votes read as votes between two answers: the correct one and everything else, or its rival."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve.curve import curve as compute_curve
from kcurve.laws.leaders import leaders
from kcurve.laws.questions import correct_counts, spaced_calls
from kcurve.rules import Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.laws.questions import AnyLog

    Integers = NDArray[np.int64]

Reading: TypeAlias = Literal["correct", "rival"]
"""What the correct answer competes with: all else together, or the most frequent wrong answer."""

READINGS = ("correct", "rival")


def votes_for_correct(log: AnyLog, reading: Reading) -> tuple[Integers, Integers]:
    """Return of each question the samples for the correct answer and those that vote at all."""
    if reading == "correct":
        return correct_counts(log)
    lead = leaders(log, Vote())
    samples = lead.correct + lead.wrong
    # Without any answer there is no vote to win.
    return lead.correct, np.maximum(samples, 1)


def several_answers(log: AnyLog, reading: Reading) -> str | None:
    """Say so if the vote is between more than two answers."""
    share = float(np.mean(leaders(log, Vote(no_answer="vote")).answers > 2))
    if share == 0:
        return None
    against = (
        "a correct answer may lead with less than half of the samples, and is read as losing"
        if reading == "correct"
        else "only the most frequent wrong answer is read as a rival, and the others are left out"
    )
    return (
        f"{share:.0%} of the questions have more than two answers: {against}; "
        "ExponentialLaw has no such limit"
    )


def vote_curve(log: AnyLog) -> tuple[Integers, NDArray[np.float64]]:
    """Return some numbers of calls and the unbiased vote curve there."""
    calls = spaced_calls(int(np.min(log.n_samples)))
    return calls, compute_curve(log, Vote(), k=calls, interval=None).mean
