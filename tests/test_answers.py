"""Answers are found, compared and described as the documents say."""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from kcurve import answers
from kcurve.answers import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    FirstOf,
    JSONField,
    LastNumber,
    Regex,
    SameExpression,
    SameNumber,
    SameText,
    TheAnswerIs,
    WholeText,
    classes,
    describe,
    extracted,
    formatting_report,
    from_description,
    question_classes,
)
from kcurve.errors import ArgumentError

GOLDEN = tomllib.loads(
    Path(__file__).parent.joinpath("golden", "answers.toml").read_text(encoding="utf-8")
)
BUILT_IN = (
    AnswerIs("first"),
    Boxed(),
    ChoiceLetter("ABCDE"),
    Contains("[correct]", ignore_case=True),
    FirstOf(Boxed(), FirstOf(LastNumber(), Regex(r"(?P<x>\d)", "x", "first"))),
    JSONField(("answers", 0)),
    LastNumber(),
    Regex(r"answer: (\w+)"),
    TheAnswerIs("####"),
    WholeText(),
    SameText(ignore_case=False),
    SameNumber(relative=0.01, absolute=1e-9, percent="ignored"),
    SameExpression(timeout=2.5),
)


@pytest.mark.parametrize("excerpt", GOLDEN["excerpt"], ids=lambda excerpt: excerpt["source"])
def test_answers_in_real_texts(excerpt):
    extractor = from_description(excerpt["extractor"])
    found = extractor(excerpt["text"])
    assert found == excerpt["found"]
    if "reference" in excerpt:
        assert (
            from_description(excerpt["equivalence"])(found, excerpt["reference"])
            is excerpt["correct"]
        )


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(B)", "B"),
        ("B.", "B"),
        ("answer: B", "B"),
        ("**B**", "B"),
        (r"\boxed{B}", "B"),
        (r"\boxed{\text{(B)}}", "B"),
        (r"\text{(B)}", "B"),
        ("The answer is (a), I think.", "A"),
        ("The answer is A because it floats.", "A"),
        ("**Answer: B. 42 kg**", "B"),
        ("The correct choice is option **D**.", "D"),
        ("(A) is tempting, (C) too. The answer is B, unlike (D).", "B"),
        ("The answer is A. Wait, the answer is C.", "C"),
        (r"The answer is A. No: $\boxed{C}$", "C"),
        ("Let me see.\nC) 12 cm\nis the one", "C"),
        ("So it must be D.", "D"),
        ("A dog is a mammal", None),
        ("The answer is A dog", None),
        ("What an answer! I am done", None),
        ("The answer is E", None),
        ("ABCD", None),
        ("", None),
    ],
)
def test_a_letter_must_be_stated(text, letter):
    assert ChoiceLetter("ABCD")(text) == letter


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234", "1234"),
        ("it is 1{,}000.", "1000"),
        (r"10\,000", "10000"),
        ("$5.00", "5.00"),
        ("-3/4", "-3/4"),
        (r"-\dfrac{3}{4}", "-3/4"),
        ("1e-5", "1e-5"),
        (r"3 \times 10^{-4} m", "3e-4"),
        (r"50\%", "50%"),
        ("\u22127", "-7"),
        ("10-5", "5"),
        ("25 cm^2", "25"),
        ("H2O", None),
        ("on 3/4/2020", "2020"),
        ("2 or 1/0", "2"),
        ("答案是42。", "42"),
    ],
)
def test_numbers_in_texts(text, found):
    assert LastNumber()(text) == found


def test_boxes_nest_and_unclosed_ones_do_not_count():
    assert (
        Boxed()(r"\boxed{\frac{1}{2}}, so \boxed{x = \{1, 2\}} and \boxed{cut o") == r"x = \{1, 2\}"
    )
    assert Boxed()(r"$\boxed 5$.") == "5"
    assert Boxed()(r"put it in \boxed{}") is None


def test_long_hostile_texts_take_no_quadratic_time():
    # Each took minutes to hours if its parts were looked at anew for every beginning.
    for piece in (
        r"\boxed{",
        "answer is (",
        '{"a":',
        "the answer is:",
        r"\boxed\text{",
        "####",
        "$$**`",
        "1,",
    ):
        text = piece * 50_000
        for extractor in (
            Boxed(),
            ChoiceLetter(),
            LastNumber(),
            AnswerIs(),
            TheAnswerIs(),
            JSONField("a"),
        ):
            extractor(text)
        answers.normalised(text)
        answers.number(text)


def test_a_batch_is_every_text_alone():
    texts = ["So 1,000.", None, r"\boxed{7}", "", '{"a": [1]}', "answer is (B)"] * 50
    for extractor in (*BUILT_IN[:-3], lambda text: text[:1] or None):
        alone = [None if text is None else extractor(text) for text in texts]
        assert extracted(texts, extractor) == alone
        for table in (pl.Series(texts), pa.array(texts), pa.chunked_array([texts[:7], texts[7:]])):
            assert extracted(table, extractor) == alone
        assert extracted(iter(texts), extractor) == alone


def test_a_long_batch_is_every_text_alone():
    texts = ["word " * 500 + str(number) for number in range(300)]
    assert extracted(texts, LastNumber()) == [str(number) for number in range(300)]


def test_halves_of_surrogate_pairs_do_no_harm():
    assert extracted(["\ud83d 7", None], LastNumber()) == ["7", None]


@pytest.mark.parametrize("texts", [[1], ["a", b"b"]])
def test_what_is_no_text_is_refused(texts):
    with pytest.raises(
        TypeError, match=r"a text must be a str or None, got (int in row 0|bytes in row 1)"
    ):
        extracted(texts, LastNumber())


def test_one_text_is_no_batch():
    with pytest.raises(ArgumentError, match="put it in a list"):
        extracted("abc", LastNumber())


@pytest.mark.parametrize("value", BUILT_IN, ids=repr)
def test_descriptions_are_json_and_come_back(value):
    described = json.loads(json.dumps(describe(value)))
    assert described == describe(value)
    assert from_description(described) == value
    assert hash(from_description(described)) == hash(value)


def shortened(text):
    return text[:1]


def test_a_function_is_named_and_must_be_passed():
    described = describe(shortened)
    assert described == {"kind": "callable", "name": f"{__name__}.shortened"}
    with pytest.raises(ArgumentError, match=r"shortened is a function of your own.*pass it"):
        from_description(described)
    assert describe(FirstOf(Boxed(), shortened))["extractors"] == [{"kind": "Boxed"}, described]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ChoiceLetter("abc"), "choices must be distinct capitals"),
        (lambda: ChoiceLetter(27), "choices must be distinct capitals"),
        (lambda: Contains(""), "phrase must not be empty"),
        (lambda: TheAnswerIs(" :* "), "marker must be more than"),
        (lambda: AnswerIs("middle"), "which must be one of 'last', 'first'"),
        (lambda: Regex("("), "does not compile"),
        (lambda: Regex("a", 1), "group must be one of 0"),
        (lambda: JSONField(()), "path must be a key"),
        (FirstOf, "at least one extractor"),
        (lambda: SameNumber(relative=-1), "relative must be at least 0"),
        (lambda: SameExpression(timeout=0), "timeout must be greater than 0"),
        (lambda: from_description({"kind": "Boxes"}), "kind must be one of AnswerIs"),
        (lambda: from_description({"kind": "Boxed", "x": 1}), "does not describe a Boxed"),
        (lambda: question_classes(["1"], [0, 2]), "offsets must rise from 0"),
        (lambda: question_classes(["1"], [0, 1], references=[]), "references must be one for each"),
        (lambda: formatting_report(["1"], extractor=Boxed(), statuses=[]), "statuses must be one"),
    ],
)  # fmt: skip
def test_bad_settings_are_explained(make, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_texts_are_compared_without_their_formatting():
    same = [
        "1/2",
        r"\frac12",
        r"$\dfrac{1}{2}$.",
        r"\left(\frac{1}{2}\right)"[6:-7] + "",
        "**1/2**",
        "１/２",
    ]
    assert len(set(map(answers.normalised, same[:3] + same[4:]))) == 1
    assert SameText()("New York.", "new  york")
    assert not SameText()("New York", "newyork")
    assert not SameText(ignore_case=False)("x", "X")


def test_numbers_are_exact():
    assert answers.number("0.1") == Fraction(1, 10)
    assert SameNumber()("0.1", "1/10")
    assert not SameNumber()("0.3333333333333333", "1/3")
    assert SameNumber(relative=1e-9)("0.3333333333333333", "1/3")
    assert SameNumber()("50%", "0.5")
    assert SameNumber(percent="ignored")(r"50\%", "50")
    assert answers.number("5x") is answers.number(r"5\pi") is answers.number("3 million") is None


def test_classes_within_a_tolerance_do_not_depend_on_order_or_counts():
    spelled = ["1.0", "1.04", "1.08", "1.12", "2"]
    close = SameNumber(absolute=0.05)
    grouped = {}
    for order in (spelled, spelled[::-1], spelled * 2, spelled[2:] + spelled[:2]):
        found = classes(order, equivalence=close, reference="1.06")
        grouped[tuple(order)] = {frozenset(t for t, c in zip(order, found.codes, strict=True) if c == code) for code in set(found.codes.tolist())}  # fmt: skip
        assert found.texts[found.correct] in {"1.04", "1.08"}
    assert set(map(frozenset, grouped.values())) == {
        frozenset(
            {frozenset({"1.04", "1.08"}), frozenset({"1.0"}), frozenset({"1.12"}), frozenset({"2"})}
        )
    }


def test_a_function_of_ones_own_makes_classes():
    found = classes(
        ["aa", "b", None, "ab"], equivalence=lambda left, right: left[0] == right[0], reference="c"
    )
    assert (found.codes.tolist(), found.texts, found.correct) == ([0, 1, -1, 0], ("aa", "b"), -1)
    assert found.to_dict()["timeouts"] == 0


def test_no_answers_and_no_questions():
    assert classes([]).codes.tolist() == []
    assert classes([None], reference="1").to_dict() == {
        "codes": [-1],
        "texts": [],
        "correct": -1,
        "timeouts": 0,
    }
    assert len(question_classes([], [0])) == 0


def test_the_formatting_report_counts_every_vote():
    texts = [
        "the answer is (1/2)", r"the answer is (\frac12)", "the answer is (2)", "the answer is (2)", "So 2", "",  # 2 leads, but 1/2 ties
        "the answer is (3)", "cut off at 4", None, "no idea",
    ]  # fmt: skip
    statuses = ["ok"] * 5 + ["empty"] + ["ok", "truncated", "failed", "ok"]
    report = formatting_report(texts, [0, 6, 10], extractor=AnswerIs(), statuses=statuses)
    assert report.to_dict() == {
        "questions": 2, "samples": 10, "answered": 5, "empty": 1, "truncated": 1, "failed": 1, "no_match": 2,
        "recognisable": 2, "split_votes": 1, "split_questions": 1, "changed_majorities": 1, "timeouts": 0,
    }  # fmt: skip
    table = pa.table(report.to_arrow()).to_pydict()
    assert table["split_votes"] == [1, 0]
    assert table["samples"] == [6, 4]
    assert "no answer in 5 (1 empty, 1 cut off, 1 failed, 2 without a match)" in repr(report)
