"""Strategies: rules driven live, call by call, over any OpenAI-compatible server.

Prompts
    `Template`; `STEP_BY_STEP`, `STEP_BY_STEP_CHOICES`, `REVIEW`, `REVIEW_STEP`
Who is asked, and how
    `Generator`, `Mixture`, `Verifier`, `StepVerifier`
"""

from kcurve.strategies.generator import Generator
from kcurve.strategies.mixture import Mixture
from kcurve.strategies.prompts import (
    REVIEW,
    REVIEW_STEP,
    STEP_BY_STEP,
    STEP_BY_STEP_CHOICES,
)
from kcurve.strategies.template import Template
from kcurve.strategies.verifier import StepVerifier, Verifier

__all__ = [
    "REVIEW",
    "REVIEW_STEP",
    "STEP_BY_STEP",
    "STEP_BY_STEP_CHOICES",
    "Generator",
    "Mixture",
    "StepVerifier",
    "Template",
    "Verifier",
]
