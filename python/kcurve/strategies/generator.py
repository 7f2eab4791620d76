"""Generators: how candidates are asked for, and how their answers are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from kcurve._validation import instance
from kcurve.answers import AnswerIs, Equivalence, Extractor, SameText, describe
from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm.parameters import Parameters
from kcurve.prompts import QUESTION_FIELDS, Template, as_template, conversation, question_fields
from kcurve.strategies.prompts import STEP_BY_STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.llm import LLM
    from kcurve.store.records import Asked, Prompt

Example: TypeAlias = "tuple[Question | str, str]"
"""A question, and a response to it that shows how it is done."""


@dataclass(frozen=True, slots=True)
class Generator:
    """What makes candidates: a prompt, how to sample, and how to read the answer.

    Parameters
    ----------
    template : Template or str
        The prompt, with the field ``{{question}}`` (text and choices), or ``{{text}}`` and ``{{choices}}``.
    parameters : Parameters
        Temperature and the like.
    extract : Extractor
        Finds the answer in a response; what it does not find is no answer.
    equivalence : Equivalence
        Says which answers are the same.
    system : str, optional
        An instruction that comes before everything else.
    examples : sequence of (question, response)
        Shown before the question, in this order, each in the same template.
    llm : LLM, optional
        A model of its own; the default is the one that the strategy is run with.

    Raises
    ------
    ArgumentError
        If the template does not hold the question, or holds fields that nothing fills.

    Examples
    --------
    >>> from kcurve.answers import LastNumber, SameNumber
    >>> from kcurve.llm import Parameters
    >>> generator = Generator(
    ...     "{{question}} Answer with a number.",
    ...     parameters=Parameters(temperature=0.7),
    ...     extract=LastNumber(),
    ...     equivalence=SameNumber(),
    ... )
    >>> generator.prompt(Question("What is 2 + 3?"))
    ({'role': 'user', 'content': 'What is 2 + 3? Answer with a number.'},)
    """

    template: Template | str = STEP_BY_STEP
    parameters: Parameters = field(default=Parameters(), kw_only=True)
    extract: Extractor = field(default=AnswerIs(), kw_only=True)
    equivalence: Equivalence = field(default=SameText(), kw_only=True)
    system: str | None = field(default=None, kw_only=True)
    examples: Sequence[Example] = field(default=(), kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the fields of the template and the types."""
        template = as_template(self.template)
        template.require(("question", "text"), QUESTION_FIELDS, "a generator")
        object.__setattr__(self, "template", template)
        instance("parameters", self.parameters, Parameters)
        for name in ("extract", "equivalence"):
            if not callable(getattr(self, name)):
                raise ArgumentError(f"{name} must be callable, got {getattr(self, name)!r:.80}")
        object.__setattr__(self, "examples", tuple(map(_checked_example, self.examples)))

    def prompt(self, question: Question, *, endpoint: Asked = "chat") -> Prompt:
        """Return what is sent: messages for a chat, one text for completions."""
        return conversation(
            self._filled(question),
            endpoint=endpoint,
            system=self.system,
            examples=[(self._filled(asked), response) for asked, response in self.examples],
        )

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the requests, as plain JSON; `model` is the one without its own."""
        return {
            "template": as_template(self.template).text,
            "system": self.system,
            "examples": [
                [asked.prompt if isinstance(asked, Question) else asked, response]
                for asked, response in self.examples
            ],
            "parameters": self.parameters.body(),
            "model": model if self.llm is None else self.llm.identity,
        }

    def reading(self) -> dict[str, Any]:
        """Return how responses are read, as plain JSON."""
        return {"extractor": describe(self.extract), "equivalence": describe(self.equivalence)}

    def _filled(self, question: Question | str) -> str:
        asked = question if isinstance(question, Question) else Question(question)
        return as_template(self.template).fill_from(question_fields(asked))


def _checked_example(example: object) -> Example:
    match example:
        case (Question() | str() as asked, str(response)):
            return asked, response
    raise ArgumentError(f"an example must be (question, response), got {example!r:.120}")
