"""Reward models: scores for responses (outcome) and for their steps (process), asked live.

What they have in common
    `Reward`, `Score`, `RewardKind`
Reward models
    `PromptedReward` (a model that judges), `ServerReward` (one that returns numbers), `FunctionReward`,
    `ProgramTests` (programs run with their tests)
Prompts
    `JUDGE_RESPONSE`, `JUDGE_STEP`
Scores of whole responses
    `response_scores`, `ResponseScore`, `split_steps`, `aggregated`, `Aggregation`
Missing scores
    `Missing`, `completed_scores`, `check_missing`
"""

from typing import TYPE_CHECKING

from kcurve.rewards.aggregation import AGGREGATIONS, Aggregation, aggregated
from kcurve.rewards.function import FunctionReward
from kcurve.rewards.missing import Missing, check_missing, completed_scores
from kcurve.rewards.program_tests import LastFencedBlock, ProgramTests
from kcurve.rewards.prompted import PromptedReward
from kcurve.rewards.prompts import JUDGE_RESPONSE, JUDGE_STEP
from kcurve.rewards.reward import Reward, RewardKind, Score
from kcurve.rewards.scoring import ResponseScore, response_scores
from kcurve.rewards.server import ServerReward
from kcurve.rewards.steps import split_steps

if TYPE_CHECKING:
    _REWARDS: tuple[type[Reward], ...] = (
        FunctionReward,
        ProgramTests,
        PromptedReward,
        ServerReward,
    )

__all__ = [
    "AGGREGATIONS",
    "JUDGE_RESPONSE",
    "JUDGE_STEP",
    "Aggregation",
    "FunctionReward",
    "LastFencedBlock",
    "Missing",
    "ProgramTests",
    "PromptedReward",
    "ResponseScore",
    "Reward",
    "RewardKind",
    "Score",
    "ServerReward",
    "aggregated",
    "check_missing",
    "completed_scores",
    "response_scores",
    "split_steps",
]
