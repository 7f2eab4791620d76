"""The candidates of a run, and what a filter decided and a reward model gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kcurve.answers import Extractor
    from kcurve.store.scores import Scored, Scoring

_QUESTIONS = "SELECT DISTINCT question FROM links WHERE run = ? AND role = ? ORDER BY question"
_RANGES = """
SELECT candidate, stride, request, start, stop, json_extract(CAST(canonical AS TEXT), '$.model')
FROM links JOIN requests ON requests.id = request
WHERE run = ? AND question = ? AND role = ? ORDER BY start, candidate
"""
_DRAWN = """
SELECT sample, status, text, prompt_tokens, completion_tokens, cost, latency FROM responses
WHERE request = ? AND sample >= ? AND sample < ?
"""
# Neither failures nor decisions not to ask again are the last word: a later attempt may have succeeded.
_LOST = """
SELECT DISTINCT sample, 'failed' FROM attempts JOIN outcomes ON outcomes.attempt = attempts.id
WHERE request = ?1 AND sample >= ?2 AND sample < ?3 AND final AND kind <> 'ok'
UNION ALL
SELECT sample, 'unknown' FROM skips WHERE request = ?1 AND sample >= ?2 AND sample < ?3
"""


class Candidate(NamedTuple):
    """A candidate of a question.

    Attributes
    ----------
    number : int
        Its place among the candidates.
    status : str
        That of its sample.
    text : str or None
        What the model wrote.
    tokens_in, tokens_out : int or None
        Tokens.
    cost, latency : float or None
        Money, seconds.
    model : str
        Who wrote it.
    keep : bool or None
        What the filter decided; None without a filter.
    scored : Scored or None
        What a reward model gave; None without one.
    """

    number: int
    status: str
    text: str | None
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    latency: float | None
    model: str
    keep: bool | None = None
    scored: Scored | None = None


def candidates(
    connection: sqlite3.Connection,
    run: int,
    role: str,
    verdict: Extractor | None,
    scoring: Scoring | None,
) -> Iterator[tuple[int, list[Candidate]]]:
    """Yield the candidates of each question, in their order.

    Those still to be sampled are left out, and if there is a filter, whose verdicts `verdict` reads, also those
    that it has not judged yet; if there is a reward model, those that it has not scored yet.
    """
    for (question,) in connection.execute(_QUESTIONS, (run, role)):
        drawn = _drawn(connection, run, question, role)
        if verdict is not None:
            kept = _kept(connection, run, question, verdict)
            drawn = [
                one._replace(keep=one.text is not None and kept[one.number])
                for one in drawn
                if one.text is None or one.number in kept  # nothing to judge, or judged
            ]
        if scoring is not None:
            parts = scoring.parts(connection, run, question)
            scores = [scoring.scored(one.text, parts.get(one.number, {})) for one in drawn]
            drawn = [
                one._replace(scored=scored)
                for one, scored in zip(drawn, scores, strict=True)
                if scored is not None
            ]
        if drawn:
            yield question, drawn


def _drawn(connection: sqlite3.Connection, run: int, question: int, role: str) -> list[Candidate]:
    found: dict[int, Candidate] = {}
    for first, stride, request, start, stop, model in connection.execute(
        _RANGES, (run, question, role)
    ):
        span = (request, start, stop)
        # Ranges overlap where more was asked for later: a candidate is taken once.
        for index, status, text, *numbers in connection.execute(_DRAWN, span):
            number = first + (index - start) * stride
            tokens_in, tokens_out, cost, latency = numbers
            found[number] = Candidate(
                number, status, text, tokens_in, tokens_out, cost, latency, model
            )
        for index, status in connection.execute(_LOST, span):
            number = first + (index - start) * stride
            found.setdefault(number, Candidate(number, status, None, None, None, None, None, model))
    return [found[number] for number in sorted(found)]


def _kept(
    connection: sqlite3.Connection, run: int, question: int, verdict: Extractor
) -> dict[int, bool]:
    """Return the decision on each candidate whose verdicts are all there; those lost do not keep it."""
    kept: dict[int, bool] = {}
    pending = set()
    for candidate, _, request, start, stop, _ in connection.execute(
        _RANGES, (run, question, "filter")
    ):
        span = (request, start, stop)
        texts = {row[0]: row[2] for row in connection.execute(_DRAWN, span)}
        missing = stop - start - len(texts)
        if missing:
            lost = {index for index, _ in connection.execute(_LOST, span)} - texts.keys()
            texts |= dict.fromkeys(lost)
            if missing > len(lost):
                pending.add(candidate)
        favourable = all(text is not None and verdict(text) is not None for text in texts.values())
        kept[candidate] = kept.get(candidate, True) and favourable
    # One unfavourable verdict decides, whatever the others will be.
    return {
        candidate: decision
        for candidate, decision in kept.items()
        if candidate not in pending or not decision
    }
