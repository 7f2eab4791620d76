"""Workers on the questions of a run, and the books they keep together."""

from __future__ import annotations

import asyncio
from collections.abc import Sized
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from kcurve.errors import BudgetError, LLMError, StoreError
from kcurve.strategies.drawing import OF_ONE_PROMPT
from kcurve.strategies.progress import RunState
from kcurve.strategies.question_result import QuestionResult, question_result
from kcurve.strategies.result import RunResult
from kcurve.strategies.solution import Spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.llm.account import Account
    from kcurve.strategies.progress import Progress
    from kcurve.strategies.result import Stop
    from kcurve.strategies.solution import Solution
    from kcurve.strategies.strategy import Strategy

TICK = 0.2
"""Seconds between two reports of progress."""

FUTILE = 8
"""A run of which so many questions have failed, and none was solved, is stopped."""

_NO_CANDIDATE = "no_candidate"

_OF_THE_QUESTION = frozenset({*OF_ONE_PROMPT, _NO_CANDIDATE, "no_score"})
"""What is wrong with a single question."""

HOW_TO_GO_ON = "run it again with the same store to go on: what is stored is not paid for again"
"""What to tell whoever ends a run early."""


class Crew:
    """Workers that take questions from one iterator."""

    def __init__(
        self,
        strategy: Strategy,
        llm: LLM,
        questions: Iterable[Question],
        *,
        progress: Progress | None,
        at_once: int | None,
        rng: int,
    ) -> None:
        self._strategy = strategy
        self._llm = llm
        self._questions: Iterator[tuple[int, Question]] = enumerate(iter(questions))
        self._dataset: str | None = getattr(questions, "name", None)
        self._total = len(questions) if isinstance(questions, Sized) else None
        self._progress = progress
        each = max(1, strategy.calls_per_question)
        self._at_once = at_once or -(-2 * llm.concurrency // each) + 2
        self._rng = rng
        self._row: int | None = None
        self._done: list[tuple[int, QuestionResult]] = []
        self._failed = self._correct = self._graded = 0
        self._stopped: Stop | None = None
        self._reason: str | None = None
        self._error: Exception | None = None
        self._began = monotonic()
        self._before: Account = llm.account
        self._workers: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event | None) -> RunResult:
        """Work until all questions are done, `stop` is set, or nothing more can be gained."""
        workers = {asyncio.create_task(self._work()) for _ in range(self._at_once)}
        self._workers = workers
        others: set[asyncio.Task[None]] = set()
        if stop is not None:
            others.add(asyncio.create_task(self._watch(stop)))
        if self._progress is not None:
            others.add(asyncio.create_task(self._report(self._progress)))
        try:
            await self._finished(workers, others)
        except asyncio.CancelledError as error:
            error.add_note(HOW_TO_GO_ON)
            self._stop("interrupted", "interrupted")
            try:
                await asyncio.wait(workers)
            except asyncio.CancelledError:
                self._stop("interrupted", "interrupted")
                await asyncio.wait(workers)
            raise
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        if self._error is not None:
            raise self._error
        if self._progress is not None:
            self._progress(self._state())
        return self._result()

    async def _finished(
        self, workers: set[asyncio.Task[None]], others: set[asyncio.Task[None]]
    ) -> None:
        """Wait for all workers; an error of what watches them is one of the run."""
        pending = set(workers)
        watching = set(others)
        while pending:
            done, _ = await asyncio.wait(pending | watching, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            for task in done & watching:
                watching.discard(task)
                if (error := task.exception()) is not None:
                    self._fail(error)

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop("interrupted", "interrupted")

    async def _report(self, progress: Progress) -> None:
        while True:
            progress(self._state())
            await asyncio.sleep(TICK)

    async def _work(self) -> None:
        # A cancelled worker has nothing more to say: its samples are in the store, or journalled.
        with suppress(asyncio.CancelledError):
            while self._stopped is None and self._error is None:
                try:
                    number, question = next(self._questions)
                except StopIteration:
                    return
                except Exception as error:  # noqa: BLE001 - raised by `run`, once all workers are done
                    self._fail(error)
                    return
                await self._solve(number, question)
                # One that is in the store costs no wait, and the others want their turn.
                await asyncio.sleep(0)

    async def _solve(self, number: int, question: Question) -> None:
        try:
            if self._row is None:
                dataset = question.dataset if self._dataset is None else self._dataset
                description = self._strategy.description(self._llm, dataset)
                self._row = self._llm.store.run(description)
            solution = await self._strategy.solve(self._llm, question, rng=self._rng, run=self._row)
        except BudgetError as error:
            self._stop("budget", f"{error}")
        except StoreError as error:
            self._stop("store", f"{error}; mend the store, then {HOW_TO_GO_ON}")
        except LLMError as error:
            kind = getattr(error, "kind", None) or "refused"
            if kind in _OF_THE_QUESTION:
                self._fail_question(number, question, kind, error)
            else:
                self._stop("refused", f"{error}; then {HOW_TO_GO_ON}")
        except Exception as error:  # noqa: BLE001 - of this question alone, as far as can be known
            self._fail_question(number, question, type(error).__name__, error)
        else:
            statuses = {candidate.status for candidate in solution.candidates}
            if statuses and statuses <= {"failed", "unknown"}:
                self._fail_question(number, question, _NO_CANDIDATE, _calls_that_failed(solution))
                return
            self._done.append((number, question_result(solution)))
            if solution.correct is not None:
                self._graded += 1
                self._correct += solution.correct

    def _fail_question(
        self, number: int, question: Question, kind: str, error: Exception | str
    ) -> None:
        message = " ".join(str(error).split())
        failed = QuestionResult(
            question.id,
            question.dataset,
            None,
            None,
            tied=False,
            fell_back=False,
            spent=Spent(),
            error=f"{kind}: {message}",
        )
        self._done.append((number, failed))
        self._failed += 1
        if self._failed == len(self._done) == FUTILE:
            self._stop("refused", f"the first {FUTILE} questions failed, the last with: {message}")

    def _stop(self, why: Stop, reason: str) -> None:
        """Begin no question any more; unless others may yet fit into a budget, send nothing any more."""
        if self._stopped is None:
            self._stopped = why
            self._reason = f"{reason}; {HOW_TO_GO_ON}" if why == "interrupted" else reason
        if why == "budget":
            return
        current = asyncio.current_task()
        for task in self._workers:
            if task is not current:
                task.cancel()  # the LLM lets calls under way end

    def _fail(self, error: BaseException) -> None:
        if self._error is None and isinstance(error, Exception):
            self._error = error

    def _state(self) -> RunState:
        now, before = self._llm.account, self._before
        failures = {
            kind: count - before.failed.get(kind, 0)
            for kind, count in now.failed.items()
            if count > before.failed.get(kind, 0)
        }
        return RunState(
            done=len(self._done),
            total=self._total,
            failed=self._failed,
            correct=self._correct,
            graded=self._graded,
            calls=now.sent - before.sent,
            stored=now.stored - before.stored,
            tokens=now.prompt + now.completion - before.prompt - before.completion,
            money=now.money - before.money,
            failures=failures,
            seconds=monotonic() - self._began,
            stopping=self._stopped,
        )

    def _result(self) -> RunResult:
        account = self._llm.account
        return RunResult(
            strategy=_named(self._strategy),
            model=self._llm.model,
            run=self._row,
            questions=tuple(result for _, result in sorted(self._done, key=lambda one: one[0])),
            stopped=self._stopped,
            reason=self._reason,
            seconds=monotonic() - self._began,
            sent=account.sent - self._before.sent,
            retried=account.retried - self._before.retried,
            _store=self._llm.store,
            _log_settings=_log_settings(self._strategy),
        )


def _named(strategy: Strategy) -> str:
    """Return what a strategy is called in a summary, such as maj@8."""
    return str(getattr(strategy, "label", type(strategy).__name__))


def _log_settings(strategy: Strategy) -> Mapping[str, Any] | None:
    """Return how the store's texts become a log, as the strategy says; None if they cannot."""
    settings = getattr(strategy, "log_settings", None)
    return {} if settings is None else settings()


def _calls_that_failed(solution: Solution) -> str:
    failures = ", ".join(f"{count} {kind}" for kind, count in solution.spent.failures.items())
    return f"none of its {len(solution.candidates)} candidates could be drawn ({failures})"
