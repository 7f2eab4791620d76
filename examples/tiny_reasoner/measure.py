"""Measure the models on llama.cpp, in an environment with kcurve and its tests, and write the tables of the README.

python examples/tiny_reasoner/measure.py --questions 240 --samples 16
"""
# ruff: noqa: INP001, T201 - a script that prints

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import family
import numpy as np
import task
from asking import dataset, generator, process_reward
from cyclopts import App
from scipy.stats import mannwhitneyu

import kcurve as kc
from kcurve.llm import LLM
from kcurve.rewards import split_steps
from kcurve.store import Store
from kcurve.strategies import Sampling

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.servers.llama_server import LlamaServer

if TYPE_CHECKING:
    from kcurve.strategies import Solution

README = Path(__file__).with_name("README.md")
SEED = 2026

app = App(help=__doc__)


@app.default
def measure(*, questions: int = 240, samples: int = 16, seed: int = SEED) -> None:
    """Measure all models on the same questions.

    Parameters
    ----------
    questions
        How many, of which three in ten hold a trap.
    samples
        Of each question, at temperature 1.
    seed
        Of the questions.
    """
    asked = task.questions(questions, seed=seed)
    brought = {name: asyncio.run(_solutions(name, asked, samples)) for name in family.models()}
    written = json.loads(family.FACTS.read_text(encoding="utf-8"))
    written["measured"] = {
        "questions": questions,
        "samples": samples,
        "seed": seed,
        "temperature": 1.0,
    }
    for name, solutions in brought.items():
        written["models"][name]["measured"] = _measured(asked, solutions)
    family.FACTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    page = README.read_text(encoding="utf-8")
    before, _, rest = page.partition("<!-- tables -->\n")
    _, _, after = rest.partition("<!-- end of tables -->\n")
    shown = tables(written)
    print(shown)
    page = f"{before}<!-- tables -->\n{shown}<!-- end of tables -->\n{after}"
    README.write_text(page, encoding="utf-8")


async def _solutions(name: str, asked: list[task.Question], samples: int) -> list[Solution]:
    """Return the votes of one model, each response of which the reward model has scored step by step."""
    async with AsyncExitStack() as opened:
        store = opened.enter_context(Store(None))
        policy, judge = [
            await opened.enter_async_context(_llm(opened, which, path, store))
            for which, path in ((name, family.models()[name]), ("reward", family.reward_model()))
        ]
        strategy = Sampling(
            kc.WeightedVote(),
            k=samples,
            generator=generator(),
            reward=process_reward(judge),
            step_end="\n",
        )
        return await asyncio.gather(*(strategy.solve(policy, one) for one in dataset(asked)))


def _llm(opened: AsyncExitStack, name: str, path: Path, store: Store) -> LLM:
    server = opened.enter_context(LlamaServer(path, context=256))
    return LLM(
        name,
        base_url=server.url,
        api_key="none",
        endpoint="completions",
        concurrency=16,
        store=store,
    )


def _measured(asked: list[task.Question], solutions: list[Solution]) -> dict[str, Any]:
    pairs = list(zip(asked, solutions, strict=True))
    rows = [
        {
            "question": question["question"],
            "answer": candidate.answer,
            "correct": candidate.answer == question["answer"],
            "score": candidate.score,
        }
        for question, solution in pairs
        for candidate in solution.candidates
    ]
    log = kc.AnswerLog.from_table(
        {name: [row[name] for row in rows] for name in rows[0]},
        question="question",
        answer="answer",
        correct="correct",
        score="score",
    )
    most = len(rows) // len(asked)
    ks = [k for k in (1, 4, 16, 64) if k <= most]
    curves = {
        label: kc.curve(log, rule, k=ks).per_question
        for label, rule in (
            ("vote", kc.Vote()),
            ("weighted vote", kc.WeightedVote()),
            ("best-of-n", kc.BestOfN()),
        )
    }
    one = curves["vote"][:, 0]
    operations = np.array([question["operations"] for question in asked])
    trap = np.array([question["trap"] for question in asked])
    step_right, step_score = _judged_steps(pairs)
    return {
        "accuracy": _rounded(one.mean()),
        "accuracy_by_operations": {
            str(number): _rounded(one[operations == number].mean())
            for number in np.unique(operations)
        },
        "accuracy_with_trap": _rounded(one[trap].mean()),
        "accuracy_without_trap": _rounded(one[~trap].mean()),
        "curves": {
            label: {
                str(k): _rounded(value) for k, value in zip(ks, score.mean(axis=0), strict=True)
            }
            for label, score in curves.items()
        },
        "AUC_of_steps": _rounded(auc(step_right, step_score)),
        "AUC_of_responses": _rounded(auc(log.correct, log.score)),
    }


def _judged_steps(pairs: list[tuple[task.Question, Solution]]) -> tuple[np.ndarray, np.ndarray]:
    """Return whether steps are right, and their scores: those of all responses up to the first that is wrong."""
    right, scores = [], []
    for question, solution in pairs:
        for candidate in solution.candidates:
            steps = split_steps(candidate.text or "", "\n")
            verdicts = task.right(question["question"], steps)
            judged = list(zip(verdicts, candidate.step_scores or (), strict=False))
            for verdict, score in judged[: sum(verdicts) + 1]:
                right.append(verdict)
                scores.append(score)
    return np.array(right), np.array(scores)


def auc(right: np.ndarray, scores: np.ndarray) -> float:
    """Return how probable a right step is to score higher than a wrong one; equal scores are half of it."""
    known = np.isfinite(scores)
    good, bad = scores[right & known], scores[~right & known]
    return float(mannwhitneyu(good, bad).statistic / (len(good) * len(bad)))


def tables(written: dict[str, Any]) -> str:
    """Return the tables of the README in Markdown."""
    models = written["models"]
    lines = [
        "| model | parameters | with embeddings | layers, width, heads | steps | tokens | FLOPs | loss of the last 100 steps | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, known in models.items():
        run = known["training"]
        lines.append(
            f"| {name} | {known['parameters']:,} | {known['parameters_with_embeddings']:,} "
            f"| {known['layers']}, {known['width']}, {known['heads']} | {run['steps']:,} "
            f"| {run['tokens']:,} | {run['FLOPs']:.2g} | {run['last_loss']} | {run['seconds']} |"
        )
    reasoners = {name: known["measured"] for name, known in models.items() if "measured" in known}
    first = next(iter(reasoners.values()))
    numbers = list(first["accuracy_by_operations"])
    lines += [
        "",
        f"| accuracy of one sample | {' | '.join(f'{number} operations' for number in numbers)} | all | without trap | with trap |",
        "|---" * (len(numbers) + 4) + "|",
    ]
    for name, known in reasoners.items():
        cells = [*known["accuracy_by_operations"].values()]
        cells += [known["accuracy"], known["accuracy_without_trap"], known["accuracy_with_trap"]]
        lines.append(f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    ks = list(first["curves"]["vote"])
    heads = [f"{label}, k = {k}" for label in first["curves"] for k in ks if k != "1"]
    lines += [
        "",
        f"| accuracy of k samples | {' | '.join(heads)} | AUC of steps | AUC of responses |",
        "|---" * (len(heads) + 3) + "|",
    ]
    for name, known in reasoners.items():
        cells = [curve[k] for curve in known["curves"].values() for k in ks if k != "1"]
        cells += [known["AUC_of_steps"], known["AUC_of_responses"]]
        lines.append(f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _rounded(value: float) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    app()
