"""Load questions: one door for files and for data sets known by name."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kcurve._validation import choice, positive_integer
from kcurve.datasets import hub, rows as files
from kcurve.datasets.catalogue import entry
from kcurve.datasets.formats import FORMATS, recognised
from kcurve.datasets.formats.table import columns_format
from kcurve.datasets.questions import Questions
from kcurve.datasets.subsets import configurations, within
from kcurve.errors import ArgumentError, DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kcurve.datasets.catalogue import Dataset
    from kcurve.datasets.rows import LocatedRow


def load(
    source: str | PathLike[str],
    *,
    format: str | None = None,  # noqa: A002 -- the word of the field; the built-in is not used here
    columns: Mapping[str, str | Sequence[str]] | None = None,
    subset: str | Sequence[str] | None = None,
    split: str | None = None,
    limit: int | None = None,
    shuffle_choices: int | Literal[False] | None = None,
    name: str | None = None,
) -> Questions:
    r"""Questions of a file, or of a data set known by name.

    Parameters
    ----------
    source : str or path
        A file of JSON lines, a JSON list, CSV or TSV (or one of them gzipped), or the name of a data set
        of `catalogue`, which is read from the Hugging Face hub with the extra ``kcurve[hf]``.
        A file of that name comes first.
    format : str, optional
        The layout of the rows: "gsm8k", "math500", "mmlu", "gpqa", "truthfulqa", "averitec" or "table".
        The default is the first that the first row looks like.
    columns : mapping, optional
        For the format "table", which columns are "question", "reference", "choices" (one column with
        a list, or several columns) and "id". What is not said is guessed from the names.
    subset : str or sequence of str, optional
        Subjects, by the column subject, topic or category of a file; for MMLU "physics" stands for
        astronomy and college, conceptual and high school physics. For GPQA on the hub "diamond" (the default),
        "main" or "extended".
    split : str, optional
        The split on the hub.
    limit : int, optional
        Read only so many questions.
    shuffle_choices : int or False, optional
        The seed to shuffle choices by, for each question on its own; False leaves them as they stand. By default,
        GPQA and TruthfulQA are shuffled by seed 0, for in them the right choice comes first.
    name : str, optional
        What the data set is called; by default its name, or that of the file without suffix.

    Returns
    -------
    Questions
        To iterate over, as often as you like. Only JSON lists are held in memory as a whole.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or there is no such file or name.
    DatasetError
        If the file cannot be read as questions, or the hub cannot be used.

    Examples
    --------
    >>> questions = load("tests/golden/questions/mmlu_physics.jsonl", subset="college_physics")
    >>> next(iter(questions)).reference
    'B'
    """
    if limit is not None:
        positive_integer("limit", limit)
    if shuffle_choices is not False and shuffle_choices is not None:
        _check_seed(shuffle_choices)
    if format is not None:
        choice("format", format, list(FORMATS))
    if columns is not None and format not in {None, "table"}:
        raise ArgumentError(f"columns go with the format 'table', got {format!r}; drop one of them")
    asked = format if columns is None else "table"
    path = Path(fspath(source))
    reading: Callable[[], Iterator[LocatedRow]]
    if path.is_file():
        if split is not None:
            raise ArgumentError(f"a file has no splits, got {split!r}; give the file of that split")
        reading, wanted = partial(files.rows, path), within(subset)
        with closing(files.rows(path)) as begun:
            first = next(begun, None)
        if first is None:
            raise DatasetError(f"{path}: holds no questions")
        called, where, licence = _stem(path), str(path), "unknown"
        layout = asked or recognised(first[1])
    else:
        known = _known(path)
        reading = partial(hub.rows, known.hub, configurations(known, subset), split or known.split)
        wanted = within(None)
        called, where, licence = known.name, f"hub {known.hub}", known.licence
        layout = asked or known.format
    how = FORMATS[layout] if columns is None else columns_format(columns)
    seed = how.seed if shuffle_choices is None else shuffle_choices
    return Questions(
        name=name or called,
        source=where,
        licence=licence,
        format=layout,
        seed=None if seed is False else seed,
        limit=limit,
        _layout=how,
        _rows=reading,
        _wanted=wanted,
    )


def _check_seed(seed: object) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ArgumentError(f"shuffle_choices must be a seed (an integer) or False, got {seed!r}")


def _known(path: Path) -> Dataset:
    """Return the data set of this name; a path that is no file is no name."""
    if len(path.parts) > 1 or path.suffix:
        reason = "is a folder" if path.is_dir() else "does not exist"
        raise ArgumentError(f"the file {path} {reason}; give a file of questions")
    return entry(str(path))


def _stem(path: Path) -> str:
    """Name of a file without .gz and the suffix before it."""
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem
