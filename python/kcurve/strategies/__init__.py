"""Strategies: rules driven live, call by call, over any OpenAI-compatible server.

Prompts
    `Template`; `STEP_BY_STEP`, `STEP_BY_STEP_CHOICES`, `PARAGRAPH_BY_PARAGRAPH`, `REVIEW`, `REVIEW_STEP`
Who is asked, and how
    `Generator`, `Mixture`, `StepGenerator`, `Verifier`, `StepVerifier`; reward models are in `kcurve.rewards`
Strategies
    `Greedy`, `Sampling`, `Cascade`, `TreeSearch`; `Strategy` is what they have in common
One question
    ``await strategy.solve(llm, question)`` gives a `Solution` of `Candidate`; `Spent` is what it took
Many questions
    ``await run(...)`` or `run_blocking` gives a `RunResult` of `QuestionResult` (and `StageResult`), and reports `RunState`; a search reports `SearchProgress`
Before anything is sent
    `expected_cost`: what a question will cost, or at most; `ExpectedCost`
What decides
    `decide`, `Decision`, `tie_draw`: pure
"""

from kcurve.prompts import Template
from kcurve.strategies.accuracy import Accuracy
from kcurve.strategies.cascade import Cascade
from kcurve.strategies.decision import Decision, decide, tie_draw
from kcurve.strategies.forecast import ExpectedCost, expected_cost
from kcurve.strategies.generator import Generator
from kcurve.strategies.greedy import Greedy
from kcurve.strategies.mixture import Mixture
from kcurve.strategies.progress import Progress, RunState
from kcurve.strategies.prompts import (
    PARAGRAPH_BY_PARAGRAPH,
    REVIEW,
    REVIEW_STEP,
    STEP_BY_STEP,
    STEP_BY_STEP_CHOICES,
)
from kcurve.strategies.question_result import QuestionResult, StageResult
from kcurve.strategies.result import RunResult
from kcurve.strategies.run import run, run_blocking
from kcurve.strategies.sampling import Sampling
from kcurve.strategies.search_progress import SearchProgress
from kcurve.strategies.solution import Candidate, Solution, Spent
from kcurve.strategies.step_generator import StepGenerator
from kcurve.strategies.strategy import Strategy
from kcurve.strategies.tree_search import TreeSearch
from kcurve.strategies.verifier import StepVerifier, Verifier

__all__ = [
    "PARAGRAPH_BY_PARAGRAPH",
    "REVIEW",
    "REVIEW_STEP",
    "STEP_BY_STEP",
    "STEP_BY_STEP_CHOICES",
    "Accuracy",
    "Candidate",
    "Cascade",
    "Decision",
    "ExpectedCost",
    "Generator",
    "Greedy",
    "Mixture",
    "Progress",
    "QuestionResult",
    "RunResult",
    "RunState",
    "Sampling",
    "SearchProgress",
    "Solution",
    "Spent",
    "StageResult",
    "StepGenerator",
    "StepVerifier",
    "Strategy",
    "Template",
    "TreeSearch",
    "Verifier",
    "decide",
    "expected_cost",
    "run",
    "run_blocking",
    "tie_draw",
]
