"""Inference scaling laws: what another LLM call buys, with honest error bars.

Logs
    `read_log`, `AnswerLog`, `scan_log`, `TalliedLog`, `example_log`
Rules
    `Vote`, `FilterVote`, `WeightedVote`, `BestOfN`, `PassAtK`, `PassHatK`, `GPassAtK`, `MeanAtK`
Curves
    `curve`, `Curve`, `Exact`, `Bootstrap`, `compare`, `difficulty`
Prediction beyond the samples
    `Posterior`, `fit`, `ExponentialLaw`; more laws in the module `kcurve.laws`
What is best for a budget
    `frontier`, `plan`; more in the module `kcurve.planning`
Live models
    `LLM`, `Question`; what asks them is in `kcurve.strategies` and `kcurve.networks`
Errors
    `KcurveError`, `ArgumentError`, `LogError`; all of them in `kcurve.errors`
Modules
    `kcurve.theory`: closed forms; `kcurve.simulate`: logs with known truth; `kcurve.learning`: how
    many samples a prediction needs; `kcurve.distributed`: many workers; `kcurve.datasets`: questions;
    `kcurve.answers`: from texts to answers; `kcurve.llm` and `kcurve.store`: models, and every response paid for;
    `kcurve.strategies` and `kcurve.networks`: systems of calls, run live; `kcurve.search` and `kcurve.rewards`:
    searches over trees of steps, and what scores the steps; `kcurve.cost`: tokens, FLOPs, money, time;
    `kcurve.stopping`: when a vote has seen enough; `kcurve.verifiers`: how good scores are, and what that
    allows; `kcurve.published`: the tables of a paper as data
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from kcurve._core import __version__
from kcurve.curve import Bootstrap, Curve, Exact, compare, curve, difficulty
from kcurve.errors import ArgumentError, KcurveError, LogError
from kcurve.log import AnswerLog, TalliedLog, example_log, read_log, scan_log
from kcurve.rules import (
    BestOfN,
    FilterVote,
    GPassAtK,
    MeanAtK,
    PassAtK,
    PassHatK,
    Vote,
    WeightedVote,
)

if _TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.laws import ExponentialLaw
    from kcurve.laws.fit import fit
    from kcurve.llm import LLM
    from kcurve.planning import frontier, plan
    from kcurve.posterior import Posterior

__all__ = [
    "LLM",
    "AnswerLog",
    "ArgumentError",
    "BestOfN",
    "Bootstrap",
    "Curve",
    "Exact",
    "ExponentialLaw",
    "FilterVote",
    "GPassAtK",
    "KcurveError",
    "LogError",
    "MeanAtK",
    "PassAtK",
    "PassHatK",
    "Posterior",
    "Question",
    "TalliedLog",
    "Vote",
    "WeightedVote",
    "__version__",
    "compare",
    "curve",
    "difficulty",
    "example_log",
    "fit",
    "frontier",
    "plan",
    "read_log",
    "scan_log",
]

# Names that are imported when they are first used, so that curves start fast.
_LATER = {
    "ExponentialLaw": "kcurve.laws",
    "LLM": "kcurve.llm",
    "Posterior": "kcurve.posterior",
    "Question": "kcurve.datasets",
    "fit": "kcurve.laws",
    "frontier": "kcurve.planning",
    "plan": "kcurve.planning",
}
_MODULES = (
    "answers",
    "cost",
    "datasets",
    "distributed",
    "errors",
    "laws",
    "learning",
    "llm",
    "networks",
    "planning",
    "posterior",
    "prompts",
    "published",
    "rewards",
    "search",
    "simulate",
    "stopping",
    "store",
    "strategies",
    "theory",
    "verifiers",
)


def __getattr__(name: str) -> _Any:  # noqa: ANN401 - of any type
    if name in _LATER:
        value = globals()[name] = getattr(_import_module(_LATER[name]), name)
        return value
    if name in _MODULES:
        return _import_module(f"kcurve.{name}")
    msg = f"module 'kcurve' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
