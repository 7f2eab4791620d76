"""A strategy over many questions: bounded in memory, resumable, usable whenever it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

from kcurve._validation import instance, positive_integer
from kcurve.errors import ArgumentError
from kcurve.strategies.crew import HOW_TO_GO_ON, Crew

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies.progress import Progress
    from kcurve.strategies.result import RunResult
    from kcurve.strategies.strategy import Strategy


async def run(
    strategy: Strategy,
    llm: LLM,
    questions: Iterable[Question],
    *,
    progress: Progress | None = None,
    at_once: int | None = None,
    rng: int = 0,
    stop: asyncio.Event | None = None,
) -> RunResult:
    """Run a strategy on many questions.

    Parameters
    ----------
    strategy : Strategy
        What is run: `Sampling`, `Greedy`, or anything that solves questions.
    llm : LLM
        The model, and the store. Whatever the store has is not paid for again, so running again continues a
        run that ended early, or one with smaller k.
    questions : iterable of Question
        They are taken one by one, when they are begun.
    progress : callable, optional
        Is told a `RunState` a few times a second, and at the end.
    at_once : int, optional
        How many questions are worked on at once. The default keeps the model's calls under way twice over.
    rng : int
        Decides ties.
    stop : asyncio.Event, optional
        Ends the run when set: no question is begun, no call is sent, calls under way are waited for as long
        as `LLM` waits for them when it is cancelled.

    Returns
    -------
    RunResult
        What became of every question, without the texts, which are in the store. A run that was stopped, or
        ran out of its budget, has those that were finished, and says why it ended.

    Raises
    ------
    Exception
        What taking the next question raises, after the questions under way are finished.
    CancelledError
        If the task is cancelled, with a note on how to go on.

    Notes
    -----
    A question that fails does not stop the others. What stops a run is a budget, a server that refuses (a
    wrong key, an unknown model), a store that cannot be written, or eight questions that failed with
    none solved. Memory is that of the questions under way, and about 500 bytes for each one done.
    """
    if at_once is not None:
        positive_integer("at_once", at_once)
    instance("rng", rng, int)
    crew = Crew(strategy, llm, questions, progress=progress, at_once=at_once, rng=rng)
    return await crew.run(stop)


def run_blocking(
    strategy: Strategy,
    llm: LLM,
    questions: Iterable[Question],
    *,
    progress: Progress | None = None,
    at_once: int | None = None,
    rng: int = 0,
    others: Iterable[LLM] = (),
) -> RunResult:
    """Run a strategy on many questions, from code without an event loop; see `run`.

    The connections of `llm` are closed at the end, and those of `others`, models that the strategy has of its own.
    Ctrl-C ends the run as ``stop`` does, and the result of what was finished is returned with
    ``stopped == "interrupted"``; a second Ctrl-C cuts off what is under way.

    Raises
    ------
    ArgumentError
        If an event loop is running, as in a notebook: use ``await run(...)`` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise ArgumentError("an event loop is running here, as in a notebook; use: await run(...)")

    async def within() -> RunResult:
        async with AsyncExitStack() as models:
            for model in (llm, *others):
                await models.enter_async_context(model)
            with _interrupts() as stop:
                return await run(
                    strategy,
                    llm,
                    questions,
                    progress=progress,
                    at_once=at_once,
                    rng=rng,
                    stop=stop,
                )

    return asyncio.run(within())


@contextmanager
def _interrupts() -> Iterator[asyncio.Event]:
    """Give an event that the first Ctrl-C sets; a second one cancels the task."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    this = asyncio.current_task()

    def interrupted() -> None:
        if stop.is_set() and this is not None:
            this.cancel()
        stop.set()

    # Elsewhere than in the main thread, and on Windows, Ctrl-C stays what it is.
    handles = threading.current_thread() is threading.main_thread() and sys.platform != "win32"
    if handles:
        loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield stop
    except asyncio.CancelledError:
        if stop.is_set():
            raise KeyboardInterrupt(HOW_TO_GO_ON) from None
        raise
    finally:
        if handles:
            loop.remove_signal_handler(signal.SIGINT)
