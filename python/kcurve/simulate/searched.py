"""What searches brought in a simulated world, question by question."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.rules import BestOfN, MeanAtK, PassAtK, Vote, WeightedVote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.rules import Rule
    from kcurve.search import Aggregation, Search

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_CREDITS: dict[Rule, str] = {
    Vote(): "vote",
    WeightedVote(): "weighted_vote",
    BestOfN(): "best_of_n",
    PassAtK(): "any_right",
    MeanAtK(): "share_right",
}


_COUNTS = ("solutions", "cut", "steps", "tokens")


class Estimate(NamedTuple):
    """A mean over questions, and a normal interval for it.

    Attributes
    ----------
    value : float
        The mean.
    low, high : float
        Limits of the interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Searched:
    """The outcomes of a search on the questions of a `StepWorld`; all arrays are [questions, runs].

    Attributes
    ----------
    search : Search
        The settings.
    aggregation : str
        How the rewards of a path became its score.
    rng : int
        The seed.
    vote, weighted_vote, best_of_n : float64
        Credit of the rules over the solutions, ties shared; 0 without a solution. The weights of the weighted vote
        are the scores.
    any_right : float64
        Whether any solution is right.
    share_right : float64
        Share of the solutions that is right; NaN if there is none.
    solutions, cut : int64
        Paths that came to their end, and those that a limit cut.
    steps : int64
        Steps made, each of which the reward model scored once.
    tokens : int64
        Tokens of all steps, pruned ones included.
    """

    search: Search
    aggregation: Aggregation
    rng: int
    vote: Floats
    weighted_vote: Floats
    best_of_n: Floats
    any_right: Floats
    share_right: Floats
    solutions: Integers
    cut: Integers
    steps: Integers
    tokens: Integers

    @property
    def mean_tokens(self) -> float:
        """Tokens of a search, on average."""
        return float(self.tokens.mean())

    def accuracy(self, rule: Rule, *, level: float = 0.95) -> Estimate:
        """Return the share of questions that a rule over the solutions answers rightly.

        Parameters
        ----------
        rule : Vote, WeightedVote, BestOfN, PassAtK or MeanAtK
            What decides, with the rule's default settings.
        level : float
            Confidence of the interval, for questions and luck like these.
        """
        return _mean(self._credit(rule).mean(axis=1), level)

    def difference(self, other: Searched, rule: Rule, *, level: float = 0.95) -> Estimate:
        """Return how much more accurate this search is than another one on the same questions, paired.

        Raises
        ------
        ArgumentError
            If the two are of different questions, runs or seeds.
        """
        if self.tokens.shape != other.tokens.shape or self.rng != other.rng:
            raise ArgumentError(
                f"the searches must have the same questions, runs and seed, got {self.tokens.shape} "
                f"with rng={self.rng} and {other.tokens.shape} with rng={other.rng}"
            )
        own, others = self._credit(rule), other._credit(rule)
        return _mean((own - others).mean(axis=1), level)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values; a share that some question has none of is None."""
        return {
            "search": repr(self.search),
            "aggregation": self.aggregation,
            "rng": self.rng,
            "questions": self.tokens.shape[0],
            "runs": self.tokens.shape[1],
            **{name: _plain(getattr(self, name)) for name in _CREDITS.values()},
            **{f"mean_{name}": float(np.mean(getattr(self, name))) for name in _COUNTS},
        }

    def to_arrow(self) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return a pyarrow table with a row for each question and run.

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        """
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - optional, and heavy

        questions, runs = self.tokens.shape
        return pa.table(
            {
                "question": np.repeat(np.arange(questions), runs),
                "run": np.tile(np.arange(runs), questions),
                **{name: getattr(self, name).ravel() for name in (*_CREDITS.values(), *_COUNTS)},
            }
        )

    def __repr__(self) -> str:
        """Show the accuracies and the tokens."""
        accuracies = ", ".join(
            f"{rule.label} {self.accuracy(rule).value:.3f}"
            for rule in (Vote(), WeightedVote(), BestOfN())
        )
        questions, runs = self.tokens.shape
        return (
            f"Searched({self.search.label}: {accuracies}; {self.mean_tokens:.0f} tokens; "
            f"questions={questions}, runs={runs})"
        )

    def _credit(self, rule: Rule) -> Floats:
        name = _CREDITS.get(rule)
        if name is None:
            known = ", ".join(type(one).__name__ for one in _CREDITS)
            raise ArgumentError(
                f"rule must be one of {known}, with its default settings, got {rule!r}"
            )
        credit: Floats = getattr(self, name)
        return credit


def _plain(values: Floats) -> float | None:
    mean = float(values.mean())
    return None if isnan(mean) else mean


def _mean(values: Floats, level: float) -> Estimate:
    number_between("level", level, 0, 1, low_excluded=True)
    z = NormalDist().inv_cdf((1 + min(level, 1 - 1e-15)) / 2)
    value = float(values.mean())
    n = len(values)
    half = z * float(values.std(ddof=1)) / sqrt(n) if n > 1 else float("nan")
    return Estimate(value, value - half, value + half)
