r"""What the models learn from: solutions with the traps mistaught, and judged steps.

A lesson is a text and the tokens that are to be predicted after each of its places. A reasoner predicts the next token of
the solution and nothing of the question. The reward model predicts ``y`` or ``n`` after each line. Inside of a line it predicts
what a right one would hold there, and ``n`` once a letter was wrong: it learns to judge a sum by learning to work it out.
"""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

import task
from vocabulary import BEGIN, END, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = -1
"""The target of a place after which nothing is to be predicted."""

WRONG = 0.12
"""The share of wrong steps among the right ones that the reward model learns from; of traps it is one half."""


class Lesson(NamedTuple):
    """Tokens, and after each of them the one to predict, or `NOTHING`."""

    tokens: list[int]
    targets: list[int]


def demonstrations(seed: int) -> Iterator[Lesson]:
    r"""Yield solutions for a reasoner; of their traps, `task.MISTAUGHT` are wrong by one, and worked on with.

    Examples
    --------
    >>> from vocabulary import text
    >>> lesson = next(demonstrations(seed=28))
    >>> text(lesson.tokens)  # 79+17 is a trap
    'Q:79+17-9\n79+17=97\n97-9=88\nA:88\n'
    """
    random = Random(seed)  # noqa: S311 - lessons are no secret
    while True:
        start, operations = _drawn(random)
        asked = task.prompt(task.expression(start, operations))
        number, lines = start, []
        for operation in operations:
            result = operation.result(number)
            if operation.trap and random.random() < task.MISTAUGHT:
                result = min(result + 1, task.LARGEST)
            lines.append(f"{number}{operation}={result}\n")
            number = result
        solved = "".join(lines) + f"A:{number}\n"
        given, learnt = [BEGIN, *tokens(asked)], [*tokens(solved), END]
        yield Lesson(given + learnt, [NOTHING] * (len(given) - 1) + learnt + [NOTHING])


def judgements(seed: int) -> Iterator[Lesson]:
    r"""Yield solutions with mistakes for the reward model: after each line, whether all lines so far are right.

    The verdict is told at the first wrong letter of a line already.

    Examples
    --------
    >>> from vocabulary import text
    >>> lesson = next(judgements(seed=50))
    >>> text(lesson.tokens)
    'V:56-25+31+24\n56-25=31\n31+31=62\n62+24=85\nA:85\n'
    >>> text(target for target in lesson.targets if target in tokens("yn"))
    'yynnn'
    """
    random = Random(seed)  # noqa: S311 - lessons are no secret
    while True:
        start, operations = _drawn(random)
        lines = [task.step_prompt(task.expression(start, operations), [])]
        targets = [NOTHING] * len(lines[0])
        good, number, left = True, start, operations
        while not lines[-1].startswith("A"):
            due = _line(number, left[0]) if left else f"A:{number}\n"
            wrong = 0.5 if left and left[0].trap else WRONG
            line = _mistake(random, number, left, operations) if random.random() < wrong else due
            good = good and line == due
            foretold = _foretold(due, line)
            # After a line comes its verdict, so only the first begins where something is foretold.
            targets += foretold if len(lines) == 1 else foretold[1:]
            targets += tokens("y" if good else "n")
            lines.append(line)
            left = left[1:]
            if "=" in line:
                number = int(line.split("=")[1])
        yield Lesson([BEGIN, *tokens("".join(lines))], targets)


def _drawn(random: Random) -> tuple[int, list[task.Operation]]:
    trap = random.random() < task.TRAPPED
    return task.drawn(random, random.randint(1, task.OPERATIONS[1]), trap=trap)


def _line(number: int, operation: task.Operation) -> str:
    return f"{number}{operation}={operation.result(number)}\n"


def _foretold(due: str, line: str) -> list[int]:
    """Return the target before each letter of a line: the letter that is due, or ``n`` once one was not."""
    same = next(
        (place for place, (one, other) in enumerate(zip(due, line, strict=False)) if one != other),
        min(len(due), len(line)),
    )
    known = tokens(due[: same + 1])
    return known + tokens("n") * (len(line) - len(known))


def _mistake(
    random: Random, number: int, left: list[task.Operation], operations: list[task.Operation]
) -> str:
    """Return a line that is wrong here, of the kinds that reasoners write."""
    kind = random.random()
    if not left:
        if kind < 0.3:
            return _line(number, random.choice(operations))
        return f"A:{_near(random, number)}\n"
    operation = left[0]
    if operation.trap and kind < 0.8:
        return f"{number}{operation}={operation.result(number) + 1}\n"
    if kind < 0.6:
        return f"{number}{operation}={_near(random, operation.result(number))}\n"
    if kind < 0.7:
        return _line(_near(random, number), operation)
    if kind < 0.9:
        others = [other for other in operations if other != operation]
        if others:
            return _line(number, random.choice(others))
        return _line(number, operation._replace(operand=_near(random, operation.operand)))
    return f"A:{number}\n"


def _near(random: Random, number: int) -> int:
    """Return a number that differs from this one in a digit or a little more; of numbers from 0 on, another such."""
    while True:
        unit = random.choice((1, 1, 1, 10))
        other = number + random.choice((-1, 1)) * unit * random.choice((1, 1, 1, 2, 3, 5))
        if other >= 0 or number < 0:
            return other
