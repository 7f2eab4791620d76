"""What a prompt can say of a response, besides the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError
from kcurve.prompts import QUESTION_FIELDS, question_fields
from kcurve.rewards.prompts import NO_STEPS_BEFORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question

RESPONSE_FIELDS = (*QUESTION_FIELDS, "response", "previous", "step")
"""What a template of a reward can say: the question, and of a response all, the steps before the last, the last."""


def response_fields(question: Question, steps: Sequence[str]) -> dict[str, str]:
    r"""Return what the fields of a template stand for, given a response of at least one step.

    The steps joined as they are make the response. Each step by itself is without the space around it; those
    before the last one are lines, or a sentence that there are none.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> fields = response_fields(Question("2 + 3 + 4?"), ["2+3=5\n\n", "5+4=9\n\n"])
    >>> fields["previous"], fields["step"], fields["response"]
    ('2+3=5', '5+4=9', '2+3=5\n\n5+4=9\n\n')
    """
    check_steps(steps)
    return {
        **question_fields(question),
        "response": "".join(steps),
        "previous": "\n".join(step.strip() for step in steps[:-1]) or NO_STEPS_BEFORE,
        "step": steps[-1].strip(),
    }


def check_steps(steps: Sequence[str]) -> None:
    """Fail unless there is a step to score, and all of them can be stored.

    Raises
    ------
    ArgumentError
        If there is none, or one holds half a character (a surrogate of UTF-16).
    """
    if isinstance(steps, str):
        raise TypeError(
            f"steps must be a sequence of texts, got the text {steps!r:.80}; pass [text]"
        )
    if not steps:
        raise ArgumentError("steps must hold at least one text, got none")
    for step in steps:
        try:
            step.encode()
        except UnicodeEncodeError as error:
            raise ArgumentError(
                f"a step holds half a character, {step[error.start]!r} at {error.start}; replace it: "
                "text.encode(errors='replace').decode()"
            ) from None
