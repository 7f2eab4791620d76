"""How many samples per question a prediction needs: prediction error on held-out samples."""

from kcurve.learning.estimate import learning_curve
from kcurve.learning.predictors import FlatCurve, FromPosterior, PlugIn
from kcurve.learning.result import LearningCurve

__all__ = ["FlatCurve", "FromPosterior", "LearningCurve", "PlugIn", "learning_curve"]
