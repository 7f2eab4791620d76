"""Reward models: scores for responses (outcome) and for their steps (process), asked live.

What they have in common
    `Reward`, `Score`, `RewardKind`
Reward models
    `PromptedReward` (a model that judges), `FunctionReward`, `ProgramTests` (programs run with their tests)
Prompts
    `JUDGE_RESPONSE`, `JUDGE_STEP`
"""

from kcurve.rewards.function import FunctionReward
from kcurve.rewards.program_tests import LastFencedBlock, ProgramTests
from kcurve.rewards.prompted import PromptedReward
from kcurve.rewards.prompts import JUDGE_RESPONSE, JUDGE_STEP
from kcurve.rewards.reward import Reward, RewardKind, Score

__all__ = [
    "JUDGE_RESPONSE",
    "JUDGE_STEP",
    "FunctionReward",
    "LastFencedBlock",
    "ProgramTests",
    "PromptedReward",
    "Reward",
    "RewardKind",
    "Score",
]
