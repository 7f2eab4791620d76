"""Searches over trees of reasoning steps: pure, with ask and tell, and a state to be saved at any point."""

from kcurve.search.allocation import rebase_widths

__all__ = ["rebase_widths"]
