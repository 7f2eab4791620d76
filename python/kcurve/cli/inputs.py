"""From the arguments of a command to the logs it works on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, cast

import numpy as np
from cyclopts import Group, Parameter

from kcurve.cli.terminal import progress
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, Columns, TalliedLog, example_log, read_log, scan_log
from kcurve.log.summary import LogSummary

By = Literal["model", "dataset", "cluster"]

_GROUP = Group("Which samples", sort_key=1)
_SQLITE = b"SQLite format 3\0"


class Part(NamedTuple):
    """One log to work on: where it comes from, and the group of it that this is, if `--by` split it."""

    source: str
    group: str | None
    log: AnswerLog | TalliedLog

    @property
    def label(self) -> str:
        """Short name for a table or a chart."""
        return self.source if self.group is None else self.group

    def of_one_model(self) -> AnswerLog | TalliedLog:
        """The log; ArgumentError if it holds several models."""
        names = self.log.model.names
        if len(np.unique(self.log.model.codes)) > 1:
            shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
            raise ArgumentError(
                f"{self.label} holds several models ({shown}); choose one with --model or use "
                "--by model"
            )
        return self.log

    def summary(self) -> LogSummary:
        """What the log holds; ArgumentError if its samples are not there one by one."""
        if isinstance(self.log, TalliedLog):
            raise ArgumentError("a summary needs the samples one by one; leave out --memory")
        return self.log.summary()


@Parameter(name="*", group=_GROUP)
@dataclass(frozen=True, kw_only=True)
class LogOptions:
    """Options that say which samples to read; every command has them.

    Attributes
    ----------
    example
        Use the log that comes with kcurve: 999 questions of SVAMP, 30 programs each.
    column
        ROLE=NAME, may be repeated: the column of the file that plays a role, for example
        --column question=qid --column answer=prediction. ROLE= leaves the role out.
    duplicates
        Rows that are the same sample of a question: an error, or keep the first or the last.
    model
        Only the samples of this model.
    dataset
        Only the samples of this data set.
    min_samples
        Only the questions with at least this many samples.
    by
        Treat each model, data set or cluster by itself.
    memory
        Take all files, which are Parquet, as one log, and count them as they stream past in about
        this much memory, such as 2GB.
    threads
        Threads to use; default: all processors.
    run
        Of a store with several runs, the one with this number.
    extract
        For a store: how answers are found in its texts, if not as when they were sampled.
    equivalence
        For a store: which answers are the same, if not as when they were sampled.
    """

    example: Annotated[bool, Parameter(negative="", show_default=False)] = False
    column: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    duplicates: Literal["error", "first", "last"] = "error"
    model: str | None = None
    dataset: str | None = None
    min_samples: int | None = None
    by: By | None = None
    memory: str | None = None
    threads: int | None = None
    run: int | None = None
    extract: str | None = None
    equivalence: str | None = None


def read_parts(paths: Sequence[Path], options: LogOptions) -> list[Part]:
    """Logs named by the arguments, filtered and split as asked.

    Raises
    ------
    ArgumentError
        If no log is named, or a column is not given as ROLE=NAME.
    LogError
        If a file is no answer log, or nothing is left of it.
    OSError
        If a file cannot be read.
    """
    logs = _scanned(paths, options) if options.memory is not None else _read(paths, options)
    if options.example:
        logs.append(("example", example_log()))
    if not logs:
        raise ArgumentError(
            "no log given; name a Parquet, CSV or JSONL file or a store, or use --example"
        )
    parts: list[Part] = []
    for source, whole in logs:
        log = whole
        if (options.model, options.dataset, options.min_samples) != (None, None, None):
            log = whole.select(
                model=options.model, dataset=options.dataset, min_samples=options.min_samples
            )
        if options.by is None:
            parts.append(Part(source, None, log))
        else:
            parts += [Part(source, name, part) for name, part in log.by(options.by).items()]
    return parts


def _read(paths: Sequence[Path], options: LogOptions) -> list[tuple[str, AnswerLog | TalliedLog]]:
    """Every file as a log of its own."""
    columns = _columns(options.column)
    logs: list[tuple[str, AnswerLog | TalliedLog]] = []
    for path in paths:
        if _is_store(path):
            logs.append((path.stem, _stored(path, options)))
            continue
        for option in ("run", "extract", "equivalence"):
            if getattr(options, option) is not None:
                raise ArgumentError(f"--{option} is for stores of samples; {path} is no store")
        with progress(f"reading {path.name}", unit="rows") as advance:
            rows_read: Callable[[int], None] | None = (
                None if advance is None else partial(_rows_read, advance)
            )
            log = read_log(path, duplicates=options.duplicates, progress=rows_read, **columns)
        logs.append((path.stem, log))
    return logs


def _is_store(path: Path) -> bool:
    """Whether a file begins as one of SQLite."""
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False  # whoever reads it will say what is wrong with it


def _stored(path: Path, options: LogOptions) -> AnswerLog:
    """The log of a run of a store."""
    # Heavy, and not needed for files.
    from kcurve.cli.answering import parse_equivalence, parse_extractor  # noqa: PLC0415
    from kcurve.store import Store  # noqa: PLC0415

    if options.column:
        raise ArgumentError(f"--column is for tables; {path} is a store of samples")
    with Store(path, read_only=True) as store:
        if options.run is None and len(runs := store.info().runs) > 1:
            listed = "; ".join(f"{row}: {name}" for row, name in sorted(runs.items()))
            raise ArgumentError(f"{path} holds several runs; choose one with --run ({listed})")
        return store.log(
            options.run,
            extract=None if options.extract is None else parse_extractor(options.extract),
            equivalence=None
            if options.equivalence is None
            else parse_equivalence(options.equivalence),
        )


def _scanned(
    paths: Sequence[Path], options: LogOptions
) -> list[tuple[str, AnswerLog | TalliedLog]]:
    """All files as one log that need not fit into memory."""
    if options.duplicates != "error":
        raise ArgumentError("--memory does not look for duplicates; leave out one of the options")
    if not paths:
        return []
    for path in paths:
        if _is_store(path):
            raise ArgumentError(f"--memory is for Parquet; {path} is a store: leave --memory out")
    name = paths[0].stem if len(paths) == 1 else f"{len(paths)} files"
    with progress(f"scanning {name}", unit="rows") as advance:
        log = scan_log(
            paths,
            memory=options.memory or 0,
            threads=options.threads,
            progress=advance,
            **_columns(options.column),
        )
    return [(name, log)]


def _rows_read(advance: Callable[[int, int | None], None], rows: int) -> None:
    advance(rows, None)


def _columns(given: Sequence[str]) -> Columns:
    roles = Columns.__annotations__
    columns: dict[str, str | None] = {}
    for pair in given:
        role, equals, name = pair.partition("=")
        if not equals:
            raise ArgumentError(f'--column takes ROLE=NAME, got "{pair}"')
        if role not in roles:
            raise ArgumentError(f'--column has no role "{role}"; the roles are {", ".join(roles)}')
        columns[role] = name or None
    return cast("Columns", columns)
