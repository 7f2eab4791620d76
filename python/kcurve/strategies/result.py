"""What a run brought: the summary of its questions, and the way to the log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kcurve._validation import number_between
from kcurve.cost import spending_cost
from kcurve.errors import LogError
from kcurve.store import Store
from kcurve.strategies.accuracy import Accuracy, wilson
from kcurve.strategies.question_result import QuestionResult, StageResult
from kcurve.strategies.solution import total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.cost import CostModel, SpendingCost
    from kcurve.log import AnswerLog
    from kcurve.strategies.solution import Spent

__all__ = ["QuestionResult", "RunResult", "StageResult", "Stop"]

Stop: TypeAlias = Literal["budget", "refused", "store", "interrupted"]
"""Why a run ended before its last question."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunResult:
    """What a run brought, whether or not it came to its end.

    Attributes
    ----------
    strategy, model : str
        What was run.
    run : int or None
        Its row in the store; None if no question was begun.
    questions : tuple of QuestionResult
        In the order in which they were given, those that were solved or failed.
    stopped : {"budget", "refused", "store", "interrupted"} or None
        Why it ended early; None if it came to its end.
    reason : str or None
        The same in a sentence, and how to go on.
    seconds : float
        How long it took.
    sent, retried : int
        Calls sent, and those of them that repeat a failed one.
    """

    strategy: str
    model: str
    run: int | None
    questions: tuple[QuestionResult, ...]
    stopped: Stop | None = None
    reason: str | None = None
    seconds: float = 0.0
    sent: int = 0
    retried: int = 0
    _store: Store = field(compare=False)
    _log_settings: Mapping[str, Any] | None = field(default_factory=dict, compare=False)

    @property
    def spent(self) -> Spent:
        """Calls, tokens and money of all questions that were solved."""
        return total(one.spent for one in self.questions)

    @property
    def reward_spent(self) -> Spent:
        """The part of it that scores took."""
        return total(one.reward_spent for one in self.questions)

    @property
    def failed(self) -> tuple[QuestionResult, ...]:
        """The questions that failed."""
        return tuple(one for one in self.questions if one.error is not None)

    @property
    def stages(self) -> tuple[StageResult, ...]:
        """What each stage of a cascade took; none without one."""
        depth = max((len(one.stage_spent) for one in self.questions), default=0)
        asked = [
            [one.stage_spent[i] for one in self.questions if len(one.stage_spent) > i]
            for i in range(depth)
        ]
        return tuple(StageResult(len(stage), total(stage)) for stage in asked)

    @property
    def mean_calls(self) -> float:
        """Calls a question, of those that were solved; NaN if none was."""
        solved = [one.spent.calls for one in self.questions if one.error is None]
        return sum(solved) / len(solved) if solved else nan

    @property
    def stopped_early(self) -> int | None:
        """How many questions a stopping rule ended before the most candidates were drawn; None without one."""
        ends = [one.stopped_early for one in self.questions if one.stopped_early is not None]
        return sum(ends) if ends else None

    def accuracy(self, level: float = 0.95) -> Accuracy:
        r"""Return the share of right answers among the questions solved whose right answer is known.

        Parameters
        ----------
        level : float
            Confidence of the interval.

        Notes
        -----
        Wilson's interval: the p with ``|x/n - p| <= z sqrt(p (1 - p) / n)``. A question without an answer is wrong; one that
        failed is not counted.

        References
        ----------
        Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
        """
        number_between("level", level, 0, 1, low_excluded=True)
        grades = [one.correct for one in self.questions if one.correct is not None]
        return wilson(sum(grades), len(grades), level)

    def cost(self, model: CostModel) -> SpendingCost:
        """Return what the run cost in the unit of a cost model, scores apart; see `kcurve.cost.spending_cost`.

        All that was asked for counts, also what the store already held, and of the failed questions nothing.

        Parameters
        ----------
        model : Calls, Tokens, Flops or Dollars
            What calls cost. Others need each call by itself: ``kcurve.cost.log_cost(result.log(), model)``.

        Raises
        ------
        ArgumentError
            If the model needs each call by itself.
        """
        return spending_cost(self.spent, model, reward=self.reward_spent)

    def log(self, **reading: Any) -> AnswerLog:  # noqa: ANN401 - as Store.log takes them
        """Return all candidates of the run that the store holds, as a log; also those of unfinished questions.

        A score that is missing is NaN, also where a number stood in for it when the question was decided.

        After a run with a stopping rule questions have different numbers of candidates, and how many depends on what
        was drawn: a question has few if its first answers happened to agree. So a curve of such a log is biased,
        at every k: the shares of answers are not those of the model. Draw a fixed number without a stopping rule to
        make curves from, and let `kcurve.stopping.replay` tell what stopping rules would have done with it.

        Parameters
        ----------
        **reading
            ``extract=``, ``equivalence=``, ``verdict=`` or ``score=`` in place of those of the strategy, or ``role=`` for
            another part of it.

        Raises
        ------
        LogError
            If the strategy is a search: its paths share steps, and are no independent samples.
        StoreError
            If there are no candidates.
        """
        if self._log_settings is None:
            raise LogError(
                f"the paths of {self.strategy} share steps and are no independent samples, so there is no answer "
                "log of them; see Solution.tree, or draw samples with Sampling"
            )
        chosen = {**self._log_settings, **reading}
        if self._store.path is None:
            return self._store.log(self.run, **chosen)
        # The store may have been closed since, together with its LLM.
        with Store(self._store.path, read_only=True) as store:
            return store.log(self.run, **chosen)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values; what is unknown is None."""
        accuracy = self.accuracy()
        answers = [one for one in self.questions if one.error is None]
        reward = self.reward_spent
        return {
            "strategy": self.strategy,
            "model": self.model,
            "run": self.run,
            "questions": len(answers),
            "failed": len(self.failed),
            "errors": dict(Counter((one.error or "").partition(":")[0] for one in self.failed)),
            "accuracy": _known(accuracy.value),
            "low": _known(accuracy.low),
            "high": _known(accuracy.high),
            "no_answer": sum(one.answer is None for one in answers),
            "tied": sum(one.tied for one in answers),
            "fell_back": sum(one.fell_back for one in answers),
            "stopped_early": self.stopped_early,
            **self.spent.to_dict(),
            "mean_calls": _known(self.mean_calls),
            "stages": [
                {"questions": stage.questions, **stage.spent.to_dict()} for stage in self.stages
            ],
            "reward_calls": reward.calls,
            "reward_tokens_in": reward.tokens_in,
            "reward_tokens_out": reward.tokens_out,
            "sent": self.sent,
            "retried": self.retried,
            "seconds": self.seconds,
            "stopped": self.stopped,
            "reason": self.reason,
        }

    def to_arrow(self) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return a pyarrow table with a row for each question.

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        """
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - optional, and heavy

        rows = self.questions
        return pa.table(
            {
                "question": [one.question for one in rows],
                "dataset": [one.dataset for one in rows],
                "answer": pa.array([one.answer for one in rows], pa.string()),
                "correct": pa.array([one.correct for one in rows], pa.bool_()),
                "tied": [one.tied for one in rows],
                "fell_back": [one.fell_back for one in rows],
                "stopped_early": pa.array([one.stopped_early for one in rows], pa.bool_()),
                "calls": [one.spent.calls for one in rows],
                "new": [one.spent.new for one in rows],
                "tokens_in": [one.spent.tokens_in for one in rows],
                "tokens_out": [one.spent.tokens_out for one in rows],
                "reward_calls": [one.reward_spent.calls for one in rows],
                "reward_tokens_in": [one.reward_spent.tokens_in for one in rows],
                "reward_tokens_out": [one.reward_spent.tokens_out for one in rows],
                "cost": pa.array([_known(one.spent.cost) for one in rows], pa.float64()),
                "failed_calls": [sum(one.spent.failures.values()) for one in rows],
                "error": pa.array([one.error for one in rows], pa.string()),
            }
        )

    def __repr__(self) -> str:
        """Show accuracy, calls, and how it ended."""
        spent, accuracy = self.spent, self.accuracy()
        parts = [f"{self.strategy} on {self.model!r}: {len(self.questions)} questions"]
        if not isnan(accuracy.value):
            parts.append(f"accuracy {accuracy.value:.3f} [{accuracy.low:.3f}, {accuracy.high:.3f}]")
        parts.append(f"{spent.calls} calls ({spent.new} new)")
        if self.stopped_early is not None:
            parts.append(
                f"{self.stopped_early} stopped early, {self.mean_calls:.4g} calls a question"
            )
        parts.append(f"{spent.tokens_in + spent.tokens_out} tokens")
        if spent.cost > 0:
            parts.append(f"cost {spent.cost:.4g}")
        if self.stages:
            shares = (f"{one.questions} ({one.spent.calls} calls)" for one in self.stages)
            parts.append("questions by stage: " + ", ".join(shares))
        if self.failed:
            parts.append(f"{len(self.failed)} questions failed")
        if self.stopped is not None:
            parts.append(f"stopped: {self.stopped}")
        return f"RunResult({', '.join(parts)})"


def _known(value: float) -> float | None:
    return None if isnan(value) else value
