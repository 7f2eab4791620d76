"""Sampling from any OpenAI-compatible server."""

from kcurve.llm.parameters import Parameters

__all__ = ["Parameters"]
