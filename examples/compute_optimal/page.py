"""The page: what was run, what came out, and where it agrees with the papers and where not."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from math import nan
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from budgets import STRATEGIES, spendings
from claims import SHORT
from more_calls import RULES
from reasoners import is_trap, operations
from scipy.stats import mannwhitneyu
from tables import markdown

import kcurve as kc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgets import Spent
    from claims import Claim
    from more_calls import LawFit, Optimum
    from results import Results

EXAMPLES = Path(__file__).resolve().parents[1]

COMMAND = "make reproduce"

FIGURES = {
    "strategies": "Error against FLOPs per question by policy. Intervals are in the tables.",
    "sizes": "The same by strategy: which policy is best for a budget.",
    "frontier": "What no other choice beats, with its 95 % interval; and the policy of least error for a budget.",
    "lengths": f"Questions of up to {SHORT} operations, and longer ones.",
    "more-calls": "Accuracy against calls: all questions, those whose vote the right answer leads (easy), and those whose vote a wrong one leads (hard).",
    "laws": "The curve resampled from the log, and the law fitted to it at 2, 5, 10, 20, 50 and 100 calls.",
}


def page(
    results: Results,
    folder: Path,
    *,
    second: Sequence[Claim],
    first: Sequence[Claim],
    size_law: str,
    fits: Sequence[LawFit],
    optima: Sequence[Optimum],
) -> str:
    """Return the page as Markdown, with links as they are from its folder."""
    parts = [
        "# Both papers on models of our own",
        _introduction(results, folder),
        "## What was run",
        _settings(results),
        _models(results),
        "## Compute-optimal inference",
        "After Wu et al., *Inference Scaling Laws*, arXiv 2408.00724.",
        _figure("strategies"),
        _spendings(results),
        _figure("sizes"),
        _figure("frontier"),
        size_law,
        _figure("lengths"),
        _claims(second),
        "## More calls",
        "After Chen et al., *Are More LLM Calls All You Need?*, arXiv 2403.02419.",
        _figure("more-calls"),
        _figure("laws"),
        _fits(fits),
        "### The best number of calls",
        _optima(results, optima),
        _claims(first),
        "## What this is no evidence of",
        _limits(results),
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(results: Results, folder: Path) -> str:
    names = ", ".join(results.policies)
    reasoner, here = (
        Path(relpath(EXAMPLES / name, folder)).as_posix()
        for name in ("tiny_reasoner", "compute_optimal")
    )
    return f"""\
What two papers found on models of billions of parameters, asked again of a family of tiny ones ({names}) that a laptop
runs in minutes: each figure is drawn from answers that the models of [`examples/tiny_reasoner`]({reasoner})
gave over HTTP to llama.cpp, and each number on this page is computed by
[`examples/compute_optimal`]({here}). So is the page itself, the verdicts on the papers too.

    {COMMAND}

runs it again, models, figures and page. It goes on where it was if it is interrupted, for every sample is kept in a store;
`python examples/compute_optimal --quick` takes a minute, and `--analyse` computes everything from the answers that are there."""


def _settings(results: Results) -> str:
    machine = results.machine
    log = next(iter(results.logs.values()))
    traps = sum(map(is_trap, log.question))
    widths, expansions = (
        ", ".join(
            map(str, sorted({one.size for one in results.searched if one.strategy == strategy}))
        )
        for strategy in ("REBASE", "MCTS")
    )
    return f"""\
{len(log)} sums of 2 to 7 operations, {traps} of them with a trap: a step that most of the solutions that the policies learnt from had wrong.
Each policy wrote {int(log.n_samples.min())} whole responses to each at temperature 1, and the reward model scored each response: how probable it
is that all of its lines are right. REBASE ran with widths {widths} (balance temperature 0.1) and MCTS with {expansions} expansions, line by
line, with the same reward model; the weighted vote of their paths decides. FLOPs are 2 N for every token that the policy wrote, on pruned
paths too; the reward model is left out, as in the paper, and counted in the last column of the table.

Run on {machine["date"]}, {machine["machine"]}, load {machine["load"]}: {machine["minutes"]} minutes for the
{machine["calls"]} calls that the store did not have."""


def _models(results: Results) -> str:
    rows = []
    for name, log in results.logs.items():
        first = kc.curve(log, k=1, interval=None).mean[0]
        part = kc.difficulty(log).split(log)
        rows.append(
            [
                name,
                f"{results.parameters[name]:,}",
                f"{log.tokens_out.mean():.0f}",
                f"{first:.3f}",
                f"{area_under_curve(log):.3f}",
                *(len(part[kind]) if kind in part else 0 for kind in ("easy", "hard", "tied")),
            ]
        )
    rows.append(["reward", f"{results.parameters['reward']:,}", *[""] * 6])
    head = ["model", "parameters", "tokens a response", "one sample right", "AUC of the reward"]
    return markdown([*head, "easy", "hard", "tied"], rows)


def area_under_curve(log: kc.AnswerLog) -> float:
    """Return how probable a right response has a higher score than a wrong one, over all questions."""
    known = ~np.isnan(log.score)
    right, wrong = (log.score[known & (log.correct == told)] for told in (True, False))
    if not (len(right) and len(wrong)):
        return nan
    return float(mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong)))


def _spendings(results: Results) -> str:
    rows = spendings(results)

    def best(policy: str, strategy: str) -> list[str]:
        own: list[Spent] = [row for row in rows if (row.policy, row.strategy) == (policy, strategy)]
        lowest = min(own, key=lambda row: row.error)
        return [
            policy,
            strategy,
            str(lowest.size),
            f"{lowest.error:.3f} [{lowest.low:.3f}, {lowest.high:.3f}]",
            f"{lowest.flops:.2e}",
            f"{lowest.flops_with_reward:.2e}",
        ]

    head = ["policy", "strategy", "size", "least error", "FLOPs", "with the reward model"]
    return (
        "The least error of each strategy, and where it was reached (all sizes are in [points.csv](points.csv)):\n\n"
        + markdown(head, [best(policy, name) for policy in results.policies for name in STRATEGIES])
    )


def _fits(fits: Sequence[LawFit]) -> str:
    rows = [
        [
            fit.policy,
            fit.rule,
            fit.easy,
            fit.hard,
            fit.tied,
            f"{fit.mean_squared_error:.1e}",
            f"{fit.largest_error:.4f}",
            fit.best_k,
            f"{fit.law_k} (-{fit.law_regret:.4f})",
        ]
        for fit in fits
    ]
    head = [
        "policy",
        "rule",
        "easy",
        "hard",
        "tied",
        "mean squared error",
        "largest error",
        "best",
        "by the law",
    ]
    return (
        "Errors of the fitted law at other numbers of calls up to 1000, on the same log, as in the paper; the best number of calls, "
        "and the one that is best by the law, with what it loses:\n\n" + markdown(head, rows)
    )


def _optima(results: Results, optima: Sequence[Optimum]) -> str:
    rows = [
        [
            one.policy,
            one.rule,
            f"{one.mixture} ({100 * one.hard_share:.0f} %)",
            f"{one.best_k}: {one.best_accuracy:.3f}",
            f"{one.law_k} (-{one.law_regret:.3f})",
            f"{one.posterior_k} (-{one.posterior_regret:.3f})",
            f"-{one.one_regret:.3f}",
            f"-{one.most_regret:.3f}",
        ]
        for one in optima
    ]
    head = ["policy", "rule", "questions (hard)", "best", "law", "posterior", "fewest", "most"]
    return (
        f"Foretold from the first {results.few} samples of each question, and judged by the others, in brackets what is lost "
        f"against the best number of calls; the last columns are what the fewest and the most calls lose. Half of the hard or of the "
        f"easy questions are left out in turn, so that there are several mixtures.\n\n"
        + markdown(head, rows)
    )


def _claims(claims: Sequence[Claim]) -> str:
    rows = [[claim.says, claim.found, f"**{claim.verdict}**"] for claim in claims]
    return markdown(["the paper", "here", ""], rows)


def _figure(name: str) -> str:
    return f"![{FIGURES[name]}]({name}.png)\n\n*{FIGURES[name]}*"


def _limits(results: Results) -> str:
    log = next(iter(results.logs.values()))
    most = max(map(operations, log.question))
    return f"""\
- Verdicts rest on {len(log)} questions: "agrees" and "disagrees" are said where a 95 % interval leaves zero out (or, for searches and laws, as
  the table says), "open" where it does not. Some of that many intervals miss by chance.
- Searches were run once for each size; their steps are shared between sizes, so neighbouring points err together.
- Easy and hard are told by the same samples that the curves are drawn from, as in the paper. A question near the border is put on
  the side where its samples happened to fall, which makes the curves part a little too neatly.
- Sums of at most {most} operations are no mathematics. Steps are short, the reward model saw many of them in training, and traps are
  errors that all policies were taught, so that what they share is more than models of the world share.
- {RULES["Filter-Vote"].label} keeps what the reward model gives at least {RULES["Filter-Vote"].threshold}; in the paper the policy judges itself."""
