"""The rows of the papers' tables, each with where it is printed and how exactly."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import ceil, floor
from typing import TYPE_CHECKING, Any, overload

from kcurve.errors import ArgumentError
from kcurve.published.tabular import arrow_table, html_table

if TYPE_CHECKING:
    from collections.abc import Iterator

PAPERS = {
    "A": "Chen et al., arXiv 2403.02419",
    "B": "Wu et al., arXiv 2408.00724",
}
"""The papers by their letters: A is about votes and filters, B about searches and compute."""

QUESTIONS = {
    "MATH500": (500, "the name of the set"),
    "GSM8K": (1319, "its test set"),
    "MBPP": (500, "assumed: its usual test set"),
    "AVERITEC": (500, "output of the paper's notebook"),
    "TruthfulQA": (817, "output of the paper's notebook"),
    "GPQA": (198, "output of the paper's notebook"),
}
"""How many questions each data set has, and how that is known; unknown for MMLU physics."""

_PLACES = {
    "T1": "table 1",
    "T3": "table 3",
    "T4": "table 4",
    "text": "text",
    "F1": "figure 1, read off its picture",
    "live": "output of the notebooks published with it",
}
_DIGITISED = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One published number of right answers, and what it took.

    Attributes
    ----------
    paper : {"A", "B"}
        Which paper; see `PAPERS`.
    table : {"T1", "T3", "T4", "text", "F1", "live"}
        Where it stands: table 1, 3 or 4, the text, figure 1, or outputs of notebooks.
    model : str
        The model that answers.
    parameters : float or None
        Its parameters; None if they are not public.
    dataset : str
        The test set.
    questions : int or None
        How many questions it has; None if unknown.
    method : {"greedy", "sampling", "REBASE", "resampling"}
        How candidates are made; ``"resampling"`` are curves that draw from a pool of samples.
    rule : {"none", "majority", "best_of_n", "weighted", "pass", "vote", "filter_vote"}
        What decides among them.
    n : int
        Samples of a question; in paper A calls as its figure counts them.
    flops : float or None
        FLOPs a question as printed, those of the reward model left out.
    accuracy : float
        Share of right answers, in [0, 1].
    certainty : {"printed", "notebook", "digitised"}
        How the number was read.
    remark : str
        Why the FLOPs do not follow from other rows, where they do not.
    flops_rounding, accuracy_rounding : float
        Half a unit of the last digit printed, or the error of reading a picture.
    """

    paper: str
    table: str
    model: str
    parameters: float | None
    dataset: str
    questions: int | None
    method: str
    rule: str
    n: int
    flops: float | None
    accuracy: float
    certainty: str
    remark: str = ""
    flops_rounding: float = 0.0
    accuracy_rounding: float = 0.0

    @property
    def key(self) -> str:
        """Its name: table/model/dataset/method/rule/n."""
        return f"{self.table}/{self.model}/{self.dataset}/{self.method}/{self.rule}/{self.n}"

    @property
    def source(self) -> str:
        """Paper and place."""
        return f"{PAPERS[self.paper]}, {_PLACES[self.table]}"

    @property
    def right(self) -> range | None:
        """The numbers of right answers of one run that print as `accuracy`; None if `questions` is unknown.

        Empty if no whole number does: the accuracy is then a mean over several runs, or of another
        number of questions.

        Examples
        --------
        >>> rows(table="T4", model="Llemma-7B", dataset="GSM8K", method="greedy")[0].right
        range(903, 905)
        """
        if self.questions is None:
            return None
        slack = 1e-9
        low = (self.accuracy - self.accuracy_rounding) * self.questions
        high = (self.accuracy + self.accuracy_rounding) * self.questions
        return range(ceil(low - slack), floor(high + slack) + 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the values by name, and the source."""
        return {"key": self.key, **asdict(self), "source": self.source}


class Rows(Sequence[Row]):
    """Rows of the papers' tables, in the order of the tables.

    Examples
    --------
    >>> rows(table="T1").select(method="REBASE")
    Rows(3 of arXiv 2408.00724)
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Rows: ...
    def __getitem__(self, place: int | slice) -> Row | Rows:
        """Return one row, or some."""
        return Rows(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows."""
        return iter(self._rows)

    def select(self, **wanted: object) -> Rows:
        """Return the rows whose attributes have these values, as `rows` does."""
        for name, value in wanted.items():
            known = sorted({str(getattr(row, _attribute(name))) for row in _all_rows()})
            values = value if isinstance(value, tuple | list | set) else (value,)
            for each in values:
                if str(each) not in known:
                    raise ArgumentError(f"{name} must be one of {', '.join(known)}, got {each!r}")
        return Rows(
            [
                row
                for row in self._rows
                if all(
                    getattr(row, name) in value
                    if isinstance(value, tuple | list | set)
                    else getattr(row, name) == value
                    for name, value in wanted.items()
                )
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the rows as plain values."""
        return {"rows": [row.to_dict() for row in self._rows]}

    def to_arrow(self) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return a pyarrow table.

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        """
        return arrow_table([row.to_dict() for row in self._rows], list(Row.__dataclass_fields__))

    def __repr__(self) -> str:
        """Show how many there are, and of what."""
        papers = [PAPERS[paper].rpartition(", ")[2] for paper in _papers(self._rows)]
        return f"Rows({len(self)} of {', '.join(papers) or 'no paper'})"

    def _repr_html_(self) -> str:
        names = ("table", "model", "dataset", "method", "rule", "n", "flops", "accuracy")
        return html_table([row.to_dict() for row in self._rows], names, repr(self))


def rows(**wanted: object) -> Rows:
    """Return the published rows, or those whose attributes have certain values.

    Parameters
    ----------
    **wanted
        Attributes of `Row` and the values wanted: one, or a tuple of several.

    Raises
    ------
    ArgumentError
        If no row has such an attribute or such a value.

    Examples
    --------
    >>> for row in rows(table="T1", model="Llemma-7B"):
    ...     print(row.method, row.n, row.flops, row.accuracy)
    sampling 256 1000000000000000.0 0.455
    REBASE 32 148000000000000.0 0.468
    """
    return Rows(_all_rows()).select(**wanted)


@cache
def _all_rows() -> tuple[Row, ...]:
    text = files("kcurve.published").joinpath("rows.csv").read_text(encoding="utf-8")
    return tuple(_row(line) for line in csv.DictReader(text.splitlines()))


@cache
def row_named(key: str) -> Row:
    """Return the row with a key.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    for row in _all_rows():
        if row.key == key:
            return row
    raise ArgumentError(f"no published row is called {key!r}; published.rows() has their keys")


def _row(line: dict[str, str]) -> Row:
    accuracy, accuracy_rounding = _printed(line["accuracy"])
    flops, flops_rounding = _printed(line["flops"]) if line["flops"] else (None, 0.0)
    if line["paper"] == "B":  # in percent
        accuracy, accuracy_rounding = (
            float(Decimal(line["accuracy"]) / 100),
            accuracy_rounding / 100,
        )
    if line["certainty"] == "digitised":
        accuracy_rounding = _DIGITISED
    return Row(
        paper=line["paper"],
        table=line["table"],
        model=line["model"],
        parameters=float(line["parameters"]) if line["parameters"] else None,
        dataset=line["dataset"],
        questions=QUESTIONS.get(line["dataset"], (None, ""))[0],
        method=line["method"],
        rule=line["rule"],
        n=int(line["n"]),
        flops=flops,
        accuracy=accuracy,
        certainty=line["certainty"],
        remark=line["remark"],
        flops_rounding=flops_rounding,
        accuracy_rounding=accuracy_rounding,
    )


def _printed(text: str) -> tuple[float, float]:
    """Return a printed number and half a unit of its last digit."""
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - the tables hold finite numbers
    return float(number), float(Decimal(5).scaleb(exponent - 1))


def _attribute(name: str) -> str:
    if name not in Row.__dataclass_fields__ and name not in {"key", "source"}:
        raise ArgumentError(
            f"rows have no attribute {name!r}; they have {', '.join(Row.__dataclass_fields__)}"
        )
    return name


def _papers(found: Sequence[Row]) -> list[str]:
    return sorted({row.paper for row in found})
