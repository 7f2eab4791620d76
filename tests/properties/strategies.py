"""Small random questions for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracles.samples import Sample


@st.composite
def questions(
    draw: st.DrawFn,
    *,
    most: int = 6,
    no_answers: bool = True,
    answered: bool = False,
    silent_passes: bool = False,
) -> list[Sample]:
    """Draw the samples of a question: 1 to ``most``, few answers, some correct, some without answer or score.

    ``no_answers`` allows samples without an answer; ``answered`` asks for at least one sample with one.
    ``silent_passes`` allows samples without an answer to be graded correct, as a program that ran but could
    not be named; votes refuse them.
    """
    n_answers = draw(st.integers(1, 4))
    correct = draw(st.sets(st.integers(0, n_answers - 1)))
    codes = st.integers(0, n_answers - 1)
    answers = draw(
        st.lists(st.one_of(st.none(), codes) if no_answers else codes, min_size=1, max_size=most)
    )
    if answered and all(answer is None for answer in answers):
        answers[0] = draw(codes)
    scores = st.one_of(st.none(), st.integers(-1, 1))
    return [
        Sample(
            answer,
            correct=answer in correct
            if answer is not None
            else silent_passes and draw(st.booleans()),
            score=draw(scores),
            keep=draw(st.booleans()),
        )
        for answer in answers
    ]


def logs(
    *,
    most: int = 6,
    most_questions: int = 3,
    no_answers: bool = True,
    answered: bool = False,
    silent_passes: bool = False,
) -> st.SearchStrategy[list[list[Sample]]]:
    """Draw the questions of a log, with unequal numbers of samples."""
    one = questions(
        most=most, no_answers=no_answers, answered=answered, silent_passes=silent_passes
    )
    return st.lists(one, min_size=1, max_size=most_questions)
