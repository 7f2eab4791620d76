"""Whether a rule, and what judges and scores candidates for it, fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve._validation import choice, instance
from kcurve.errors import ArgumentError
from kcurve.rewards import AGGREGATIONS, check_missing
from kcurve.rules import FilterVote, Vote
from kcurve.strategies.verifier import StepVerifier, Verifier

if TYPE_CHECKING:
    from kcurve.rewards import Aggregation, Missing, Reward
    from kcurve.rules import Rule


def check_verifier(rule: Rule, verifier: object) -> None:
    """Fail unless a verifier is there, and of use, or neither.

    Raises
    ------
    ArgumentError
        If Filter-Vote has none, another rule has one, or it makes more calls than the rule counts.
    """
    if not isinstance(rule, FilterVote) or rule.threshold is not None:
        if verifier is not None:
            name = type(rule).__name__
            raise ArgumentError(f"{name} has no use for a verifier; pass FilterVote() as the rule")
        return
    if verifier is None:
        raise ArgumentError(
            "Filter-Vote needs a verifier; pass verifier=Verifier(), or a reward and FilterVote(threshold=...)"
        )
    instance("verifier", verifier, Verifier, StepVerifier)
    if isinstance(verifier, StepVerifier) and rule.calls == "paper":
        raise ArgumentError(
            "a verifier of steps makes a call for each, so that k cannot buy pairs of calls; "
            "use FilterVote(calls='candidates')"
        )


def check_use_of_reward(rule: Rule, reward: Reward) -> None:
    """Fail unless the rule decides by scores, and counts the calls that they take.

    Raises
    ------
    ArgumentError
        If it does not.
    """
    if isinstance(rule, Vote) or (isinstance(rule, FilterVote) and rule.threshold is None):
        raise ArgumentError(
            f"{type(rule).__name__} has no use for a reward; "
            "pass BestOfN(), WeightedVote() or FilterVote(threshold=...) as the rule"
        )
    makes_several = reward.kind == "process" or getattr(reward, "votes", 1) > 1
    if isinstance(rule, FilterVote) and rule.calls == "paper" and makes_several:
        raise ArgumentError(
            "this reward makes several calls for a candidate, so that k cannot buy pairs of calls; "
            "use FilterVote(calls='candidates')"
        )


def check_scoring(reward: object, aggregation: Aggregation, missing: Missing) -> None:
    """Fail unless it is a reward model, and these are policies.

    Raises
    ------
    ArgumentError
        If one of them is not.
    """
    if not callable(getattr(reward, "score", None)) or not hasattr(reward, "kind"):
        raise ArgumentError(
            "reward must be a reward model of kcurve.rewards, such as PromptedReward(...), "
            f"got {reward!r:.80}"
        )
    choice("aggregation", aggregation, AGGREGATIONS)
    check_missing(missing)
