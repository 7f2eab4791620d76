"""What `kcurve sample` says at its end: accuracy, calls, losses, and what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.text import Text

from kcurve.cli.outcome import accuracy_rows, kinds, show_rows
from kcurve.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from kcurve.strategies import RunResult, Sampling


def show(screen: Console, result: RunResult, strategy: Sampling, store: Path) -> None:
    """Print what a run brought, and what to do next."""
    plain = result.to_dict()
    name = strategy.rule.label.replace("@k", f"@{strategy.k}")
    rows = [("model", result.model), ("questions", f"{plain['questions']:,}")]
    rows += accuracy_rows(f"accuracy of {name}", plain)
    rows.append(("calls", f"{plain['calls']:,}  ({plain['new']:,} new)"))
    rows.append(("tokens", f"{plain['tokens_in']:,} in, {plain['tokens_out']:,} out"))
    if plain["cost"]:
        rows.append(("money", f"{plain['cost']:.4g}"))
    rows += _losses(plain)
    show_rows(screen, rows)
    if result.run is not None and plain["calls"]:
        screen.print()
        screen.print(Text(f"Next: {_next(result, strategy, store)}"))


def _losses(plain: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what went wrong, by kind."""
    rows = [
        (label, f"{plain[name]:,}")
        for name, label in (
            ("no_answer", "no answer"),
            ("tied", "ties"),
            ("fell_back", "none kept"),
            ("retried", "calls repeated"),
        )
        if plain[name]
    ]
    for name, label in (("failures", "calls failed"), ("errors", "questions failed")):
        if plain[name]:
            rows.append((label, kinds(plain[name])))
    return rows


def _next(result: RunResult, strategy: Sampling, store: Path) -> str:
    """Return the command that shows the curve."""
    words = ["kcurve", "curve", str(store)]
    if result.run != 1 or _runs(store) > 1:
        words += ["--run", str(result.run)]
    if strategy.verifier is not None:
        words += ["--rule", "filter-vote"]
    return shlex.join(words)


def _runs(path: Path) -> int:
    with Store(path, read_only=True) as store:
        return len(store.info().runs)
