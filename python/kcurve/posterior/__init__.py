"""What few samples tell of every question, and what rules will score with more."""

from kcurve.posterior.describe import PopulationSummary, QuestionAnswers
from kcurve.posterior.posterior import Posterior
from kcurve.posterior.prediction import Prediction, QuestionPredictions

__all__ = [
    "PopulationSummary",
    "Posterior",
    "Prediction",
    "QuestionAnswers",
    "QuestionPredictions",
]
