"""Measure curves on one, two and more workers: stages one by one, then engines in turn.

python benches/python/run_distributed.py [millions of rows] [rounds]

Engines that are not installed are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import kcurve as kc
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from kcurve import distributed as kd
from kcurve.distributed import tasks
from kcurve.distributed.plan import row_groups, shares

from machine import load

SAMPLES = 1_000
ANSWERS = 12
FILES = 8
CALLS = np.array([1, 2, 5, 10, 20, 50, 100])
SCORED = False
METHOD = kc.Bootstrap()


def main() -> None:
    millions, rounds = (int(text) for text in (sys.argv[1:] + ["20", "3"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for shuffled in (False, True):
            paths = write_log(Path(folder), millions * 1_000_000 // SAMPLES, shuffled=shuffled)
            order = "shuffled within files" if shuffled else "sorted by question"
            size = sum(Path(path).stat().st_size for path in paths) / 1e6
            print(f"\n### {millions} million rows, {order}, {size:,.0f} MB, {FILES} files\n")
            stages(paths)
        engines(paths, rounds, stack)


def write_log(folder, questions, *, shuffled):
    rng = np.random.default_rng(0)
    paths = [str(folder / f"part-{number}.parquet") for number in range(FILES)]
    texts = pa.array([f"answer {a}" for a in range(ANSWERS)])
    for number, path in enumerate(paths):
        here = np.arange(questions)[questions * number // FILES : questions * (number + 1) // FILES]
        question = np.repeat(np.arange(len(here), dtype=np.int32), SAMPLES)
        shape = 0.3 + 1.4 * rng.random(len(here))
        answer = (ANSWERS * rng.random(len(question)) ** (1 + shape[question])).astype(np.int32)
        if shuffled:
            rows = rng.permutation(len(question))
            question, answer = question[rows], answer[rows]
        names = pa.array([f"question-{q:08d}" for q in here])
        columns = {
            "question_id": pa.DictionaryArray.from_arrays(question, names),
            "answer": pa.DictionaryArray.from_arrays(answer, texts),
            "correct": answer == 0,
        }
        pq.write_table(pa.table(columns), path, row_group_size=500_000)
    return paths


def stages(paths):
    """Print what one core does in each stage."""
    parts = shares(row_groups(paths), 4)
    rows = sum(rows for _, _, rows in row_groups(paths))
    start = perf_counter()
    counted = [tasks.scan_share(part, 8, {}, "1GB") for part in parts]
    seconds = perf_counter() - start
    moved = sum(pieces[0] for pieces in counted)
    print(f"- count: {rows / seconds / 1e6:.2f} million rows per second and core")
    start = perf_counter()
    made = [
        tasks.merge_bucket([pieces[1 + bucket] for pieces in counted], kc.Vote())
        for bucket in range(8)
    ]
    seconds = perf_counter() - start
    entries = sum(len(log.codes) for _, log in made)
    questions = sum(log.n_questions for _, log in made)
    print(f"- blocks: {moved / entries:.1f} bytes per distinct answer of a question in the log")
    print(f"- merge: {seconds / entries * 1e9:.0f} ns per distinct answer")
    for method in (kc.Exact(replacement=True), METHOD):
        start = perf_counter()
        for _, log in made:
            tasks.score_bucket(log, kc.Vote(), CALLS, method, SCORED)
        seconds = perf_counter() - start
        print(f"- {method!r}: {seconds / questions * 1e6:.0f} us per question (k up to 100)")
    print(f"- load average {load()}", flush=True)


def one_machine(paths, threads):
    log = kc.scan_log(paths, threads=threads)
    return kc.curve(log, kc.Vote(), k=CALLS.tolist(), method=METHOD, threads=threads)


def engines(paths, rounds, stack):
    """Print the seconds of every engine on one and two workers, interleaved."""
    contestants = {
        f"scan_log + curve, {threads} thread{'s' * (threads > 1)}": lambda t=threads: one_machine(
            paths, t
        )
        for threads in (1, 2)
    }
    for name, workers, executor in executors(stack):
        contestants[f"{name}, {workers} worker{'s' * (workers > 1)}"] = lambda e=executor: kd.curve(
            paths, kc.Vote(), k=CALLS.tolist(), method=METHOD, executor=e
        )
    seconds = {name: [] for name in contestants}
    bits = set()
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            start = perf_counter()
            curve = run()
            if turn:
                seconds[name].append(perf_counter() - start)
            bits.add((curve.mean.tobytes(), curve.low.tobytes(), curve.high.tobytes()))
    assert len(bits) == 1
    print("\n| engine | seconds, median (least to greatest) |\n|---|---|")
    for name, times in seconds.items():
        print(f"| {name} | {np.median(times):.1f} ({min(times):.1f} to {max(times):.1f}) |")
    print(f"\n{os.cpu_count()} cores, load average {load()}; engines started before", flush=True)


def executors(stack):
    for workers in (1, 2):
        yield "ProcessPool", workers, stack.enter_context(kd.ProcessPool(workers))
    if find_spec("distributed"):
        from distributed import Client, LocalCluster  # noqa: PLC0415 - optional

        for workers in (1, 2):
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0
            )
            stack.callback(cluster.close)
            yield "Dask", workers, kd.Dask(stack.enter_context(Client(cluster)))
    if find_spec("ray"):
        executor = kd.Ray(
            num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error"
        )
        stack.callback(executor.close)
        yield "Ray", 2, executor


if __name__ == "__main__":
    main()
