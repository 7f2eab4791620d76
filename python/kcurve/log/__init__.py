"""Answer logs: which answers were sampled for which question, and which are correct."""

from kcurve.log.answer_log import AnswerLog
from kcurve.log.columns import Categorical, StepScores
from kcurve.log.examples import example_log
from kcurve.log.files import read_log
from kcurve.log.scan import scan_log
from kcurve.log.strings import OptionalStrings, Strings
from kcurve.log.summary import LogSummary
from kcurve.log.tabular import Columns
from kcurve.log.tallied_log import TalliedLog

__all__ = [
    "AnswerLog",
    "Categorical",
    "Columns",
    "LogSummary",
    "OptionalStrings",
    "StepScores",
    "Strings",
    "TalliedLog",
    "example_log",
    "read_log",
    "scan_log",
]
