"""DSC across questions: its replay against the procedure spelled out, order by order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.cost import Tokens
from kcurve.errors import ArgumentError
from kcurve.planning import points
from kcurve.stopping import DifficultyAdaptive, EarlyStopping, RankedDifficulty, replay
from tests.oracles import stopping as oracle


def marked_log(seed: int, questions: int = 25, samples: int = 14) -> kc.AnswerLog:
    """Make a log in which each sample of a question has token counts of its own, and easy questions abound."""
    generator = np.random.default_rng(seed)
    rows = []
    for question in range(questions):
        shares = generator.dirichlet(np.full(4, 0.15))
        marks = generator.permutation(samples) + 1
        for code, mark in zip(generator.choice(4, size=samples, p=shares), marks, strict=True):
            missing = generator.random() < 0.1
            rows.append((f"q{question}", None if missing else f"a{code}", "a0", 2**mark))
    names = ("question_id", "answer", "reference", "tokens_out")
    return kc.AnswerLog.from_table(
        dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    )


def drawn_codes(log: kc.AnswerLog, rng: int) -> list[list[int]]:
    """Return each question's codes in the only order of a replay: its costs tell which sample comes when."""
    n = int(log.n_samples.min())
    never = EarlyStopping(window=1000)
    spent = [
        replay(log, never, most=most, orders=1, rng=rng, cost=Tokens()).cost
        for most in range(1, n + 1)
    ]
    marks = np.diff(np.array(spent), axis=0, prepend=0.0).T
    codes = []
    for question, row in enumerate(marks):
        own = slice(*log.offsets[question : question + 2])
        by_mark = dict(zip(log.tokens_out[own].tolist(), log.codes[own].tolist(), strict=True))
        codes.append([by_mark[mark] for mark in row.tolist()])
    return codes


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    window=st.integers(1, 5),
    extension=st.integers(1, 4),
    judged=st.integers(1, 6),
    neighbours=st.integers(1, 5),
    most=st.integers(1, 14),
    confidence=st.sampled_from([0.5, 0.8, 0.9375, 0.95, 0.99]),
)
def test_a_replay_is_the_procedure_spelled_out(
    *, seed, window, extension, judged, neighbours, most, confidence
):
    log = marked_log(seed)
    ranks = np.random.default_rng(seed).permutation(log.n_questions)
    rule = RankedDifficulty(
        dict(zip(log.question, ranks.tolist(), strict=True)),
        DifficultyAdaptive(confidence=confidence, window=window, extension=extension),
        judged=judged,
        neighbours=neighbours,
    )
    found = replay(log, rule, most=most, orders=1, rng=seed, cost=Tokens())
    codes = drawn_codes(log, seed)
    order = np.argsort(-ranks)
    expected = oracle.ranked_difficulty(
        [codes[question] for question in order],
        confidence=confidence,
        window=window,
        extension=extension,
        judged=judged,
        neighbours=neighbours,
        most=most,
    )
    for question, (calls, rounds, ended) in zip(order.tolist(), expected, strict=True):
        assert found.calls[question] == calls
        assert found.rounds[question] == rounds
        assert found.stopped[question] == ended
        own = slice(*log.offsets[question : question + 2])
        right = set(log.codes[own][log.correct[own]].tolist())
        credit = oracle.vote_credit(codes[question][:calls], right.__contains__, "split")
        assert found.score[question] == pytest.approx(float(credit), abs=1e-9)
    assert found.calls_distribution.sum() == log.n_questions


def ranked(log: kc.AnswerLog, **settings) -> RankedDifficulty:
    wrong = 1 - kc.curve(log, kc.MeanAtK(), k=[1], interval=None).per_question[:, 0]
    return RankedDifficulty(dict(zip(log.question, wrong.tolist(), strict=True)), **settings)


def test_the_bits_depend_on_neither_threads_nor_order():
    log = marked_log(1, questions=60)
    rule = ranked(log, judged=4)
    one = replay(log, rule, threads=1, cost=Tokens(), rng=9, orders=17)
    two = replay(log, rule, threads=5, cost=Tokens(), rng=9, orders=17)
    backwards = replay(
        log.select(questions=list(log.question)[::-1]), rule, cost=Tokens(), rng=9, orders=17
    )
    assert one.to_dict() == two.to_dict() == backwards.to_dict()
    for name in ("score", "calls", "stopped", "rounds", "cost"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        known = list(backwards.log.question)
        places = [known.index(question) for question in log.question]
        np.testing.assert_array_equal(getattr(one, name), getattr(backwards, name)[places])
    assert replay(log, rule, rng=10).calls.tolist() != one.calls.tolist()


def test_agreeing_questions_take_a_window_until_enough_have_agreed():
    log = kc.AnswerLog.from_codes([[0] * 8] * 30, correct=[0] * 30)
    found = replay(log, ranked(log, judged=5))
    assert sorted(found.calls.tolist()) == [1.0] * 25 + [4.0] * 5
    assert found.rounds.tolist() == [1.0] * 30
    assert found.stopped.tolist() == [1.0] * 30
    assert found.accuracy == 1.0
    everyone = replay(log, ranked(log, judged=31))
    assert everyone.calls.tolist() == [4.0] * 30


def test_it_saves_rounds_on_real_answers():
    log = kc.example_log()
    rule = ranked(log.first(8))
    both, alone = replay(log, rule), replay(log, rule.rule)
    assert alone.mean_rounds is None
    # A window, and a round for each extension.
    extensions = (alone.mean_calls - 4) / 4
    assert 1 < both.mean_rounds < 1 + extensions
    assert both.mean_calls < both.saved().fixed_calls
    told = both.to_dict()
    assert told["mean_rounds"] == both.mean_rounds
    assert told["rule"].startswith("RankedDifficulty(999 questions, DifficultyAdaptive(")
    table = points({"ranked": both, "alone": alone}, cost=kc.cost.Calls())
    assert table.mean_cost == pytest.approx([both.mean_calls, alone.mean_calls])


def test_mistakes_are_named():
    log = marked_log(2)
    complete = dict.fromkeys(log.question, 0.5)
    missing = {name: value for name, value in complete.items() if name != "q3"}
    with pytest.raises(ArgumentError, match='difficulty of the question "q3" is missing'):
        replay(log, RankedDifficulty(missing))
    with pytest.raises(ArgumentError, match='that of "q3" is nan'):
        RankedDifficulty(complete | {"q3": float("nan")})
    with pytest.raises(ArgumentError, match="mapping from question ids"):
        RankedDifficulty([0.5])
    with pytest.raises(TypeError, match="rule must be DifficultyAdaptive"):
        RankedDifficulty(complete, EarlyStopping())
    for name in ("judged", "neighbours"):
        with pytest.raises(ArgumentError, match=f"{name} must be an integer of at least 1"):
            RankedDifficulty(complete, **{name: 0})
    with pytest.raises(ArgumentError, match="between 1 and 14"):
        replay(log, RankedDifficulty(complete), most=15)


def test_progress_is_told_and_can_interrupt():
    log = marked_log(3)
    told = []
    rule = RankedDifficulty(dict.fromkeys(log.question, 0.5))
    replay(log, rule, orders=6, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)

    def refuse(done, total):
        raise RuntimeError(f"enough after {done} of {total}")

    with pytest.raises(RuntimeError, match="enough"):
        replay(log, rule, orders=2_000_000, progress=refuse)
