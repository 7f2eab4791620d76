"""Questions from tables of any columns; their names, limits and streaming."""

import gzip
import os
import subprocess
import sys
from itertools import islice

import pytest

from kcurve.datasets import Question, load
from kcurve.errors import DatasetError
from tests.question_rows import EXCERPTS, right_text, the_one, written

TABLE_FILES = {
    "q.csv": 'id,question,answer\n1,"How, then?",so\n',
    "q.tsv": "id\tquestion\tanswer\n1\tHow, then?\tso\n",
    "q.jsonl": '{"id": 1, "question": "How, then?", "answer": "so"}\n\n',
    "q.json": '[{"id": 1, "question": "How, then?", "answer": "so"}]',
    "wrapped.json": '{"version": 2, "data": [{"id": 1, "question": "How, then?", "answer": "so"}]}',
    "bom.csv": '\ufeffid,question,answer\r\n1,"How, then?",so\r\n',
}


def test_json_lines_may_be_called_json(tmp_path):
    path = tmp_path / "q.json"
    path.write_text('{"question": "One?"}\n\n{"question": "Two?"}\n')
    assert [question.text for question in load(path)] == ["One?", "Two?"]


@pytest.mark.parametrize("name", TABLE_FILES)
def test_one_table_in_all_kinds_of_files(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(TABLE_FILES[name].encode())
    expected = Question("How, then?", "so", id="1", dataset=path.stem)
    assert the_one(path) == expected
    zipped = tmp_path / f"{name}.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert the_one(zipped) == expected


def test_columns_can_be_said(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("nr,ask,one,two,gold\n7,Which?,this,that,that\n")
    columns = {"question": "ask", "choices": ("one", "two"), "reference": "gold", "id": "nr"}
    assert the_one(path, columns=columns) == (
        Question("Which?", "B", choices=("this", "that"), id="7", dataset="q")
    )


def test_choices_in_a_cell_are_a_json_list(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text('question,choices,answer\nWhich?,"[""this"", ""that""]",B\n')
    assert right_text(the_one(path)) == "that"


def test_a_question_may_have_no_answer(tmp_path):
    path = written(tmp_path / "q.jsonl", {"question": "Why?"}, {"question": "How?", "answer": None})
    assert [question.reference for question in load(path)] == [None, None]


def test_lettered_columns_are_choices(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("question,A,B,C,answer\nWhich?,x,y,z,C\n")
    assert the_one(path).choices == ("x", "y", "z")
    assert the_one(path).reference == "C"


def test_five_choices_are_not_taken_for_four(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("question,A,B,C,D,E,answer\nWhich?,v,w,x,y,z,E\n")
    assert right_text(the_one(path)) == "z"
    row = {"question": "Which?", "choices": list("vwxyz"), "answer": 4}
    assert right_text(the_one(written(tmp_path / "q.jsonl", row))) == "z"


def test_facts_about_questions_are_kept(tmp_path):
    row = {"question": "Why?", "subject": "logic", "level": 3, "cluster": "c1", "note": "none"}
    question = the_one(written(tmp_path / "q.jsonl", row))
    assert question.metadata == {"subject": "logic", "level": "3", "cluster": "c1"}


def test_the_last_lettered_columns_may_be_empty(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("question,A,B,C,D,E,answer\nWhich?,x,y,z,,,C\nWhat?,x,,z,,,C\n")
    questions = iter(load(path))
    assert next(questions).choices == ("x", "y", "z")
    with pytest.raises(DatasetError, match=r"line 3: column 'B' is empty"):
        next(questions)


@pytest.mark.parametrize(
    ("choices", "answer", "right"),
    [
        (["3", "1", "2"], "1", 1),  # the text of a choice comes before a position
        (["B", "A"], "A", 0),  # a letter comes before a text
        (["x", "y"], "(B)", 1),
        (["x", "y"], "1", 1),
        (["x", "y"], 1, 1),
    ],
)
def test_letters_come_before_texts_and_texts_before_positions(tmp_path, choices, answer, right):
    row = {"question": "Which?", "choices": choices, "answer": answer}
    assert the_one(written(tmp_path / "q.jsonl", row)).reference == "AB"[right]


# Names of questions, limits, streaming


def test_a_name_given_twice_is_an_error(tmp_path):
    rows = [{"id": "x", "question": "One?"}, {"id": "x", "question": "Two?"}]
    with pytest.raises(DatasetError, match=r"line 2: the id 'x' belongs to an earlier question"):
        list(load(written(tmp_path / "q.jsonl", *rows)))


def test_the_same_question_twice_is_numbered(tmp_path):
    rows = [{"question": "One?"}, {"question": "Two?"}, {"question": "One?"}, {"question": "One?"}]
    names = [question.id for question in load(written(tmp_path / "q.jsonl", *rows))]
    assert names == [names[0], names[1], f"{names[0]}-2", f"{names[0]}-3"]


def test_questions_can_be_read_again_and_limited():
    questions = load(EXCERPTS / "gsm8k.jsonl", limit=3, name="sums")
    assert list(questions) == list(questions)
    assert len(list(questions)) == 3
    assert {question.dataset for question in questions} == {"sums"}
    assert repr(questions) == (
        f"Questions('sums' from {EXCERPTS / 'gsm8k.jsonl'}, licence unknown, at most 3 questions)"
    )


def test_json_lines_are_streamed(tmp_path):
    path = tmp_path / "endless.jsonl"
    os.mkfifo(path)
    # A pipe that is never closed: whoever wants the whole file waits for ever.
    program = (
        f"import time\nwith open({str(path)!r}, 'w') as pipe:\n"
        "    for number in range(100000):\n"
        '        pipe.write(\'{"question": "%d?"}\\n\' % number)\n'
        "        pipe.flush()\n"
        "    time.sleep(60)\n"
    )
    from kcurve.datasets.rows import rows  # noqa: PLC0415 -- only here

    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as writer:
        reading = rows(path)
        assert [row["question"] for _, row in islice(reading, 2)] == ["0?", "1?"]
        reading.close()
        writer.kill()
