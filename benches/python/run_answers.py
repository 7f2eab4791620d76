"""Time `extracted` beside a plain loop over Python's `re`, on solutions of 100,000 texts.

python benches/python/run_answers.py [--texts 100000] [--rounds 5]

The peers are what people write: one compiled expression, and the last match of each text.
"""

from __future__ import annotations

import argparse
import re
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from kcurve import answers

import machine
from tables import spread

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP = "Step {step}: we have {a} apples at ${b}.50 each, which makes $x_{step} = {a} \\times {b} = {c:,}$ in total.\n"
_END = "#### {c}\nThe answer is: {c}. In a box: $\\boxed{{{c}}}$. Therefore, the answer is ({letter}).\n"

_NUMBER = re.compile(r"-?\$?\d[\d,]*(?:\.\d+)?%?")
_BOX = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_ANSWER_IS = re.compile(r"answer is \((.*?)\)", re.IGNORECASE)
_THE_ANSWER_IS = re.compile(r"the answer is:?\s*(.*)", re.IGNORECASE)
_LETTER = re.compile(r"answer is:?\s*\(?([A-D])\)?", re.IGNORECASE)


def _last(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def find(text: str) -> str | None:
        found = pattern.findall(text)
        return found[-1] if found else None

    return find


CONTESTANTS = (
    (answers.LastNumber(), _last(_NUMBER)),
    (answers.Boxed(), _last(_BOX)),
    (answers.AnswerIs(), _last(_ANSWER_IS)),
    (answers.TheAnswerIs(), _last(_THE_ANSWER_IS)),
    (answers.ChoiceLetter(), _last(_LETTER)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    texts = _texts(arguments.texts)
    size = sum(map(len, texts)) / 1e6
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds, interleaved")
    print(f"\n### {len(texts):,} texts, {size:,.0f} MB\n")
    print("| extractor | kcurve, s | Python re, s | re / kcurve |")
    print("|---|---:|---:|---:|", flush=True)
    for extractor, peer in CONTESTANTS:
        seconds = np.zeros((2, arguments.rounds))
        for round_ in range(arguments.rounds):
            start = perf_counter()
            ours = answers.extracted(texts, extractor)
            middle = perf_counter()
            theirs = [peer(text) for text in texts]
            seconds[:, round_] = middle - start, perf_counter() - middle
            if None in ours or None in theirs:
                message = f"{extractor} or its peer misses answers"
                raise SystemExit(message)
        print(
            f"| {extractor!r} | {spread(seconds[0])} | {spread(seconds[1])}"
            f" | {spread(seconds[1] / seconds[0])} |",
            flush=True,
        )
    print(f"\n- load average after: {machine.load()}")


def _texts(count: int) -> list[str]:
    rng = np.random.default_rng(0)
    texts = []
    for a, b, steps in rng.integers((10, 10, 5), (1000, 1000, 12), size=(count, 3)).tolist():
        body = [_STEP.format(step=step, a=a, b=b, c=a * b) for step in range(steps)]
        texts.append("".join(body) + _END.format(c=a * b, letter="ABCD"[a % 4]))
    return texts


if __name__ == "__main__":
    main()
