"""A function as a reward model."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.rewards.evaluation import Evaluations
from kcurve.rewards.fields import check_steps
from kcurve.store.records import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards.reward import RewardKind, Score
    from kcurve.store.records import Purpose


@dataclass(frozen=True, slots=True)
class FunctionReward:
    """Scores by a function: a rule, a reward model in this process, a call of another service.

    Every evaluation is journalled before it begins and stored before it is used, like the calls of a model: a
    finished one is never made again, not even after kill -9. It is stored under the name and the revision of
    the function, the question with its reference and metadata, and the text.

    Parameters
    ----------
    function : callable
        Takes the question, and the response as a text; for a process reward the steps as a tuple of texts, the
        last of which is to be scored. It returns a finite number, or an awaitable of one. It runs in a thread,
        an async function in the event loop.
    kind : {"outcome", "process"}
        What it scores.
    name : str
        What the function is called in the store.
    revision : str
        Tells functions of one name apart: change it whenever the function returns other scores than before.
    timeout : float, optional
        Seconds that an evaluation may take. A thread cannot be stopped: it goes on, and what it returns later is
        not used.
    concurrency : int
        The most evaluations under way at once.

    Raises
    ------
    ArgumentError
        If the function cannot be called, the name is empty, or a setting is out of its range.

    Notes
    -----
    An exception, something else than a number, and a number that is not finite are no score: it is missing, with
    the reason, journalled as failed, and asked for again when the same is run again.

    Examples
    --------
    >>> import asyncio
    >>> from kcurve.datasets import Question
    >>> from kcurve.llm import LLM
    >>> from kcurve.store import Purpose
    >>> brevity = FunctionReward(
    ...     lambda question, text: 1 / len(text.split()), kind="outcome", name="brevity"
    ... )
    >>> async def score(text):
    ...     llm = LLM("any", base_url="http://localhost:8000/v1")  # its store is used
    ...     question = Question("2 + 3?")
    ...     place = Purpose(llm.store.run({}), llm.store.question(question))
    ...     return await brevity.score(llm, question, [text], purpose=place)
    >>> asyncio.run(score("It is 5.")).value
    0.3333333333333333
    """

    function: Callable[[Question, Any], object]
    kind: RewardKind = field(kw_only=True)
    name: str = field(kw_only=True)
    revision: str = field(default="", kw_only=True)
    timeout: float | None = field(default=None, kw_only=True)
    concurrency: int = field(default=8, kw_only=True)
    _evaluations: Evaluations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        if not callable(self.function):
            raise ArgumentError(f"function must be callable, got {self.function!r:.80}")
        choice("kind", self.kind, ("outcome", "process"))
        instance("name", self.name, str)
        instance("revision", self.revision, str)
        if not self.name.strip():
            raise ArgumentError(
                "name must not be empty: scores are stored under the name of the function"
            )
        if self.timeout is not None:
            number_between("timeout", self.timeout, 0, inf, low_excluded=True)
        positive_integer("concurrency", self.concurrency)
        object.__setattr__(self, "_evaluations", Evaluations(self.concurrency, self.timeout))

    @property
    def llm(self) -> LLM | None:
        """None: it asks no model."""
        return None

    def description(self, model: str) -> dict[str, Any]:  # noqa: ARG002 - it asks no model
        """Return what determines the scores, as plain JSON."""
        return {
            "reward": "FunctionReward",
            "kind": self.kind,
            "name": self.name,
            "revision": self.revision,
        }

    async def score(
        self, llm: LLM, question: Question, steps: Sequence[str], *, purpose: Purpose
    ) -> Score:
        """Return the score of a response; its evaluation is kept in the store of `llm`.

        Raises
        ------
        ArgumentError
            If there is no step.
        StoreError
            If the store cannot be written.
        """
        check_steps(steps)
        response = "".join(steps) if self.kind == "outcome" else tuple(steps)
        request = Request(
            self.name,
            "function",
            {"question": question.to_dict(), "response": response},
            revision=self.revision,
        )
        return await self._evaluations.score(
            llm.store, request, lambda: self.function(question, response), purpose=purpose
        )
