"""Expressions are compared by worker processes, which cannot hang, fail or slow down the process that asks."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kcurve.answers import SameExpression, SameText, classes, question_classes, workers


@pytest.fixture(autouse=True, scope="module")
def _one_pool():
    yield
    workers.pool().close()


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (r"\frac{\sqrt{2}}{2}", r"\frac{1}{\sqrt{2}}", True),
        (r"(x+1)^2", "x^2+2x+1", True),
        (r"2\sqrt{3}", r"\sqrt{12}", True),
        (r"2\sqrt{3}", r"\sqrt{13}", False),
        ("x+1", "x-1", False),
        ("0.5", r"\frac{1}{2}", True),
        ("east", "seat", False),
        (r"\text{East}", "east", True),
    ],
)
def test_equal_expressions(left, right, same):
    equal = SameExpression(timeout=30)
    assert equal(left, right) is same
    assert equal(right, left) is same


def test_texts_and_numbers_need_no_worker(monkeypatch):
    monkeypatch.setattr(workers, "_pool", workers.WorkerPool(1))
    monkeypatch.setattr(workers, "_Worker", None)
    found = classes(
        ["1/2", "0.5", "2", "none", "None."], equivalence=SameExpression(), reference="50%"
    )
    assert (found.codes.tolist(), found.correct) == ([0, 0, 1, 2, 2], 0)


def test_hostile_expressions_are_cut_off_and_counted():
    hostile = ["10^{10^{10}}", "x^2 - 1"]
    found = classes(hostile, equivalence=SameExpression(timeout=1))
    assert (found.codes.tolist(), found.timeouts) == ([0, 1], 1)
    assert classes(hostile, equivalence=SameExpression(timeout=1)).timeouts == 1
    assert SameExpression(timeout=30)("x^2 - 1", "(x-1)(x+1)")


def test_only_distinct_pairs_are_compared_and_verdicts_are_kept(monkeypatch):
    pool = workers.WorkerPool(2)
    asked = []
    plain = workers.WorkerPool._asked

    def counted(self, pair, seconds):
        asked.append(pair)
        return plain(self, pair, seconds)

    monkeypatch.setattr(workers, "_pool", pool)
    monkeypatch.setattr(workers.WorkerPool, "_asked", counted)
    answers = ["x+x", "2x", "x + x", "2x", None, "y"] * 20
    found = question_classes(
        answers, [0, 60, 120], equivalence=SameExpression(timeout=30), references=["2x", "y"]
    )
    assert found[0].codes.tolist()[:6] == [0, 0, 0, 0, -1, 1]
    assert found.correct.tolist() == [0, 1]
    assert set(asked) == {("2x", "x+x"), ("2x", "y"), ("x+x", "y")}
    before = len(asked)
    question_classes(
        answers, [0, 60, 120], equivalence=SameExpression(timeout=30), references=["2x", "y"]
    )
    assert len(asked) == before
    pool.close()


def test_threads_and_event_loops_may_ask():
    equal = SameExpression(timeout=30)

    def ask(number):
        return equal(f"{number}a + a", f"{number + 1}a")

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(2, 6)))

    async def main():
        return await asyncio.gather(*(asyncio.to_thread(ask, number) for number in range(6, 9)))

    assert asyncio.run(main()) == [True] * 3


def test_a_worker_that_dies_is_replaced():
    pool = workers.WorkerPool(1)
    assert pool.compared("w+w", "2w", 30) is True
    worker = pool._idle.get_nowait()
    worker._process.kill()
    worker._process.wait()
    pool._idle.put(worker)
    assert pool.compared("z+z", "2z", 30) is True
    pool.close()


def test_without_the_extra_the_remedy_is_told(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(workers, "_pool", workers.WorkerPool(1))
    monkeypatch.setattr(
        workers, "find_spec", lambda name: None if name == "math_verify" else find(name)
    )
    with pytest.raises(
        ImportError, match=r"SameExpression needs math-verify: pip install 'kcurve\[math\]'"
    ):
        SameExpression()("d+d", "2d")
    assert SameText()("d+d", "D + D")


def test_workers_end_with_the_process_that_started_them():
    code = (
        "from kcurve.answers import SameExpression, workers\n"
        "assert SameExpression(timeout=30)('e+e', '2e')\n"
        "print(workers.pool()._idle.get_nowait()._process.pid, flush=True)\n"
        "import os; os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(200):
        if not _alive(pid):
            return
        time.sleep(0.05)
    pytest.fail(f"worker {pid} lives on")


def _alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
