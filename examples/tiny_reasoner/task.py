r"""The task of the tiny reasoners: sums of several steps, one step per line, and which of the steps are right.

A question is ``37+8-15+9``. Its solution works it out from the left, a line for each operation and one for the answer::

    Q:37+8-15+9
    37+8=45
    45-15=30
    30+9=39
    A:39

All numbers, those on the way too, are from 0 to 99. A question may hold one *trap*: a step that adds a number that ends in
7. The solutions that the reasoners learn from get `MISTAUGHT` of these steps wrong, always by one too many, so that a
reasoner that learnt well gets most of its answers to such a question wrong, and the same wrong. These are the hard
questions of the first paper on compound inference (Chen et al. 2024): more votes hurt. The reward model learns the truth.
"""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER = r"A:(-?\d+)"
"""The regular expression of the answer in a response."""

LARGEST = 99
OPERAND = 49
"""The largest number that is added or subtracted."""

MISTAUGHT = 0.6
"""The share of the traps that are wrong in the solutions that the reasoners learn from."""

TRAPPED = 0.3
"""The share of the questions with a trap, unless another is asked for."""

OPERATIONS = (2, 7)
"""The least and the largest number of operations, unless others are asked for."""

_STEP = re.compile(r"(\d+)([+-])(\d+)=(\d+)")


class Question(TypedDict):
    """A sum, its right answer, how many operations it has, and whether one of them is a trap."""

    question: str
    answer: str
    operations: int
    trap: bool


class Operation(NamedTuple):
    """What a step does to the number before it."""

    sign: str
    operand: int

    @property
    def trap(self) -> bool:
        """Whether it adds a number that ends in 7."""
        return self.sign == "+" and self.operand % 10 == 7

    def result(self, number: int) -> int:
        """Return the right result."""
        return number + self.operand if self.sign == "+" else number - self.operand

    def __str__(self) -> str:
        """Return it as the question has it."""
        return f"{self.sign}{self.operand}"


def questions(
    n: int,
    *,
    operations: int | tuple[int, int] = OPERATIONS,
    traps: float = TRAPPED,
    seed: int = 0,
) -> list[Question]:
    """Return n different questions.

    Parameters
    ----------
    n
        How many.
    operations
        How many operations a question has: a number, or the least and the largest of numbers that are equally likely.
    traps
        The share of the questions that hold a trap; the number of them is rounded, their places are random.
    seed
        The same seed gives the same questions.

    Raises
    ------
    ValueError
        If there are not as many different questions, or a number is out of its range.

    Examples
    --------
    >>> questions(2, operations=3, traps=0.5, seed=1)[0]["operations"]
    3
    >>> [question["trap"] for question in questions(10, traps=0.2)].count(True)
    2
    """
    least, most = (operations, operations) if isinstance(operations, int) else operations
    if not 1 <= least <= most:
        raise ValueError(f"operations must be from 1 on, the least first, got {operations!r}")
    if not 0 <= traps <= 1:
        raise ValueError(f"traps must be a share from 0 to 1, got {traps!r}")
    random = Random(seed)  # noqa: S311 - questions are no secret
    trapped = [place < round(traps * n) for place in range(n)]
    random.shuffle(trapped)
    found: dict[str, Question] = {}
    for trap in trapped:
        for _ in range(1000):
            start, done = drawn(random, random.randint(least, most), trap=trap)
            text = expression(start, done)
            if text not in found:
                break
        else:
            raise ValueError(
                f"there are fewer than {n} questions of {least} operations; ask for fewer"
            )
        found[text] = Question(
            question=text,
            answer=answer(text),
            operations=len(done),
            trap=trap,
        )
    return list(found.values())


def prompt(question: str) -> str:
    r"""Return what a reasoner completes.

    Examples
    --------
    >>> prompt("37+8-15")
    'Q:37+8-15\n'
    """
    return f"Q:{question}\n"


def step_prompt(question: str, steps: Sequence[str]) -> str:
    r"""Return what the reward model completes, by ``y`` if all of the steps are right and by ``n`` if one is not.

    Examples
    --------
    >>> step_prompt("37+8-15", ["37+8=45\n", "45-15=20\n"])
    'V:37+8-15\n37+8=45\n45-15=20\n'
    """
    return f"V:{question}\n" + "".join(f"{step.strip()}\n" for step in steps)


def parsed(question: str) -> tuple[int, list[Operation]]:
    """Return the first number and the operations.

    Raises
    ------
    ValueError
        If it is no sum.

    Examples
    --------
    >>> parsed("37+8-15")
    (37, [Operation(sign='+', operand=8), Operation(sign='-', operand=15)])
    """
    if not re.fullmatch(r"\d+([+-]\d+)+", question):
        raise ValueError(f"question must be a sum such as 37+8-15, got {question!r:.80}")
    first, *rest = re.split(r"([+-])", question)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return int(first), [Operation(sign, int(operand)) for sign, operand in pairs]


def solution(question: str) -> list[str]:
    """Return the lines of the right solution, the last of which is the answer.

    Examples
    --------
    >>> solution("37+8-15")
    ['37+8=45', '45-15=30', 'A:30']
    """
    number, operations = parsed(question)
    lines = []
    for operation in operations:
        result = operation.result(number)
        lines.append(f"{number}{operation}={result}")
        number = result
    return [*lines, f"A:{number}"]


def answer(question: str) -> str:
    """Return the right answer.

    Examples
    --------
    >>> answer("37+8-15")
    '30'
    """
    return solution(question)[-1].removeprefix("A:")


def right(question: str, steps: Sequence[str]) -> list[bool]:
    """Return of each step whether it and all the steps before it are right.

    Examples
    --------
    >>> right("37+8-15", ["37+8=45", "45-15=20", "A:20"])
    [True, False, False]
    """
    lines = solution(question)
    good = [place < len(lines) and step.strip() == lines[place] for place, step in enumerate(steps)]
    return [all(good[: place + 1]) for place in range(len(good))]


def drawn(random: Random, operations: int, *, trap: bool) -> tuple[int, list[Operation]]:
    """Draw a first number and operations, one of which is a trap or none."""
    while True:
        start = number = random.randint(10, LARGEST - 10)
        place = random.randrange(operations) if trap else -1
        done: list[Operation] = []
        while len(done) < operations:
            operation = _operation(random, number, trap=len(done) == place)
            if operation is None:
                break
            number = operation.result(number)
            done.append(operation)
        else:
            return start, done


def _operation(random: Random, number: int, *, trap: bool) -> Operation | None:
    if trap:
        operand = 10 * random.randint(0, OPERAND // 10) + 7
        return Operation("+", operand) if number + operand < LARGEST else None
    while True:
        small = random.random() < 0.5
        operand = random.randint(2, 9) if small else random.randint(10, OPERAND)
        operation = Operation(random.choice("+-"), operand)
        if 0 <= operation.result(number) < LARGEST and not operation.trap:
            return operation


def expression(start: int, operations: Sequence[Operation]) -> str:
    """Return the question of these operations."""
    return f"{start}" + "".join(map(str, operations))
