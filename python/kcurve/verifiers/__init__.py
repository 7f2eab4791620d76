"""How good a verifier is, and what its quality allows.

Quality
    `roc`, `calibration`, `recalibrated`
Ceilings
    `best_of_n_ceiling`, `filter_ceiling`, `plateau`, `accepting_best_of_n`
Turning down
    `over_optimisation`
Better verifiers against more samples
    `verifier_value`, `binormal_best_of_n`, `shifted`
"""

from kcurve.verifiers.best_of_n_ceiling import BestOfNCeiling, best_of_n_ceiling
from kcurve.verifiers.binormal import binormal_best_of_n
from kcurve.verifiers.calibration import Calibration, calibration
from kcurve.verifiers.filter_ceiling import FilterCeiling, filter_ceiling
from kcurve.verifiers.over_optimisation import OverOptimisation, QuestionDrop, over_optimisation
from kcurve.verifiers.plateau import accepting_best_of_n, plateau
from kcurve.verifiers.recalibration import recalibrated
from kcurve.verifiers.roc import OperatingPoint, Roc, roc
from kcurve.verifiers.shifted import shifted
from kcurve.verifiers.value_table import VerifierValue
from kcurve.verifiers.verifier_value import verifier_value

__all__ = [
    "BestOfNCeiling",
    "Calibration",
    "FilterCeiling",
    "OperatingPoint",
    "OverOptimisation",
    "QuestionDrop",
    "Roc",
    "VerifierValue",
    "accepting_best_of_n",
    "best_of_n_ceiling",
    "binormal_best_of_n",
    "calibration",
    "filter_ceiling",
    "over_optimisation",
    "plateau",
    "recalibrated",
    "roc",
    "shifted",
    "verifier_value",
]
