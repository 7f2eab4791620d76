"""`frontier`: compare systems, rules and numbers of calls by accuracy and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.cost import Calls
from kcurve.curve.bands import critical_value, proportion_interval
from kcurve.errors import ArgumentError
from kcurve.planning.envelope import unbeaten
from kcurve.planning.frontiers import Frontier
from kcurve.planning.points import Points
from kcurve.planning.settings import SystemSettings, by_label
from kcurve.planning.tabulation import points
from kcurve.rules import Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from kcurve.planning.systems import Costs, Rules, Systems

    Floats = NDArray[np.float64]


def frontier(
    systems: Systems | Points,
    *,
    cost: Costs = Calls(),  # noqa: B008 - frozen
    rules: Rules = Vote(),  # noqa: B008 - frozen
    k: int | Iterable[int] | None = None,
    beyond: bool = False,
    include_reward: bool = True,
    axes: Sequence[str] = (),
    level: float = 0.95,
    resamples: int = 2000,
    rng: int = 0,
) -> Frontier:
    """Compare systems, rules and numbers of calls by accuracy and cost; find those no other beats.

    Parameters
    ----------
    systems : mapping of str to AnswerLog, TalliedLog or Curve; or Points
        Systems by name: models, prompts, temperatures. See `points`. A table of points is taken as
        it is, and `cost`, `rules`, `k`, `beyond` and `include_reward` are not used.
    cost : CostModel or mapping of str to CostModel
        What calls cost, for all systems or for each by name.
    rules, k, beyond, include_reward
        Which points there are; see `points`.
    axes : sequence of str
        Names of the settings that systems differ in, such as ``("model", "temperature")``: systems
        are then named by tuples of them, and exports have a column for each. A cost may be given by
        the first setting alone.
    level : float
        Probability of the intervals.
    resamples : int
        Draws that probabilities and intervals are made of.
    rng : int
        Seed. The same seed gives the same frontier.

    Returns
    -------
    Frontier

    Raises
    ------
    ArgumentError
        If a setting is out of range.
    MissingColumnError
        If a rule or a cost model needs a column that a log lacks.

    Notes
    -----
    One point beats another if it costs no more and scores no less, one of them strictly. Samples cost
    different amounts, so that costs are drawn together with accuracies: the same random weights of
    the questions for all points (`Points.draws`). Probabilities are about fresh questions. Intervals of
    accuracies are Wilson's at the effective number of questions, as those of curves; of costs,
    quantiles of the draws.

    The cost is that of the curves, and about 0.2 microseconds for each draw and point.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.planning import frontier
    >>> found = frontier({"codex": kc.example_log()}, k=[1, 2, 3, 10])
    >>> [found.points.label(i) for i in found.members]
    ['codex, maj@k, k=1', 'codex, maj@k, k=2', 'codex, maj@k, k=3', 'codex, maj@k, k=10']

    Systems of several settings, from a log of each:

    >>> logs = {("codex", 0.7): kc.example_log(), ("codex", 0.9): kc.example_log()}
    >>> frontier(logs, axes=("model", "temperature"), k=[1]).points.systems
    ('codex, temperature=0.7', 'codex, temperature=0.9')
    """
    number_between("level", level, 0.5, 1 - 1e-12)
    positive_integer("resamples", resamples)
    settings = SystemSettings()
    if axes:
        if not isinstance(systems, Mapping):
            raise ArgumentError(f"axes need a mapping of systems by tuples, got {systems!r:.80}")
        settings = SystemSettings.of(axes, list(systems))
        systems, cost = by_label(axes, systems, cost)
    table = (
        systems
        if isinstance(systems, Points)
        else points(
            systems,
            rules=rules,
            k=k,
            cost=cost,
            include_reward=include_reward,
            beyond=beyond,
            rng=rng,
        )
    )
    accuracy, costs = table.draws(resamples, rng=rng)
    outside = (1 - level) / 2
    low, high = _limits(table, accuracy, level)
    cost_low, cost_high = np.quantile(costs, [outside, 1 - outside], axis=0)
    on = np.flatnonzero(unbeaten(table.accuracy[None], table.mean_cost[None])[0])
    return Frontier(
        points=table,
        members=on[np.argsort(table.mean_cost[on], kind="stable")],
        probability=unbeaten(accuracy, costs).mean(axis=0),
        low=low,
        high=high,
        cost_low=cost_low,
        cost_high=cost_high,
        level=level,
        accuracy_draws=accuracy,
        cost_draws=costs,
        rng=rng,
        axes=settings,
    )


def _limits(points: Points, accuracy: Floats, level: float) -> tuple[Floats, Floats]:
    """Return intervals of accuracies as those of curves are; NaN for points of a single unit."""
    low, high = np.full(len(points), np.nan), np.full(len(points), np.nan)
    present = ~np.isnan(points.score)
    units = np.array([len(np.unique(points.unit_of[column])) for column in present.T])
    for count in np.unique(units[units > 1]).tolist():
        own = units == count
        # Weights of n units that sum to one vary less than fresh units do, by this factor.
        variance = accuracy[:, own].var(axis=0) * (count + 1) / (count - 1)
        critical = critical_value(level, count - 1)
        low[own], high[own] = proportion_interval(points.accuracy[own], variance, count, critical)
    return low, high
