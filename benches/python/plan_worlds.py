"""Systems with known truth that answer the same questions, to judge plans by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np
from kcurve.simulate import Distributions
from scipy.special import betaincinv, ndtr

if TYPE_CHECKING:
    from kcurve.rules import Rule
    from kcurve.simulate import Filter
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS = ("apart", "close", "saturated")
_NODES = 400
_VOTE = kc.Vote()


@dataclass(frozen=True)
class System:
    """Hard and easy questions, the chance of the right answer beta in either; three wrong answers."""

    hard: float
    easy_shapes: tuple[float, float]
    hard_shapes: tuple[float, float]
    wrong: Floats
    tokens: float
    loading: float

    def masses(self, kind: Floats, place: Floats) -> Floats:
        """Answer distributions at ranks of hardness in [0, 1]: of the kind, and within it."""
        right = np.where(
            kind < self.hard,
            betaincinv(*self.hard_shapes, place),
            betaincinv(*self.easy_shapes, place),
        )
        return np.concatenate([right[:, None], (1 - right)[:, None] * self.wrong], axis=1)

    def accuracy(
        self, k: NDArray[np.int64], rule: Rule = _VOTE, keep: Filter | None = None
    ) -> Floats:
        """Expected accuracy on a fresh question, by quadrature over the ranks."""
        ranks = (np.arange(_NODES) + 0.5) / _NODES
        parts = [
            Distributions(self.masses(np.full(_NODES, kind), ranks)).accuracy(rule, k, keep=keep)
            for kind in (0.0, 1.0)
        ]
        return np.asarray(self.hard * parts[0] + (1 - self.hard) * parts[1])


@dataclass(frozen=True)
class World:
    systems: dict[str, System]
    logs: dict[str, kc.AnswerLog]
    budget: float

    @classmethod
    def of(cls, seed: int, *, kind: str, questions: int, samples: int) -> World:
        """Draw two to four systems, a budget of tokens, and a log of each system.

        Systems are ``"apart"`` (drawn independently), ``"close"`` (one system, slightly changed), or
        ``"saturated"`` (close, and right on nearly all questions).
        """
        random = np.random.default_rng(seed)
        systems = [_system(random) for _ in range(random.integers(2, 5))]
        if kind != "apart":
            first = systems[0]
            systems = [
                _near(first, each, random, saturated=kind == "saturated") for each in systems
            ]
        named = {f"system {i}": each for i, each in enumerate(systems)}
        common = random.standard_normal((2, questions))
        logs = {name: _log(each, common, samples, random) for name, each in named.items()}
        prices = [each.tokens for each in systems]
        least = max(prices) * 8 if kind != "apart" else min(prices) * 1.5
        budget = np.exp(random.uniform(np.log(least), np.log(max(prices) * samples * 0.8)))
        return cls(named, logs, float(budget))


def _system(random: np.random.Generator) -> System:
    return System(
        hard=random.uniform(0.1, 0.6),
        easy_shapes=(random.uniform(2, 9), random.uniform(0.5, 3)),
        hard_shapes=(random.uniform(0.5, 3), random.uniform(1.5, 6)),
        wrong=np.sort(random.dirichlet(np.full(3, random.uniform(0.5, 4))))[::-1],
        tokens=float(np.exp(random.uniform(np.log(50), np.log(800)))),
        loading=random.uniform(0.5, 0.95),
    )


def _near(first: System, own: System, random: np.random.Generator, *, saturated: bool) -> System:
    easy, rest = (shape * np.exp(random.normal(0, 0.08)) for shape in first.easy_shapes)
    hard = first.hard + random.normal(0, 0.02)
    return replace(
        own,
        hard=float(abs(random.normal(0.02, 0.015)) if saturated else np.clip(hard, 0.02, 0.9)),
        easy_shapes=(easy * (4 if saturated else 1), rest),
        hard_shapes=first.hard_shapes,
        wrong=first.wrong,
    )


def _log(system: System, common: Floats, samples: int, random: np.random.Generator) -> kc.AnswerLog:
    questions = common.shape[1]
    own = np.sqrt(1 - system.loading**2)
    kind, place = ndtr(system.loading * common + own * random.standard_normal(common.shape))
    log = Distributions(system.masses(kind, place)).log(
        samples,
        rng=int(random.integers(2**32)),
        question=[f"{number:06d}" for number in range(questions)],
    )
    length = system.tokens * np.exp(0.5 * random.standard_normal(questions) - 0.125)
    tokens = np.repeat(length, samples) * random.gamma(4, 0.25, questions * samples)
    return replace(log, tokens_out=tokens)
