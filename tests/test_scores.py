"""Score readers read the number that is there, and NaN where none is, out of any text and any JSON."""

from __future__ import annotations

import json
from math import inf, isfinite, isnan, log, nan

import pytest
from hypothesis import given, strategies as st

from kcurve.answers import (
    AnswerIs,
    Boxed,
    Contains,
    FirstOf,
    LastNumber,
    NumberScore,
    Regex,
    TokenProbability,
    VectorScore,
    Verdict,
    WholeText,
    describe,
    from_description,
)
from kcurve.errors import ArgumentError

READERS = (
    Verdict(),
    Verdict(FirstOf(Contains("yes", ignore_case=True), Regex(r"(\+)$"))),
    NumberScore(),
    NumberScore(1, 10, Regex(r"\b(\d+)/10")),
    NumberScore(-1, 1, FirstOf(Boxed(), WholeText())),
    TokenProbability("+", "-"),
    TokenProbability(("yes", "Yes"), ["no", " No"]),
    VectorScore(),
    VectorScore("min", 0),
    VectorScore("prod"),
    VectorScore("mean", 1),
    VectorScore("first"),
    VectorScore(-2, -2),
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(min_value=10**309, max_value=10**310)
    | st.text(max_size=4)
    | st.sampled_from(["+", " -", "yes", "No"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        | st.fixed_dictionaries(
            {}, optional={"token": inner, "logprob": inner, "top_logprobs": inner}
        )
        | st.fixed_dictionaries(
            {},
            optional={
                "content": inner,
                "tokens": inner,
                "token_logprobs": inner,
                "top_logprobs": inner,
            },
        )
    ),
    max_leaves=12,
)
texts = (
    st.none()
    | st.text(st.characters(), max_size=20)  # surrogates too
    | st.text("0123456789.,-+/%e[]{} ", max_size=20)
    | json_values.map(json.dumps)
)


@given(texts, json_values)
def test_no_text_and_no_json_is_an_error(text, logprobs):
    for reader in READERS:
        score = reader(text, logprobs)
        assert isinstance(score, float)
        assert isnan(score) or isfinite(score)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "1" * 10_000, "[1" + "0" * 400 + "]", "[1e999]", "[NaN]", "\ud800"]
)
def test_texts_made_to_break_readers(text):
    for reader in READERS:
        if type(reader) is not Verdict:
            assert isnan(reader(text))


@pytest.mark.parametrize("reader", READERS, ids=repr)
def test_readers_are_described_and_made_again(reader):
    description = json.loads(json.dumps(describe(reader)))
    again = from_description(description)
    assert again == reader
    assert hash(again) == hash(reader)
    assert describe(again) == description


def test_equal_scales_have_equal_descriptions():
    assert json.dumps(describe(NumberScore(1, 5))) == json.dumps(describe(NumberScore(1.0, 5.0)))


def test_a_description_of_something_else_within_is_refused():
    with pytest.raises(ArgumentError, match="kind must be one of"):
        from_description({"kind": "Verdict", "extractor": {"kind": "Nothing"}})
    with pytest.raises(ArgumentError, match="pass it itself"):
        from_description(describe(Verdict(lambda text: text)))
    with pytest.raises(ArgumentError, match="does not describe a VectorScore"):
        from_description({"kind": "VectorScore", "line": 1})


@pytest.mark.parametrize(
    ("text", "score"),
    [("so [correct]", 1.0), ("[Correct]", 0.0), (" ", 0.0), ("", nan), (None, nan)],
)
def test_verdict(text, score):
    assert Verdict()(text) == pytest.approx(score, nan_ok=True, abs=0)


@pytest.mark.parametrize(
    ("reader", "text", "score"),
    [
        (NumberScore(), "0.25", 0.25),
        (NumberScore(), "I would say 80%.", 0.8),
        (NumberScore(), "3/4", 0.75),
        (NumberScore(), "1.01", nan),
        (NumberScore(), "-0.01", nan),
        (NumberScore(), "0", 0.0),
        (NumberScore(), "1", 1.0),
        (NumberScore(0.1, 0.3), "0.1", 0.0),
        (NumberScore(0.1, 0.3), "0.2", 0.5),
        (NumberScore(0.1, 0.3), "0.3", 1.0),
        (NumberScore(-1, 1), "-1", 0.0),
        (NumberScore(0, 100), "Score: 1 out of 100, or 73", 0.73),
        (NumberScore(1, 10, Regex(r"\b(\d+)/10")), "7/10", 6 / 9),
        (NumberScore(0, 10, AnswerIs()), "the answer is (many)", nan),
        (NumberScore(), "none", nan),
        (NumberScore(), "", nan),
        (NumberScore(), None, nan),
    ],
)
def test_number_score(reader, text, score):
    assert reader(text) == pytest.approx(score, nan_ok=True, abs=0, rel=1e-15)


TABLE = "[[0.5, 0.9], [0.25, 0.5], [0.75, 0.6]]"


@pytest.mark.parametrize(
    ("reader", "text", "score"),
    [
        (VectorScore(), TABLE, 0.6),
        (VectorScore("first"), TABLE, 0.9),
        (VectorScore("min"), TABLE, 0.5),
        (VectorScore("prod"), TABLE, 0.9 * 0.5 * 0.6),
        (VectorScore("mean"), TABLE, 2 / 3),
        (VectorScore("min", 0), TABLE, 0.25),
        (VectorScore(1), TABLE, 0.5),
        (VectorScore(-3, 0), TABLE, 0.5),
        (VectorScore(3), TABLE, nan),
        (VectorScore(-4), TABLE, nan),
        (VectorScore("mean", 2), TABLE, nan),
        (VectorScore("mean", -3), TABLE, nan),
        (VectorScore(), "[0.1, 0.9]", 0.9),
        (VectorScore("min", 0), "[0.1, 0.9]", 0.1),
        (VectorScore("min"), "0.5", 0.5),
        (VectorScore(), "[-3]", -3.0),
        (VectorScore(), "[]", nan),
        (VectorScore("prod"), "[]", nan),
        (VectorScore("prod"), "[[]]", nan),
        (VectorScore("last"), "[[], [0.5]]", 0.5),
        (VectorScore("first"), "[[], [0.5]]", nan),
        (VectorScore("mean"), "[[], [0.5]]", nan),
        (VectorScore("min"), "[[null], [0.5]]", nan),
        (VectorScore("last"), "[[null], [0.5]]", 0.5),
        (VectorScore("last"), "[1, [0.5]]", 0.5),
        (VectorScore("mean"), "[1, [0.5]]", nan),
        (VectorScore(), "[[[0.5]]]", nan),
        (VectorScore(), "[true]", nan),
        (VectorScore(), '["0.5"]', nan),
        (VectorScore(), '{"score": 0.5}', nan),
        (VectorScore("prod"), "[[1e308], [1e308]]", nan),
        (VectorScore(), None, nan),
    ],
)
def test_vector_score(reader, text, score):
    assert reader(text) == pytest.approx(score, nan_ok=True, abs=0, rel=1e-15)


def in_chat(*places):
    """Write (token, alternatives) as chats do; the token is the first of them."""
    return {
        "content": [
            {
                "token": token,
                "logprob": others.get(token, log(0.01)),
                "top_logprobs": [{"token": one, "logprob": value} for one, value in others.items()],
            }
            for token, others in places
        ]
    }


def in_completion(*places):
    """Write the same as completions do."""
    return {
        "tokens": [token for token, _ in places],
        "token_logprobs": [others.get(token, log(0.01)) for token, others in places],
        "top_logprobs": [others for _, others in places],
    }


@pytest.mark.parametrize("form", [in_chat, in_completion])
@pytest.mark.parametrize(
    ("places", "score"),
    [
        # The last place counts, spaces do not, spellings add up.
        ([("+", {"+": log(0.5)}), (" -", {" -": log(0.6), "+": log(0.2), " +": log(0.1)})], 1 / 3),
        # What follows it, and is neither, does not.
        ([("+", {"+": log(0.6), "-": log(0.2)}), ("\n", {"\n": 0.0, "-": -9.0})], 0.75),
        # A kind that is not there has mass 0, whichever it is.
        ([("+", {"+": log(0.6), "x": log(0.4)})], 1.0),
        ([("-", {"-": log(0.6), "x": log(0.4)})], 0.0),
        # The token itself counts, though it is not among the alternatives.
        ([("-", {"+": log(0.03)})], 0.75),
        ([("-", {})], 0.0),
        # Minus infinity is no mass, and what is no number is none.
        ([("+", {"+": log(0.5), "-": -inf})], 1.0),
        ([("+", {"+": log(0.5), "-": nan})], 1.0),
        ([("+", {"+": -inf, "-": -inf})], nan),
        # Nothing vanishes.
        ([("-", {"-": -2000.0, "+": -2000.0 + log(3)})], 0.75),
        ([("maybe", {"maybe": log(0.5), "+": log(0.4)})], nan),
        ([], nan),
    ],
)
def test_token_probability(form, places, score):
    read = TokenProbability("+", "-")
    assert read("whatever", form(*places)) == pytest.approx(score, nan_ok=True, rel=1e-12, abs=0)


def test_token_probability_is_that_of_all_spellings():
    read = TokenProbability(("yes", "Yes"), ("no", "No"))
    masses = {" yes": 0.3, "Yes": 0.2, "no": 0.1, "NO": 0.4}
    place = ("Yes", {token: log(mass) for token, mass in masses.items()})
    expected = (0.3 + 0.2) / (0.3 + 0.2 + 0.1)
    assert read(None, in_chat(place)) == pytest.approx(expected, rel=1e-12)
    # The servers of completions that answer as chats do.
    assert read(None, {**in_chat(place), "tokens": None}) == pytest.approx(expected, rel=1e-12)
    assert isnan(read("Yes"))


def test_tokens_of_one_text_are_two_tokens():
    twice = [
        {"token": "+", "logprob": log(0.3)},
        {"token": "+", "logprob": log(0.1)},
        {"token": "-", "logprob": log(0.1)},
    ]
    content = [{"token": "+", "logprob": log(0.3), "top_logprobs": twice}]
    assert TokenProbability("+", "-")(None, {"content": content}) == pytest.approx(0.8)


def test_the_first_token_of_a_text_has_no_log_probability():
    logprobs = {"tokens": ["+", "a"], "token_logprobs": [None, -1.0], "top_logprobs": None}
    assert isnan(TokenProbability("+", "-")(None, logprobs))
    logprobs = {"tokens": ["a", "+"], "token_logprobs": [None, log(0.5)]}
    assert TokenProbability("+", "-")(None, logprobs) == 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Verdict("[correct]"), "extractor must be an extractor, got '\\[correct\\]'"),
        (lambda: NumberScore(1, 1), "low must be below high, got low=1.0, high=1.0"),
        (lambda: NumberScore(0, inf), "high must be a finite number, got inf"),
        (lambda: NumberScore(10**400), "low must be a finite number, got 1000"),
        (lambda: NumberScore(low=True), "low must be a finite number, got True"),
        (lambda: NumberScore(0, 1, "last"), "extract must be an extractor, got 'last'"),
        (lambda: TokenProbability((), "-"), "positive must be tokens that are more than space"),
        (lambda: TokenProbability("+", " "), "negative must be tokens that are more than space"),
        (lambda: TokenProbability("+", ("-", " +")), "of one kind, got '\\+' as positive and"),
        (lambda: VectorScore("max"), "row must be one of 'last', .*, got 'max'"),
        (lambda: VectorScore(True), "row must be one of 'last', .*, got True"),
        (lambda: VectorScore("last", 0.5), "column must be an integer, got 0.5"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_tokens_are_texts():
    with pytest.raises(TypeError, match="a token of positive must be str, got 1"):
        TokenProbability((1,), "-")


def test_the_default_of_a_number_is_the_last_one():
    assert NumberScore() == NumberScore(0.0, 1.0, LastNumber())
