"""What no path of a search may exceed."""

from __future__ import annotations

from dataclasses import dataclass

from kcurve._validation import positive_integer


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of paths; what reaches one without an answer is cut, and uses up its share of the budget.

    Parameters
    ----------
    depth : int
        The most steps of a path.
    step_tokens : int, optional
        The most tokens of a step; a step that reaches it ends there, and its path goes on.
    path_tokens : int, optional
        The most tokens of all steps of a path together.

    Examples
    --------
    Those of Wu et al., arXiv 2408.00724, appendix:

    >>> Limits(depth=25, step_tokens=256, path_tokens=1024)
    Limits(depth=25, step_tokens=256, path_tokens=1024)
    """

    depth: int = 25
    step_tokens: int | None = None
    path_tokens: int | None = None

    def __post_init__(self) -> None:
        """Check that all are at least 1."""
        positive_integer("depth", self.depth)
        for name in ("step_tokens", "path_tokens"):
            if (limit := getattr(self, name)) is not None:
                positive_integer(name, limit)

    @property
    def core(self) -> tuple[int, int | None, int | None]:
        """The limits as the core takes them."""
        return self.depth, self.step_tokens, self.path_tokens
