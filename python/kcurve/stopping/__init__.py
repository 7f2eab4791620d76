"""When to stop drawing: adaptive rules for a vote, and their replay on a log."""

from kcurve.stopping.adaptive_consistency import AdaptiveConsistency
from kcurve.stopping.anytime_valid import AnytimeValid
from kcurve.stopping.best_of_infinity import BestOfInfinity
from kcurve.stopping.difficulty_adaptive import DifficultyAdaptive
from kcurve.stopping.early_stopping import EarlyStopping
from kcurve.stopping.rule import StoppingRule

__all__ = [
    "AdaptiveConsistency",
    "AnytimeValid",
    "BestOfInfinity",
    "DifficultyAdaptive",
    "EarlyStopping",
    "StoppingRule",
]
