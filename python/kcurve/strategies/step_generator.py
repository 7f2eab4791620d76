"""Step generators: how a response is asked for step by step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance
from kcurve.answers import AnswerIs, Equivalence, Extractor, SameText, describe
from kcurve.errors import ArgumentError
from kcurve.llm import Prefill
from kcurve.llm.parameters import Parameters
from kcurve.strategies.generator import Generator
from kcurve.strategies.prompts import PARAGRAPH_BY_PARAGRAPH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.prompts import Template
    from kcurve.store.records import Asked, Prompt
    from kcurve.strategies.generator import Example

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class StepGenerator:
    r"""What continues a response by one step: a prompt, where a step ends, and when the response does.

    A step is what the model writes up to `step_end`, which stops it. The next step continues the text: for
    completions it follows the prompt; in a chat it is the beginning of the assistant's message, which the server has
    to take up where it ends (`LLM.probe` tells).

    Parameters
    ----------
    template : Template or str
        The prompt, with the field ``{{question}}`` (text and choices), or ``{{text}}`` and ``{{choices}}``.
    parameters : Parameters
        Temperature and the like; ``max_tokens`` limits a step. Stop strings of its own end a step as `step_end` does.
    step_end : str
        The text that ends a step. It belongs to the step that it ends.
    ends : Extractor, optional
        A response has ended when this finds anything in it. The default is `extract`; give one if that
        would find something in a response that is not at its end, as `LastNumber` does.
    extract : Extractor
        Finds the answer in a response.
    equivalence : Equivalence
        Says which answers are the same.
    system : str, optional
        An instruction that comes before everything else.
    examples : sequence of (question, response)
        Shown before the question, in this order, each in the same template.
    prefill : Prefill, optional
        How the server continues a message in a chat. The default is what `LLM.probe` finds, once for each LLM.
    llm : LLM, optional
        A model of its own; the default is the one that the strategy is run with.

    Raises
    ------
    ArgumentError
        If the template does not hold the question, or holds fields that nothing fills, or `step_end` is empty.

    Notes
    -----
    A response has also ended when the model stops without writing anything. Servers do not say whether a stop string
    ended a sample or the model did: after either the step has `step_end`; after a limit of tokens it has not, and
    the next step goes on within it.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> generator = StepGenerator("Q: {{question}}\n", step_end="\n")
    >>> prompt = generator.prompt(Question("2 + 3 + 4?"), endpoint="completions")
    >>> generator.continued(prompt, "2 + 3 = 5\n")
    'Q: 2 + 3 + 4?\n2 + 3 = 5\n'
    >>> generator.step_parameters(100)
    Parameters(temperature=None, top_p=None, max_tokens=100, stop=('\n',), seed=None, logprobs=None, extra={})
    """

    template: Template | str = PARAGRAPH_BY_PARAGRAPH
    parameters: Parameters = field(default=Parameters(), kw_only=True)
    step_end: str = field(default="\n\n", kw_only=True)
    ends: Extractor | None = field(default=None, kw_only=True)
    extract: Extractor = field(default=AnswerIs(), kw_only=True)
    equivalence: Equivalence = field(default=SameText(), kw_only=True)
    system: str | None = field(default=None, kw_only=True)
    examples: Sequence[Example] = field(default=(), kw_only=True)
    prefill: Prefill | None = field(default=None, kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the fields of the template, the types, and the end of a step."""
        whole = self._whole
        object.__setattr__(self, "template", whole.template)
        object.__setattr__(self, "examples", whole.examples)
        instance("step_end", self.step_end, str)
        if not self.step_end:
            raise ArgumentError(f"step_end must be a text that ends a step, got {self.step_end!r}")
        if self.prefill is not None:
            instance("prefill", self.prefill, Prefill)
        if self.ends is not None and not callable(self.ends):
            raise ArgumentError(f"ends must be callable, got {self.ends!r:.80}")

    def prompt(self, question: Question, *, endpoint: Asked = "chat") -> Prompt:
        """Return what is sent for the first step: messages for a chat, one text for completions."""
        return self._whole.prompt(question, endpoint=endpoint)

    def continued(self, prompt: Prompt, text: str) -> Prompt:
        """Return what is sent for the step after `text`, the response so far."""
        if isinstance(prompt, str):
            return prompt + text
        return (*prompt, {"role": "assistant", "content": text}) if text else prompt

    def step_parameters(
        self, tokens: int | None = None, *, extra: Mapping[str, object] = _NOTHING
    ) -> Parameters:
        """Return how a step is sampled that may have so many tokens; None for no limit but that of `parameters`."""
        own = self.parameters
        limits = [most for most in (own.max_tokens, tokens) if most is not None]
        stop = (self.step_end, *(text for text in own.stop if text != self.step_end))
        return replace(
            own, max_tokens=min(limits, default=None), stop=stop, extra={**own.extra, **extra}
        )

    def has_ended(self, text: str) -> bool:
        """Tell whether a response is complete."""
        return (self.ends or self.extract)(text) is not None

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the requests, as plain JSON; `model` is the one without its own."""
        return {
            **self._whole.description(model),
            "step_end": self.step_end,
            "ends": None if self.ends is None else describe(self.ends),
        }

    def reading(self) -> dict[str, Any]:
        """Return how responses are read, as plain JSON."""
        return self._whole.reading()

    @property
    def _whole(self) -> Generator:
        """What asks for whole responses with the same prompt."""
        return Generator(
            self.template,
            parameters=self.parameters,
            extract=self.extract,
            equivalence=self.equivalence,
            system=self.system,
            examples=self.examples,
            llm=self.llm,
        )
