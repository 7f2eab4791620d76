"""Curves of many workers have the bits of one machine's, whatever happens to the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve import distributed as kd
from kcurve.distributed.plan import row_groups, shares
from kcurve.errors import WorkerError
from kcurve.log import Strings
from kcurve.log.text_order import ascending
from kcurve.log.union import united
from tests.distributed_twins import RULES, assert_same_bits, expected, write_log

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def pool():
    with kd.ProcessPool(2) as pool:
        yield pool


@pytest.mark.parametrize(("rule", "method", "columns"), RULES, ids=repr)
@pytest.mark.parametrize(("partitions", "buckets"), [(1, 1), (2, 5), (3, 128)])
def test_same_bits_as_one_machine(paths, pool, rule, method, columns, partitions, buckets):  # noqa: PLR0917
    settings = {"executor": pool, "partitions": partitions, "buckets": buckets}
    made = kd.curve(paths[::-1], rule, method=method, **settings, **columns)
    assert_same_bits(made, expected(paths, rule, method, columns))


def test_settings_of_the_band_and_k(paths, pool):
    settings = {"k": [9, 1, 4], "interval": "fresh_run", "level": 0.8, "simultaneous": True}
    made = kd.curve(paths, executor=pool, **settings)
    assert_same_bits(made, expected(paths, kc.Vote(), None, {}, **settings))


def test_the_default_pool_and_progress(paths):
    seen = []
    made = kd.curve(str(paths[0].parent / "*.parquet"), progress=lambda *now: seen.append(now))
    assert_same_bits(made, expected(paths, kc.Vote(), None, {}))
    done, total = zip(*seen, strict=True)
    assert list(done) == list(range(1, len(seen) + 1))
    assert done[-1] == total[-1]


def test_a_score_in_one_file_only_is_missing_elsewhere(tmp_path, pool):
    files = write_log(tmp_path, questions=40)
    for number, path in enumerate(files):
        table = pq.read_table(path)
        scored = np.isin(table["question_id"].to_numpy(), ["question 0", "question 4"])
        score = np.where(scored, number / 8, np.nan)
        place = table.column_names.index("score")
        pq.write_table(table.set_column(place, "score", [score]), path)
    made = kd.curve(files, kc.BestOfN(), executor=pool, buckets=64, score="score")
    assert_same_bits(made, expected(files, kc.BestOfN(), kc.Exact(), {"score": "score"}))


def test_a_killed_worker_changes_nothing(paths):
    method = kc.Bootstrap(n_resamples=300)
    with kd.ProcessPool(2) as pool:
        tasks = count(1)

        def kill(*_):
            if next(tasks) in {1, 9}:
                os.kill(next(iter(pool._pool._processes)), signal.SIGKILL)

        made = kd.curve(paths, method=method, executor=pool, buckets=5, progress=kill)
    assert_same_bits(made, expected(paths, kc.Vote(), method, {}))


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_always_die_are_an_error():
    with kd.ProcessPool(1) as pool:
        futures = pool.submit(die, pieces=1)
        with pytest.raises(WorkerError, match="died 4 times"):
            list(pool.completed(dict(enumerate(futures))))


def test_an_exception_of_the_caller_ends_what_runs(paths):
    def interrupt(*_):
        raise KeyboardInterrupt

    with kd.ProcessPool(2) as pool:
        with pytest.raises(KeyboardInterrupt):
            kd.curve(paths, executor=pool, progress=interrupt)
        assert_same_bits(kd.curve(paths, executor=pool), expected(paths, kc.Vote(), None, {}))


DRIVER = """
import sys
import kcurve as kc
from kcurve import distributed as kd

def show(done, total):
    print(done, total, flush=True)

if __name__ == "__main__":
    folder, kept, rng = sys.argv[1:]
    method = kc.Bootstrap(n_resamples=20_000, rng=int(rng))
    with kd.ProcessPool(2) as pool:
        curve = kd.curve(folder + "/*.parquet", method=method, executor=pool, partitions=2,
                         buckets=16, checkpoint=kept, progress=show)
    print(*(value.hex() for value in curve.mean), *(value.hex() for value in curve.low))
"""


def start_driver(paths, kept, rng=0):
    command = [sys.executable, "-c", DRIVER, str(paths[0].parent), str(kept), str(rng)]
    temporary = kept.with_name("temporary")
    temporary.mkdir(exist_ok=True)
    environment = os.environ | {"TMPDIR": str(temporary)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def finish(driver):
    lines = driver.communicate(timeout=100)[0].splitlines()
    assert driver.returncode == 0
    return lines[:-1], lines[-1]


def stored(kept):
    return sorted(path.name for path in kept.rglob("bucket-*.npz"))


def test_a_killed_driver_goes_on_where_it_was(paths, tmp_path):
    first = start_driver(paths, tmp_path / "a")
    while len(stored(tmp_path / "a")) < 6:
        assert first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    first.communicate()
    finished = stored(tmp_path / "a")
    assert 6 <= len(finished) < 16
    tasks, again = finish(start_driver(paths, tmp_path / "a"))
    assert int(tasks[-1].split()[1]) == 2 + 2 * (16 - len(finished))
    assert again == finish(start_driver(paths, tmp_path / "b"))[1]
    # Everything is there: nothing is left to do.
    assert finish(start_driver(paths, tmp_path / "a")) == ([], again)
    assert not list((tmp_path / "temporary").glob("kcurve-*"))


def test_a_checkpoint_of_other_settings_is_another(paths, pool, tmp_path):
    settings = {"executor": pool, "buckets": 3, "checkpoint": tmp_path}
    for rule, method, columns in RULES:
        for _ in range(2):
            made = kd.curve(paths, rule, method=method, **settings, **columns)
            assert_same_bits(made, expected(paths, rule, method, columns))
    made = kd.curve(paths[:3], **settings)
    assert_same_bits(made, expected(paths[:3], kc.Vote(), None, {}))
    assert len(list(tmp_path.iterdir())) == len(RULES) + 1


def test_a_damaged_checkpoint_is_done_again(paths, pool, tmp_path):
    settings = {"executor": pool, "buckets": 3, "checkpoint": tmp_path}
    kd.curve(paths, **settings)
    one, other, _ = sorted(tmp_path.rglob("*.npz"))
    one.write_bytes(one.read_bytes()[:-100])
    other.write_bytes(b"")
    seen = []
    made = kd.curve(paths, **settings, partitions=2, progress=lambda *now: seen.append(now))
    assert_same_bits(made, expected(paths, kc.Vote(), None, {}))
    assert seen[-1] == (2 + 2 * 2, 2 + 2 * 2)


# --- a Dask cluster of processes --------------------------------------------------------------


def dask(*arguments):
    environment = os.environ | {"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a process of its own."""
    address = tmp_path / "scheduler.json"
    place = ["--scheduler-file", str(address), "--no-dashboard"]
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", *place)]
    worker = ["worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
    while not address.exists():
        time.sleep(0.05)
    processes += [dask(*worker, *place) for _ in range(2)]
    yield address, processes[1:]
    for process in processes[::-1]:
        process.kill()
        process.wait()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_dask_has_the_same_bits_when_a_worker_is_killed(cluster, paths):
    from distributed import Client  # noqa: PLC0415 - seconds that the other tests need not wait

    address, workers = cluster
    method = kc.Bootstrap(n_resamples=2_000)
    with Client(scheduler_file=str(address), timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=30)
        executor = kd.Dask(client)
        assert executor.workers == 2
        settings = {"executor": executor, "partitions": 3, "buckets": 7}
        made = kd.curve(paths, kc.PassAtK(), **settings)
        assert_same_bits(made, expected(paths, kc.PassAtK(), None, {}))

        def kill(done, _):
            if done == 3 + 7 + 2:
                workers[0].kill()

        made = kd.curve(paths, method=method, progress=kill, **settings)
        assert workers[0].wait(timeout=10) == -signal.SIGKILL
        assert_same_bits(made, expected(paths, kc.Vote(), method, {}))
        with pytest.raises(kc.ArgumentError, match="k must be between 1 and 14"):
            kd.curve(paths, k=99, **settings)


# --- complaints --------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["Dask(None)", "Ray()"])
def test_a_missing_engine_names_its_extra(engine):
    program = (
        "import sys; sys.modules.update(distributed=None, ray=None)\n"
        f"from kcurve import distributed as kd\nkd.{engine}"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    extra = engine.partition("(")[0].lower()
    assert f"pip install 'kcurve[{extra}]'" in result.stderr.splitlines()[-1]


def test_engines_are_not_loaded_before_they_are_used():
    program = (
        "import kcurve.distributed, sys; print({'distributed', 'dask', 'ray'} & set(sys.modules))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert output.stdout.strip() == b"set()"


def test_several_models_are_refused(tmp_path, pool):
    codes = [[0, 1, 0], [1, 1, 0]]
    for model in ("small", "large"):
        log = kc.AnswerLog.from_codes(codes, correct=[0, 1], model=model)
        log.to_parquet(tmp_path / f"{model}.parquet")
    with pytest.raises(kc.LogError, match=r"holds 2 \('large', 'small'\)"):
        kd.curve(tmp_path / "*.parquet", executor=pool)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"partitions": 0}, kc.ArgumentError, "partitions must be an integer of at least 1"),
        ({"buckets": 1.5}, kc.ArgumentError, "buckets must be an integer of at least 1"),
        ({"memory": "1KB"}, kc.ArgumentError, "memory must be a size"),
        ({"k": 0}, kc.ArgumentError, "k must be at least 1"),
        ({"k": 100}, kc.ArgumentError, "k must be between 1 and 14"),
        ({"interval": "all"}, kc.ArgumentError, "interval must be one of"),
        ({"level": 2}, kc.ArgumentError, "level must be"),
        ({"executor": "dask"}, TypeError, "executor must be Executor"),
        ({"rule": kc.BestOfN()}, kc.errors.MissingColumnError, "needs a score column"),
        ({"answer": "none"}, kc.errors.MissingColumnError, "none"),
    ],
)
def test_complaints_are_those_of_one_machine(paths, pool, settings, error, message):
    with pytest.raises(error, match=message):
        kd.curve(paths, **{"executor": pool} | settings)


def test_no_files_and_no_rows(tmp_path, paths, pool):
    with pytest.raises(kc.LogError, match="no file matches"):
        kd.curve(tmp_path / "*.parquet", executor=pool)
    with pytest.raises(FileNotFoundError):
        kd.curve(tmp_path / "log.parquet", executor=pool)
    pq.write_table(pq.read_table(paths[0]).slice(0, 0), tmp_path / "log.parquet")
    with pytest.raises(kc.LogError, match="no rows"):
        kd.curve(tmp_path / "log.parquet", executor=pool)


# --- parts -------------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet="\0ab\U0001f600", max_size=20)))
def test_texts_are_ordered_by_their_bytes(texts):
    order = ascending(Strings.pack(texts)).tolist()
    assert order == sorted(range(len(texts)), key=lambda place: texts[place].encode())


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_logs_that_were_divided_are_one_again(paths, seed, parts):
    log = kc.scan_log(paths, cluster="family")
    part = np.random.default_rng(seed).integers(parts, size=log.n_questions)
    present = np.unique(part)
    divided = [log.select(questions=part == number) for number in present]
    together, order = united(divided)
    assert together == log
    before = np.concatenate([np.flatnonzero(part == number) for number in present])
    np.testing.assert_array_equal(before[order], np.arange(log.n_questions))


def test_a_column_of_some_buckets_only_is_refused(paths):
    half = kc.scan_log(paths[:2]).select(min_samples=1)
    other = kc.scan_log(paths, cluster="family")
    with pytest.raises(kc.LogError, match="has no cluster and others do"):
        united([half, other])


@pytest.mark.parametrize("partitions", [1, 2, 3, 7, 1000])
def test_shares_hold_every_row_group_once(paths, partitions):
    groups = row_groups([str(path) for path in paths])
    divided = shares(groups, partitions)
    assert len(divided) == min(partitions, len(groups))
    flat = [(path, group) for share in divided for path, taken in share for group in taken]
    assert flat == [(path, group) for path, group, _ in groups]


@pytest.mark.parametrize("seconds", [0.45, 0.6, 0.75, 0.9, 1.05])
def test_a_pool_with_tasks_that_wait_is_given_up_in_silence(seconds):
    # An exception in the pool's own thread would fail this test.
    with kd.ProcessPool(2) as pool:
        futures = [pool.submit(time.sleep, 60, pieces=1) for _ in range(12)]
        time.sleep(seconds)
        pool.cancel([piece for pieces in futures for piece in pieces])
        (again,) = pool.submit(_twice, 4, pieces=1)
        assert dict(pool.completed({0: again})) == {0: 8}


def _twice(number: int) -> list[int]:
    return [2 * number]
