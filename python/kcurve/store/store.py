"""The store: a file of SQLite that holds every attempt and every response."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from kcurve._validation import choice
from kcurve.errors import StoreError
from kcurve.store import journal
from kcurve.store.attempts import Attempts
from kcurve.store.connections import explained, open_reader, open_writer
from kcurve.store.duplicates import LEAST_LENGTH, duplicates as find_duplicates
from kcurve.store.sessions import Session
from kcurve.store.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from kcurve.answers import Equivalence, Extractor, ScoreReader
    from kcurve.datasets import Question
    from kcurve.log import AnswerLog
    from kcurve.store.describe import Information, Verification
    from kcurve.store.duplicates import Duplicates
    from kcurve.store.found import Claim, Found
    from kcurve.store.records import Purpose, Request, Sample

Durability: TypeAlias = Literal["power", "process"]
"""What committed rows survive: a loss of power, or the death of the process."""

_MOST_KNOWN = 65_536


class Store:
    """Every attempt and every response of a model, on disk before anything uses it.

    Nothing in it is ever changed or deleted. Attempts are committed before they are sent, responses before they
    are returned; what waits at the same time shares a commit. Several processes of one machine may read and write
    one store: an attempt that one of them has under way is not sent by another.

    Parameters
    ----------
    path : path or None
        The file, made if there is none. None: a temporary file, gone when the store is closed.
    read_only : bool, default False
        Change nothing, and do not make a file.
    durability : {"power", "process"}, default "power"
        What committed rows survive. ``"process"`` saves one wait for the disk per commit.

    Raises
    ------
    StoreError
        If the file is no store, is damaged, is a newer package's, or cannot be opened.

    Examples
    --------
    >>> with Store(None) as store:
    ...     run = store.run({"strategy": "vote"})
    ...     run == store.run({"strategy": "vote"})
    True
    """

    def __init__(
        self,
        path: str | PathLike[str] | None,
        *,
        read_only: bool = False,
        durability: Durability = "power",
    ) -> None:
        choice("durability", durability, ("power", "process"))
        self._temporary = None
        if path is None:
            self._temporary = tempfile.TemporaryDirectory(
                prefix="kcurve-", ignore_cleanup_errors=True
            )
            path = Path(self._temporary.name) / "store.db"
        self._path = Path(path)
        self._session: Session | None = None
        self._writer: Writer | None = None
        self._known: dict[bytes, int] = {}
        self._attempts = Attempts(self._path, None, lambda: self._writing)
        if read_only:
            self._reader = open_reader(self._path)
            return
        try:
            with explained(self._path):
                open_writer(self._path, durability).close()  # made, or migrated
                self._session = Session(self._path)
                self._writer = Writer(
                    lambda: open_writer(self._path, durability), explained(self._path).error
                )
            self._reader = open_reader(self._path)
            session = self._session.id
            self._attempts = Attempts(self._path, session, lambda: self._writing)
            self._writer.write_now(lambda connection: journal.add_session(connection, session))
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> Path | None:
        """The file; None if it is a temporary one."""
        return None if self._temporary is not None else self._path

    @property
    def session(self) -> str | None:
        """The name of this writer among all; None if it only reads."""
        return None if self._session is None else self._session.id

    def run(self, description: Mapping[str, object]) -> int:
        """Return the row of the run that is described so: equal descriptions are one run."""
        content = msgspec.json.encode(description, order="sorted")
        return self._registered(
            content, journal.find_run, lambda connection: journal.add_run(connection, content)
        )

    def question(self, question: Question) -> int:
        """Return the row of a question."""
        content = journal.content_of(question)
        return self._registered(
            content,
            journal.find_question,
            lambda connection: journal.add_question(connection, content),
        )

    async def find(self, request: Request, indices: range) -> Found:
        """Look up samples of a request, without waiting for anyone."""
        canonical = request.canonical()
        name = sha256(canonical).digest()
        with explained(self._path):
            row = self._known.get(name)
            if row is None:
                row = journal.find_request(self._reader, name)
            if row is None:
                row = await self._writing.write(
                    lambda connection: journal.add_request(connection, canonical)
                )
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = row
            return journal.find_samples(self._reader, row, indices, self._attempts.under_way)

    async def link(self, purpose: Purpose, request: int, indices: range) -> None:
        """Note what samples of a request are for; noting it again changes nothing."""
        with explained(self._path):
            if not journal.has_link(self._reader, purpose, request, indices):
                await self._writing.write(
                    lambda connection: journal.add_link(connection, purpose, request, indices)
                )

    async def claim(self, request: int, index: int, *, seed: int | None) -> Claim:
        """Journal an attempt as sent, unless the sample is there or under way.

        If whoever waits for it is cancelled, the attempt is journalled as not sent.
        """
        return await self._attempts.claim(request, index, seed=seed)

    async def ended(self, request: int, index: int) -> bool:
        """Wait until the attempt on a sample that this process has under way has ended, well or not.

        Return whether there was one; those of other processes are not waited for.
        """
        return await self._attempts.ended(request, index)

    async def finish(self, claim: Claim, sample: Sample, body: bytes) -> None:
        """Commit the response to an attempt."""
        await self._attempts.finish(claim, sample, body)

    async def fail(
        self, claim: Claim, kind: str, message: str, *, status: int | None, final: bool
    ) -> None:
        """Journal that an attempt brought nothing; `final` if this run does not ask for the sample again."""
        await self._attempts.fail(claim, kind, message, status=status, final=final)

    async def skip(self, request: int, index: int) -> Sample:
        """Decide that a sample stays unknown: its attempt was cut off and may have been paid for."""
        return await self._writing.write(
            lambda connection: journal.add_skip(connection, request, index)
        )

    def log(
        self,
        run: int | None = None,
        *,
        role: str = "generator",
        extract: Extractor | None = None,
        equivalence: Equivalence | None = None,
        verdict: Extractor | None = None,
        score: ScoreReader | None = None,
    ) -> AnswerLog:
        """Return the candidates of a run as an answer log.

        A run with a filter has a column `keep`, one with a reward model a column `score`, and if the model scored
        steps `step_scores` as well; candidates that are still to be judged or scored are left out. A score that failed
        or cannot be read is NaN; several answers of the model to one request count with their mean.

        Parameters
        ----------
        run : int, optional
            The run; needed if there are several.
        role : str, default "generator"
            Whose candidates.
        extract, equivalence, verdict, score : optional
            How answers are read from texts, which of them are equal, which verdicts keep a candidate, and how scores
            are read. The default is what the run was made with.

        Raises
        ------
        StoreError
            If there is no such run, or there are several and none is named.
        """
        from kcurve.store.export import answer_log  # noqa: PLC0415 - numpy and logs only for this

        with explained(self._path):
            return answer_log(
                self._reader,
                run,
                role=role,
                extract=extract,
                equivalence=equivalence,
                verdict=verdict,
                score=score,
            )

    def texts(
        self,
        run: int | None = None,
        *,
        role: str = "generator",
        verdict: Extractor | None = None,
        score: ScoreReader | None = None,
    ) -> Iterator[str | None]:
        """Yield the texts that the rows of `log` are read from, in their order; None where there is none.

        Parameters
        ----------
        run, role, verdict, score : optional
            As for `log`.
        """
        from kcurve.store.texts import texts  # noqa: PLC0415 - numpy and logs only for this

        with explained(self._path):
            yield from texts(self._reader, run, role=role, verdict=verdict, score=score)

    def info(self) -> Information:
        """Count what the store holds."""
        from kcurve.store.describe import information  # noqa: PLC0415

        with explained(self._path):
            return information(self._reader, self._path)

    def verify(self) -> Verification:
        """Check the file, all keys and all references; reads everything."""
        from kcurve.store.describe import verification  # noqa: PLC0415

        with explained(self._path):
            return verification(self._reader)

    def duplicates(self, *, least_length: int = LEAST_LENGTH) -> Duplicates:
        """Look for samples that are too much alike to have been drawn independently."""
        with explained(self._path):
            return find_duplicates(self._reader, least_length=least_length)

    def close(self) -> None:
        """Commit what was asked for, and close the file."""
        if hasattr(self, "_reader"):
            self._reader.close()  # first, for the last one to close may have to write
        if self._writer is not None:
            self._writer.close()
        if self._session is not None:
            self._session.end()
            self._session = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Name the file."""
        name = "temporary" if self._temporary is not None else repr(str(self._path))
        return f"Store({name})" if self._writer is not None else f"Store({name}, read_only=True)"

    @property
    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreError(f"{self._path} is open for reading only; open it without read_only")
        return self._writer

    def _registered(
        self,
        content: bytes,
        find: Callable[[sqlite3.Connection, bytes], int | None],
        add: Callable[[sqlite3.Connection], int],
    ) -> int:
        with explained(self._path):
            row = find(self._reader, content)
            return self._writing.write_now(add) if row is None else row
