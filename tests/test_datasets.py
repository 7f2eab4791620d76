"""Questions from files and from rows as the hub gives them."""

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from kcurve.datasets import Question, catalogue, load
from kcurve.datasets.formats import FORMATS, recognised
from kcurve.datasets.shuffle import permutation
from kcurve.errors import ArgumentError, DatasetError

EXCERPTS = Path(__file__).parent / "golden" / "questions"
WRONG = ("It is green.", "It is red.", "It is blue.")

GPQA_ROW = {
    "Record ID": "rec1",
    "Question": "What colour is the sum of yellow and nothing?",
    "Correct Answer": "It is yellow.",
    **{f"Incorrect Answer {number}": text for number, text in enumerate(WRONG, start=1)},
    "High-level domain": "Physics",
    "Subdomain": "Optics (general)",
    "Canary String": "",
}
TRUTHFULQA_ROW = {
    "question": "Do stones dream?",
    "mc1_targets": {
        "choices": ["Stones do not dream.", "Only at night.", "All of them do."],
        "labels": [1, 0, 0],
    },
    "mc2_targets": {"choices": ["Stones do not dream."], "labels": [1]},
}
AVERITEC_ROW = {
    "claim": "The tower was built in a day.",
    "label": "Conflicting Evidence/Cherrypicking",
    "speaker": "A mason",
    "claim_date": "1-1-2020",
    "questions": [],
}
HUB_ROWS = {
    "gsm8k": {"question": "How much is 900 + 350?", "answer": "900+350=1250\n#### 1,250"},
    "math500": {
        "problem": "What is half of $x$?",
        "solution": r"It is $\boxed{\frac{x}{2}}$.",
        "answer": r"\frac{x}{2}",
        "subject": "Algebra",
        "level": 1,
        "unique_id": "test/algebra/0.json",
    },
    "mmlu": {
        "question": "Which is heavy?",
        "subject": "conceptual_physics",
        "choices": ["lead", "a feather", "air", "light"],
        "answer": 0,
    },
    "gpqa": GPQA_ROW,
    "truthfulqa": TRUTHFULQA_ROW,
    "averitec": AVERITEC_ROW,
}


def written(path, *rows):
    """Write rows as JSON lines and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def the_one(path, **options):
    """Return the only question of a file."""
    (question,) = load(path, **options)
    return question


def right_text(question):
    """Return the text of the choice that the reference names."""
    return question.choices["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(question.reference)]


# Published files


def test_gsm8k_answers_are_the_numbers_after_the_mark():
    questions = list(load(EXCERPTS / "gsm8k.jsonl"))
    assert [question.reference for question in questions] == (
        ["18", "3", "70000", "540", "20", "64", "260", "160", "45", "460"]
    )
    assert questions[0].text.startswith("Janet’s ducks lay 16 eggs per day.")
    assert len({question.id for question in questions}) == 10


def test_math500_has_latex_answers_subjects_and_levels():
    first = next(iter(load(EXCERPTS / "math500.jsonl")))
    assert first.reference == r"\left( 3, \frac{\pi}{2} \right)"
    assert first.id == "test/precalculus/807.json"
    assert first.metadata == {"subject": "Precalculus", "level": "2"}
    assert first.dataset == "math500"


def test_mmlu_keeps_the_order_of_choices():
    questions = list(load(EXCERPTS / "mmlu_physics.jsonl"))
    assert Counter(question.metadata["subject"] for question in questions) == {
        "college_physics": 4,
        "conceptual_physics": 3,
        "high_school_physics": 3,
    }
    lines = (EXCERPTS / "mmlu_physics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [list(question.choices) for question in questions] == [row["options"] for row in rows]
    assert [question.reference for question in questions] == [row["answer"] for row in rows]
    assert questions[0].id == "college_physics/200"


def test_a_subset_keeps_its_subjects_and_physics_names_all_four():
    path = EXCERPTS / "mmlu_physics.jsonl"
    assert len(list(load(path, subset="college_physics"))) == 4
    assert len(list(load(path, subset=("college_physics", "conceptual_physics")))) == 7
    assert len(list(load(path, subset="physics"))) == 10
    assert list(load(path, subset="anatomy")) == []


def test_the_published_csv_of_mmlu_is_read():
    questions = list(load(EXCERPTS / "high_school_physics_dev.csv"))
    assert [question.reference for question in questions] == list("DBDDB")
    assert right_text(questions[1]) == (
        "The pressure is at an antinode, but the particle displacement is at a node."
    )
    assert all(len(question.choices) == 4 for question in questions)


def test_a_csv_without_header_may_hold_line_breaks(tmp_path):
    path = tmp_path / "college_physics_test.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(["Is a, b or\nc light?", "a, b", 'the "b"', "c", "1", "D"])
    question = the_one(path)
    assert question.text == "Is a, b or\nc light?"
    assert question.choices == ("a, b", 'the "b"', "c", "1")
    assert question.reference == "D"


# Rows of the hub


@pytest.mark.parametrize("name", HUB_ROWS)
def test_rows_of_the_hub_are_recognised(name):
    assert recognised(HUB_ROWS[name]) == name


def test_every_known_data_set_has_a_format_and_a_row_above():
    assert {entry.name for entry in catalogue()} == set(HUB_ROWS)
    assert all(entry.format in FORMATS for entry in catalogue())


def test_thousands_separators_are_removed(tmp_path):
    assert the_one(written(tmp_path / "q.jsonl", HUB_ROWS["gsm8k"])).reference == "1250"


def test_an_index_becomes_a_letter(tmp_path):
    question = the_one(written(tmp_path / "q.jsonl", HUB_ROWS["mmlu"]))
    assert question.reference == "A"
    assert right_text(question) == "lead"


def test_an_index_is_no_choice_by_its_text(tmp_path):
    row = {"question": "Which is odd?", "choices": ["2", "4", "0", "1"], "answer": 0}
    assert right_text(the_one(written(tmp_path / "q.jsonl", row))) == "2"


def test_verdicts_on_claims_stand_in_one_order(tmp_path):
    question = the_one(written(tmp_path / "q.jsonl", AVERITEC_ROW))
    assert question.choices[:2] == ("Supported", "Refuted")
    assert right_text(question) == AVERITEC_ROW["label"]
    assert question.reference == "D"
    assert question.metadata == {"speaker": "A mason", "date": "1-1-2020"}


def test_truthfulqa_is_read_in_the_layout_of_its_authors(tmp_path):
    targets = {"Stones do not dream.": 1, "Only at night.": 0}
    path = tmp_path / "mc_task.json"
    path.write_text(json.dumps([{"question": "Do stones dream?", "mc1_targets": targets}]))
    question = the_one(path)
    assert right_text(question) == "Stones do not dream."
    assert sorted(question.choices) == sorted(targets)


# Shuffled choices


@pytest.mark.parametrize(
    ("row", "gold"),
    [(GPQA_ROW, "It is yellow."), (TRUTHFULQA_ROW, "Stones do not dream.")],
    ids=["gpqa", "truthfulqa"],
)
def test_where_gold_comes_first_choices_are_shuffled_by_default(tmp_path, row, gold):
    column = "Question" if "Question" in row else "question"
    rows = [row | {column: f"{row[column]} ({number})", "Record ID": ""} for number in range(400)]
    path = written(tmp_path / "q.jsonl", *rows)
    questions = list(load(path))
    assert all(right_text(question) == gold for question in questions)
    n = len(questions[0].choices)
    letters = Counter(question.reference for question in questions)
    # 400 / n of each letter are expected; five standard deviations are 43 for n = 4, 47 for n = 3.
    assert all(abs(letters[letter] - 400 / n) < 48 for letter in "ABCD"[:n])
    assert [question.reference for question in load(path, shuffle_choices=0)] == [
        question.reference for question in questions
    ]
    assert [question.reference for question in load(path, shuffle_choices=1)] != [
        question.reference for question in questions
    ]


def test_the_seed_and_the_order_are_stored(tmp_path):
    path = written(tmp_path / "q.jsonl", GPQA_ROW)
    plain, shuffled = the_one(path, shuffle_choices=False), the_one(path, shuffle_choices=7)
    assert plain.reference == "A"
    assert plain.choices == ("It is yellow.", *WRONG)
    assert "choices_seed" not in plain.metadata
    assert shuffled.id == plain.id == "rec1"
    assert shuffled.metadata["choices_seed"] == "7"
    order = [int(position) for position in shuffled.metadata["choices_order"].split()]
    assert tuple(plain.choices[position] for position in order) == shuffled.choices
    assert order == list(permutation(7, "rec1", 4))


def test_shuffling_does_not_change_the_name_of_a_question(tmp_path):
    path = written(tmp_path / "q.jsonl", TRUTHFULQA_ROW)
    assert len({the_one(path, shuffle_choices=seed).id for seed in (False, 0, 1, 2)}) == 1


def test_permutations_are_pinned():
    assert [permutation(seed, "q", 5) for seed in range(3)] == [
        (4, 3, 0, 1, 2),
        (3, 2, 1, 4, 0),
        (3, 0, 4, 2, 1),
    ]


@given(st.integers(), st.text(), st.integers(0, 26))
def test_a_shuffle_is_a_permutation(seed, name, n):
    order = permutation(seed, name, n)
    assert sorted(order) == list(range(n))
    assert order == permutation(seed, name, n)


@given(
    st.integers(),
    st.lists(st.text("abcde", min_size=1), min_size=2, max_size=9, unique=True),
    st.data(),
)
def test_the_letter_follows_the_right_choice(seed, choices, data):
    right = data.draw(st.integers(0, len(choices) - 1))
    row = {"question": "Which?", "choices": choices, "answer": right}
    question = FORMATS["mmlu"].draft(row).question(dataset="", seed=seed)
    assert right_text(question) == choices[right]
    assert sorted(question.choices) == sorted(choices)


def test_all_orders_are_equally_likely():
    counts = Counter(permutation(0, f"q{number}", 3) for number in range(6000))
    assert len(counts) == 6
    # Chi-square with 5 degrees of freedom: 25.7 is exceeded once in 10,000 seeds.
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 25.7


# Tables


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


# What is wrong


BAD_ROWS = {
    "no mark": ("gsm8k", {"question": "Q?", "answer": "12"}, r"must end in #### and a number"),
    "no number": ("gsm8k", {"question": "Q?", "answer": "#### many"}, r"a number, got"),
    "a letter too far": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": "C"},
        r"neither a letter from A to B",
    ),
    "a position too far": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": 2},
        r"number from 0 to 1",
    ),
    "no answer": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": None},
        r"the answer None",
    ),
    "two truths": (
        "truthfulqa",
        {"question": "Q?", "mc1_targets": {"choices": ["x", "y"], "labels": [1, 1]}},
        r"exactly one of 2 choices",
    ),
    "a missing choice": ("gpqa", GPQA_ROW | {"Incorrect Answer 2": ""}, r"2' is empty"),
    "another verdict": ("averitec", AVERITEC_ROW | {"label": "Maybe"}, r"got 'Maybe'"),
    "an empty question": ("table", {"question": " "}, r"'question' is empty"),
    "an unknown table": ("table", {"ask": "Q?", "gold": "x"}, r"the columns are 'ask', 'gold'"),
    "too many choices": (
        "mmlu",
        {"question": "Q?", "choices": [str(number) for number in range(30)], "answer": 3},
        r"30 choices",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_named_by_their_line(tmp_path, case):
    layout, row, message = BAD_ROWS[case]
    good = HUB_ROWS.get(layout, {"question": "Q?", "ask": "Q?"})
    path = written(tmp_path / "q.jsonl", good, row)
    with pytest.raises(DatasetError, match=rf"q\.jsonl, line 2: .*{message}"):
        list(load(path, format=layout))


BAD_FILES = {
    "q.jsonl": (b'{"question": "Q?"}\n{"question": \n', r"line 2: not JSON"),
    "list.jsonl": (b"[1]\n", r"line 1: expected an object"),
    "q.csv": (b"question,answer\nQ?,x,y\n", r"line 2: 3 cells under 2 columns"),
    "twice.csv": (b"question,question\nQ?,x\n", r"'question' appears twice"),
    "quote.csv": (b'question,answer\n"Q?,x\n', r"unexpected end of data"),
    "q.json": (b'{"a": [], "b": []}', r"an object with 2 lists"),
    "number.json": (b"3", r"got int"),
    "broken.json": (b"[{", r"not JSON"),
    "latin.csv": ("question\nWie spät?\n".encode("latin-1"), r"not text in UTF-8"),
    "q.parquet": (b"PAR1", r"ends in \.jsonl, \.json, \.csv or \.tsv"),
    "empty.jsonl": (b"", r"holds no questions"),
    "not.csv.gz": (b"question\nQ?\n", r"not a whole gzip file"),
    "cut.csv.gz": (gzip.compress(b"question\n" + b"Q?\n" * 9)[:-9], r"not a whole gzip file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused(tmp_path, name):
    content, message = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        list(load(path))


BAD_ARGUMENTS = {
    "missing file": (("no/such.jsonl",), {}, r"the file no/such\.jsonl does not exist"),
    "unknown name": (("gsm9k",), {}, r"known are 'gsm8k', 'math500'"),
    "limit": (("gsm8k",), {"limit": 0}, r"limit must be an integer of at least 1, got 0"),
    "seed": (("gsm8k",), {"shuffle_choices": True}, r"a seed \(an integer\) or False, got True"),
    "format": (("gsm8k",), {"format": "xml"}, r"format must be one of 'gpqa'"),
    "columns": (
        ("gsm8k",),
        {"format": "gsm8k", "columns": {"question": "q"}},
        r"columns go with the format 'table'",
    ),
    "subset": (("gsm8k",), {"subset": "hard"}, r"gsm8k has no subsets, got 'hard'"),
    "gpqa": (("gpqa",), {"subset": "gold"}, r"'diamond', 'main', 'extended', got 'gold'"),
    "no subset": (("mmlu",), {"subset": ()}, r"empty sequence"),
    "split": ((EXCERPTS / "gsm8k.jsonl",), {"split": "test"}, r"a file has no splits"),
    "role": ((EXCERPTS / "gsm8k.jsonl",), {"columns": {"ask": "x"}}, r"got 'ask'"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_bad_arguments_are_named(case):
    arguments, options, message = BAD_ARGUMENTS[case]
    with pytest.raises(ArgumentError, match=message):
        load(*arguments, **options)


def test_a_subset_of_a_file_without_subjects_is_an_error():
    with pytest.raises(DatasetError, match=r"needs a column 'subject', 'topic', 'category'"):
        list(load(EXCERPTS / "gsm8k.jsonl", subset="physics"))


def test_a_said_column_must_be_there():
    with pytest.raises(DatasetError, match=r"no column 'ask' .* 'question', 'answer'"):
        list(load(EXCERPTS / "gsm8k.jsonl", columns={"question": "ask"}))


def test_without_the_package_the_hub_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)  # how Python marks what cannot be imported
    with pytest.raises(DatasetError, match=re.escape("pip install 'kcurve[hf]'")):
        next(iter(load("gsm8k")))


# Licences


def test_the_catalogue_says_what_may_be_shipped():
    by_name = {entry.name: entry for entry in catalogue()}
    assert by_name["gpqa"].licence == "CC-BY-4.0"
    assert not by_name["gpqa"].shippable
    assert not by_name["averitec"].shippable
    assert all(entry.licence in {"MIT", "Apache-2.0"} for entry in catalogue() if entry.shippable)
    assert all(entry.citation and entry.source.startswith("https://") for entry in catalogue())
    assert json.loads(json.dumps(by_name["mmlu"].to_dict()))["hub"] == "cais/mmlu"
