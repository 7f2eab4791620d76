"""Programs scored by their tests: real processes, their limits, and their end."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from kcurve.datasets import Question, load
from kcurve.errors import ArgumentError
from kcurve.llm import LLM
from kcurve.rewards import LastFencedBlock, ProgramTests, Reward
from kcurve.store import Purpose, Store

DOUBLE = Question(
    "Write double(x).", metadata={"tests": "assert double(2) == 4\nassert double(0) == 0"}
)
TESTS = ProgramTests(timeout=20.0, concurrency=2)


def model(store=None):
    return LLM("m", base_url="http://127.0.0.1:9/v1", store=store)


def one(llm, reward, response, question=DOUBLE):
    purpose = Purpose(llm.store.run({}), llm.store.question(question), "reward")
    return reward.score(llm, question, [response], purpose=purpose)


def scored(response, *, question=DOUBLE, reward=TESTS, store=None):
    async def work():
        async with model(store) as llm:
            return await one(llm, reward, response, question)

    return asyncio.run(work())


def value(program, tests="", **settings):
    """Return the score of a program."""
    question = Question("Write it.", metadata={"tests": tests or "pass"})
    return scored(program, question=question, reward=replace(TESTS, **settings)).value


def gone(process):
    """Tell whether a process has ended, waiting a little for its end to be complete."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("def double(x):\n    return 2 * x", 1.0),
        ("def double(x):\n    return x + 2", 0.0),
        (
            "So this is it:\n\n```python\ndef double(x):\n    return 2 * x\n```\n\nIt doubles x.",
            1.0,
        ),
        ("```\ndouble = None\n```\nNo, better:\n```py\ndef double(x): return x * 2\n```", 1.0),
        ("I do not know.", 0.0),
        (" \n", 0.0),
        ("def double(x:\n    return 2 * x", 0.0),
        ("def double(x):\n    return 2 * x\nraise SystemExit(0)", 0.0),
        ("import os\nos._exit(0)", 0.0),
        (
            "print('passed' * 1000)\nimport sys\nsys.stderr.write('!')\ndef double(x): return 2 * x",
            1.0,
        ),
        ("def double(x): return 2 * x\nif __name__ == '__main__':\n    double(input())", 1.0),
        ("n = input()\ndef double(x): return 2 * x", 0.0),
        ("text = '\u00e4 \U0001f600'\ndef double(x): return 2 * x", 1.0),
        ("def double(x): return '''\n", 0.0),
        ("raise BaseException", 0.0),
        ("import ctypes\nctypes.string_at(0)", 0.0),
    ],
)
def test_a_program_scores_1_if_the_end_of_its_tests_is_reached(response, expected):
    score = scored(response)
    assert (score.value, score.reason) == (expected, None)


def test_the_score_of_a_list_of_tests_is_the_share_that_passes():
    tests = ["assert f(1) == 1", "assert f(2) == 4", "assert f(3) == 9", "f('a')"]
    question = Question("Write f.", metadata={"tests": tests})
    assert scored("def f(x): return x ** 2", question=question).value == 0.75
    assert scored("def f(x): return 1", question=question).value == 0.5
    assert scored("f = 1", question=question).value == 0.0


def test_tests_do_not_see_what_others_left():
    tests = ["state.append(1)\nassert state == [1]", "state.append(2)\nassert state == [2]"]
    question = Question("Write state.", metadata={"tests": tests})
    assert scored("state = []", question=question).value == 1.0


def test_programs_may_use_what_looks_for_their_module():
    program = """
from __future__ import annotations
from dataclasses import dataclass, field
import pickle
@dataclass
class Point:
    x: int = 0
    near: list[Point] = field(default_factory=list)
"""
    assert value(program, "assert pickle.loads(pickle.dumps(Point(1))) == Point(1)") == 1.0


def test_the_environment_is_empty_and_so_is_the_folder(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "secret")
    tests = """
import os, sys, tempfile
assert set(os.environ) <= {"HOME", "TMPDIR", "LC_CTYPE"}, os.environ
assert os.listdir() == []
assert os.path.samefile(tempfile.gettempdir(), os.getcwd())
assert os.path.samefile(os.environ["HOME"], os.getcwd())
assert "kcurve-program-" in os.getcwd()
assert sys.flags.isolated and "" not in sys.path
open("file", "w").write("it can write here")
"""
    assert value("pass", tests) == 1.0


def test_the_folder_is_removed(tmp_path):
    note = tmp_path / "note"
    assert value(f"import os\nopen({str(note)!r}, 'w').write(os.getcwd())\nopen('a', 'w')") == 1.0
    assert not Path(note.read_text()).exists()


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "import time\ntime.sleep(1e6)",
        "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(1e6)",
        "import signal, time\nfor i in (1, 2, 15): signal.signal(i, signal.SIG_IGN)\ntime.sleep(1e6)",
        "import threading\nthreading.Thread(target=threading.Event().wait).start()\nthreading.Event().wait()",
        "10 ** 10 ** 10",
    ],
)
def test_a_program_that_does_not_end_in_time_fails(program):
    assert value(program, timeout=1.0) == 0.0


def test_a_thread_that_goes_on_does_not_hold_up_the_result():
    program = "import threading\nthreading.Thread(target=threading.Event().wait).start()"
    began = time.monotonic()
    assert value(program, timeout=60.0) == 1.0
    assert time.monotonic() - began < 60.0


CHILDREN = """
import os, time
def start():
    child = os.fork()
    if child == 0:
        while True:
            time.sleep(0.01)
    return child
with open({note!r}, "w") as file:
    file.write(f"{{os.getpid()}} {{start()}} {{start()}}")
"""


@pytest.mark.parametrize(
    ("ending", "expected"), [("", 1.0), ("1 / 0", 0.0), ("while True: pass", 0.0)]
)
def test_no_process_is_left_however_a_program_ends(tmp_path, ending, expected):
    note = tmp_path / "note"
    assert value(CHILDREN.format(note=str(note)) + ending, timeout=1.5) == expected
    processes = note.read_text().split()
    assert len(processes) == 3
    assert all(map(gone, processes))


def test_no_process_is_left_when_the_evaluation_is_cancelled(tmp_path):
    note, path = tmp_path / "note", tmp_path / "store.db"
    program = CHILDREN.format(note=str(note)) + "while True: time.sleep(1)"

    async def work():
        async with model(path) as llm:
            asked = asyncio.create_task(one(llm, replace(TESTS, timeout=60.0), program))
            while not note.exists() or len(note.read_text().split()) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked

    asyncio.run(work())
    assert all(map(gone, note.read_text().split()))
    with Store(path, read_only=True) as store:
        info = store.info()
    assert (info.samples, info.failures) == (0, {"cancelled": 1})


ALONE = """
import asyncio, sys
from tests.test_rewards_programs import TESTS, scored, replace
scored(sys.argv[1], reward=replace(TESTS, timeout=1.0))
"""


def test_a_program_whose_parent_was_killed_ends_by_itself(tmp_path):
    note = tmp_path / "note"
    program = f"""
import os, time
with open({str(note)!r}, "w") as file:
    file.write(f"{{os.getpid()}}\\n")
time.sleep(1e6)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", ALONE, program],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    while not note.exists() or not note.read_text().endswith("\n"):
        assert parent.poll() is None
        time.sleep(0.005)
    parent.kill()
    parent.wait()
    assert gone(note.read_text().strip())


def test_memory_is_limited():
    assert value("a = bytearray(300_000_000)") == 1.0
    assert value("a = bytearray(600_000_000)") == 0.0
    assert value("a = bytearray(600_000_000)", memory=1000) == 1.0
    assert value("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
                 "a = bytearray(600_000_000)") in ({0.0, 1.0} if os.getuid() == 0 else {0.0})  # fmt: skip


def test_files_are_limited():
    assert value("open('a', 'wb').write(bytes(15_000_000))") == 1.0
    assert value("open('a', 'wb').write(bytes(17_000_000))") == 0.0


def test_processes_are_limited_unless_the_user_is_root():
    fork = """
import os, time
children = []
for _ in range({n}):
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""
    assert value(fork.format(n=8), processes=8) == 1.0
    assert value(fork.format(n=200), processes=8) == (1.0 if os.getuid() == 0 else 0.0)


def test_what_was_tested_once_is_not_run_again(tmp_path):
    runs = tmp_path / "runs"
    tests = f"open({str(runs)!r}, 'a').write('x')\nassert double(2) == 4"
    question = Question("Write double(x).", metadata={"tests": tests})
    right = "def double(x): return 2 * x"
    path = tmp_path / "store.db"
    assert scored(right, question=question, store=path).value == 1.0
    assert scored(right, question=question, store=path).value == 1.0
    assert runs.read_text() == "x"
    # What is around the block does not count.
    for around in ("First:", "Second:"):
        response = f"{around}\n```python\n{right}\n```"
        assert scored(response, question=question, store=path).value == 1.0
    assert runs.read_text() == "xx"
    longer = replace(TESTS, timeout=21.0)
    assert scored(right, question=question, store=path, reward=longer).value == 1.0
    assert runs.read_text() == "xxx"


def test_programs_of_several_candidates_run_at_once_within_the_limit(tmp_path):
    # Each waits for the other: alone neither ends.
    wait = """
import os, time
open({own!r}, "w")
while not os.path.exists({other!r}):
    time.sleep(0.01)
"""
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    question = Question("Wait.", metadata={"tests": "pass"})

    async def work():
        async with model() as llm:
            return await asyncio.gather(
                one(llm, TESTS, wait.format(own=a, other=b), question),
                one(llm, TESTS, wait.format(own=b, other=a), question),
            )

    assert [score.value for score in asyncio.run(work())] == [1.0, 1.0]


@pytest.mark.parametrize("tests", [None, "", "  ", [], [""], ["pass", 3], 3, "[]"])
def test_a_question_without_tests_is_an_error_that_says_where_they_belong(tests):
    question = Question("Write it.", id="q7", metadata={} if tests is None else {"tests": tests})
    with pytest.raises(ArgumentError, match="question 'q7' must hold tests under 'tests'"):
        scored("pass", question=question)


def test_tests_come_with_the_questions_of_a_file(tmp_path):
    path = tmp_path / "tasks.jsonl"
    tasks = [
        {"question": "Write f.", "tests": ["assert f(1) == 1", "assert f('\u00e4') == 2"]},
        {"question": "Write f, please.", "tests": "  \nassert f(1) == 1\nassert f(2) == 1\n"},
        {"question": "Write nothing."},
    ]
    path.write_text("\n".join(map(json.dumps, tasks)))
    several, single, none = load(path)
    assert scored("def f(x): return 1", question=several).value == 0.5
    assert single.metadata == {"tests": tasks[1]["tests"]}
    assert scored("def f(x): return 1", question=single).value == 1.0
    assert none.metadata == {}


def test_tests_can_have_another_name():
    question = Question("Write it.", metadata={"checks": "assert x == 1"})
    assert scored("x = 1", question=question, reward=replace(TESTS, tests="checks")).value == 1.0


def test_programs_can_be_found_otherwise():
    reward = replace(TESTS, extract=lambda text: text.partition("CODE")[2] or None)
    assert scored("Here: CODE def double(x): return 2 * x", reward=reward).value == 0.0
    assert scored("Here: CODEdouble = lambda x: 2 * x", reward=reward).value == 1.0
    assert scored("def double(x): return 2 * x", reward=reward).value == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", "x = 1"),
        ("", None),
        (" \n", None),
        ("```python\nx = 1\n```", "x = 1\n"),
        ("```\nx = 1\n```\n```\ny = 2\n```\n", "y = 2\n"),
        ("```\nx = 1\n```\n```\n\n```\n", "x = 1\n"),
        ("a\n~~~\nx = 1\n~~~\nb", "x = 1\n"),
        ("````\n```\nx\n```\n````", "```\nx\n```\n"),
        ("  ```python title=a.py\r\n  x = 1\r\n  ```\r\n", "  x = 1\r\n"),
        ("cut off:\n```python\nx = 1\ny", "x = 1\ny"),
        ("inline ```x = 1``` is text", "inline ```x = 1``` is text"),
        ("```x = 1```", "```x = 1```"),
        ('```\ns = """\n```py\n"""\n```', 's = """\n```py\n"""\n'),
    ],
)
def test_the_program_is_the_last_fenced_block_or_the_whole_text(text, expected):
    assert LastFencedBlock()(text) == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout": 0}, "timeout must be greater than 0"),
        ({"timeout": inf}, "timeout must be greater than 0 and at most"),
        ({"memory": 0}, "memory must be an integer"),
        ({"processes": 0}, "processes must be an integer"),
        ({"concurrency": 0}, "concurrency must be an integer"),
        ({"language": "c"}, "language must be one of 'python', got 'c'"),
        ({"extract": 3}, "extract must be callable, got 3"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ArgumentError, match=message):
        ProgramTests(**settings)


def test_it_says_what_determines_its_scores():
    reward: Reward = ProgramTests(memory=256)
    description = reward.description("any")
    assert description.pop("version").startswith("3.")
    assert description == {
        "reward": "ProgramTests",
        "kind": "outcome",
        "tests": "tests",
        "extract": {"kind": "callable", "name": "kcurve.rewards.program_tests.LastFencedBlock"},
        "language": "python",
        "timeout": 10.0,
        "memory": 256,
        "processes": 32,
    }
    assert (reward.kind, reward.llm) == ("outcome", None)
