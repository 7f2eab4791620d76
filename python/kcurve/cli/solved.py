"""What `kcurve solve` says at its end: the answers found, with votes, scores, tokens, and what it all took."""

from __future__ import annotations

from collections import defaultdict
from math import isnan
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text

from kcurve.answers import SameText, classes
from kcurve.cli.outcome import accuracy_rows, kinds, show_rows
from kcurve.cli.shorten import shorten

if TYPE_CHECKING:
    from rich.console import Console

    from kcurve.strategies import Candidate, RunResult, Solution, Spent, Strategy

_MOST_ANSWERS = 12
_NOTHING = "no answer"


class Answer(NamedTuple):
    """One answer, and the candidates that gave it."""

    text: str
    claim: float | None
    candidates: list[Candidate]


def show_solution(screen: Console, solution: Solution, strategy: Strategy, *, tree: bool) -> None:
    """Print the answers to a question, and what they took."""
    if answers := found_answers(solution, strategy):
        screen.print(_table(answers, solution))
        screen.print()
    if tree and solution.tree is not None:
        screen.print(Text(solution.tree.render(width=screen.width)))
        screen.print()
    rows = [("answer", _NOTHING if solution.answer is None else solution.answer)]
    if solution.correct is not None:
        rows.append(("right", _yes_or_no(solution.correct)))
    if solution.tied:
        rows.append(("tie", "broken by a draw"))
    rows.append(("strategy", getattr(strategy, "label", type(strategy).__name__)))
    if solution.stopped_early is not None:
        rows.append(("stopped early", _yes_or_no(solution.stopped_early)))
    rows += _spent("calls", solution.spent)
    if solution.reward_spent.calls:
        rows += _spent("of these for scores", solution.reward_spent)
    show_rows(screen, rows)


def found_answers(solution: Solution, strategy: Strategy) -> list[Answer]:
    """Return the answers found, by claim, and last the candidates without one."""
    generator = getattr(strategy, "generator", None)
    equivalence = SameText() if generator is None else generator.equivalence
    given = [candidate.answer for candidate in solution.candidates]
    same = classes(given, equivalence=equivalence, reference=None)
    members: dict[int, list[Candidate]] = defaultdict(list)
    for code, candidate in zip(same.codes.tolist(), solution.candidates, strict=True):
        members[code].append(candidate)
    lost = members.pop(-1, [])
    claims = solution.votes
    answers = [
        Answer(same.texts[code], claims.get(same.texts[code]), found)
        for code, found in members.items()
    ]
    answers.sort(key=lambda one: -(one.claim or 0.0))
    return [*answers, Answer(_NOTHING, None, lost)] if lost else answers


def show_run(screen: Console, result: RunResult) -> None:
    """Print what became of several questions."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("question", "answer", "right"):
        table.add_column(name)
    for name in ("calls", "tokens"):
        table.add_column(name, justify="right")
    for one in result.questions:
        said = _NOTHING if one.answer is None else one.answer
        table.add_row(
            shorten(one.question, 40),
            shorten(one.error or said, 60),
            "" if one.correct is None else _yes_or_no(one.correct),
            f"{one.spent.calls:,}",
            f"{one.spent.tokens_in + one.spent.tokens_out:,}",
        )
    screen.print(table)
    screen.print()
    plain = result.to_dict()
    rows = [("strategy", result.strategy), ("questions", f"{plain['questions']:,}")]
    rows += accuracy_rows("accuracy", plain)
    rows += _spent("calls", result.spent)
    if result.stopped_early is not None:
        ended = sum(one.stopped_early is not None for one in result.questions)
        rows.append(("calls a question", f"{result.mean_calls:.2f}"))
        share = f"{result.stopped_early:,} of {ended:,}  ({result.stopped_early / ended:.1%})"
        rows.append(("stopped early", share))
    if result.reward_spent.calls:
        rows += _spent("of these for scores", result.reward_spent)
    if plain["failed"]:
        rows.append(("questions failed", kinds(plain["errors"])))
    show_rows(screen, rows)


def _table(answers: list[Answer], solution: Solution) -> Table:
    """Return a row for each answer."""
    scored = any(candidate.score is not None for candidate in solution.candidates)
    tree = solution.tree
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("answer")
    table.add_column("claim", justify="right")
    table.add_column("responses" if tree is None else "paths", justify="right")
    if scored:
        table.add_column("best score", justify="right")
        table.add_column("mean score", justify="right")
    if tree is not None:
        table.add_column("tokens a path", justify="right")
    for answer in answers[:_MOST_ANSWERS]:
        cells = [shorten(answer.text, 60), "" if answer.claim is None else f"{answer.claim:.4g}"]
        cells.append(f"{len(answer.candidates):,}")
        if scored:
            cells += _scores(answer.candidates)
        if tree is not None:
            nodes = [one.node for one in answer.candidates if one.node is not None]
            cells.append(f"{tree.path_tokens[nodes].mean():,.0f}")
        table.add_row(*cells)
    if len(answers) > _MOST_ANSWERS:
        table.caption = f"and {len(answers) - _MOST_ANSWERS} more"
    return table


def _scores(candidates: list[Candidate]) -> list[str]:
    """Return the best score and the mean one, of those that there are."""
    scores = [one.score for one in candidates if one.score is not None and not isnan(one.score)]
    return [f"{max(scores):.3f}", f"{fmean(scores):.3f}"] if scores else ["", ""]


def _spent(label: str, spent: Spent) -> list[tuple[str, str]]:
    plain = spent.to_dict()
    tokens = f"{plain['tokens_in']:,} tokens in, {plain['tokens_out']:,} out"
    rows = [(label, f"{plain['calls']:,}  ({plain['new']:,} new), {tokens}")]
    if plain["cost"]:
        rows.append(("money", f"{plain['cost']:.4g}"))
    if plain["failures"]:
        rows.append(("calls failed", kinds(plain["failures"])))
    return rows


def _yes_or_no(right: bool) -> str:  # noqa: FBT001 - what it is about
    return "yes" if right else "no"
