"""Points: what every system, rule and number of calls scores and costs, question by question."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import instance, number_between, positive_integer
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draws = tuple[Floats, Floats]

_BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """Uncertainty of the scores of some points that their spread over questions does not show.

    Attributes
    ----------
    points : int64 [m]
        Which points.
    covariance : float64 [m, m]
        Covariance of their mean scores.
    """

    points: NDArray[np.int64]
    covariance: Floats


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Points:
    """Systems under rules and numbers of calls, with what each scores and costs on every question.

    Made by `points`. Arrays are read-only; a NaN score says that the system lacks the question.

    Attributes
    ----------
    system : tuple of str [P]
        The name of the system: a model, a prompt, a temperature.
    rule : tuple [P]
        The rule of each point: a rule of `kcurve.rules`, or a stopping rule.
    k : int64 [P]
        Numbers of calls, as the rule counts them; under a stopping rule the most.
    score : float64 [Q, P]
        Expected score of each question.
    cost : float64 [Q, P]
        Expected cost of each question, judging included where it was asked for.
    reward_cost : float64 [Q, P]
        The part of it that judging and scoring take.
    question : tuple of (str, str) [Q]
        Data set and id of each question.
    unit_of : int64 [Q]
        Which independent unit each question belongs to: itself, or its cluster.
    cost_unit : str
        What costs are counted in.
    noise : tuple of Noise
        Uncertainty of predicted scores besides their spread over questions.
    """

    system: tuple[str, ...]
    rule: tuple[Any, ...]
    k: NDArray[np.int64]
    score: Floats
    cost: Floats
    reward_cost: Floats
    question: tuple[tuple[str, str], ...]
    unit_of: NDArray[np.int64]
    cost_unit: str
    noise: tuple[Noise, ...] = field(default=())

    def __post_init__(self) -> None:
        """Make the arrays read-only, and check that shapes agree."""
        expected = (len(self.question), len(self.k))
        for name in ("score", "cost", "reward_cost"):
            values = getattr(self, name)
            if values.shape != expected:
                raise ArgumentError(f"{name} must be of shape {expected}, got {values.shape}")
            values.setflags(write=False)
        if len(self.unit_of) != len(self.question) or not (
            len(self.system) == len(self.rule) == len(self.k)
        ):
            raise ArgumentError(
                f"every question needs a unit and every point a system and a rule, got "
                f"{len(self.unit_of)} units, {len(self.system)} systems and {len(self.rule)} rules"
            )
        self.k.setflags(write=False)
        self.unit_of.setflags(write=False)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.k)

    @property
    def n_questions(self) -> int:
        """The number of questions that any system has."""
        return len(self.question)

    @property
    def systems(self) -> tuple[str, ...]:
        """The names of the systems, each once."""
        return tuple(dict.fromkeys(self.system))

    @cached_property
    def accuracy(self) -> Floats:
        """Mean score of each point over its questions, float64 [P]."""
        return np.asarray(np.nanmean(self.score, axis=0))

    @cached_property
    def mean_cost(self) -> Floats:
        """Mean cost of each point over its questions, float64 [P]."""
        return np.asarray(np.nanmean(self.cost, axis=0))

    def label(self, point: int) -> str:
        """Return what a point is called in tables.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import points
        >>> points({"codex": kc.example_log()}, k=[1, 5]).label(1)
        'codex, maj@k, k=5'
        """
        return f"{self.system[point]}, {self.rule[point].label}, k={self.k[point]}"

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.integer]) -> Points:
        """Return only some of the points, by a mask or by position; all questions stay."""
        kept = np.arange(len(self))[chosen]
        place = np.full(len(self), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        noise = []
        for each in self.noise:
            inside = place[each.points] >= 0
            if inside.any():
                noise.append(
                    Noise(
                        points=place[each.points[inside]],
                        covariance=each.covariance[np.ix_(inside, inside)],
                    )
                )
        return Points(
            system=tuple(self.system[i] for i in kept),
            rule=tuple(self.rule[i] for i in kept),
            k=self.k[kept],
            score=self.score[:, kept],
            cost=self.cost[:, kept],
            reward_cost=self.reward_cost[:, kept],
            question=self.question,
            unit_of=self.unit_of,
            cost_unit=self.cost_unit,
            noise=tuple(noise),
        )

    def joined(self, other: Points) -> Points:
        """Return these points and more of the same questions.

        Raises
        ------
        ArgumentError
            If the others are of other questions, or cost something else.
        """
        if self.question != other.question or not np.array_equal(self.unit_of, other.unit_of):
            raise ArgumentError("points can be joined only if they are of the same questions")
        if self.cost_unit != other.cost_unit:
            raise ArgumentError(
                f"points must have one unit of cost, got {self.cost_unit} and {other.cost_unit}"
            )
        shifted = tuple(
            Noise(points=each.points + len(self), covariance=each.covariance)
            for each in other.noise
        )
        return Points(
            system=self.system + other.system,
            rule=self.rule + other.rule,
            k=np.concatenate([self.k, other.k]),
            score=np.concatenate([self.score, other.score], axis=1),
            cost=np.concatenate([self.cost, other.cost], axis=1),
            reward_cost=np.concatenate([self.reward_cost, other.reward_cost], axis=1),
            question=self.question,
            unit_of=self.unit_of,
            cost_unit=self.cost_unit,
            noise=self.noise + shifted,
        )

    def draws(self, n: int, *, rng: int = 0) -> Draws:
        """Draw what accuracy and mean cost on fresh questions may be, jointly for all points.

        Parameters
        ----------
        n : int
            How many draws, R.
        rng : int
            Seed.

        Returns
        -------
        accuracy, cost : float64 [R, P]
            Means over questions under random weights: the same weights for every point, so that
            differences between points are paired.

        Notes
        -----
        The Bayesian bootstrap: each independent unit weighs as much as an exponential draw. For
        the mean of unbiased estimates its variance is that over fresh questions sampled as often,
        so that it holds the noise of few samples too. Predicted scores add a normal draw with their
        own covariance. Scores are cut to [0, 1].

        References
        ----------
        Rubin, "The Bayesian Bootstrap", 1981.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import points
        >>> accuracy, cost = points({"codex": kc.example_log()}, k=[1, 5]).draws(1000)
        >>> accuracy.shape, accuracy.mean(axis=0).round(2)
        ((1000, 2), array([0.8 , 0.86]))
        """
        positive_integer("n", n)
        instance("rng", rng, int)
        number_between("rng", rng, 0, 2**64 - 1)
        found = self._last_draws.get((n, rng))
        if found is None:
            found = self._drawn(n, rng)
            self._last_draws.clear()
            self._last_draws[n, rng] = found
        return found

    @cached_property
    def _last_draws(self) -> dict[tuple[int, int], Draws]:
        """The draws asked for last: frontiers are asked for one plan after the other."""
        return {}

    def _drawn(self, n: int, rng: int) -> Draws:
        present = ~np.isnan(self.score)
        complete = bool(present.all())
        score, cost = np.where(present, self.score, 0.0), np.where(present, self.cost, 0.0)
        units = int(self.unit_of.max()) + 1
        random = np.random.default_rng([rng, 0])
        accuracy, costs = np.empty((n, len(self))), np.empty((n, len(self)))
        for start in range(0, n, _BLOCK):
            rows = slice(start, min(start + _BLOCK, n))
            weights = random.standard_exponential((rows.stop - start, units))[:, self.unit_of]
            weight = weights.sum(axis=1, keepdims=True) if complete else weights @ present
            accuracy[rows] = weights @ score / weight
            costs[rows] = weights @ cost / weight
        for number, noise in enumerate(self.noise):
            accuracy[:, noise.points] += _normal(noise.covariance, n, [rng, 1, number])
        np.clip(accuracy, 0.0, 1.0, out=accuracy)
        accuracy.setflags(write=False)
        costs.setflags(write=False)
        return accuracy, costs

    def __repr__(self) -> str:
        """Show what there is."""
        systems = ", ".join(self.systems[:4]) + (", ..." if len(self.systems) > 4 else "")
        return f"Points({len(self)} points of {systems}; {self.n_questions} questions, {self.cost_unit})"


def _normal(covariance: Floats, n: int, seed: list[int]) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    return np.asarray(np.random.default_rng(seed).standard_normal((n, len(root))) @ root.T)
