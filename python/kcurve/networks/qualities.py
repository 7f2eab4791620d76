"""Known qualities of nodes: what may be given, checked and in the form that is computed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.networks.nodes import Enhance, Filter, Generate, Select
from kcurve.networks.selectors import FullList, Majority
from kcurve.simulate import Filter as KeepRates
from kcurve.theory import OddsQuality, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from kcurve.networks.network import Network
    from kcurve.networks.nodes import Node

    Floats = NDArray[np.float64]

ShareQuality: TypeAlias = "Callable[[Floats], ArrayLike]"
"""The chance that a right candidate is named, as a function of the share that is right."""

Quality: TypeAlias = "ArrayLike | Step | KeepRates | ShareQuality"
"""How good a node is; which of these, depends on the node."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Qualities:
    """Qualities by the name of the node, checked.

    Attributes
    ----------
    answers : dict of float64 [Q, A]
        Of generators: the probability of each answer, the right one first, at every question.
    steps, keeps, chances, shares : dict
        Of enhancers, filters, selectors between two, and selectors from a list.
    """

    answers: dict[str, Floats]
    steps: dict[str, Step]
    keeps: dict[str, KeepRates]
    chances: dict[str, float]
    shares: dict[str, ShareQuality]

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return len(next(iter(self.answers.values())))

    @property
    def alphabet(self) -> int:
        """How many answers there are, the right one included: at least 2."""
        return int(next(iter(self.answers.values())).shape[1])


def checked(network: Network, qualities: Mapping[str, Quality]) -> Qualities:
    """Return the qualities of the nodes of a network.

    Raises
    ------
    ArgumentError
        If one is missing, too much, or out of range.
    """
    names = [node.name for node in network.nodes]
    for name in qualities:
        if name not in names:
            listed = ", ".join(map(repr, names))
            raise ArgumentError(
                f"the quality of {name!r} is of none of the nodes {listed}; use one of these names"
            )
    found = Qualities({}, {}, {}, {}, {})
    for node in network.nodes:
        if _without_quality(node):
            if node.name in qualities:
                raise ArgumentError(
                    f"node {node.name!r} is a Majority, which has no quality; leave its quality out"
                )
        elif node.name not in qualities:
            raise ArgumentError(f"node {node.name!r} has no quality; give {_WANTED[type(node)]}")
        else:
            _add(found, node, qualities[node.name])
    found.answers.update(_same_shape(found.answers))
    return found


_WANTED = {
    Generate: "the chance that a candidate is right, or the probabilities of answers",
    Enhance: "a kcurve.theory.Step",
    Filter: "a kcurve.simulate.Filter",
    Select: "the chance that it prefers the right one of two",
}


def _without_quality(node: Node) -> bool:
    return isinstance(node, Select) and isinstance(node.by, Majority)


def _add(found: Qualities, node: Node, given: Quality) -> None:
    name = node.name
    if isinstance(node, Generate):
        found.answers[name] = _answers(name, given)
    elif isinstance(node, Enhance):
        if not isinstance(given, Step):
            raise _wrong(node, given)
        found.steps[name] = given
    elif isinstance(node, Filter):
        if not isinstance(given, KeepRates):
            raise _wrong(node, given)
        found.keeps[name] = given
    elif isinstance(node.by, FullList) and callable(given):
        found.shares[name] = given
    else:
        number_between(f"the quality of {name!r}", given, 0, 1)
        chance = float(given)  # type: ignore[arg-type] # it is a number
        if isinstance(node.by, FullList):
            found.shares[name] = _odds(chance)
        else:
            found.chances[name] = chance


def _wrong(node: Node, given: object) -> TypeError:
    return TypeError(
        f"the quality of {node.name!r} must be {_WANTED[type(node)]}, got {given!r:.80}"
    )


def _odds(s: float) -> ShareQuality:
    """Return the odds quality, whose limits at s = 0 and s = 1 are steps."""
    if 0 < s < 1:
        return OddsQuality(s)
    return lambda f: (np.asarray(f) > 0) * 1.0 if s else (np.asarray(f) >= 1) * 1.0


def _answers(name: str, given: Quality) -> Floats:
    message = (
        f"the quality of {name!r} must be a chance in [0, 1], or probabilities of answers [A] or "
        f"[questions, A] that sum to at most 1, got {given!r:.80}"
    )
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(message) from None
    if values.ndim == 0:
        values = np.array([values, 1 - values])
    values = np.atleast_2d(values)
    too_much = values.sum(axis=-1) > 1 + _ROUNDING
    if values.ndim > 2 or values.size == 0 or not (values >= 0).all() or too_much.any():
        raise ArgumentError(message)
    return values


def _same_shape(answers: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return probabilities of the same questions and answers, absent answers with probability 0."""
    questions = max(values.shape[0] for values in answers.values())
    alphabet = max(2, *(values.shape[1] for values in answers.values()))
    shaped = {}
    for name, values in answers.items():
        if values.shape[0] not in (1, questions):
            raise ArgumentError(
                f"the quality of {name!r} has {values.shape[0]} questions, another has {questions}; "
                "give all of them the same questions, or one"
            )
        wide = np.pad(values, ((0, 0), (0, alphabet - values.shape[1])))
        shaped[name] = np.broadcast_to(wide, (questions, alphabet))
    return shaped
