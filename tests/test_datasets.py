"""Questions from files as published and from rows as the hub gives them."""

import csv
import json
from collections import Counter

import pytest

from kcurve.datasets import catalogue, load
from kcurve.datasets.formats import FORMATS, recognised
from tests.question_rows import AVERITEC_ROW, EXCERPTS, HUB_ROWS, right_text, the_one, written

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


# Licences


def test_the_catalogue_says_what_may_be_shipped():
    by_name = {entry.name: entry for entry in catalogue()}
    assert by_name["gpqa"].licence == "CC-BY-4.0"
    assert not by_name["gpqa"].shippable
    assert not by_name["averitec"].shippable
    assert all(entry.licence in {"MIT", "Apache-2.0"} for entry in catalogue() if entry.shippable)
    assert all(entry.citation and entry.source.startswith("https://") for entry in catalogue())
    assert json.loads(json.dumps(by_name["mmlu"].to_dict()))["hub"] == "cais/mmlu"
