"""The scores of the paths of one question: each asked for once."""

from __future__ import annotations

import asyncio
from math import isfinite, nan
from typing import TYPE_CHECKING

from kcurve.errors import LLMError
from kcurve.store.records import Purpose

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards import Score
    from kcurve.store.records import Sample
    from kcurve.strategies.drawing import Place
    from kcurve.strategies.tree_search import TreeSearch


class PathScores:
    """Asks for the scores of paths, equal ones once.

    Parameters
    ----------
    strategy : TreeSearch
        Its reward, and what becomes of a missing score.
    llm : LLM
        The model of a reward without one of its own.
    question : Question
        What is asked.
    place : Place
        Where the calls belong.

    Attributes
    ----------
    samples : list of Sample
        The calls.
    """

    def __init__(self, strategy: TreeSearch, llm: LLM, question: Question, *, place: Place) -> None:
        self.samples: list[Sample] = []
        self._reward = strategy.reward
        self._missing = strategy.missing
        self._llm = llm
        self._question = question
        self._place = place
        self._asked: dict[object, asyncio.Future[Score]] = {}

    async def score(self, node: int, path: tuple[str, ...], text: str) -> float:
        """Return the score of a path, the steps of `text`; NaN if there is none, and its node is to be dropped.

        Raises
        ------
        LLMError
            If the server refuses, or there is no score and that is to be an error.
        """
        score = await self._shared(node, path, text)
        if isfinite(score.value):
            return score.value
        if self._missing == "error":
            raise LLMError(
                f"step {len(path)} of a response to question {self._question.id!r} has no score "
                f"({score.reason or 'the reward gave none'}); use missing='drop', or a number that stands in",
                kind="no_score",
            )
        return nan if self._missing == "drop" else self._missing

    async def _shared(self, node: int, path: tuple[str, ...], text: str) -> Score:
        key: object = text if self._reward.kind == "outcome" else path
        shared = self._asked.get(key)
        if shared is not None:
            # Whoever asked ends by itself when all are cancelled.
            return await asyncio.shield(shared)
        shared = self._asked[key] = asyncio.get_running_loop().create_future()
        purpose = Purpose(self._place.run, self._place.question, "reward", node)
        try:
            score = await self._reward.score(self._llm, self._question, path, purpose=purpose)
        except Exception as error:
            shared.set_exception(error)
            shared.exception()  # those who share it raise it; there may be none
            raise
        except asyncio.CancelledError:
            shared.cancel()
            raise
        shared.set_result(score)
        self.samples += score.samples
        return score
