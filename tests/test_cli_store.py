"""`kcurve store` as a user meets it, on stores that were filled by the library."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass

import pytest

import kcurve as kc
from kcurve.answers import Contains, LastNumber, SameNumber, SameText, WholeText, describe
from kcurve.cli import main
from kcurve.datasets import Question
from kcurve.store import Purpose, Request, Sample, Store, Usage
from tests.test_cli import kcurve, on_terminal, widest

ANSWERS = {"q0": ("1", "1", "2", None), "q1": ("2", "3", "3.0", "2")}
LONG = (
    "This is what the server says each time it is asked, whatever the seed, to the last letter. "
    * 2
)


@dataclass
class Filler:
    """Fills a store as a sampler would."""

    store: Store

    def run(self, name, **told):
        description = {
            "strategy": name,
            "extractor": describe(LastNumber()),
            "equivalence": describe(SameNumber()),
            "verdict": None,
            "model": "tiny",
            "dataset": "sums",
        }
        return self.store.run(description | told)

    def sample(self, run, question, texts, *, temperature=1.0, role="generator", candidate=0):
        """Draw samples with these texts; None for one that fails."""
        prompt = f"{role} {candidate} {question.text}" if role == "filter" else question.text
        request = Request("tiny", "completions", prompt, {"temperature": temperature})
        purpose = Purpose(run, self.store.question(question), role, candidate)
        asyncio.run(self._sample(request, purpose, texts))

    async def _sample(self, request, purpose, texts):
        row = (await self.store.find(request, range(len(texts)))).request
        await self.store.link(purpose, row, range(len(texts)))
        for index, text in enumerate(texts):
            claim = await self.store.claim(row, index, seed=index)
            if not claim.granted:
                continue
            if text is None:
                await self.store.fail(claim, "server", "HTTP 500", status=500, final=True)
                continue
            sample = Sample(
                request=row,
                index=index,
                status="ok",
                text=text,
                usage=Usage(prompt=10, completion=index + 1),
                cost=0.25,
                latency=0.5,
                seed=index,
            )
            await self.store.finish(claim, sample, b"{}")


def question(name, reference):
    return Question(f"What is {name}?", reference, id=name, dataset="sums")


def fill(path):
    """Fill a store with one run of two questions, one of whose samples failed."""
    with Store(path) as store:
        filler = Filler(store)
        run = filler.run("vote")
        for name, answers in ANSWERS.items():
            texts = [None if answer is None else f"I say: {answer}" for answer in answers]
            filler.sample(run, question(name, name[1] + ".0"), texts)
    return path


@pytest.fixture
def path(tmp_path):
    return fill(tmp_path / "runs.db")


@pytest.fixture
def command(capsys):
    """Run the command in this process: what it wrote, and its exit code."""

    def run(*arguments):
        capsys.readouterr()
        code = main([*map(str, arguments)])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


# info


def test_info_shows_runs_samples_and_attempts(path):
    done = kcurve("store", "info", path)
    assert done.returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == [str(path)]
    assert done.stdout.splitlines()[1].startswith("7 samples of 2 requests, 2 questions, ")
    assert ["1", "vote,", "tiny,", "sums"] in lines
    assert ["tiny", "7", "0", "0", "70", "16", "1.7500"] in lines
    assert "8 attempts: 7 succeeded, 1 failed, 0 unknown, 0 under way" in done.stdout
    assert "failures: server 1" in done.stdout
    assert "no duplicates among 0 long samples" in done.stdout
    assert "cut off" not in done.stdout


def test_info_as_json_is_that_of_the_library(path, command):
    record = json.loads(command("store", "info", path, "--json").stdout)
    with Store(path, read_only=True) as store:
        told, alike = store.info().to_dict(), store.duplicates().to_dict()
    told["runs"] = {str(row): name for row, name in told["runs"].items()}
    told["models"] = list(told["models"])
    alike["repeated"] = list(alike["repeated"])
    assert record == told | {"duplicates": alike}


def test_info_fits_a_terminal(tmp_path):
    path = tmp_path / "runs.db"
    with Store(path) as store:
        filler = Filler(store)
        run = filler.run("vote of very many", dataset="a-name-that-does-not-end-" * 5)
        filler.sample(run, question("q0", "0"), [LONG] * 3)
    shown, code = on_terminal("store", "info", path)
    assert code == 0
    assert widest(shown) <= 80


def test_info_of_an_empty_store(tmp_path, command):
    Store(tmp_path / "new.db").close()
    shown = command("store", "info", tmp_path / "new.db").stdout
    assert "0 samples of 0 requests" in shown
    assert "tokens" not in shown


def test_equal_long_samples_are_an_alarm(path, command):
    with Store(path) as store:
        filler = Filler(store)
        run = filler.run("vote")
        filler.sample(run, question("q2", "2"), [LONG, LONG, "Something else." * 9, LONG])
    shown = command("store", "info", path).stdout
    assert "DUPLICATES: 2 of 4 long samples repeat another one" in shown
    assert "  3 times in request 3: This is what the server says" in shown


def test_equal_long_samples_at_temperature_zero_are_none(path, command):
    with Store(path) as store:
        filler = Filler(store)
        run = filler.run("vote")
        filler.sample(run, question("q2", "2"), [LONG, LONG], temperature=0)
    shown = command("store", "info", path).stdout
    assert "no duplicates among 2 long samples" in shown


def test_attempts_of_a_dead_process_are_unknown(path, command):
    program = f"""
import asyncio, os
from kcurve.store import Request, Store
async def die():
    store = Store({str(path)!r})
    found = await store.find(Request("tiny", "completions", "2 + 2 ="), range(2))
    for index in range(2):
        await store.claim(found.request, index, seed=None)
    os._exit(9)
asyncio.run(die())
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    done = command("store", "info", path)
    assert "10 attempts: 7 succeeded, 1 failed, 2 unknown, 0 under way" in done.stdout
    assert "2 attempts were cut off, and may have been paid for" in done.stdout


# verify


def test_a_sound_store_is_said_to_be(path, command):
    done = command("store", "verify", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "7 samples of 2 requests checked: nothing is wrong\n"


def altered(path, *sentences):
    """Change a store behind its back."""
    connection = sqlite3.connect(path)
    for (trigger,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    for sentence in sentences:
        connection.execute(sentence)
    connection.commit()
    connection.close()


def test_what_is_wrong_is_listed_and_the_exit_code_is_1(path):
    altered(path, "UPDATE requests SET canonical = CAST('{}' AS BLOB) WHERE id = 1")
    done = kcurve("store", "verify", path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "7 samples of 2 requests checked: 4 problems"
    assert lines[1] == "  request 1 is not what its hash says"
    assert sum("is not what its key says" in line for line in lines) == 3
    asked = kcurve("store", "verify", path, "--json")
    assert asked.returncode == 1
    record = json.loads(asked.stdout)
    assert record["sound"] is False
    assert [f"  {problem}" for problem in record["problems"]] == lines[1:]


def test_a_damaged_file_is_not_sound(path, command):
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 8192))
    done = command("store", "verify", path)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert "nothing is wrong" not in done.stdout
    assert (done.stdout + done.stderr).count("\n") >= 1


# export


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".jsonl"])
def test_an_export_is_the_log_of_the_run(path, tmp_path, suffix, command):
    to = tmp_path / f"answers{suffix}"
    done = command("store", "export", path, to)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{to}: 2 questions, 8 samples\n"
    with Store(path, read_only=True) as store:
        assert kc.read_log(to) == store.log()
    curve = command("curve", to, "--json")
    assert curve.returncode == 0


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_answers_can_be_read_and_compared_otherwise(path, tmp_path, command):
    to = tmp_path / "answers.jsonl"
    arguments = ["store", "export", str(path), str(to), "--force"]
    assert command(*arguments).returncode == 0
    assert [row["answer"] for row in rows_of(to)] == ["1", "1", "2", None, "2", "3", "3", "2"]
    assert command(*arguments, "--equivalence", "text").returncode == 0
    assert [row["answer"] for row in rows_of(to)][4:] == ["2", "3", "3.0", "2"]
    assert command(*arguments, "--extract", "whole-text").returncode == 0
    assert rows_of(to)[0]["answer"] == "I say: 1"
    with Store(path, read_only=True) as store:
        assert kc.read_log(to) == store.log(extract=WholeText(), equivalence=SameNumber())
    assert command(*arguments, "--extract", "regex:(2|1)", "--equivalence", "text").returncode == 0
    assert [row["answer"] for row in rows_of(to)][4:] == ["2", None, None, "2"]


def test_texts_are_those_of_their_rows(path, tmp_path, command):
    to = tmp_path / "answers.jsonl"
    assert command("store", "export", path, to, "--texts").returncode == 0
    rows = rows_of(to)
    expected = [
        None if answer is None else f"I say: {answer}"
        for answers in ANSWERS.values()
        for answer in answers
    ]
    assert [row["text"] for row in rows] == expected
    assert [row["status"] for row in rows].count("error") == 1


def test_a_filtered_run_keeps_what_was_judged_well(tmp_path, command):
    path, to = tmp_path / "runs.db", tmp_path / "answers.jsonl"
    with Store(path) as store:
        filler = Filler(store)
        run = filler.run("filter-vote", verdict=describe(Contains("[correct]")))
        asked = question("q0", "1")
        filler.sample(run, asked, ["It is 1", "It is 2", "It is 3"])
        filler.sample(run, asked, ["[correct]"], role="filter", candidate=0)
        filler.sample(run, asked, ["[wrong]"], role="filter", candidate=1)
    assert command("store", "export", path, to, "--texts").returncode == 0
    # The third candidate is not judged yet.
    assert [(row["answer"], row["keep"], row["text"]) for row in rows_of(to)] == [
        ("1", True, "It is 1"),
        ("2", False, "It is 2"),
    ]
    done = command("store", "export", path, to, "--force", "--verdict", "contains:[wrong]")
    assert done.returncode == 0
    assert [row["keep"] for row in rows_of(to)] == [False, True]


def test_nothing_is_overwritten_without_force(path, tmp_path, command):
    to = tmp_path / "precious.csv"
    to.write_text("precious")
    done = command("store", "export", path, to)
    assert done.returncode == 2
    assert "is there already; choose another name or add --force" in done.stderr
    assert to.read_text() == "precious"
    assert command("store", "export", path, to, "--force").returncode == 0
    assert to.read_text().startswith("question_id,")


def test_several_runs_need_a_name(path, tmp_path, command):
    to = tmp_path / "answers.csv"
    with Store(path) as store:
        filler = Filler(store)
        other = filler.run("vote", equivalence=describe(SameText()))
        filler.sample(other, question("q7", "7"), ["7"])
    done = command("store", "export", path, to)
    assert done.returncode == 2
    assert "name one of its runs (1: vote, tiny, sums; 2: vote, tiny, sums)" in done.stderr
    assert not to.exists()
    assert command("store", "export", path, to, "--run", "2").returncode == 0
    assert kc.read_log(to).question.tolist() == ["q7"]
    done = command("store", "export", path, to, "--force", "--run", "3")
    assert done.returncode == 2
    assert "it has no run 3" in done.stderr


# Wrong use


@pytest.mark.parametrize("verb", ["info", "verify", "export"])
def test_a_store_that_is_not_there_is_not_made(tmp_path, verb, command):
    missing = tmp_path / "none.db"
    to = [str(tmp_path / "x.csv")] if verb == "export" else []
    done = command("store", verb, missing, *to)
    assert done.returncode == 2
    assert f"there is no store {missing}" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"question_id,answer\n1,2\n" * 99, b""])
def test_another_file_is_no_store(tmp_path, content, command):
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    done = command("store", "info", path)
    assert done.returncode == 2
    assert done.stderr.startswith("kcurve: error: ")
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--extract", "magic"), "answers can be found by answer-is, boxed,"),
        (("--equivalence", "magic"), "answers can be compared as text, number, expression"),
    ],
)
def test_unknown_words_are_refused_before_anything_is_written(
    path, tmp_path, arguments, message, command
):
    to = tmp_path / "answers.csv"
    done = command("store", "export", path, to, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not to.exists()


def test_looking_changes_nothing(path, tmp_path, command):
    before = path.read_bytes()
    for verb in ("info", "verify"):
        assert command("store", verb, path).returncode == 0
    assert command("store", "export", path, tmp_path / "a.csv").returncode == 0
    assert path.read_bytes() == before
