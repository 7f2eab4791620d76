"""When to stop drawing: adaptive rules for a vote, and their replay on a log.

Rules
    `AdaptiveConsistency`, `EarlyStopping`, `DifficultyAdaptive`, `BestOfInfinity`, `AnytimeValid`;
    what they have in common is `StoppingRule`; `RankedDifficulty` looks across questions
Replay
    `replay` on a log; `Replayed`, and its comparison with a fixed number of calls, `Saving`
"""

from kcurve.stopping.adaptive_consistency import AdaptiveConsistency
from kcurve.stopping.anytime_valid import AnytimeValid
from kcurve.stopping.best_of_infinity import BestOfInfinity
from kcurve.stopping.difficulty_adaptive import DifficultyAdaptive
from kcurve.stopping.early_stopping import EarlyStopping
from kcurve.stopping.ranked_difficulty import RankedDifficulty
from kcurve.stopping.replay import replay
from kcurve.stopping.replayed import Replayed
from kcurve.stopping.rule import ReplayableRule, StoppingRule
from kcurve.stopping.saving import Saving

__all__ = [
    "AdaptiveConsistency",
    "AnytimeValid",
    "BestOfInfinity",
    "DifficultyAdaptive",
    "EarlyStopping",
    "RankedDifficulty",
    "ReplayableRule",
    "Replayed",
    "Saving",
    "StoppingRule",
    "replay",
]
