"""What `kcurve solve` says at its end: the answers found, with votes, scores, tokens, and what it all took."""

from __future__ import annotations

from collections import defaultdict
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text

from kcurve.answers import classes
from kcurve.cli.sampled import aligned_rows
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


def show_answers(screen: Console, solution: Solution, strategy: Strategy, *, tree: bool) -> None:
    """Print the answers to a question, and what they took."""
    answers = found_answers(solution, strategy)
    if answers:
        screen.print(_table(answers, solution))
        screen.print()
    if tree and solution.tree is not None:
        screen.print(Text(solution.tree.render(width=screen.width)))
        screen.print()
    rows = [("answer", _NOTHING if solution.answer is None else solution.answer)]
    if solution.correct is not None:
        rows.append(("right", "yes" if solution.correct else "no"))
    if solution.tied:
        rows.append(("tie", "broken by a draw"))
    rows += [("strategy", getattr(strategy, "label", type(strategy).__name__))]
    rows += _taken(solution)
    for label, value in aligned_rows(rows):
        screen.print(Text.assemble((label, "bold"), "  ", value))


def found_answers(solution: Solution, strategy: Strategy) -> list[Answer]:
    """Return the answers found, by claim, and last the candidates without one."""
    generator = getattr(strategy, "generator", None)
    given = [candidate.answer for candidate in solution.candidates]
    same = classes(given, equivalence=generator.equivalence, reference=None) if generator else None
    members: dict[str | None, list[Candidate]] = defaultdict(list)
    for place, candidate in enumerate(solution.candidates):
        code = -1 if same is None else int(same.codes[place])
        members[same.texts[code] if same is not None and code >= 0 else None].append(candidate)
    lost = members.pop(None, [])
    claims = solution.votes
    answers = [
        Answer(text, claims.get(text), found)
        for text, found in sorted(
            members.items(), key=lambda one: -(claims.get(one[0] or "") or 0.0)
        )
        if text is not None
    ]
    return [*answers, Answer(_NOTHING, None, lost)] if lost else answers


def show_run(screen: Console, result: RunResult) -> None:
    """Print what became of several questions."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in (
        ("question", "left"),
        ("answer", "left"),
        ("right", "left"),
        ("calls", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("tokens", justify="right")
    for one in result.questions:
        right = "" if one.correct is None else "yes" if one.correct else "no"
        said = _NOTHING if one.answer is None else one.answer
        table.add_row(
            shorten(one.question, 40),
            shorten(one.error or said, 60),
            right,
            f"{one.spent.calls:,}",
            f"{one.spent.tokens_in + one.spent.tokens_out:,}",
        )
    screen.print(table)
    screen.print()
    plain = result.to_dict()
    rows = [("strategy", result.strategy), ("questions", f"{plain['questions']:,}")]
    if plain["accuracy"] is not None:
        shown = f"{plain['accuracy']:.4f}  ({plain['low']:.4f} to {plain['high']:.4f})"
        rows.append(("accuracy", shown))
    rows += _spent("calls", result.spent)
    if plain["failed"]:
        rows.append(("failed", f"{plain['failed']:,}"))
    for label, value in aligned_rows(rows):
        screen.print(Text.assemble((label, "bold"), "  ", value))


def _table(answers: list[Answer], solution: Solution) -> Table:
    """Return a row for each answer."""
    scored = any(candidate.score is not None for candidate in solution.candidates)
    tree = solution.tree
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("answer")
    table.add_column("claim", justify="right")
    table.add_column("paths" if tree is not None else "responses", justify="right")
    if scored:
        table.add_column("best score", justify="right")
        table.add_column("mean score", justify="right")
    if tree is not None:
        table.add_column("tokens a path", justify="right")
    for answer in answers[:_MOST_ANSWERS]:
        cells = [shorten(answer.text, 60), "" if answer.claim is None else f"{answer.claim:.4g}"]
        cells.append(f"{len(answer.candidates):,}")
        if scored:
            known = [
                one.score
                for one in answer.candidates
                if one.score is not None and not isnan(one.score)
            ]
            cells += [f"{max(known):.3f}", f"{sum(known) / len(known):.3f}"] if known else ["", ""]
        if tree is not None:
            tokens = [
                int(tree.path_tokens[one.node]) for one in answer.candidates if one.node is not None
            ]
            cells.append(f"{sum(tokens) / len(tokens):,.0f}" if tokens else "")
        table.add_row(*cells)
    if len(answers) > _MOST_ANSWERS:
        table.caption = f"and {len(answers) - _MOST_ANSWERS} more"
    return table


def _taken(solution: Solution) -> list[tuple[str, str]]:
    """Return what it took, the reward model's part apart."""
    rows = _spent("calls", solution.spent)
    if solution.reward_spent.calls:
        rows += _spent("of these for scores", solution.reward_spent)
    return rows


def _spent(label: str, spent: Spent) -> list[tuple[str, str]]:
    plain = spent.to_dict()
    tokens = f"{plain['tokens_in']:,} tokens in, {plain['tokens_out']:,} out"
    rows = [(label, f"{plain['calls']:,}  ({plain['new']:,} new), {tokens}")]
    if plain["cost"]:
        rows.append(("money", f"{plain['cost']:.4g}"))
    if plain["failures"]:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in plain["failures"].items())
        rows.append(("failed", kinds))
    return rows
