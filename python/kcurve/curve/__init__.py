"""Curves: the score of a rule against the number of calls, its bands, and what follows from them."""

from kcurve.curve.comparison import Comparison, compare
from kcurve.curve.difficulty import Difficulty, difficulty
from kcurve.curve.estimate import curve
from kcurve.curve.methods import Bootstrap, Exact
from kcurve.curve.result import Curve

__all__ = [
    "Bootstrap",
    "Comparison",
    "Curve",
    "Difficulty",
    "Exact",
    "compare",
    "curve",
    "difficulty",
]
