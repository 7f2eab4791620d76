"""`kcurve store`: what a store of responses holds, whether it is sound, and its runs as logs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kcurve.cli.answering import parse_equivalence, parse_extractor
from kcurve.cli.log_files import check_destination, write_log
from kcurve.cli.machine import store_as_json
from kcurve.cli.terminal import console, write
from kcurve.errors import StoreError

if TYPE_CHECKING:
    from kcurve.store import Duplicates, Information, Store

_UNSOUND = 1
_MOST_REPEATED = 3
_MOST_CHARACTERS = 60

Json = Annotated[bool, Parameter(negative="", show_default=False)]

store = App(
    name="store",
    help="Look into a store of responses: what it holds, whether it is sound, its runs as logs.",
    help_format="markdown",
    help_epilogue="Try: kcurve store info runs.db",
)

_INFO_EXAMPLE = """Examples:

    kcurve store info runs.db
    kcurve store info runs.db --json
"""
_VERIFY_EXAMPLE = """Examples:

    kcurve store verify runs.db
"""
_EXPORT_EXAMPLE = """Examples:

    kcurve store export runs.db answers.parquet
    kcurve store export runs.db answers.jsonl --run 2 --texts
    kcurve store export runs.db answers.csv --extract boxed+last-number --equivalence number
"""


@store.command(help_epilogue=_INFO_EXAMPLE)
def info(path: Path, /, *, json: Json = False) -> None:
    """Show what a store holds: runs, samples, attempts, tokens and money, and what looks wrong.

    Parameters
    ----------
    path
        The store.
    json
        Print one JSON object.
    """
    with _opened(path) as opened:
        found, alike = opened.info(), opened.duplicates()
    if json:
        write(store_as_json({**found.to_dict(), "duplicates": alike.to_dict()}))
        return
    screen = console()
    _show_totals(screen, found)
    _show_runs(screen, found)
    _show_models(screen, found)
    for sentence in (*_attempts(found), *_alarms(alike)):
        screen.print(Text(sentence))


@store.command(help_epilogue=_VERIFY_EXAMPLE)
def verify(path: Path, /, *, json: Json = False) -> int:
    """Check that a store is as it was written: the file, every key, every reference.

    The exit code is 1 if anything is wrong, and what is wrong is listed.

    Parameters
    ----------
    path
        The store.
    json
        Print one JSON object.
    """
    with _opened(path) as opened:
        found = opened.verify()
    if json:
        write(store_as_json(found.to_dict()))
    else:
        screen = console()
        checked = f"{found.samples:,} samples of {found.requests:,} requests checked"
        if found.sound:
            screen.print(Text(f"{checked}: nothing is wrong"))
        else:
            screen.print(Text(f"{checked}: {len(found.problems)} problems", style="bold"))
            for problem in found.problems:
                screen.print(Text(f"  {problem}"))
    return 0 if found.sound else _UNSOUND


@store.command(help_epilogue=_EXPORT_EXAMPLE)
def export(
    path: Path,
    to: Path,
    /,
    *,
    run: int | None = None,
    extract: str | None = None,
    equivalence: str | None = None,
    verdict: str | None = None,
    texts: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    force: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Write the samples of a run as an answer log that every command of kcurve, and other tools, can read.

    Parameters
    ----------
    path
        The store.
    to
        The file to write: .parquet, .csv, .tsv or .jsonl.
    run
        The run, by its number in `kcurve store info`; needed if there are several.
    extract
        How to find answers in texts: answer-is, boxed, choice-letter, choice-letter:ABCDE, last-number,
        the-answer-is, whole-text, contains:PHRASE, json:KEY, regex:PATTERN, or several with + between them. By default, as the
        run did.
    equivalence
        Which answers are the same: text, number or expression. By default, as in the run.
    verdict
        How to find a favourable verdict in the text of a filter, in the words of --extract. By default, as in the run.
    texts
        Write the raw text of each sample too.
    force
        Replace the file if it is there.
    """
    check_destination(to, force=force)
    extractor = None if extract is None else parse_extractor(extract)
    favourable = None if verdict is None else parse_extractor(verdict)
    same = None if equivalence is None else parse_equivalence(equivalence)
    with _opened(path) as opened:
        log = opened.log(run, extract=extractor, equivalence=same, verdict=favourable)
        write_log(to, log, opened.texts(run, verdict=favourable) if texts else None)
    samples = int(log.offsets[-1])
    console().print(Text(f"{to}: {log.n_questions:,} questions, {samples:,} samples"))


def _opened(path: Path) -> "Store":
    # Imported where it is used, for other commands need no database.
    from kcurve.store import Store  # noqa: PLC0415

    return Store(_existing(path), read_only=True)


def _existing(path: Path) -> Path:
    """Fail for a file that is not there, as the system would."""
    if not path.exists():
        raise StoreError(f"there is no store {path}; kcurve sample makes one")
    return path


def _show_totals(screen: Console, found: "Information") -> None:
    screen.print(Text(found.path, style="bold"))
    screen.print(
        Text(
            f"{found.samples:,} samples of {found.requests:,} requests, {found.questions:,} questions, "
            f"{found.bytes / 1e6:,.1f} MB"
        )
    )
    screen.print()


def _show_runs(screen: Console, found: "Information") -> None:
    table = Table("run", box=None, header_style="bold", pad_edge=False)
    table.add_column("of", overflow="fold")
    for row, name in found.runs.items():
        table.add_row(f"{row}", Text(name))
    if found.runs:
        screen.print(table)
        screen.print()


def _show_models(screen: Console, found: "Information") -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("model", overflow="fold")
    for heading in ("samples", "truncated", "empty", "tokens in", "tokens out", "cost"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in found.models:
        counts = (model.samples, model.truncated, model.empty, model.tokens_in, model.tokens_out)
        cost = f"{model.cost:,.4f}" if model.cost > 0 else ""
        table.add_row(Text(model.model), *(f"{count:,}" for count in counts), cost)
    if found.models:
        screen.print(table)
        screen.print()


def _attempts(found: "Information") -> Iterator[str]:
    """Sentences on attempts: what was paid for, what may have been."""
    yield (
        f"{found.attempts:,} attempts: {found.succeeded:,} succeeded, {found.failed:,} failed, "
        f"{found.unknown:,} unknown, {found.under_way:,} under way"
    )
    if found.failures:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.failures.items())
        yield f"failures: {kinds}"
    if found.unknown:
        yield (
            f"{found.unknown:,} attempts were cut off, and may have been paid for; sampling again "
            "sends them again unless told to skip them"
        )


def _alarms(alike: "Duplicates") -> Iterator[str]:
    """Sentences on samples that cannot be independent."""
    if alike.surplus:
        yield (
            f"DUPLICATES: {alike.surplus:,} of {alike.samples:,} long samples repeat another one of their "
            "request; the server may ignore seeds, cache, or copy"
        )
        for one in alike.repeated[:_MOST_REPEATED]:
            begin = " ".join(one.text.split())[:_MOST_CHARACTERS]
            yield f"  {one.copies:,} times in request {one.request}: {begin}..."
    if alike.shared_seeds:
        yield f"SEEDS: {alike.shared_seeds:,} seeds were used for more than one sample of a request"
    if not alike:
        yield f"no duplicates among {alike.samples:,} long samples"
