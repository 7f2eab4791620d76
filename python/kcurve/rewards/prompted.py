"""A model that is asked to judge: by a verdict, a grade, or the probability of a token."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum, isfinite, nan
from typing import TYPE_CHECKING, Any

from kcurve._validation import choice, instance, positive_integer
from kcurve.answers import TokenProbability, Verdict, describe
from kcurve.errors import ArgumentError
from kcurve.llm.parameters import Parameters
from kcurve.prompts import as_template, conversation
from kcurve.rewards.fields import RESPONSE_FIELDS, response_fields
from kcurve.rewards.reward import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.answers import ScoreReader
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.prompts import Template
    from kcurve.rewards.reward import RewardKind
    from kcurve.store.records import Asked, Prompt, Purpose, Sample


@dataclass(frozen=True, slots=True)
class PromptedReward:
    r"""Scores by asking a model: a judge of responses, or a verifier of steps.

    Parameters
    ----------
    template : Template or str
        The prompt: the fields of a generator's template, ``{{response}}`` (all of it), ``{{step}}`` (the last step)
        and ``{{previous}}`` (the steps before it, or a sentence that there are none).
    read : ScoreReader
        Reads the score from what the model writes: `Verdict`, `NumberScore`, `TokenProbability`, or a
        callable of your own.
    parameters : Parameters
        Temperature and the like.
    kind : {"outcome", "process"}, optional
        What it scores. The default is process if the template has the field ``{{step}}``, else outcome.
    system : str, optional
        An instruction that comes before everything else.
    votes : int
        How many samples are drawn; the score is their mean.
    llm : LLM, optional
        A model of its own; the default is the one that the strategy is run with.

    Raises
    ------
    ArgumentError
        If the template holds neither the response nor a step, or fields that nothing fills; or if the score is to
        be read from log-probabilities, and `parameters` do not ask for them.

    Notes
    -----
    The samples are the first `votes` of the request, so equal texts share their score and what it cost. If one of
    them failed, or holds no score, the score is missing (NaN): the mean of the others would be another
    estimate, and mostly a better one for texts that are hard to judge. A failed sample is asked for again when the same
    is run again.

    Examples
    --------
    >>> from kcurve.answers import NumberScore
    >>> from kcurve.datasets import Question
    >>> judge = PromptedReward("{{question}} {{response}} From 0 to 10?", read=NumberScore(0, 10))
    >>> judge.kind
    'outcome'
    >>> judge.prompt(Question("2 + 3?"), ["5"], endpoint="completions")
    '2 + 3? 5 From 0 to 10?'
    >>> verifier = PromptedReward("{{question}} {{previous}} {{step}} [correct] or [wrong]:")
    >>> verifier.kind
    'process'
    >>> verifier.prompt(Question("2+3+4?"), ["2+3=5\n", "5+4=9\n"], endpoint="completions")
    '2+3+4? 2+3=5 5+4=9 [correct] or [wrong]:'
    """

    template: Template
    read: ScoreReader
    parameters: Parameters
    kind: RewardKind
    system: str | None
    votes: int
    llm: LLM | None

    def __init__(
        self,
        template: Template | str,
        *,
        read: ScoreReader = Verdict(),  # noqa: B008 - frozen
        parameters: Parameters = Parameters(),  # noqa: B008 - frozen
        kind: RewardKind | None = None,
        system: str | None = None,
        votes: int = 1,
        llm: LLM | None = None,
    ) -> None:
        template = as_template(template)
        template.require(("response", "step"), RESPONSE_FIELDS, "a reward")
        if not callable(read):
            raise ArgumentError(
                f"read must be callable, such as Verdict() or NumberScore(0, 10), got {read!r:.80}"
            )
        instance("parameters", parameters, Parameters)
        if isinstance(read, TokenProbability) and not parameters.logprobs:
            raise ArgumentError(
                "TokenProbability reads the log-probabilities of alternatives, and logprobs is "
                f"{parameters.logprobs}; ask for some: parameters=Parameters(logprobs=20)"
            )
        if kind is None:
            kind = "process" if "step" in template.fields else "outcome"
        choice("kind", kind, ("outcome", "process"))
        positive_integer("votes", votes)
        for name, value in (
            ("template", template),
            ("read", read),
            ("parameters", parameters),
            ("kind", kind),
            ("system", system),
            ("votes", votes),
            ("llm", llm),
        ):
            object.__setattr__(self, name, value)

    def prompt(
        self, question: Question, steps: Sequence[str], *, endpoint: Asked = "chat"
    ) -> Prompt:
        """Return what is sent to score a response, or its last step.

        Raises
        ------
        ArgumentError
            If there is no step, or the endpoint writes no text.
        """
        filled = self.template.fill_from(response_fields(question, steps))
        return conversation(filled, endpoint=endpoint, system=self.system)

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the scores, as plain JSON; `model` is the one without its own."""
        return {
            "reward": "PromptedReward",
            "kind": self.kind,
            "template": self.template.text,
            "system": self.system,
            "parameters": self.parameters.body(),
            "model": model if self.llm is None else self.llm.identity,
            "read": describe(self.read),
            "votes": self.votes,
        }

    async def score(
        self, llm: LLM, question: Question, steps: Sequence[str], *, purpose: Purpose
    ) -> Score:
        """Return the mean of what the samples say of a response, or of its last step.

        Raises
        ------
        ArgumentError
            If there is no step, or the model writes no text.
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        asked = llm if self.llm is None else self.llm
        samples = await asked.sample(
            self.prompt(question, steps, endpoint=asked.endpoint),
            until=self.votes,
            parameters=self.parameters,
            purpose=replace(purpose, stride=0),  # every vote is on the same candidate
        )
        return mean_score(samples, self.read)


def mean_score(samples: Sequence[Sample], read: ScoreReader) -> Score:
    """Return the mean of the scores that samples hold; missing if one of them holds none."""
    values = []
    for sample in samples:
        if sample.text is None:
            return Score(nan, tuple(samples), sample.error or f"the sample is {sample.status}")
        value = read(sample.text, sample.logprobs)
        if not isfinite(value):
            return Score(nan, tuple(samples), f"there is no score in {sample.text!r:.80}")
        values.append(value)
    return Score(fsum(values) / len(values), tuple(samples))
