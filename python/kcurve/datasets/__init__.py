"""Questions, and where to get them."""

from kcurve.datasets.question import Question

__all__ = ["Question"]
