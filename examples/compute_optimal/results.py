"""What the models brought: sampled answers and searches, kept in files from which everything else is computed."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import kcurve as kc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SAMPLES = "samples.parquet"
SEARCHES = "searches.csv"
SETTINGS = "settings.json"


class Searched(NamedTuple):
    """A question solved by a search.

    Attributes
    ----------
    policy
        Who wrote the steps.
    strategy
        "REBASE" or "MCTS".
    size
        Its width, or its number of expansions.
    question
        The question.
    correct
        Whether the weighted vote of the paths is right.
    steps, tokens
        Steps written, those of pruned paths too, and their tokens.
    """

    policy: str
    strategy: str
    size: int
    question: str
    correct: bool
    steps: int
    tokens: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Results:
    """All that the models brought.

    Attributes
    ----------
    logs
        The samples of each policy, scored, from the smallest policy to the largest.
    searched
        Every question under every search.
    parameters
        Of each policy, and of the reward model under "reward".
    few
        How many samples predictions are made from.
    machine
        Where, when and how long it ran.
    """

    logs: Mapping[str, kc.AnswerLog]
    searched: Sequence[Searched]
    parameters: Mapping[str, int]
    few: int
    machine: Mapping[str, str]

    @property
    def policies(self) -> tuple[str, ...]:
        """The names of the policies, from the smallest to the largest."""
        return tuple(self.logs)

    def write(self, folder: Path) -> None:
        """Write the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, log in self.logs.items():
            log.to_parquet(folder / f"{name}-{SAMPLES}")
        with (folder / SEARCHES).open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(Searched._fields)
            table.writerows([*row[:4], int(row.correct), *row[5:]] for row in self.searched)
        settings = {
            "parameters": dict(self.parameters),
            "few": self.few,
            "machine": dict(self.machine),
        }
        (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def read_results(folder: Path) -> Results:
    """Return what `Results.write` has written."""
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    parameters = settings["parameters"]
    policies = [name for name in parameters if name != "reward"]
    with (folder / SEARCHES).open(encoding="utf-8") as file:
        searched = [
            Searched(
                row["policy"],
                row["strategy"],
                int(row["size"]),
                row["question"],
                row["correct"] == "1",
                int(row["steps"]),
                int(row["tokens"]),
            )
            for row in csv.DictReader(file)
        ]
    return Results(
        logs={name: kc.read_log(folder / f"{name}-{SAMPLES}") for name in policies},
        searched=searched,
        parameters=parameters,
        few=settings["few"],
        machine=settings["machine"],
    )
