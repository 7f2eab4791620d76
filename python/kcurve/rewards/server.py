"""A reward model behind a server that returns numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

from kcurve._validation import choice, instance
from kcurve.answers import VectorScore, describe
from kcurve.errors import ArgumentError
from kcurve.llm import LLM
from kcurve.llm.parameters import Parameters
from kcurve.llm.scores import SCORING
from kcurve.prompts import as_template
from kcurve.rewards.fields import RESPONSE_FIELDS, response_fields
from kcurve.rewards.prompted import mean_score
from kcurve.rewards.reward import Score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.answers import ScoreReader
    from kcurve.datasets import Question
    from kcurve.prompts import Template
    from kcurve.rewards.reward import RewardKind
    from kcurve.store.records import Purpose


@dataclass(frozen=True, slots=True)
class ServerReward:
    r"""Scores by a reward model that a server such as vLLM runs: outcome (ORM) or process (PRM).

    Parameters
    ----------
    llm : LLM
        The reward model, with the endpoint "pooling", "classify" or "score".
    kind : {"outcome", "process"}
        What it scores.
    template : Template or str, optional
        The text that is sent, with the fields of `PromptedReward`. The default is what reward models are mostly
        trained on: a chat in which the user asks the question and the assistant gives the response, to which the
        server applies the model's own chat template. The endpoint "score" takes no template: it gets the question
        and the response as a pair.
    system : str, optional
        The first message of the chat; not for a template, which can hold it itself.
    step_tag : str, optional
        What such a model reads its scores at: it is put after each step, and the space around the steps
        is left out. ``"<extra_0>"`` for a model that was trained with it.
    read : ScoreReader
        Which of the numbers is the score; by default the last number of the last row.
    parameters : Parameters
        Only `extra`, for fields that the server knows besides.

    Raises
    ------
    ArgumentError
        If the endpoint returns no numbers, template and endpoint do not fit, or the template holds neither the
        response nor a step, or fields that nothing fills.

    Notes
    -----
    Many process reward models score all steps of a response in one pass. As a process reward one is asked about
    every beginning of the response, as searches need it. Where only finished responses are to be scored, it is
    cheaper as an outcome reward that reads one number out of all rows: ``kind="outcome"``, and
    ``read=VectorScore("min")``, ``"prod"``, ``"mean"`` or ``"last"``.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> llm = LLM("prm", base_url="http://localhost:8000/v1", endpoint="pooling")
    >>> reward = ServerReward(llm, kind="process", step_tag="<extra_0>")
    >>> for message in reward.prompt(Question("2 + 3 + 4?"), ["2+3=5\n\n", "5+4=9\n\n"]):
    ...     print(message)
    {'role': 'user', 'content': '2 + 3 + 4?'}
    {'role': 'assistant', 'content': '2+3=5<extra_0>5+4=9<extra_0>'}
    """

    llm: LLM
    kind: RewardKind
    template: Template | None
    system: str | None
    step_tag: str | None
    read: ScoreReader
    parameters: Parameters

    def __init__(
        self,
        llm: LLM,
        *,
        kind: RewardKind,
        template: Template | str | None = None,
        system: str | None = None,
        step_tag: str | None = None,
        read: ScoreReader = VectorScore(),  # noqa: B008 - frozen
        parameters: Parameters = Parameters(),  # noqa: B008 - frozen
    ) -> None:
        instance("llm", llm, LLM)
        choice("kind", kind, ("outcome", "process"))
        if llm.endpoint not in SCORING:
            raise ArgumentError(
                f"the endpoint of a ServerReward returns numbers, and that of {llm.model!r} is {llm.endpoint!r}; "
                "use LLM(endpoint='pooling'), 'classify' or 'score', or ask a model that writes by PromptedReward"
            )
        if template is not None:
            template = as_template(template)
            template.require(("response", "step"), RESPONSE_FIELDS, "a reward")
        if llm.endpoint == "score" and (template is not None or system is not None):
            raise ArgumentError(
                "the endpoint 'score' gets question and response as they are; leave template and system out, "
                "or use LLM(endpoint='classify')"
            )
        if template is not None and system is not None:
            raise ArgumentError("system is a message of a chat; write it into the template instead")
        if step_tag is not None and not step_tag:
            raise ArgumentError("step_tag must not be empty; leave it out if there is none")
        if not callable(read):
            raise ArgumentError(f"read must be callable, such as VectorScore(), got {read!r:.80}")
        instance("parameters", parameters, Parameters)
        for name, value in (
            ("llm", llm),
            ("kind", kind),
            ("template", template),
            ("system", system),
            ("step_tag", step_tag),
            ("read", read),
            ("parameters", parameters),
        ):
            object.__setattr__(self, name, value)

    def prompt(
        self, question: Question, steps: Sequence[str]
    ) -> str | tuple[Mapping[str, object], ...] | Mapping[str, str]:
        """Return what is sent to score a response: a text, a chat, or a pair of texts."""
        fields = response_fields(question, steps)
        if self.step_tag is not None:
            fields["response"] = "".join(step.strip() + self.step_tag for step in steps)
        if self.llm.endpoint == "score":
            return {"text_1": fields["question"], "text_2": fields["response"]}
        if self.template is not None:
            return self.template.fill_from(fields)
        system = () if self.system is None else ({"role": "system", "content": self.system},)
        return (
            *system,
            {"role": "user", "content": fields["question"]},
            {"role": "assistant", "content": fields["response"]},
        )

    def description(self, model: str) -> dict[str, Any]:  # noqa: ARG002 - it has a model of its own
        """Return what determines the scores, as plain JSON."""
        return {
            "reward": "ServerReward",
            "kind": self.kind,
            "endpoint": self.llm.endpoint,
            "model": self.llm.identity,
            "template": None if self.template is None else self.template.text,
            "system": self.system,
            "step_tag": self.step_tag,
            "parameters": self.parameters.body(),
            "read": describe(self.read),
        }

    async def score(
        self,
        llm: LLM,  # noqa: ARG002 - it has a model of its own
        question: Question,
        steps: Sequence[str],
        *,
        purpose: Purpose,
    ) -> Score:
        """Return the score of a response, or of its last step; an empty one has none.

        Raises
        ------
        ArgumentError
            If there is no step.
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        prompt = self.prompt(question, steps)
        if not any(step.strip() for step in steps):
            return Score(nan, reason="the response is empty")
        samples = await self.llm.sample(
            prompt, until=1, parameters=self.parameters, purpose=purpose
        )
        return mean_score(samples, self.read)
