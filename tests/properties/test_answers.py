"""The fast extractors, normalisation, numbers and classes say what their slow twins say, on texts made of awkward pieces."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import example, given, strategies as st

from kcurve import answers
from tests.oracles import answers as slow

PIECES = (
    *"0123456789AaBbIiCDexN.,;:!?()[]{}$*%/^_=-+#>|~`'\"\\ \n\t\r",
    " ", "  ", "\n\n", "\u2212", "\u2013", "\u2019", "\u202f", "\u2009", "\u3000", "\xa0", "×", "·", "²", "°", "é", "答案", "Ｂ", "５", "€",
    "**", "$$", "\\(", "\\)", "\\[", "\\]", "\\boxed{", "\\boxed ", "\\fbox{", "\\boxedx", "\\text{", "\\textbf{", "\\mathrm {", "\\bf{", "\\frac",
    "\\dfrac", "\\frac{1}{2}", "\\tfrac12", "\\frac{-3}{ 4 }", "\\left", "\\right", "\\!", "\\,", "\\ ", "\\quad", "\\%", "\\$", "\\times", "\\cdot ", "10^",
    "10^{-3}", "{,}", ",\\!", ",000", "000", "1,234", "12", "1.5", ".5", "3/4", "1 3/4", "1e-5", "E+3", "^{2}", "^\\circ", "x = ", "\\pi",
    "the answer is", "The Answer Is ", "answer is (", "answer", "Answer:", "choice", "Option ", " is ", "would be", "because", "letter ", "(B)", "[C]", "B.", "A dog", "**C**",
    "####", "[correct]", "cm", " apples", " dollars", "m/s", " and", " percent", "per day", "%",
)  # fmt: skip
JSON = (
    *'{}[]:,"\\ \n', '{"answer":', '"a": ', '{"a":1}', '"x\\n"', "\\u00e9", '"\\ud800"', "null", "true", "-1.50e+3", "01", "[1, 2]", "NaN", "```json\n", '"é"', ' {"answer": ',
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
whole = st.lists(st.sampled_from(PIECES), min_size=20, max_size=60).map("".join)
documents = texts | whole | st.text(max_size=30)


@given(documents)
@example(r"\boxed{\boxed{\frac{1}{2}}} or \boxed{3")
@example("$5, -$6.50, 1,234,5678, 3/4/2020, 10-5, x2, cm^{2}, v1.2.3")
@example("\\frac{1}{0} after 7")
def test_extractors(text):
    assert answers.WholeText()(text) == slow.whole_text(text)
    assert answers.Boxed()(text) == slow.boxed(text)
    assert answers.LastNumber()(text) == slow.last_number(text)
    for which in ("last", "first"):
        assert answers.AnswerIs(which)(text) == slow.answer_is(text, which=which)
    for marker in ("the answer is", "####", "B"):
        assert answers.TheAnswerIs(marker)(text) == slow.the_answer_is(text, marker=marker)
    for ignore_case in (False, True):
        found = answers.Contains("Answer", ignore_case)(text)
        assert found == slow.contains(text, "Answer", ignore_case=ignore_case)


@given(documents, st.sampled_from(["ABCD", "AB", "ABCDEFGHI", "BX"]))
@example("**B)** \\boxed{\\text{(b)} 4}", "ABCD")
@example("the answer is A dog\nI. am\n", "ABCDEFGHI")
@example("Answer:\n\n$\\text{(c)}$", "ABCD")
def test_choice_letters(text, choices):
    assert answers.ChoiceLetter(choices)(text) == slow.choice_letter(text, choices)


@given(st.lists(st.sampled_from(JSON), max_size=25).map("".join))
@example('{"answer": {"a": 1, "b": 2, "a": [true, null, "\\u0001\\ud83d\\ude00"]}} {')
@example('{"answer":' * 102 + "1" + "}" * 102)
def test_json_fields(text):
    for path in (("answer",), ("a",), ("answer", "a"), ("answer", 1)):
        assert answers.JSONField(path)(text) == slow.json_field(text, path)


@given(documents)
@example(r"\text{ a \textbf{b} }\text{c")
@example(r"2\frac12, \frac{1}{2}x, \frac34\frac56, 10\,000, $1$ and $2$")
def test_normalisation(text):
    for ignore_case in (False, True):
        found = answers.normalised(text, ignore_case=ignore_case)
        assert found == slow.normalised(text, ignore_case=ignore_case)


plain = st.sampled_from(["1", "-1", "0.50", "1/2", r"\frac{1}{2}", "50%", r"50\%", "1,234.5", "$5", "1 3/4", "2e3", "1e-400", "1e401", "7 m/s", "x=3", ".5", "-.25", "10^{3}", "3 \\times 10^2"])  # fmt: skip


@given(plain | texts | st.lists(plain | st.sampled_from(PIECES), max_size=4).map("".join))
@example("1.5.")
@example("9" * 401)
@example("1e0000005")
def test_numbers(text):
    for percent, named in ((True, "hundredths"), (False, "ignored")):
        assert answers.number(text, percent=named) == slow.number(text, percent=percent)


@given(
    st.lists(st.lists(st.none() | plain | st.integers(-40, 40).map(lambda n: str(n / 10)), max_size=8), max_size=4),
    st.sampled_from([(0.0, 0.0), (0.1, 0.0), (0.0, 0.25), (1.0, 0.0), (1e-5, 1e-7)]),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_classes(questions, tolerances, random):
    relative, absolute = tolerances
    references = [random.choice([None, "0.5", "nothing", *map(str, row)]) for row in questions]
    flat = [answer for row in questions for answer in row]
    offsets = [0]
    for row in questions:
        offsets.append(offsets[-1] + len(row))
    number = answers.SameNumber(relative=relative, absolute=absolute)
    for equivalence, group in (
        (answers.SameText(), lambda row, _: {one: slow.normalised(one) for one in row}),
        (
            number,
            lambda row, reference: slow.by_number(row, reference, str(relative), str(absolute)),
        ),
    ):
        found = answers.question_classes(
            flat, offsets, equivalence=equivalence, references=references
        )
        for question, (row, reference) in enumerate(zip(questions, references, strict=True)):
            known = [one for one in (*row, reference) if one is not None]
            codes, representatives, correct = slow.numbered(row, reference, group(known, reference))
            assert found[question].codes.tolist() == codes
            assert found[question].texts == representatives
            assert found[question].correct == correct


@given(st.fractions(-2, 2, max_denominator=60), st.fractions(-2, 2, max_denominator=60), st.sampled_from([0.0, 0.05, 0.5]))  # fmt: skip
def test_closeness(left, right, tolerance):
    spelled = [f"{value.numerator}/{value.denominator}" for value in (left, right)]
    found = answers.SameNumber(relative=tolerance)(*spelled)
    assert found == (abs(left - right) <= Fraction(str(tolerance)) * max(abs(left), abs(right)))
