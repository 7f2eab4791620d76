"""Files become logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.log.answer_log import AnswerLog
from kcurve.log.core_form import from_core
from kcurve.log.tabular import encode_file

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    from kcurve.log.tabular import Columns, Duplicates, Progress


def read_log(
    path: str | PathLike[str],
    *,
    duplicates: Duplicates = "error",
    progress: Progress | None = None,
    **columns: Unpack[Columns],
) -> AnswerLog:
    r"""Read an answer log from a Parquet, CSV, TSV or JSON-lines file, one row per sample.

    Only the columns of the log are read, and text becomes codes as it streams past.

    Parameters
    ----------
    path : path
        A file that ends in `.parquet`, `.pq`, `.csv`, `.tsv`, `.jsonl` or `.ndjson`.
    duplicates : {"error", "first", "last"}, default "error"
        What to do with rows that are the same sample of a question. Logs with retries need
        `"last"`.
    progress : callable, optional
        Called with the number of rows read so far, about twenty times a second.
    **columns : str or None
        Column names by role, see `Columns`: `question="id"`, `answer="prediction"`, ...

    Returns
    -------
    AnswerLog

    Raises
    ------
    MissingColumnError
        If a column that is named or needed is not there; the message lists those that are.
    LogError
        If the rows are no answer log, or the file is damaged.
    ArgumentError
        If the name says nothing about the format.
    OSError
        If the file cannot be opened.

    Notes
    -----
    A sample is correct if the `correct` column says so. Where that has no value, it is if its
    answer is the text of the reference; a sample without an answer is then wrong.

    Texts are taken as they are, without trimming. Numbers become text: whole ones without
    a fraction, so `5` and `5.0` are the same answer. NaN and null are no answer; the empty
    text is an answer. CSV has only texts and no null: there `5.0` stays as it is written, and
    an empty field is no answer.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("id,answer,reference\n1,4,4\n1,5,4\n2,,7\n")
    >>> read_log(path, question="id").correct
    array([ True, False, False])
    """
    return AnswerLog(**from_core(encode_file(path, duplicates, progress, columns)))
