"""FLOPs of the published rows from tokens, and with the reward model that the papers leave out."""

from __future__ import annotations

from math import inf, nan
from typing import NamedTuple

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.published.row import Row, rows

REWARD_PARAMETERS = 34e9
"""Parameters of paper B's reward model for mathematics, Llemma-34B."""


class ImpliedTokens(NamedTuple):
    """Tokens of a sample that printed FLOPs imply.

    Attributes
    ----------
    value : float
        ``flops / (2 N n)``.
    low, high : float
        The same at the ends of what rounds to the printed digits.
    """

    value: float
    low: float
    high: float


def implied_tokens(row: Row) -> ImpliedTokens:
    """Return the tokens of a sample that the FLOPs of a row imply, at 2 N a token.

    Parameters
    ----------
    row : Row
        A row with FLOPs.

    Raises
    ------
    ArgumentError
        If none are printed.

    Examples
    --------
    >>> from kcurve.published import rows
    >>> row = rows(
    ...     table="T4", model="Llemma-7B", dataset="MATH500", rule="majority", method="sampling"
    ... )[0]
    >>> tokens = implied_tokens(row)
    >>> round(tokens.value, 1), round(tokens.low, 1), round(tokens.high, 1)
    (279.9, 279.8, 280.0)
    """
    if row.flops is None or row.parameters is None:
        raise ArgumentError(f"{row.key} is printed without FLOPs; take a row of table 1, 3 or 4")
    each = 2 * row.parameters * row.n
    return ImpliedTokens(
        row.flops / each,
        (row.flops - row.flops_rounding) / each,
        (row.flops + row.flops_rounding) / each,
    )


def reference_row(row: Row) -> Row:
    """Return the row of table 3 or 4 whose digits say most about the tokens of a sample of this row's kind.

    Of the rows with the same model, data set and kind (greedy counts as sampling) the one whose printed
    FLOPs are relatively most exact.

    Raises
    ------
    ArgumentError
        If no such row has FLOPs.
    """
    search = row.method == "REBASE"
    alike = [
        each
        for each in rows(paper="B", table=("T3", "T4"))
        if each.flops is not None
        and (each.model, each.dataset) == (row.model, row.dataset)
        and (each.method == "REBASE") == search
    ]
    if not alike:
        raise ArgumentError(f"nothing is printed about the tokens of {row.key}")
    return min(alike, key=lambda each: each.flops_rounding / (each.flops or nan))


def flops(row: Row, *, tokens: float | None = None) -> float:
    """Return the FLOPs of a row, recomputed: ``2 N tokens n``.

    Parameters
    ----------
    row : Row
        A row of paper B.
    tokens : float, optional
        Tokens of a sample. The default is what the most exact row of the same model, data set and kind
        implies (`reference_row`).

    Examples
    --------
    >>> from kcurve.published import rows
    >>> row = rows(table="T1", model="Llemma-7B", method="sampling")[0]
    >>> f"{flops(row):.4g}, printed {row.flops:.4g}"
    '1.003e+15, printed 1e+15'
    """
    if row.parameters is None:
        raise ArgumentError(f"the parameters of {row.model} are not public")
    if tokens is None:
        tokens = implied_tokens(reference_row(row)).value
    number_between("tokens", tokens, 0, inf, low_excluded=True)
    return 2 * row.parameters * tokens * row.n


def total_flops(row: Row, *, reward_parameters: float = REWARD_PARAMETERS) -> float:
    """Return the FLOPs of a row as printed, and with them those of the reward model.

    The reward model reads each generated token once, which is the least it can do; it is needed by
    every search, and by the rules that weigh or rank samples. Majorities and greedy answers need none.

    Parameters
    ----------
    row : Row
        A row with FLOPs.
    reward_parameters : float
        Parameters of the reward model.

    Returns
    -------
    float
        NaN for MBPP: its reward model is not named.

    Examples
    --------
    >>> from kcurve.published import rows
    >>> row = rows(table="T1", model="Llemma-7B", method="REBASE")[0]
    >>> round(total_flops(row) / row.flops, 2)
    5.86
    """
    number_between("reward_parameters", reward_parameters, 0, inf)
    if row.flops is None or row.parameters is None or row.dataset == "MBPP":
        return nan
    read = needs_reward(row)
    return row.flops * (1 + reward_parameters / row.parameters) if read else row.flops


def needs_reward(row: Row) -> bool:
    """Return whether a reward model takes part in a row."""
    return row.method == "REBASE" or row.rule in {"weighted", "best_of_n"}
