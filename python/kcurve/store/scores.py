"""The scores of the candidates of a run, read from what a reward model answered."""

from __future__ import annotations

from math import fsum, isfinite, nan, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kcurve.errors import StoreError
from kcurve.store.runs import described

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from kcurve.answers import ScoreReader

_WHOLE = -1
"""The place of a score that is for all of a response."""

_ROLES = """
SELECT role, candidate, request, start, stop FROM links
WHERE run = ? AND question = ? AND (role = 'reward' OR role GLOB 'reward.*')
"""
_ANSWERED = """
SELECT sample, text, logprobs FROM responses WHERE request = ? AND sample >= ? AND sample < ?
"""
# As for candidates: what failed may have succeeded later, and then has a response.
_LOST = """
SELECT sample FROM attempts JOIN outcomes ON outcomes.attempt = attempts.id
WHERE request = ?1 AND sample >= ?2 AND sample < ?3 AND final AND kind <> 'ok'
UNION SELECT sample FROM skips WHERE request = ?1 AND sample >= ?2 AND sample < ?3
"""
_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "last": lambda scores: scores[-1],
    "min": min,
    "prod": prod,
    "mean": lambda scores: fsum(scores) / len(scores),
}

Parts = dict[int, float | None]
"""The scores of a candidate by step, or of all of it; NaN if missing, None if still to come."""


class Scored(NamedTuple):
    """The score of a candidate, and those of its steps if these were scored."""

    score: float
    steps: tuple[float, ...] | None = None


class Scoring(NamedTuple):
    """How the scores of a run are read.

    Attributes
    ----------
    read : ScoreReader
        What reads a score from an answer of the reward model.
    aggregation : str
        How the scores of steps become one.
    step_end : str or None
        What stands between the steps of a response; None if the run does not say.
    votes : int
        How many answers make one score.
    """

    read: ScoreReader
    aggregation: str
    step_end: str | None
    votes: int

    def parts(self, connection: sqlite3.Connection, run: int, question: int) -> Mapping[int, Parts]:
        """Return the scores of each candidate of a question that somebody has asked for."""
        answers: dict[tuple[int, int], dict[tuple[int, int], float | None]] = {}
        for role, candidate, request, start, stop in connection.execute(_ROLES, (run, question)):
            place = role.removeprefix("reward").removeprefix(".")
            if place and not place.isdecimal():
                continue
            own = answers.setdefault((candidate, int(place or _WHOLE)), {})
            span = (request, start, stop)
            found = {
                index: self._value(text, logprobs)
                for index, text, logprobs in connection.execute(_ANSWERED, span)
            }
            if len(found) < stop - start:
                lost = {index: nan for (index,) in connection.execute(_LOST, span)}
                found = lost | found
            own |= {(request, index): found.get(index) for index in range(start, stop)}
        parts: dict[int, Parts] = {}
        for (candidate, place), own in answers.items():
            parts.setdefault(candidate, {})[place] = self._mean(list(own.values()))
        return parts

    def scored(self, text: str | None, parts: Parts) -> Scored | None:
        """Return the score of a candidate with this text; None if it is still to come."""
        if not text:
            return Scored(nan)  # there is nothing to score
        if not parts:
            return None
        if _WHOLE in parts:
            value = parts[_WHOLE]
            return None if value is None else Scored(value)
        number = max(parts) + 1
        if self.step_end is not None:
            number = _steps(text, self.step_end)
        steps = []
        for step in range(number):
            value = parts.get(step)
            if value is None:
                return None
            steps.append(value)
        value = _AGGREGATES[self.aggregation](steps) if all(map(isfinite, steps)) else nan
        return Scored(value if isfinite(value) else nan, tuple(steps))

    def _value(self, text: str | None, logprobs: bytes | None) -> float:
        if text is None:
            return nan
        value = self.read(text, None if logprobs is None else msgspec.json.decode(logprobs))
        return value if isfinite(value) else nan

    def _mean(self, values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        if len(known) < max(len(values), self.votes):
            return None
        return fsum(known) / len(known) if all(map(isfinite, known)) else nan


def _steps(text: str, end: str) -> int:
    """Count the steps of a text that is not empty; what holds nothing but space is no step of its own."""
    *ended, rest = text.split(end)
    return max(1, sum(bool((part + end).strip()) for part in ended) + bool(rest.strip()))


def scoring_of(told: Mapping[str, Any], score: ScoreReader | None) -> Scoring | None:
    """Return how the scores of the run that is described so are read; None if it has none.

    Raises
    ------
    ArgumentError
        If they are read by a function of the user's own, and it is not passed.
    StoreError
        If its steps are put together in a way that is not known.
    """
    reward = told.get("reward")
    if reward is None or (score is None and told.get("score") is None):
        return None
    aggregation = told.get("aggregation") or "last"
    if aggregation not in _AGGREGATES:
        raise StoreError(
            f"the run aggregates step scores by {aggregation!r}, which this version does not know; "
            f"it knows {', '.join(_AGGREGATES)}"
        )
    votes = reward.get("votes") if isinstance(reward, dict) else None
    return Scoring(
        score or described(dict(told), "score"),
        aggregation,
        told.get("step_end"),
        votes if isinstance(votes, int) else 1,
    )
