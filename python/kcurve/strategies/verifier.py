"""Verifiers: a model's verdict on a candidate."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance, positive_integer
from kcurve.answers import Contains, Extractor, describe
from kcurve.errors import ArgumentError
from kcurve.llm.parameters import Parameters
from kcurve.prompts import QUESTION_FIELDS, as_template, conversation, question_fields
from kcurve.strategies.prompts import NO_STEPS_BEFORE, REVIEW, REVIEW_STEP

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.prompts import Template
    from kcurve.store.records import Asked, Prompt


@dataclass(frozen=True, slots=True)
class Verifier:
    """Judges a candidate by one call that reviews the whole response.

    Parameters
    ----------
    template : Template or str
        The prompt, with the field ``{{response}}`` and those of a generator's template.
    parameters : Parameters
        Temperature and the like.
    verdict : Extractor
        Finds the favourable verdict: a candidate is kept if it finds anything.
    system : str, optional
        An instruction that comes before everything else.
    llm : LLM, optional
        A model of its own; the default is the one that the strategy is run with.

    Raises
    ------
    ArgumentError
        If the template does not hold the response, or holds fields that nothing fills.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, Algorithm 2.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> verifier = Verifier("{{question}} {{response}} Right? [correct] or [wrong]:")
    >>> verifier.prompts(Question("2 + 3?"), "5", endpoint="completions")
    ('2 + 3? 5 Right? [correct] or [wrong]:',)
    """

    template: Template | str = REVIEW
    parameters: Parameters = field(default=Parameters(), kw_only=True)
    verdict: Extractor = field(default=Contains("[correct]"), kw_only=True)
    system: str | None = field(default=None, kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the fields of the template and the types."""
        template = as_template(self.template)
        template.require(("response",), (*QUESTION_FIELDS, "response"), "a verifier")
        object.__setattr__(self, "template", template)
        _check(self)

    def prompts(
        self, question: Question, response: str, *, endpoint: Asked = "chat"
    ) -> tuple[Prompt, ...]:
        """Return what is sent to judge a response: one prompt."""
        filled = as_template(self.template).fill_from(
            {**question_fields(question), "response": response}
        )
        return (conversation(filled, endpoint=endpoint, system=self.system),)

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the verdicts, as plain JSON; `model` is the one without its own."""
        return _description(self, model)


@dataclass(frozen=True, slots=True)
class StepVerifier:
    r"""Judges a candidate step by step: one call for each, in the light of all steps before it.

    The steps are the lines of the response that are not blank. A candidate is kept if every step is found right.

    Parameters
    ----------
    template : Template or str
        The prompt, with the fields ``{{step}}`` and ``{{previous}}`` (all lines before it) and those of a
        generator's template.
    parameters : Parameters
        Temperature and the like.
    verdict : Extractor
        Finds the favourable verdict on a step.
    system : str, optional
        An instruction that comes before everything else.
    most_steps : int
        Longer responses are cut into this many steps, of several lines each.
    llm : LLM, optional
        A model of its own; the default is the one that the strategy is run with.

    Raises
    ------
    ArgumentError
        If the template does not hold the step, or holds fields that nothing fills.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> verifier = StepVerifier("{{question}} {{previous}} {{step}} [correct] or [wrong]:")
    >>> for prompt in verifier.prompts(
    ...     Question("2 + 3 + 4?"), "2+3=5\n\n5+4=9", endpoint="completions"
    ... ):
    ...     print(prompt)
    2 + 3 + 4? (none: this is the first step) 2+3=5 [correct] or [wrong]:
    2 + 3 + 4? 2+3=5 5+4=9 [correct] or [wrong]:
    """

    template: Template | str = REVIEW_STEP
    parameters: Parameters = field(default=Parameters(), kw_only=True)
    verdict: Extractor = field(default=Contains("[correct]"), kw_only=True)
    system: str | None = field(default=None, kw_only=True)
    most_steps: int = field(default=32, kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the fields of the template and the types."""
        template = as_template(self.template)
        template.require(("step",), (*QUESTION_FIELDS, "previous", "step"), "a step verifier")
        object.__setattr__(self, "template", template)
        _check(self)
        positive_integer("most_steps", self.most_steps)

    def prompts(
        self, question: Question, response: str, *, endpoint: Asked = "chat"
    ) -> tuple[Prompt, ...]:
        """Return what is sent to judge a response: one prompt for each step."""
        known = question_fields(question)
        steps = self.steps(response)
        prompts = []
        for number, step in enumerate(steps):
            previous = "\n".join(steps[:number]) or NO_STEPS_BEFORE
            filled = as_template(self.template).fill_from(
                {**known, "previous": previous, "step": step}
            )
            prompts.append(conversation(filled, endpoint=endpoint, system=self.system))
        return tuple(prompts)

    def steps(self, response: str) -> list[str]:
        """Return the steps of a response, at least one."""
        lines = [line for line in response.splitlines() if line.strip()] or [response]
        n = min(len(lines), self.most_steps)
        cuts = [len(lines) * i // n for i in range(n + 1)]
        return ["\n".join(lines[a:b]) for a, b in pairwise(cuts)]

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the verdicts, as plain JSON; `model` is the one without its own."""
        return {**_description(self, model), "most_steps": self.most_steps}


def _check(verifier: Verifier | StepVerifier) -> None:
    instance("parameters", verifier.parameters, Parameters)
    if not callable(verifier.verdict):
        raise ArgumentError(f"verdict must be callable, got {verifier.verdict!r:.80}")


def _description(verifier: Verifier | StepVerifier, model: str) -> dict[str, Any]:
    return {
        "template": as_template(verifier.template).text,
        "system": verifier.system,
        "parameters": verifier.parameters.body(),
        "model": model if verifier.llm is None else verifier.llm.identity,
        "verdict": describe(verifier.verdict),
    }
