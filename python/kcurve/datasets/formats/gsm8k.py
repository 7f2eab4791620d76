"""GSM8K: the answer is the number after "####" at the end of a worked solution."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kcurve.datasets.fields import text
from kcurve.datasets.formats.draft import Draft, Format
from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row

_MARK = "####"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _fits(row: Row) -> bool:
    return "question" in row and _MARK in str(row.get("answer"))


def _draft(row: Row) -> Draft:
    solution, mark, last = text(row, "answer").rpartition(_MARK)
    number = last.strip().replace(",", "").removeprefix("$")
    if not mark or not _NUMBER.fullmatch(number):
        raise DatasetError(
            f"the answer must end in {_MARK} and a number, got ...{solution[-40:]!r}"
        )
    return Draft(text(row, "question"), number)


FORMAT = Format(_fits, _draft)
