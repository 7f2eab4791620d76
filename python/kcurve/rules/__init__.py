"""Rules: how a system turns the samples it drew into one score.

A rule is a frozen value: the same object describes a logged system to the estimators and a live
system to a driver. Each states its tie rule, what a sample without an answer counts for, and how
its calls are counted.

Ties for first place
    ``"split"`` (default) gives each tied answer an equal share of the credit, the expectation of a
    fair draw; ``"first"`` lets the tied answer that was drawn first win, which has the same
    expectation because draws are exchangeable; ``"wrong"`` scores a tie as 0.

Samples without an answer
    ``"ignore"`` (default): they are drawn, and paid for, but never win; a draw of nothing else
    scores 0. ``"vote"``: they vote for one more, wrong, answer. ``"drop"``: they are removed from
    the log before drawing, as if the call had never been made.
"""

from typing import TypeAlias

from kcurve.rules.best_of_n import BestOfN
from kcurve.rules.passing import GPassAtK, MeanAtK, PassAtK, PassHatK
from kcurve.rules.settings import CallAccounting, NoAnswer, Ties, Weight
from kcurve.rules.votes import FilterVote, Vote, WeightedVote

Rule: TypeAlias = (
    Vote | FilterVote | WeightedVote | BestOfN | PassAtK | PassHatK | MeanAtK | GPassAtK
)
"""Any rule."""

__all__ = [
    "BestOfN",
    "CallAccounting",
    "FilterVote",
    "GPassAtK",
    "MeanAtK",
    "NoAnswer",
    "PassAtK",
    "PassHatK",
    "Rule",
    "Ties",
    "Vote",
    "Weight",
    "WeightedVote",
]
