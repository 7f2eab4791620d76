"""Strategies: rules driven live, call by call, over any OpenAI-compatible server.

Prompts
    `Template`; `STEP_BY_STEP`, `STEP_BY_STEP_CHOICES`, `REVIEW`, `REVIEW_STEP`
Who is asked, and how
    `Generator`, `Mixture`, `Verifier`, `StepVerifier`
Strategies
    `Greedy`, `Sampling`; `Strategy` is what they have in common
One question
    ``await strategy.solve(llm, question)`` gives a `Solution` of `Candidate`; `Spent` is what it took
Many questions
    ``await run(...)`` or `run_blocking` gives a `RunResult` of `QuestionResult`, and reports `RunState`
What decides
    `decide`, `Decision`, `tie_draw`: pure
"""

from kcurve.prompts import Template
from kcurve.strategies.decision import Decision, decide, tie_draw
from kcurve.strategies.generator import Generator
from kcurve.strategies.greedy import Greedy
from kcurve.strategies.mixture import Mixture
from kcurve.strategies.progress import Progress, RunState
from kcurve.strategies.prompts import (
    REVIEW,
    REVIEW_STEP,
    STEP_BY_STEP,
    STEP_BY_STEP_CHOICES,
)
from kcurve.strategies.result import Accuracy, QuestionResult, RunResult
from kcurve.strategies.run import run, run_blocking
from kcurve.strategies.sampling import Sampling
from kcurve.strategies.solution import Candidate, Solution, Spent
from kcurve.strategies.strategy import Strategy
from kcurve.strategies.verifier import StepVerifier, Verifier

__all__ = [
    "REVIEW",
    "REVIEW_STEP",
    "STEP_BY_STEP",
    "STEP_BY_STEP_CHOICES",
    "Accuracy",
    "Candidate",
    "Decision",
    "Generator",
    "Greedy",
    "Mixture",
    "Progress",
    "QuestionResult",
    "RunResult",
    "RunState",
    "Sampling",
    "Solution",
    "Spent",
    "StepVerifier",
    "Strategy",
    "Template",
    "Verifier",
    "decide",
    "run",
    "run_blocking",
    "tie_draw",
]
