"""Templates, generators, mixtures and verifiers: what is sent, before anything is sent."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings, strategies as st

from kcurve.answers import AnswerIs, Contains, LastNumber
from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm import Parameters
from kcurve.strategies import (
    REVIEW,
    REVIEW_STEP,
    STEP_BY_STEP,
    STEP_BY_STEP_CHOICES,
    Generator,
    Mixture,
    StepVerifier,
    Template,
    Verifier,
)


@given(st.text())
def test_any_text_is_filled_in_as_it_is(value):
    assert Template("<{{question}}|{{ question }}>").fill(question=value) == f"<{value}|{value}>"


def test_braces_dollars_and_backslashes_of_templates_and_values_are_text():
    template = Template(r"\frac{a}{b} $x$ {question} %s {{question}} \1")
    assert template.fields == ("question",)
    asked = r"\boxed{{{response}}} {{question}} \g<0> $question"
    assert template.fill(question=asked) == rf"\frac{{a}}{{b}} $x$ {{question}} %s {asked} \1"


def test_missing_and_unknown_fields_are_named():
    template = Template("{{a}} {{b}}")
    with pytest.raises(ArgumentError, match=r"\{\{b\}\} has no value"):
        template.fill(a="1")
    with pytest.raises(ArgumentError, match=r"no field \{\{c\}\}"):
        template.fill(a="1", b="2", c="3")
    with pytest.raises(ArgumentError, match="must be a word"):
        Template("{{two words}}")
    with pytest.raises(ArgumentError, match="must not be empty"):
        Template("  ")
    with pytest.raises(ArgumentError, match="must hold"):
        Generator("no question in here")
    with pytest.raises(ArgumentError, match="nothing fills"):
        Generator("{{question}} {{answer}}")
    with pytest.raises(ArgumentError, match="must hold"):
        Verifier("{{question}}")
    with pytest.raises(ArgumentError, match="must hold"):
        StepVerifier("{{previous}}")


def test_the_default_prompts_ask_for_what_the_default_readers_find():
    choices = Question("Capital of Peru?", "B", choices=("Quito", "Lima"))
    for template in (STEP_BY_STEP, STEP_BY_STEP_CHOICES):
        filled = template.fill(question=choices.prompt)
        assert "(B) Lima" in filled
        assert "the answer is (X)" in filled
    assert AnswerIs()("It is on the coast, so the answer is (B).") == "B"
    for template in (REVIEW, REVIEW_STEP):
        assert "[[correct]]" in template.text
        assert "[[wrong]]" in template.text
    verdict = Contains("[correct]")
    assert verdict("Fine. [[correct]]") is not None
    assert verdict("Step 2 is off. [[wrong]]") is None


def test_examples_are_turns_of_a_chat_or_one_text():
    generator = Generator(
        "Q: {{question}} A:",
        system="Be brief.",
        examples=[("1+1?", " 2"), (Question("3+3?"), " 6")],
    )
    question = Question("2+2?")
    assert generator.prompt(question) == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Q: 1+1? A:"},
        {"role": "assistant", "content": " 2"},
        {"role": "user", "content": "Q: 3+3? A:"},
        {"role": "assistant", "content": " 6"},
        {"role": "user", "content": "Q: 2+2? A:"},
    )
    assert generator.prompt(question, endpoint="completions") == (
        "Be brief.\n\nQ: 1+1? A: 2\n\nQ: 3+3? A: 6\n\nQ: 2+2? A:"
    )
    with pytest.raises(ArgumentError, match="an example must be"):
        Generator(examples=["just a text"])


def test_every_step_is_judged_in_the_light_of_all_lines_before_it():
    verifier = StepVerifier("{{question}}|{{previous}}|{{step}}")
    prompts = verifier.prompts(Question("Q"), "one\n\n two\nthree\n", endpoint="completions")
    assert prompts[1:] == ("Q|one| two", "Q|one\n two|three")
    assert verifier.prompts(Question("Q"), "", endpoint="completions")[0].endswith("|")


@given(st.integers(1, 100), st.integers(1, 12))
def test_long_responses_are_cut_into_steps_that_hold_every_line(lines, most):
    text = [f"line {i}" for i in range(lines)]
    steps = StepVerifier(most_steps=most).steps("\n".join(text))
    assert len(steps) == min(lines, most)
    assert "\n".join(steps).split("\n") == text


members = [Generator(parameters=Parameters(temperature=t / 10)) for t in range(6)]


@given(st.lists(st.integers(1, 50), min_size=2, max_size=6), st.integers(1, 200))
@settings(deadline=None)
def test_the_first_k_candidates_of_a_mixture_are_within_one_of_their_shares(weights, k):
    turns = Mixture(members[: len(weights)], weights=weights).turns(200)
    for member, weight in enumerate(weights):
        quota = Fraction(weight * k, sum(weights))
        assert floor(quota) <= turns[:k].count(member) <= ceil(quota)


def test_without_weights_generators_take_turns():
    assert Mixture(members[:3]).turns(7) == [0, 1, 2, 0, 1, 2, 0]


def test_mixtures_that_would_share_samples_or_read_differently_are_refused():
    with pytest.raises(ArgumentError, match="at least 2"):
        Mixture([Generator()])
    with pytest.raises(ArgumentError, match="share their samples"):
        Mixture([Generator(), Generator(STEP_BY_STEP)])
    with pytest.raises(ArgumentError, match="read answers alike"):
        Mixture([members[0], Generator(extract=LastNumber())])
    with pytest.raises(ArgumentError, match="one number for each of the 2"):
        Mixture(members[:2], weights=[1])
    with pytest.raises(ArgumentError, match="greater than 0"):
        Mixture(members[:2], weights=[1, 0])
