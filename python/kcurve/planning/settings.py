"""Systems that are named by several settings: model and temperature, model and width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import instance
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.cost import CostModel
    from kcurve.planning.tabulation import Costs, System

    Settings = tuple[Any, ...]

_TAKEN = frozenset(
    {"system", "rule", "k", "cost", "cost_low", "cost_high", "accuracy", "low", "high"}
    | {"on_frontier", "probability"}
)


class SystemSettings(dict[str, dict[str, Any]]):
    """For every axis the value of each system, by the name of the system."""

    @classmethod
    def of(cls, axes: Sequence[str], settings: Sequence[object]) -> SystemSettings:
        """Name systems by their settings, one value for each axis.

        Raises
        ------
        ArgumentError
            If an axis has the name of another column, or settings are not one value for each axis.

        Examples
        --------
        >>> SystemSettings.of(("model", "temperature"), [("small", 0.7), ("small", 1.0)])
        {'model': {'small, temperature=0.7': 'small', 'small, temperature=1.0': 'small'}, \
'temperature': {'small, temperature=0.7': 0.7, 'small, temperature=1.0': 1.0}}
        """
        names = tuple(axes)
        for name in names:
            instance("an axis", name, str)
        if isinstance(axes, str) or not names or len(set(names)) < len(names):
            raise ArgumentError(f"axes must be different names, such as ('model',), got {axes!r}")
        taken = _TAKEN.intersection(names)
        if taken:
            raise ArgumentError(
                f"axes must not be called {min(taken)!r}: frontiers have such a column"
            )
        found = cls({name: {} for name in names})
        for each in settings:
            if not isinstance(each, tuple) or len(each) != len(names):
                raise ArgumentError(
                    f"systems must be named by a tuple of {', '.join(names)}; got {each!r}"
                )
            for name, value in zip(names, each, strict=True):
                found[name][label(names, each)] = value
        return found

    def column(self, axis: str, systems: Sequence[str]) -> NDArray[np.int64] | NDArray[np.float64]:
        """Return an axis as a column for points of these systems: numbers, or positions of values."""
        values = self[axis]
        if all(isinstance(value, int | float) for value in values.values()):
            return np.array([float(values[name]) for name in systems])
        place = {value: i for i, value in enumerate(dict.fromkeys(values.values()))}
        return np.array([place[values[name]] for name in systems])


def label(axes: Sequence[str], settings: Settings) -> str:
    """Return what a system of these settings is called: the first bare, the others with their axis."""
    rest = (f"{axis}={value}" for axis, value in zip(axes[1:], settings[1:], strict=True))
    return ", ".join([str(settings[0]), *rest])


def by_label(
    axes: Sequence[str], systems: Mapping[Any, System | Sequence[System]], cost: Costs
) -> tuple[dict[str, System | Sequence[System]], Costs]:
    """Return systems and costs by the names that the settings make.

    A cost may be given for all settings of a system or, as the same model at another temperature
    costs the same, for the value of the first axis.
    """
    named = {label(axes, each): system for each, system in systems.items()}
    if not isinstance(cost, Mapping):
        return named, cost
    given: Mapping[Any, CostModel] = cost
    keys = {each: each if each in given else each[0] for each in systems}
    return named, {label(axes, each): given[key] for each, key in keys.items() if key in given}
