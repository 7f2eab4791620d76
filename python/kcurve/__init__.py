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

from kcurve._core import __version__
from kcurve.curve import Bootstrap, Comparison, Curve, Difficulty, Exact, compare, curve, difficulty
from kcurve.errors import ArgumentError, KcurveError, LogError, MissingColumnError, WorkerError
from kcurve.laws import ExponentialLaw, fit
from kcurve.log import AnswerLog, TalliedLog, example_log, read_log, scan_log
from kcurve.posterior import Posterior
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
