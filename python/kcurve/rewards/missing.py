"""What becomes of candidates without a score."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Literal, TypeAlias

from kcurve.errors import ArgumentError, LLMError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.rewards.reward import Score
    from kcurve.rewards.scoring import ResponseScore

Missing: TypeAlias = Literal["drop", "error"] | float
"""What becomes of a candidate without a score.

``"drop"``: it takes no part in the decision. ``"error"``: the question fails. A number stands in for the score.
"""


def check_missing(missing: Missing) -> None:
    """Fail unless this is a policy.

    Raises
    ------
    ArgumentError
        If it is neither of the two words, nor a finite number.
    """
    value: object = missing
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number and value not in {"drop", "error"}:
        raise ArgumentError(f"missing must be 'drop', 'error' or a finite number, got {value!r}")


def completed_scores(
    scores: Sequence[Score | ResponseScore], missing: Missing = "drop", *, question: Question
) -> list[float]:
    """Return the scores of the candidates of a question, with what stands for missing ones.

    Parameters
    ----------
    scores : sequence of Score or ResponseScore
        One for each candidate.
    missing : {"drop", "error"} or float, optional
        What becomes of a candidate without a score.
    question : Question
        The question, for the message.

    Returns
    -------
    list of float
        Finite, except for NaN where a candidate is to be dropped.

    Raises
    ------
    ArgumentError
        If `missing` is no policy.
    LLMError
        If a score is missing, and that is to be an error.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> from kcurve.rewards import Score
    >>> scores = [Score(0.5), Score(nan, reason="timeout")]
    >>> completed_scores(scores, question=Question("2 + 3?"))
    [0.5, nan]
    >>> completed_scores(scores, 0.0, question=Question("2 + 3?"))
    [0.5, 0.0]
    """
    check_missing(missing)
    values = []
    for candidate, score in enumerate(scores):
        value = score.value
        if not isfinite(value):
            if missing == "error":
                raise LLMError(
                    f"candidate {candidate} of question {question.id!r} has no score: {score.reason}; run again "
                    "to ask once more, or let missing='drop' leave such candidates out",
                    kind="no_score",
                )
            value = nan if isinstance(missing, str) else float(missing)
        values.append(value)
    return values
