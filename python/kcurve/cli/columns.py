"""Columns of text, aligned."""

from collections.abc import Iterable, Sequence


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[tuple[str, str]]:
    """Yield heading and rows with their styles: columns two blanks apart, to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for number, row in enumerate((headings, *rows)):
        line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield line, "" if number else "bold"
