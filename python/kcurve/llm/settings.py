"""Whether the settings of an LLM are in their ranges, and fit each other."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.llm.retry import RetryPolicy
from kcurve.llm.scores import SCORING
from kcurve.llm.seeds import STRIDE

if TYPE_CHECKING:
    from kcurve.store.records import Asked


def check_settings(
    *,
    model: str,
    endpoint: Asked,
    concurrency: int,
    requests_per_minute: float | None,
    tokens_per_minute: float | None,
    timeout: float,
    retry: RetryPolicy,
    unknown: object,
    samples_per_request: int,
    grace: float,
) -> None:
    """Fail with ArgumentError at the first setting of an `LLM` that is wrong."""
    if not model:
        raise ArgumentError("model must be the name of a model, got ''")
    choice("endpoint", endpoint, ("chat", "completions", *SCORING))
    positive_integer("concurrency", concurrency)
    for name, rate in (
        ("requests_per_minute", requests_per_minute),
        ("tokens_per_minute", tokens_per_minute),
    ):
        if rate is not None:
            number_between(name, rate, 0, inf, low_excluded=True)
    number_between("timeout", timeout, 0, inf, low_excluded=True)
    number_between("grace", grace, 0, inf)
    instance("retry", retry, RetryPolicy)
    if not callable(unknown):
        choice("unknown", unknown, ("resend", "skip"))
    positive_integer("samples_per_request", samples_per_request)
    if samples_per_request > STRIDE:
        raise ArgumentError(
            f"samples_per_request must be at most {STRIDE}, the distance of the seeds of neighbouring "
            f"samples, got {samples_per_request}"
        )
    if endpoint in SCORING and samples_per_request > 1:
        raise ArgumentError(
            f"endpoint {endpoint!r} returns the numbers of one input: samples_per_request must be 1, "
            f"got {samples_per_request}"
        )
