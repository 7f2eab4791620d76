"""Reward models: scores for responses (outcome) and for their steps (process), asked live.

What they have in common
    `Reward`, `Score`, `RewardKind`
"""

from kcurve.rewards.reward import Reward, RewardKind, Score

__all__ = ["Reward", "RewardKind", "Score"]
