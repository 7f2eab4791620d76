"""How much is asked: numbers of questions, samples, widths and expansions."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The size of a run.

    Attributes
    ----------
    questions
        How many, the same for every policy.
    samples
        Whole responses to each question, of every policy.
    widths
        Of REBASE.
    expansions
        Of MCTS.
    few
        How many of the samples predictions are made from.
    """

    questions: int
    samples: int
    widths: tuple[int, ...]
    expansions: tuple[int, ...]
    few: int = 16


FULL = Scale(questions=120, samples=64, widths=(4, 8, 16, 32), expansions=(8, 16, 32, 64))
QUICK = Scale(questions=24, samples=24, widths=(4, 8), expansions=(8, 16), few=8)
SMALLEST = Scale(questions=6, samples=8, widths=(2, 4), expansions=(4, 8), few=4)
