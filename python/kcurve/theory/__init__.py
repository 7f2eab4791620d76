"""What follows from known answer distributions: exact votes, limits, rates."""

from kcurve.theory.plurality import filter_vote_accuracy, vote_accuracy

__all__ = ["filter_vote_accuracy", "vote_accuracy"]
