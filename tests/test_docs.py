"""Every document runs: its Python blocks, and its console blocks with the output they show.

Python blocks of a document are executed in order and share their names. In a console block, lines
that begin with `$ ` are commands; those that run kcurve are run in a terminal of 80 columns, where
the files `answers.parquet` and `answers.csv` exist. They must succeed, and print what follows them.
"""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

import kcurve

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = Path(kcurve.__file__).parent / "data" / "pot_svamp.parquet"
KCURVE = Path(sys.executable).with_name("kcurve")


def blocks(document, language):
    """Blocks of the language with the number of their first line."""
    text = document.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        if match["language"] == language:
            yield text.count("\n", 0, match.start()) + 2, match["code"]


def documents_with(language):
    found = [document for document in DOCUMENTS if any(blocks(document, language))]
    return pytest.mark.parametrize("document", found, ids=lambda path: str(path.relative_to(ROOT)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the logs that documents speak of."""
    path = tmp_path_factory.mktemp("documents")
    shutil.copy(EXAMPLE, path / "answers.parquet")
    table = pq.read_table(EXAMPLE, columns=["question_id", "answer", "reference"])
    csv.write_csv(table.rename_columns(["id", "prediction", "reference"]), path / "answers.csv")
    return path


def run_in_terminal(command, folder):
    """Lines of the command on a terminal of 80 x 24 without colours; it must succeed."""
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "COLUMNS": "80",
        "LINES": "24",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUTF8": "1",
    }
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment, cwd=folder
    ) as process:
        os.close(theirs)
        pieces = []
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that the last writer is gone
                break
            if not piece:
                break
            pieces.append(piece)
        os.close(ours)
    assert process.returncode == 0, b"".join(pieces).decode()
    return b"".join(pieces).decode().rstrip().split("\r\n")


def commands(block):
    """Pairs of command and the output shown below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


@documents_with("python")
def test_python_blocks_run(document, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {"__name__": "__document__"}
    for line, code in blocks(document, "python"):
        exec(compile("\n" * (line - 1) + code, document, "exec"), names)  # noqa: S102 - that is the test


@documents_with("console")
def test_console_blocks_print_what_they_show(document, folder):
    ran = 0
    for _, block in blocks(document, "console"):
        for command, output in commands(block):
            name, *arguments = shlex.split(command)
            if name != "kcurve":
                continue
            printed = [line.rstrip() for line in run_in_terminal([KCURVE, *arguments], folder)]
            if output:
                assert printed == output.rstrip().split("\n")
            ran += 1
    assert ran > 0


def test_readme_shows_code_and_commands():
    assert list(blocks(ROOT / "README.md", "python"))
    assert list(blocks(ROOT / "README.md", "console"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_says_its_language(document):
    languages = [
        match["language"] for match in FENCE.finditer(document.read_text(encoding="utf-8"))
    ]
    assert set(languages) <= {"python", "console", "text", "toml", "rust"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target
