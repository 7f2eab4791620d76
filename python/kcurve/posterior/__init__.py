"""What few samples tell of every question, and what rules will score with more."""

from kcurve.posterior.posterior import Posterior
from kcurve.posterior.prediction import Prediction, QuestionPredictions

__all__ = ["Posterior", "Prediction", "QuestionPredictions"]
