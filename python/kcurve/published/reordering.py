"""Which orders by cost turn round when the reward model is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcurve.published.compute import REWARD_PARAMETERS, total_flops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kcurve.published.row import Row, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordering:
    """Two rows of which the cheaper becomes the dearer when the reward model is counted.

    Attributes
    ----------
    cheaper, dearer : Row
        By the FLOPs printed.
    ratio : float
        FLOPs of `dearer` over those of `cheaper` as printed; above 1.
    total_ratio : float
        The same with the reward model; below 1.
    """

    cheaper: Row
    dearer: Row
    ratio: float
    total_ratio: float

    @property
    def lost(self) -> bool:
        """Whether the row that looked cheaper was at least as accurate, so that it looked better at all."""
        return self.cheaper.accuracy >= self.dearer.accuracy


def reorderings(
    found: Rows, *, reward_parameters: float = REWARD_PARAMETERS
) -> tuple[Reordering, ...]:
    """Return the pairs of rows on one data set whose order by cost turns round with the reward model.

    Parameters
    ----------
    found : Rows
        Which rows to compare.
    reward_parameters : float
        Parameters of the reward model.

    Examples
    --------
    >>> from kcurve.published import rows
    >>> turned = reorderings(rows(table="T4", dataset="MATH500", rule="weighted"))
    >>> for each in turned:
    ...     if each.cheaper.model == "Llemma-7B" and each.dearer.method == "REBASE":
    ...         print(each.cheaper.method, each.dearer.model, round(each.total_ratio, 2), each.lost)
    sampling Llemma-34B 0.48 True
    REBASE Llemma-34B 0.41 True
    """
    return tuple(_pairs(found, reward_parameters))


def _pairs(found: Rows, reward_parameters: float) -> Iterator[Reordering]:
    for cheaper in found:
        for dearer in found:
            if cheaper.flops is None or dearer.flops is None or cheaper.dataset != dearer.dataset:
                continue
            first = total_flops(cheaper, reward_parameters=reward_parameters)
            second = total_flops(dearer, reward_parameters=reward_parameters)
            if cheaper.flops < dearer.flops and first > second:
                yield Reordering(
                    cheaper=cheaper,
                    dearer=dearer,
                    ratio=dearer.flops / cheaper.flops,
                    total_ratio=second / first,
                )
