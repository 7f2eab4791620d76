"""scan_log counts what read_log lists, whatever the files, threads and memory are."""

import itertools
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kcurve as kc
from kcurve import _core
from kcurve.log.core_form import tallied_from_core
from kcurve.log.scan import scan_request
from kcurve.log.tallied_log import TalliedLog

RULES = (
    kc.Vote(),
    kc.Vote(no_answer="vote"),
    kc.Vote(no_answer="drop"),
    kc.PassAtK(),
    kc.PassHatK(),
    kc.MeanAtK(),
    kc.GPassAtK(0.5),
)
FILTERED = (kc.FilterVote(calls="candidates"), kc.FilterVote(threshold=0.5))


def rows(seed, *, questions=12, samples=40, answers="integers", truth="reference"):
    """Return the columns of a random log, rows in random order."""
    rng = np.random.default_rng(seed)
    question = rng.permutation(np.repeat(np.arange(questions), samples))
    answer = rng.integers(0, 6, len(question)) * rng.integers(1, 300)
    reference = question % 3 * int(answer.max()) // 3
    missing = rng.random(len(question)) < 0.1
    values = pa.array(answer, mask=missing)
    right = (answer == reference) & ~missing
    if answers != "integers":
        values = values.cast(pa.string())
    if answers == "dictionary":
        values = values.dictionary_encode()
    columns = {
        "question_id": pa.array([f"q{number}" for number in question]),
        "answer": values,
        "model": pa.array(np.where(question % 2, "large", "small")),
        "cluster": pa.array(question // 3),
        "keep": pa.array(rng.random(len(question)) < 0.5),
        "score": pa.array(rng.integers(0, 4, len(question)) / 3),
    }
    if truth == "reference":
        columns["reference"] = pa.array(reference).cast(pa.string())
    elif truth == "correct":
        columns["correct"] = pa.array(right)
    else:
        flagged = rng.random(len(question)) < 0.5
        columns["correct"] = pa.array(right, mask=~flagged)
        columns["reference"] = pa.array(reference)
    return pa.table(columns)


def write(folder, table, *, files=1, row_group=100):
    """Write a table to several files; the last are shorter."""
    step = -(-len(table) // files)
    for number, start in enumerate(range(0, len(table), step)):
        path = folder / f"part-{number}.parquet"
        pq.write_table(table.slice(start, step), path, row_group_size=row_group)
    return str(folder / "*.parquet")


def rows_of(log, other):
    """Return the row of each question of another log."""

    def keys(log):
        names = [log.dataset.names[code] for code in log.dataset.codes]
        return list(zip(names, log.question, strict=True))

    row_of = {key: row for row, key in enumerate(keys(log))}
    return [row_of[key] for key in keys(other)]


def assert_same_curves(listed, tallied, rules):
    """Check every question's scores and variances, bit for bit."""
    for model in tallied.model.names:
        mine = tallied.select(model=model) if model else tallied
        theirs = listed.select(model=model) if model else listed
        order = rows_of(theirs, mine)
        for rule in rules:
            a, b = kc.curve(mine, rule), kc.curve(theirs, rule)
            np.testing.assert_array_equal(a.k, b.k)
            np.testing.assert_array_equal(a.per_question, b.per_question[order])
            np.testing.assert_array_equal(a.variance, b.variance[order])


@pytest.mark.parametrize("answers", ["integers", "texts", "dictionary"])
@pytest.mark.parametrize("truth", ["reference", "correct", "both"])
@pytest.mark.parametrize(("files", "row_group"), [(1, 7), (3, 100), (2, 10_000)])
def test_curves_are_those_of_the_listed_log(tmp_path, answers, truth, files, row_group):
    table = rows(files, answers=answers, truth=truth)
    pattern = write(tmp_path, table, files=files, row_group=row_group)
    listed = kc.AnswerLog.from_table(table)
    assert_same_curves(listed, kc.scan_log(pattern), (*RULES, FILTERED[0]))
    scored = kc.scan_log(pattern, score="score")
    assert_same_curves(listed, scored, (kc.BestOfN(), *FILTERED))


def test_real_logs_keep_their_curves():
    for path in sorted(Path("tests/data").rglob("*.parquet")):
        listed, tallied = kc.read_log(path), kc.scan_log(path)
        assert tallied.n_rows == len(listed.codes)
        for rule in RULES:
            try:
                kc.curve(listed, rule)
            except kc.LogError:
                # Graded samples without answers that could be voted on.
                with pytest.raises(kc.LogError):
                    kc.curve(tallied, rule)
            else:
                assert_same_curves(listed, tallied, [rule])


def test_difficulty_and_comparison_join_by_question(tmp_path):
    table = rows(5).filter(pa.compute.field("model") == "small")
    listed, tallied = kc.AnswerLog.from_table(table), kc.scan_log(write(tmp_path, table))
    order = rows_of(listed, tallied)
    for side in ("vote", "filter"):
        mine, theirs = (getattr(kc.difficulty(log), side) for log in (tallied, listed))
        np.testing.assert_array_equal(mine, theirs[order])
    parts = kc.difficulty(tallied).split(tallied)
    assert sum(part.n_questions for part in parts.values()) == tallied.n_questions
    comparison = kc.compare(kc.curve(tallied), kc.curve(listed))
    assert not comparison.difference.any()


def test_threads_memory_and_order_do_not_matter(tmp_path):
    rng = np.random.default_rng(8)
    question = rng.integers(0, 4_000, 60_000)
    answer = rng.integers(0, 10**6, 60_000)
    table = pa.table({"question_id": question, "answer": answer, "correct": answer % 7 == 0})
    write(tmp_path, table, files=4, row_group=1_000)
    paths = sorted(tmp_path.glob("*.parquet"))
    whole = kc.scan_log(paths, threads=1)
    assert whole.n_rows == 60_000
    for threads, memory, order in itertools.product((1, 2), ("1MB", "1GiB"), (1, -1)):
        assert kc.scan_log(paths[::order], threads=threads, memory=memory) == whole
    shuffled = tmp_path / "shuffled"
    shuffled.mkdir()
    assert kc.scan_log(write(shuffled, table.take(rng.permutation(60_000)))) == whole


def scan_parts(parts, buckets, **columns):
    request = scan_request(columns, "1MB", threads=1, spill=None, progress=None)
    return _core.scan_part(parts, buckets, request)


def merged(parts):
    return TalliedLog(**tallied_from_core(_core.merge_parts(parts)))


def test_parts_of_any_split_make_the_same_log(tmp_path):
    table = rows(3, truth="both")
    write(tmp_path, table, files=2, row_group=50)
    paths = sorted(tmp_path.glob("*.parquet"))
    whole = kc.scan_log(paths, score="score")
    layout = _core.parquet_layout(paths)
    assert [sum(groups) for groups in layout] == [240, 240]
    units = [(p, [g]) for p, groups in zip(paths, layout, strict=True) for g in range(len(groups))]
    for step in (1, 3, len(units)):
        machines = [
            scan_parts(units[start : start + step], 3, score="score")
            for start in range(0, len(units), step)
        ]
        buckets = list(zip(*machines, strict=True))
        assert merged(list(itertools.chain(*reversed(buckets)))) == whole
        # A bucket has every sample of its questions.
        logs = [merged(list(bucket)) for bucket in buckets]
        assert sum(log.n_questions for log in logs) == whole.n_questions
        for log in logs:
            mask = np.isin(list(whole.question), list(log.question))
            assert whole.select(questions=mask) == log


def test_parts_are_the_same_bytes_in_any_order(tmp_path):
    write(tmp_path, rows(4), files=3)
    paths = sorted(tmp_path.glob("*.parquet"))
    parts = [(path, None) for path in paths]
    assert scan_parts(parts, 2) == scan_parts(parts[::-1], 2)


def test_foreign_and_damaged_parts_are_refused(tmp_path):
    write(tmp_path, rows(4))
    [part] = scan_parts([(tmp_path / "part-0.parquet", None)], 1)
    assert merged([part]).n_rows == 480
    for wrong in (b"PAR1", b"x" * 100, part[:-1], part[:20], part[:50] + b"?" + part[51:]):
        with pytest.raises(kc.LogError, match="these bytes are not tallies of scan_part"):
            _core.merge_parts([wrong])
    with pytest.raises(kc.LogError, match="another version"):
        _core.merge_parts([part[:7] + b"\x7f" + part[8:]])
    scored = scan_parts([(tmp_path / "part-0.parquet", None)], 1, score="score")
    with pytest.raises(kc.LogError, match="with a score column and others without"):
        _core.merge_parts([part, *scored])


def test_there_is_no_row_group_after_the_last(tmp_path):
    write(tmp_path, rows(4))
    with pytest.raises(kc.LogError, match=r"part-0.*no row group 5; the file has 5"):
        scan_parts([(tmp_path / "part-0.parquet", [5])], 1)


def test_damage_is_reported_with_its_place(tmp_path):
    table = pa.table(
        {"question_id": np.arange(5000), "answer": np.arange(5000), "correct": [True] * 5000}
    )
    path = tmp_path / "log.parquet"
    pq.write_table(table, path, row_group_size=1250, compression="zstd")
    start = pq.ParquetFile(path).metadata.row_group(2).column(1).dictionary_page_offset
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + bytes(1000) + whole[start + 1000 :])
    message = r'log\.parquet", row group 3 of 4 \(2,500 rows come before it\): '
    with pytest.raises(kc.LogError, match=message):
        kc.scan_log(path)
    path.write_bytes(whole[:-100])
    with pytest.raises(kc.LogError, match=r'log\.parquet", footer: '):
        kc.scan_log(path)


def test_complaints_name_the_file_and_its_row(tmp_path):
    good = pa.table({"question_id": [1, 2], "answer": [1, 2], "correct": [1, 0]})
    write(tmp_path, good)
    bad = tmp_path / "zz.parquet"
    pattern = tmp_path / "*.parquet"
    pq.write_table(good.drop_columns("answer"), bad)
    with pytest.raises(kc.errors.MissingColumnError, match=r'zz\.parquet": no column "answer"'):
        kc.scan_log(pattern)
    pq.write_table(good.set_column(2, "correct", pa.array([1, 7])), bad, row_group_size=1)
    with pytest.raises(kc.LogError, match=r'zz\.parquet": column "correct", row 1: 7 is not'):
        kc.scan_log(pattern)
    pq.write_table(good.append_column("keep", pa.array([True, False])), bad)
    with pytest.raises(kc.LogError, match=r'question "1" has samples without a value in .*"keep"'):
        kc.scan_log(pattern)
    assert kc.scan_log(pattern, keep=None).n_rows == 4


def test_what_files_say_of_a_question_must_agree(tmp_path):
    for number, reference in enumerate(["4", "5"]):
        table = pa.table({"question_id": [1], "answer": [4], "reference": [reference]})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    message = r'question "1" has two values in column "reference", "4" and "5"'
    with pytest.raises(kc.LogError, match=message):
        kc.scan_log(tmp_path / "*.parquet")


def test_wrong_arguments_are_told(tmp_path):
    with pytest.raises(kc.LogError, match=r"no file matches '.*nothing-\*"):
        kc.scan_log(tmp_path / "nothing-*.parquet")
    with pytest.raises(kc.LogError, match="the list of sources is empty"):
        kc.scan_log([])
    with pytest.raises(FileNotFoundError):
        kc.scan_log(tmp_path / "nothing.parquet")
    write(tmp_path, rows(1))
    for memory in ("2 gigs", "", "500", -1, 10, True, 2.5e9):
        with pytest.raises(kc.ArgumentError, match="memory must be a size of at least 1MB"):
            kc.scan_log(tmp_path / "part-0.parquet", memory=memory)
    for memory in ("1.5 GB", "1gib", 2**30):
        assert kc.scan_log(tmp_path / "part-0.parquet", memory=memory).n_rows == 480
    with pytest.raises(kc.ArgumentError, match="threads"):
        kc.scan_log(tmp_path / "part-0.parquet", threads=0)
    with pytest.raises(FileNotFoundError):
        kc.scan_log(tmp_path / "part-0.parquet", spill=tmp_path / "nowhere")


def test_progress_ends_with_the_total(tmp_path):
    seen = []
    kc.scan_log(
        write(tmp_path, rows(1), files=2), progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (480, 480)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return a file that takes seconds to scan when memory is short."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("large") / "log.parquet"
    question = rng.integers(0, 400_000, 3_000_000)
    answer = rng.integers(0, 10**9, len(question))
    table = pa.table({"question_id": question, "answer": answer, "correct": answer % 9 == 0})
    pq.write_table(table, path, row_group_size=250_000)
    return path


class Stop(Exception):  # noqa: N818
    """Raised by a progress function."""


def test_nothing_is_left_behind(large, tmp_path):
    met = set()

    def stop_when_spilling(done, _total):
        met.update(tmp_path.glob("kcurve-*/bucket-*"))
        if met and done > 10**6:
            raise Stop

    with pytest.raises(Stop):
        kc.scan_log(large, memory="20MB", spill=tmp_path, progress=stop_when_spilling)
    assert met
    assert not list(tmp_path.iterdir())
    whole = large.read_bytes()
    broken = tmp_path / "broken.parquet"
    start = pq.ParquetFile(large).metadata.row_group(11).column(1).data_page_offset
    broken.write_bytes(whole[:start] + bytes(1000) + whole[start + 1000 :])
    with pytest.raises(kc.LogError, match="row group 12 of 12"):
        kc.scan_log(broken, memory="20MB", spill=tmp_path, threads=1)
    broken.unlink()
    assert not list(tmp_path.iterdir())
    log = kc.scan_log(large, memory="20MB", spill=tmp_path)
    assert log.n_rows == 3_000_000
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("delay", [0.2, 0.8, 1.6])
def test_ctrl_c_is_heard_within_a_second(large, tmp_path, delay):
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the scan may be over sooner
        while True:
            kc.scan_log(large, memory="20MB", spill=tmp_path, threads=1)
    assert time.monotonic() - sent[0] < 1
    assert not list(tmp_path.iterdir())
