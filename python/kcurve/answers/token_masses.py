"""Log-probabilities as servers send them: how probable tokens of one kind were against another."""

from __future__ import annotations

from math import exp, inf, isnan, nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def token_masses(logprobs: object, positive: Collection[str], negative: Collection[str]) -> float:
    """Return p / (p + q) at the last token that is positive or negative; NaN if there is none."""
    for token, value, others in _backwards(logprobs):
        if not isinstance(token, str) or token.strip() not in (*positive, *negative):
            continue
        alternatives = list(_alternatives(others))
        if all(text != token for text, _ in alternatives):
            alternatives.append((token, _logarithm(value)))
        sides = [
            [one for text, one in alternatives if text.strip() in side]
            for side in (positive, negative)
        ]
        most = max(-inf, *sides[0], *sides[1])
        if most == -inf:
            return nan
        # Relative to the greatest, so that nothing vanishes or overflows.
        p, q = (sum(exp(one - most) for one in side) for side in sides)
        return p / (p + q)
    return nan


def _backwards(logprobs: object) -> Iterator[tuple[object, object, object]]:
    """Yield each token with its log-probability and its alternatives, the last one first."""
    if not isinstance(logprobs, dict):
        return
    content = logprobs.get("content")
    if isinstance(content, list):
        for one in reversed(content):
            if isinstance(one, dict):
                yield one.get("token"), one.get("logprob"), one.get("top_logprobs")
        return
    tokens = _list(logprobs.get("tokens"))
    values = _list(logprobs.get("token_logprobs"))
    others = _list(logprobs.get("top_logprobs"))
    for place in reversed(range(len(tokens))):
        yield (
            tokens[place],
            values[place] if place < len(values) else None,
            others[place] if place < len(others) else None,
        )


def _alternatives(others: object) -> Iterator[tuple[str, float]]:
    """Yield the alternatives to a token, which are a list of entries, or a mapping."""
    if isinstance(others, dict):
        for token, value in others.items():
            if isinstance(token, str):
                yield token, _logarithm(value)
    for one in _list(others):
        if isinstance(one, dict) and isinstance(token := one.get("token"), str):
            yield token, _logarithm(one.get("logprob"))


def _logarithm(value: object) -> float:
    """Return a log-probability; one that is none is that of nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -inf
    try:
        found = float(value)
    except OverflowError:
        return -inf
    return -inf if isnan(found) or found == inf else found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
