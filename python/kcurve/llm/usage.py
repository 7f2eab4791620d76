"""Tokens of a response: the spellings of servers brought to one, each token counted once."""

from __future__ import annotations

import msgspec

from kcurve.store.records import Usage


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class ReportedUsage(msgspec.Struct):
    """The field ``usage`` of a response, in the spellings known."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    reasoning_tokens: int | None = None
    prompt_cache_hit_tokens: int | None = None
    cached_tokens: int | None = None


NO_USAGE = Usage()


def normalised(reported: ReportedUsage | None) -> Usage:
    """Return the tokens a server reported, each counted once.

    Reasoning is part of the completion, and cached tokens of the prompt. A server whose total is prompt,
    completion and reasoning together has left the reasoning out of the completion: there it is added. Negative
    counts are taken as not reported.

    Examples
    --------
    >>> normalised(
    ...     ReportedUsage(
    ...         prompt_tokens=10, completion_tokens=5, total_tokens=25, reasoning_tokens=10
    ...     )
    ... )
    Usage(prompt=10, completion=15, reasoning=10, cached=None)
    """
    if reported is None:
        return NO_USAGE
    prompt, completion = _count(reported.prompt_tokens), _count(reported.completion_tokens)
    details = reported.completion_tokens_details
    reasoning = _first(details.reasoning_tokens if details else None, reported.reasoning_tokens)
    if (
        reasoning
        and prompt is not None
        and completion is not None
        and reported.total_tokens == prompt + completion + reasoning
    ):
        completion += reasoning
    cached = _first(
        reported.prompt_tokens_details.cached_tokens if reported.prompt_tokens_details else None,
        reported.prompt_cache_hit_tokens,
        reported.cached_tokens,
    )
    return Usage(
        prompt,
        completion,
        reasoning if reasoning is None or completion is None else min(reasoning, completion),
        cached if cached is None or prompt is None else min(cached, prompt),
    )


def shared(usage: Usage, n: int) -> list[Usage]:
    """Return the usage of a request for n samples as n parts, as even as integers allow, that add up to it."""
    if n == 1:
        return [usage]
    parts = [
        [None] * n if total is None else [(total + n - 1 - i) // n for i in range(n)]
        for total in (usage.prompt, usage.completion, usage.reasoning, usage.cached)
    ]
    return [Usage(*part) for part in zip(*parts, strict=True)]


def _count(tokens: int | None) -> int | None:
    return tokens if tokens is not None and tokens >= 0 else None


def _first(*tokens: int | None) -> int | None:
    return next((count for count in map(_count, tokens) if count is not None), None)
