"""All printed FLOPs beside recomputed ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from kcurve.published.compute import flops, implied_tokens, reference_row, total_flops
from kcurve.published.row import Row, rows
from kcurve.published.tabular import arrow_table, html_table


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputedRow:
    """FLOPs of a row, printed and recomputed.

    Attributes
    ----------
    row : Row
        The row.
    reference : Row
        The row that says how many tokens a sample has; may be the same.
    tokens : float
        That number.
    flops : float
        The FLOPs recomputed with it.
    low, high : float
        The same at the ends of what rounds to the digits of the reference.
    agrees : bool
        Whether a number of tokens that prints as the reference's FLOPs also prints as this row's.
    """

    row: Row
    reference: Row
    tokens: float
    flops: float
    low: float
    high: float
    agrees: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        total = total_flops(self.row)
        return {
            "key": self.row.key,
            "printed": self.row.flops,
            "recomputed": self.flops,
            "tokens": self.tokens,
            "reference": self.reference.key,
            "agrees": self.agrees,
            "with_reward_model": total if isfinite(total) else None,
            "remark": self.row.remark,
        }


class Recomputation(tuple[RecomputedRow, ...]):
    """All printed FLOPs beside recomputed ones; made by `recomputed`."""

    __slots__ = ()

    @property
    def disagreements(self) -> tuple[RecomputedRow, ...]:
        """The rows whose digits cannot be reproduced."""
        return tuple(each for each in self if not each.agrees)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"rows": [each.to_dict() for each in self]}

    def to_arrow(self) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return a pyarrow table; needs pyarrow."""
        table = [each.to_dict() for each in self]
        return arrow_table(table, list(table[0]))

    def __repr__(self) -> str:
        """Show how many agree."""
        agree = sum(each.agrees for each in self)
        return f"Recomputation({len(self)} printed FLOPs, {agree} of them reproduced)"

    def _repr_html_(self) -> str:
        table = [each.to_dict() for each in self]
        return html_table(table, list(table[0]), repr(self))


def recomputed() -> Recomputation:
    """Return every printed number of FLOPs beside the recomputed one.

    Rows that share their FLOPs because they differ only in the rule appear once each. A row that is
    its own reference agrees by itself; the others are predictions.

    Examples
    --------
    >>> for each in recomputed().disagreements[:1]:
    ...     print(each.row.key, each.row.flops, round(each.flops / 1e14, 2))
    T1/Mistral-7B/MATH500/sampling/weighted/256 870000000000000.0 8.74
    """
    return Recomputation(_recomputed(row) for row in rows(paper="B") if row.flops is not None)


def _recomputed(row: Row) -> RecomputedRow:
    reference = reference_row(row)
    tokens = implied_tokens(reference)
    low, high = flops(row, tokens=tokens.low), flops(row, tokens=tokens.high)
    assert row.flops is not None  # noqa: S101 - the caller leaves others out
    slack = 1e-9 * row.flops
    agrees = (
        low <= row.flops + row.flops_rounding + slack
        and high >= row.flops - row.flops_rounding - slack
    )
    return RecomputedRow(
        row=row,
        reference=reference,
        tokens=tokens.value,
        flops=flops(row, tokens=tokens.value),
        low=low,
        high=high,
        agrees=agrees,
    )
