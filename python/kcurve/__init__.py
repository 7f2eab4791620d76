"""Inference scaling laws: what another LLM call buys, with honest error bars.

Logs
    `read_log`, `AnswerLog`, `scan_log`, `TalliedLog`, `example_log`
Rules
    `Vote`, `FilterVote`, `WeightedVote`, `BestOfN`, `PassAtK`, `PassHatK`, `GPassAtK`, `MeanAtK`
Curves
    `curve`, `Curve`, `Exact`, `Bootstrap`, `compare`, `Comparison`, `difficulty`, `Difficulty`
Prediction beyond the samples
    `Posterior`, `fit`, `ExponentialLaw`; more laws in the module `kcurve.laws`
Errors
    `KcurveError`, `ArgumentError`, `LogError`, `MissingColumnError`, `WorkerError`
Modules
    `kcurve.theory`: closed forms; `kcurve.simulate`: logs with known truth; `kcurve.learning`: how
    many samples a prediction needs; `kcurve.distributed`: many workers
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from kcurve._core import __version__
from kcurve.curve import Bootstrap, Comparison, Curve, Difficulty, Exact, compare, curve, difficulty
from kcurve.errors import ArgumentError, KcurveError, LogError, MissingColumnError, WorkerError
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
    from kcurve.laws import ExponentialLaw
    from kcurve.laws.fit import fit
    from kcurve.posterior import Posterior

__all__ = [
    "AnswerLog",
    "ArgumentError",
    "BestOfN",
    "Bootstrap",
    "Comparison",
    "Curve",
    "Difficulty",
    "Exact",
    "ExponentialLaw",
    "FilterVote",
    "GPassAtK",
    "KcurveError",
    "LogError",
    "MeanAtK",
    "MissingColumnError",
    "PassAtK",
    "PassHatK",
    "Posterior",
    "TalliedLog",
    "Vote",
    "WeightedVote",
    "WorkerError",
    "__version__",
    "compare",
    "curve",
    "difficulty",
    "example_log",
    "fit",
    "read_log",
    "scan_log",
]

# Names that are imported when they are first used, so that curves start fast.
_LATER = {"ExponentialLaw": "kcurve.laws", "fit": "kcurve.laws", "Posterior": "kcurve.posterior"}
_MODULES = ("distributed", "laws", "learning", "posterior", "simulate", "theory")


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
