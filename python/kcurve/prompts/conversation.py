"""What a prompt can say of a question, and the form in which an endpoint takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.store.records import Asked, Message, Prompt

QUESTION_FIELDS = ("question", "text", "choices")
"""What a template can say of a question: text and choices, only the text, only the choices."""


def question_fields(question: Question) -> dict[str, str]:
    r"""Return what the fields of a template stand for.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> question_fields(Question("The capital of Peru?", "B", choices=("Quito", "Lima")))["choices"]
    '(A) Quito\n(B) Lima'
    """
    prompt = question.prompt
    return {
        "question": prompt,
        "text": question.text,
        "choices": prompt[len(question.text) + 1 :],
    }


def conversation(
    text: str,
    *,
    endpoint: Asked,
    system: str | None = None,
    examples: Sequence[tuple[str, str]] = (),
) -> Prompt:
    r"""Return a prompt in the form that an endpoint takes.

    For chats the examples are earlier turns. For completions everything is one text: the system's
    instruction, the examples, the text, with an empty line between them; a response of an example follows its
    prompt as it is given, so it begins with a blank if one belongs there.

    Raises
    ------
    ArgumentError
        If the endpoint returns numbers, which no strategy can read as a text.

    Examples
    --------
    >>> conversation("2+3=", endpoint="completions", examples=[("1+1=", "2")])
    '1+1=2\n\n2+3='
    >>> conversation("2 + 3?", endpoint="chat", system="Be brief.")
    ({'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': '2 + 3?'})
    """
    if endpoint not in {"chat", "completions"}:
        raise ArgumentError(
            f"endpoint {endpoint!r} writes no text; use LLM(endpoint='chat') or LLM(endpoint='completions')"
        )
    if endpoint == "completions":
        parts = [] if system is None else [system]
        return "\n\n".join([*parts, *(asked + response for asked, response in examples), text])
    messages: list[Message] = [] if system is None else [{"role": "system", "content": system}]
    for asked, response in examples:
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": response})
    messages.append({"role": "user", "content": text})
    return tuple(messages)
