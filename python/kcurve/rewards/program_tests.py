"""Programs scored by their tests."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.answers import describe
from kcurve.errors import ArgumentError
from kcurve.rewards.evaluation import Evaluations
from kcurve.rewards.fields import check_steps
from kcurve.rewards.program_run import RunLimits, passes
from kcurve.store.records import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards.reward import RewardKind, Score
    from kcurve.store.records import Purpose

_FENCED = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<code>.*?)(?:^[ \t]*(?P=fence)[`~]*\s*?$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_MODEL = "program tests"
_LONGEST = 86_400.0


@dataclass(frozen=True, slots=True)
class LastFencedBlock:
    r"""The content of the last fenced block of a text that is not blank; the whole text if there is none.

    Notes
    -----
    A fence is a line that begins with three or more backticks or tildes; whatever follows the opening one, such
    as the name of a language, is left out. A block that a limit of tokens left open ends with the text.

    Examples
    --------
    >>> LastFencedBlock()("So:\n```python\ndef f():\n    return 1\n```\nThat is all.")
    'def f():\n    return 1\n'
    """

    def __call__(self, text: str) -> str | None:
        """Return the program in a text; None if the text is blank."""
        blocks = [found["code"] for found in _FENCED.finditer(text) if found["code"].strip()]
        if blocks:
            return blocks[-1]
        return text if text.strip() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramTests:
    """Scores a response by running the program in it with the tests of its question: an outcome reward.

    Each test runs in a process of its own after the program: with an isolated interpreter (``python -I``) in an
    empty temporary folder, with no environment variables of this process, with limits of processor time, memory,
    file size and number of processes, and killed with its children when the time is over.

    This is no security sandbox. The program runs with the rights of this user: it can read files and use
    the network, and a process that it starts in a session of its own outlives it. Run programs of models that
    you do not trust in a container or a virtual machine.

    Parameters
    ----------
    tests : str
        Where the metadata of a question hold its tests: a text of assertions, or a list of such, which may be
        written as JSON. `kcurve.datasets.load` puts a column ``tests`` there.
    language : {"python"}
        The language of the programs: that of the interpreter which runs kcurve.
    timeout : float
        Seconds that each run may take, at most a day.
    memory : int
        Megabytes of address space that each process may have.
    processes : int
        Processes and threads that a run may have besides its own, where the system can limit it and the user
        is not root.
    extract : callable
        Finds the program in a response.
    concurrency : int, optional
        The most runs at once; the default is the number of processors.

    Raises
    ------
    ArgumentError
        If a setting is out of its range, or the system is not POSIX.

    Notes
    -----
    The score of one text of assertions is 1.0 if its end is reached without an exception, within all limits, and
    else 0.0; that of a list is the share of its texts that pass. A response without a program scores 0.0.
    A program that is too slow fails: leave it enough time on a busy machine. Results are stored under program,
    tests, limits and version of Python, so a program that was tested once is never run again. If this process is
    killed, a program that it runs ends by itself when its time is over.

    Examples
    --------
    >>> import asyncio
    >>> from kcurve.datasets import Question
    >>> from kcurve.llm import LLM
    >>> from kcurve.store import Purpose
    >>> question = Question(
    ...     "Write double(x).",
    ...     metadata={"tests": ["assert double(2) == 4", "assert double('a') == 'aa'"]},
    ... )
    >>> async def score(text):
    ...     llm = LLM("any", base_url="http://localhost:8000/v1")  # its store is used
    ...     place = Purpose(llm.store.run({}), llm.store.question(question))
    ...     return await ProgramTests().score(llm, question, [text], purpose=place)
    >>> asyncio.run(score("def double(x): return x + x")).value
    1.0
    >>> asyncio.run(score("def double(x): return int(x) * 2")).value
    0.5
    """

    tests: str = "tests"
    language: Literal["python"] = "python"
    timeout: float = 10.0
    memory: int = 512
    processes: int = 32
    extract: Callable[[str], str | None] = LastFencedBlock()
    concurrency: int | None = None
    _evaluations: Evaluations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        if os.name != "posix":
            raise ArgumentError(
                f"ProgramTests needs the process limits of a POSIX system, this one is {os.name!r}; "
                "use FunctionReward with a runner of your own"
            )
        instance("tests", self.tests, str)
        choice("language", self.language, ("python",))
        number_between("timeout", self.timeout, 0, _LONGEST, low_excluded=True)
        positive_integer("memory", self.memory)
        positive_integer("processes", self.processes)
        if not callable(self.extract):
            raise ArgumentError(f"extract must be callable, got {self.extract!r:.80}")
        if self.concurrency is not None:
            positive_integer("concurrency", self.concurrency)
        places = self.concurrency or os.cpu_count() or 1
        object.__setattr__(self, "_evaluations", Evaluations(places, None))

    @property
    def kind(self) -> RewardKind:
        """A whole response is scored."""
        return "outcome"

    @property
    def llm(self) -> LLM | None:
        """None: it asks no model."""
        return None

    def description(self, model: str) -> dict[str, Any]:  # noqa: ARG002 - it asks no model
        """Return what determines the scores, as plain JSON."""
        return {
            "reward": "ProgramTests",
            "kind": self.kind,
            "tests": self.tests,
            "extract": describe(self.extract),
            **self._conditions(),
        }

    async def score(
        self, llm: LLM, question: Question, steps: Sequence[str], *, purpose: Purpose
    ) -> Score:
        """Return the share of the tests that the program in a response passes; kept in the store of `llm`.

        Raises
        ------
        ArgumentError
            If there is no step, or the question has no tests.
        StoreError
            If the store cannot be written.
        """
        check_steps(steps)
        tests = self._tests_of(question)
        program = self.extract("".join(steps))
        request = Request(
            _MODEL,
            "function",
            {"program": program, "tests": tests},
            self._conditions(),
        )
        return await self._evaluations.score(
            llm.store, request, lambda: self._share(program, tests), purpose=purpose
        )

    def _tests_of(self, question: Question) -> list[str]:
        """Return the tests of a question, at least one."""
        found: object = question.metadata.get(self.tests)
        tests = _listed(found) if isinstance(found, str) else found
        if (
            not isinstance(tests, list | tuple)
            or not tests
            or not all(isinstance(test, str) and test.strip() for test in tests)
        ):
            raise ArgumentError(
                f"the metadata of question {question.id!r} must hold tests under {self.tests!r}, a text or a list "
                f"of texts, got {found!r:.80}; put them there, or name their place: ProgramTests(tests=)"
            )
        return list(tests)

    def _conditions(self) -> dict[str, object]:
        return {
            "language": self.language,
            "version": platform.python_version(),
            "timeout": self.timeout,
            "memory": self.memory,
            "processes": self.processes,
        }

    async def _share(self, program: str | None, tests: list[str]) -> float:
        """Return the share of the tests that pass, run one after another."""
        if program is None:
            return 0.0
        limits = RunLimits(
            timeout=self.timeout,
            memory=self.memory * 1_000_000,
            file_size=16_000_000,
            processes=self.processes,
        )
        passed = [await passes(program, test, limits) for test in tests]
        return sum(passed) / len(passed)


def _listed(text: str) -> list[str]:
    """Return the tests of a text: a list that is written as JSON, or a single one."""
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        return [text]
