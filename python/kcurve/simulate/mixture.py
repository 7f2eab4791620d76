"""Mixed populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import instance
from kcurve.errors import ArgumentError
from kcurve.simulate.populations import Population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Weighted = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Mixture(Population):
    """Questions of several populations, mixed by chance: difficulty with several modes.

    Parameters
    ----------
    parts : sequence of populations
        What is mixed.
    shares : sequence of float
        The chance of each, above 0; they sum to 1.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BetaQuestions, Mixture
    >>> two_modes = Mixture([BetaQuestions(a=12, b=2), BetaQuestions(a=2, b=8)], [0.6, 0.4])
    >>> two_modes.accuracy(kc.Vote(), [1, 3]).round(4)
    array([0.5943, 0.6081])
    """

    parts: tuple[Population, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the parts."""
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "shares", tuple(map(float, self.shares)))
        for part in self.parts:
            instance("parts", part, Population)
        fits = len(self.parts) == len(self.shares) > 0
        if not fits or min(self.shares) <= 0 or abs(sum(self.shares) - 1) > 1e-9:
            msg = (
                f"shares must be {len(self.parts)} numbers above 0 that sum to 1, got {self.shares}"
            )
            raise ArgumentError(msg)

    def draw(self, questions: int, random: np.random.Generator) -> Floats:
        """Draw answer distributions, padded with answers of probability 0."""
        kind = random.choice(len(self.parts), questions, p=np.array(self.shares) / sum(self.shares))
        drawn = [part.draw(questions, random) for part in self.parts]
        answers = max(each.shape[1] for each in drawn)
        stacked = np.stack([_padded(each, answers) for each in drawn])
        return np.asarray(stacked[kind, np.arange(questions)])

    def representatives(self, degree: int) -> Weighted | None:
        """Return those of all parts, if all have them."""
        found = [part.representatives(degree) for part in self.parts]
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return None
        answers = max(p.shape[1] for p, _ in known)
        return (
            np.concatenate([_padded(p, answers) for p, _ in known]),
            np.concatenate([share * w for share, (_, w) in zip(self.shares, known, strict=True)]),
        )


def _padded(p: Floats, answers: int) -> Floats:
    return np.pad(p, [(0, 0), (0, answers - p.shape[1])])
