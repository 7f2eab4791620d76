"""What may be compared: systems by name, their rules, their costs, their questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from kcurve._validation import instance
from kcurve.cost import CostModel
from kcurve.curve import Curve
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import Rule
from kcurve.stopping import ReplayableRule, Replayed

System: TypeAlias = AnswerLog | TalliedLog | Curve | Replayed
"""What one system may be given as."""

Systems: TypeAlias = "AnswerLog | TalliedLog | Mapping[str, System | Sequence[System]]"
"""Systems by name; a log of several models is a system for each of them."""

Costs: TypeAlias = CostModel | Mapping[str, CostModel]
"""One cost model for all systems, or one for each by name."""

Rules: TypeAlias = Rule | ReplayableRule | Iterable[Rule | ReplayableRule]
"""One or several rules; a stopping rule is replayed."""


def named_systems(systems: Systems) -> dict[str, list[System]]:
    """Return what each system was given as, by name."""
    if isinstance(systems, AnswerLog | TalliedLog):
        codes, names = systems.model.codes, systems.model.names
        return {
            names[code] or "log": [systems.select(questions=codes == code)]
            for code in np.unique(codes)
        }
    instance("systems", systems, Mapping)
    if not systems:
        raise ArgumentError("systems must name at least one system, got none")
    named: dict[str, list[System]] = {}
    for name, entry in systems.items():
        entries = list(entry) if isinstance(entry, Sequence) else [entry]
        for one in entries:
            instance(f"system {name!r}", one, AnswerLog, TalliedLog, Curve, Replayed)
        named[str(name)] = entries
    return named


def cost_models(cost: Costs, named: Mapping[str, object]) -> dict[str, CostModel]:
    """Return the cost model of each system; all have one unit."""
    if not isinstance(cost, Mapping):
        instance("cost", cost, CostModel)
        return dict.fromkeys(named, cost)
    missing = [name for name in named if name not in cost]
    if missing:
        raise ArgumentError(
            f"cost has no model for system {missing[0]!r}; it has models for "
            f"{', '.join(map(repr, cost)) or 'none'}: give one for each, or one for all"
        )
    units = {cost[name].unit for name in named}
    if len(units) > 1:
        raise ArgumentError(
            f"the costs of all systems must have one unit, got {' and '.join(sorted(units))}"
        )
    return {name: cost[name] for name in named}


def question_keys(log: AnswerLog | TalliedLog) -> list[tuple[str, str]]:
    """Return data set and id of each question."""
    names = log.dataset.names
    return [(names[code], text) for code, text in zip(log.dataset.codes, log.question, strict=True)]


def question_clusters(log: AnswerLog | TalliedLog) -> list[str | None]:
    """Return the name of the cluster of each question; None without clusters."""
    if log.cluster is None:
        return [None] * log.n_questions
    return [log.cluster.names[code] for code in log.cluster.codes]
