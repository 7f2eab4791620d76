"""The papers' claims as data, and which of them the published numbers bear out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.published.chance import Difference, difference
from kcurve.published.compute import REWARD_PARAMETERS, total_flops
from kcurve.published.row import PAPERS, Row, row_named
from kcurve.published.tabular import arrow_table, html_table

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["better", "cheaper_and_better", "ratio", "unavailable"]
"""What a claim says: more accurate; that and cheaper; so many times cheaper; nothing that can be recomputed."""
Verdict: TypeAlias = Literal[
    "clear", "possible", "within noise", "unknown noise", "not as printed", "not recomputable"
]
"""How a claim fares; see `Check`."""

_NONE = Difference(nan, nan, nan, nan, nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a paper says of two published rows.

    Attributes
    ----------
    name : str
        A short name.
    paper : {"A", "B"}
        Which paper.
    place : str
        Where it says so, or the table that shows it.
    kind : {"better", "cheaper_and_better", "ratio", "unavailable"}
        What kind of claim it is.
    statement : str
        The claim in one sentence.
    better, worse : Row or None
        The row that is said to be better, and the other.
    stated : float or None
        The ratio of FLOPs stated, if it is one.
    reason : str
        Why it cannot be recomputed, if it cannot.
    """

    name: str
    paper: str
    place: str
    kind: Kind
    statement: str
    better: Row | None = None
    worse: Row | None = None
    stated: float | None = None
    reason: str = ""

    @property
    def source(self) -> str:
        """Paper and place."""
        return f"{PAPERS[self.paper]}, {self.place}"

    def check(self, *, level: float = 0.95, reward_parameters: float = REWARD_PARAMETERS) -> Check:
        """Return how the claim fares with the published numbers.

        Parameters
        ----------
        level : float
            Confidence: differences count as beyond chance below a p-value of ``1 - level``.
        reward_parameters : float
            Parameters of the reward model whose FLOPs the papers leave out.

        Examples
        --------
        >>> from kcurve.published import claims
        >>> claims()["seven-times"].check().flops_ratio
        6.756756756756757
        """
        number_between("level", level, 0, 1, low_excluded=True)
        if self.better is None or self.worse is None:
            return Check(claim=self, verdict="not recomputable", difference=_NONE)
        found = difference(self.better, self.worse, level=level)
        ratio = low = high = total = nan
        if self.better.flops is not None and self.worse.flops is not None:
            better, worse = self.better, self.worse
            ratio = self.worse.flops / self.better.flops
            low = (self.worse.flops - worse.flops_rounding) / (
                self.better.flops + better.flops_rounding
            )
            high = (self.worse.flops + worse.flops_rounding) / (
                self.better.flops - better.flops_rounding
            )
            total = total_flops(worse, reward_parameters=reward_parameters) / total_flops(
                better, reward_parameters=reward_parameters
            )
        return Check(
            claim=self,
            verdict=self._verdict(found, ratio, level),
            difference=found,
            flops_ratio=ratio,
            flops_ratio_low=low,
            flops_ratio_high=high,
            total_ratio=total,
        )

    def _verdict(self, found: Difference, ratio: float, level: float) -> Verdict:
        as_printed = found.value > 0 and (self.kind == "better" or ratio > 1)
        if self.stated is not None:
            as_printed = as_printed and round(ratio) == self.stated
        if not as_printed:
            return "not as printed"
        if not isfinite(found.p):
            return "unknown noise"
        if found.p < 1 - level:
            return "clear"
        return "possible" if found.paired_p < 1 - level else "within noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How a claim fares with the published numbers.

    Attributes
    ----------
    claim : Claim
        The claim.
    verdict : str
        ``"clear"``: true of the numbers, and beyond chance even if the two were measured on different
        questions. ``"possible"``: true of the numbers, and beyond chance only if the questions on which
        they differ speak for the better one often enough, which the papers do not say. ``"within
        noise"``: true of the numbers, but not beyond chance however they pair. ``"unknown noise"``: true
        of the numbers, on a test set of unknown size. ``"not as printed"``: the numbers say
        otherwise. ``"not recomputable"``: see ``claim.reason``.
    difference : Difference
        Of the accuracies.
    flops_ratio : float
        FLOPs of the worse over those of the better as printed; NaN without.
    flops_ratio_low, flops_ratio_high : float
        The same at the ends of what rounds to the printed digits.
    total_ratio : float
        The same with the reward model counted; NaN where that is unknown.
    """

    claim: Claim
    verdict: Verdict
    difference: Difference
    flops_ratio: float = nan
    flops_ratio_low: float = nan
    flops_ratio_high: float = nan
    total_ratio: float = nan

    @property
    def cheaper_in_total(self) -> bool | None:
        """Whether the better row is the cheaper one with the reward model too; None where unknown."""
        return None if not isfinite(self.total_ratio) else self.total_ratio > 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; what is unknown is None."""
        claim, found = self.claim, self.difference
        return {
            "name": claim.name,
            "source": claim.source,
            "kind": claim.kind,
            "statement": claim.statement,
            "better": None if claim.better is None else claim.better.key,
            "worse": None if claim.worse is None else claim.worse.key,
            "verdict": self.verdict,
            "difference": _known(found.value),
            "low": _known(found.low),
            "high": _known(found.high),
            "p": _known(found.p),
            "paired_p": _known(found.paired_p),
            "stated": claim.stated,
            "flops_ratio": _known(self.flops_ratio),
            "total_ratio": _known(self.total_ratio),
            "reason": claim.reason,
        }


class Claims(Sequence[Claim]):
    """The papers' claims, by place or by name; made by `claims`."""

    __slots__ = ("_claims",)

    def __init__(self, found: Sequence[Claim]) -> None:
        self._claims = tuple(found)

    @overload
    def __getitem__(self, which: int | str) -> Claim: ...
    @overload
    def __getitem__(self, which: slice) -> Claims: ...
    def __getitem__(self, which: int | str | slice) -> Claim | Claims:
        """Return a claim by its place or its name, or some by their places."""
        if isinstance(which, slice):
            return Claims(self._claims[which])
        if isinstance(which, int):
            return self._claims[which]
        for claim in self._claims:
            if claim.name == which:
                return claim
        names = ", ".join(claim.name for claim in self._claims)
        raise ArgumentError(f"no claim is called {which!r}; the claims are {names}")

    def __len__(self) -> int:
        """Return the number of claims."""
        return len(self._claims)

    def __iter__(self) -> Iterator[Claim]:
        """Iterate over the claims."""
        return iter(self._claims)

    def checks(self, *, level: float = 0.95) -> tuple[Check, ...]:
        """Return how each claim fares."""
        return tuple(claim.check(level=level) for claim in self._claims)

    def verdicts(self, *, level: float = 0.95) -> dict[str, int]:
        """Return how many claims have each verdict."""
        return dict(Counter(check.verdict for check in self.checks(level=level)))

    def to_dict(self, *, level: float = 0.95) -> dict[str, Any]:
        """Return claims and checks as plain values."""
        return {"claims": [check.to_dict() for check in self.checks(level=level)]}

    def to_arrow(self, *, level: float = 0.95) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return claims and checks as a pyarrow table; needs pyarrow."""
        table = self.to_dict(level=level)["claims"]
        return arrow_table(table, list(self._claims[0].check().to_dict()))

    def __repr__(self) -> str:
        """Show how many there are of each verdict."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts().items())
        return f"Claims({len(self)}: {counts})"

    def _repr_html_(self) -> str:
        names = ("name", "statement", "verdict", "difference", "p", "paired_p", "flops_ratio")
        return html_table(self.to_dict()["claims"], names, repr(self))


@cache
def claims() -> Claims:
    """Return the claims of both papers that rest on published numbers, with those that cannot be checked.

    Examples
    --------
    >>> claims()["t1-llemma-7b"].check().verdict
    'possible'
    >>> claims()["mcts"].reason
    'no number of it is in any table'
    """
    text = files("kcurve.published").joinpath("claims.csv").read_text(encoding="utf-8")
    return Claims([_claim(line) for line in csv.DictReader(text.splitlines())])


def _claim(line: dict[str, str]) -> Claim:
    kind = line["kind"]
    assert kind in {"better", "cheaper_and_better", "ratio", "unavailable"}  # noqa: S101 - our own table
    return Claim(
        name=line["name"],
        paper=line["paper"],
        place=line["place"],
        kind=kind,  # type: ignore[arg-type]  # checked above
        statement=line["statement"],
        better=row_named(line["better"]) if line["better"] else None,
        worse=row_named(line["worse"]) if line["worse"] else None,
        stated=float(line["stated"]) if line["stated"] else None,
        reason=line["reason"],
    )


def compute_optimal_parameters(flops: float) -> float:
    r"""Return the best size of a model for a budget, by the published fit.

    ``log10 C = 1.19 log10 N + 2.03`` with C FLOPs a question and N parameters, fitted to weighted votes of
    Pythia models on GSM8K.

    Parameters
    ----------
    flops : float
        C.

    Returns
    -------
    float
        N. The fit saw models of 4e8 to 1.2e10 parameters.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, figure 1.

    Examples
    --------
    >>> [f"{compute_optimal_parameters(budget):.3g}" for budget in (1e12, 1e13, 1e14)]
    ['2.39e+08', '1.65e+09', '1.15e+10']
    """
    number_between("flops", flops, 0, float("inf"), low_excluded=True)
    return float((flops / 10**2.03) ** (1 / 1.19))


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
