"""Stopping rules against their definitions, and their replay against a plain one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.cost import Calls, Tokens
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.stopping import (
    AdaptiveConsistency,
    AnytimeValid,
    BestOfInfinity,
    DifficultyAdaptive,
    EarlyStopping,
    StoppingRule,
    replay,
)
from tests.oracles import stopping as oracle

RULES = (
    AdaptiveConsistency(),
    EarlyStopping(window=4),
    DifficultyAdaptive(extension=3),
    BestOfInfinity(bayes_factor=20),
    AnytimeValid(error=0.2),
)


def definition(rule: StoppingRule) -> oracle.Stops:
    """Return the oracle's twin of a rule."""
    match rule:
        case AdaptiveConsistency():
            return oracle.adaptive_consistency(rule.confidence)
        case EarlyStopping():
            return oracle.early_stopping(rule.window)
        case DifficultyAdaptive():
            return oracle.difficulty_adaptive(rule.confidence, rule.window, rule.extension)
        case BestOfInfinity():
            return oracle.best_of_infinity(rule.bayes_factor, rule.concentration)
        case AnytimeValid():
            return oracle.anytime_valid(rule.error)
    raise AssertionError(rule)


def sequences(longest: int) -> st.SearchStrategy[list[int]]:
    """Draw sequences of codes with a favourite, so that rules do stop."""
    code = st.one_of(st.just(0), st.just(0), st.integers(-1, 4))
    return st.lists(code, max_size=longest)


CLOSED_FORMS = st.one_of(
    st.builds(
        lambda confidence: AdaptiveConsistency(confidence=confidence),
        st.one_of(st.sampled_from([0.5, 0.75, 0.9375, 0.95, 0.99]), st.floats(0.5, 0.999)),
    ),
    st.builds(lambda window: EarlyStopping(window=window), st.integers(1, 6)),
    st.builds(
        lambda confidence, window, extension: DifficultyAdaptive(
            confidence=confidence, window=window, extension=extension
        ),
        st.floats(0.5, 0.999),
        st.integers(1, 6),
        st.integers(1, 5),
    ),
    st.builds(lambda error: AnytimeValid(error=error), st.floats(1e-6, 0.5)),
)


@given(rule=CLOSED_FORMS, codes=sequences(40))
def test_a_rule_stops_where_its_definition_does(rule: StoppingRule, codes: list[int]) -> None:
    stops = definition(rule)
    for calls in range(len(codes) + 1):
        assert rule.stops(codes[:calls]) == stops(codes[:calls])


@settings(max_examples=25, deadline=None)
@given(
    codes=sequences(14),
    bayes_factor=st.floats(2, 5000),
    concentration=st.sampled_from([0.05, 0.3, 1.0, 4.5]),
)
def test_best_of_infinity_stops_where_its_integral_says(
    codes: list[int], bayes_factor: float, concentration: float
) -> None:
    rule = BestOfInfinity(bayes_factor=bayes_factor, concentration=concentration)
    assert rule.stops(codes) == definition(rule)(codes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_names_of_answers_do_not_matter_and_no_answers_change_nothing(rule: StoppingRule) -> None:
    assert isinstance(rule, StoppingRule)
    assert not rule.stops([])
    assert not rule.stops([-1] * 50)
    codes = [3, 3, 8, 3, 3, 3, 3, 3, 3, 3]
    renamed = [10**12 if code == 3 else 0 for code in codes]
    sparse = [part for code in codes for part in (-1, code)]
    for calls in range(len(codes) + 1):
        assert rule.stops(codes[:calls]) == rule.stops(renamed[:calls])
        assert rule.stops(codes[:calls]) == rule.stops(sparse[: 2 * calls])
    stopped = [rule.stops([7] * calls) for calls in range(60)]
    assert stopped.index(True) == rule.least_calls


def test_published_cases() -> None:
    # 1 - I_{1/2}(v1 + 1, v2 + 1) of 4:0 is 31/32, of 3:0 15/16, of 5:1 15/16 (arXiv 2305.11860).
    assert oracle.chance_of_lower_half(4, 0) == Fraction(1, 32)
    assert oracle.chance_of_lower_half(5, 1) == Fraction(8, 128)
    rule = AdaptiveConsistency()
    assert rule.stops([1] * 4)
    assert not rule.stops([1] * 3)
    assert not rule.stops([1, 1, 2, 1, 1, 1])
    assert rule.stops([1, 1, 2, 1, 1, 1, 1])
    # A bound that is met exactly is reached.
    assert AdaptiveConsistency(confidence=15 / 16).stops([1] * 3)


def test_a_later_leader_needs_more_evidence() -> None:
    rule = AnytimeValid()
    early, late = [1] * 9 + [2], [2] + [1] * 9
    assert not rule.stops(late)
    assert rule.stops(early) == oracle.anytime_valid(0.05)(early)
    assert rule.stops([2] + [1] * 14)


def random_log(seed: int, questions: int = 12, samples: int = 18) -> kc.AnswerLog:
    """Make a log with easy and hard questions, samples without an answer, and token counts."""
    generator = np.random.default_rng(seed)
    rows = []
    for question in range(questions):
        shares = generator.dirichlet(np.full(4, 0.5))
        for code in generator.choice(4, size=samples, p=shares):
            missing = generator.random() < 0.1
            rows.append(
                (question, None if missing else f"a{code}", "a0", generator.integers(5, 90))
            )
    names = ("question_id", "answer", "reference", "tokens_out")
    return kc.AnswerLog.from_table(
        dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    )


def exact_replay(
    log: kc.AnswerLog, question: int, stops: oracle.Stops, most: int, ties: str
) -> tuple[Fraction, Fraction]:
    """Average credit and calls over every sequence of answers, by its probability."""
    start, end = log.offsets[question : question + 2]
    codes, correct = log.codes[start:end].tolist(), log.correct[start:end].tolist()
    right = {code for code, verdict in zip(codes, correct, strict=True) if verdict}

    def further(prefix: tuple[int, ...], left: dict[int, int]) -> tuple[Fraction, Fraction]:
        if len(prefix) == most or (prefix and stops(prefix)):
            credit = oracle.vote_credit(prefix, right.__contains__, ties)
            return credit, Fraction(len(prefix))
        total = sum(left.values())
        credit, calls = Fraction(0), Fraction(0)
        for code, count in left.items():
            if count:
                part = further((*prefix, code), left | {code: count - 1})
                credit += Fraction(count, total) * part[0]
                calls += Fraction(count, total) * part[1]
        return credit, calls

    return further((), {code: codes.count(code) for code in set(codes)})


@pytest.mark.parametrize("ties", ["split", "first", "wrong"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_a_replay_is_the_average_over_all_orders(rule: StoppingRule, ties: str) -> None:
    log = random_log(5, questions=4, samples=9)
    orders = 4000
    found = replay(log, rule, most=6, orders=orders, ties=ties)
    for question in range(4):
        credit, calls = exact_replay(log, question, definition(rule), 6, ties)
        # Credit is between 0 and 1, calls between 1 and 6.
        assert found.score[question] == pytest.approx(float(credit), abs=5 * 0.5 / orders**0.5)
        assert found.calls[question] == pytest.approx(float(calls), abs=5 * 2.5 / orders**0.5)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_the_bits_depend_on_neither_threads_nor_order(rule: StoppingRule) -> None:
    log = random_log(1, questions=40)
    one = replay(log, rule, threads=1, cost=Tokens(), rng=9)
    two = replay(log, rule, threads=2, cost=Tokens(), rng=9)
    backwards = replay(log.select(questions=list(log.question)[::-1]), rule, cost=Tokens(), rng=9)
    assert one.to_dict() == two.to_dict() == backwards.to_dict()
    for name in ("score", "calls", "stopped", "cost"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert replay(log, rule, rng=10).calls.tolist() != one.calls.tolist()


def test_a_rule_that_never_stops_is_the_fixed_number_of_calls() -> None:
    log = random_log(2)
    found = replay(log, EarlyStopping(window=100), most=18, cost=Calls())
    curve = kc.curve(log, k=[18], interval=None)
    np.testing.assert_allclose(found.score, curve.per_question[:, 0], rtol=0, atol=1e-9)
    assert found.calls.tolist() == [18.0] * 12
    assert found.cost is not None
    assert found.cost.tolist() == [18.0] * 12
    assert found.stopped.tolist() == [0.0] * 12
    assert found.calls_distribution.tolist() == [0] * 18 + [12 * 64]


def test_costs_are_those_of_the_samples_drawn() -> None:
    log = random_log(3)
    everything = replay(log, EarlyStopping(window=100), cost=Tokens())
    assert log.tokens_out is not None
    sums = np.add.reduceat(log.tokens_out, log.offsets[:-1])
    assert everything.cost is not None
    np.testing.assert_allclose(everything.cost, sums)
    assert everything.cost_unit == "tokens"
    one = replay(log, EarlyStopping(window=1), most=1, orders=4000, cost=Tokens())
    assert one.cost is not None
    np.testing.assert_allclose(one.cost, sums / 18, atol=5 * 30 / 4000**0.5)


def test_the_distribution_of_calls_adds_up() -> None:
    log = random_log(4)
    found = replay(log, AdaptiveConsistency())
    assert found.calls_distribution.sum() == 12 * found.orders
    mean = (found.calls_distribution * np.arange(19)).sum() / found.calls_distribution.sum()
    assert found.mean_calls == pytest.approx(mean)
    assert found.calls_quantile(1.0) <= 18
    assert found.calls_quantile(0.0) == 0
    low, high = found.calls_limits
    assert low < found.mean_calls < high
    assert found.accuracy_limits[0] < found.accuracy < found.accuracy_limits[1]


def test_clusters_are_the_units() -> None:
    table = {
        "question_id": [f"q{question}" for question in range(20) for _ in range(6)],
        "answer": [(question // 10 + sample) % 3 for question in range(20) for sample in range(6)],
        "reference": [0] * 120,
        "cluster": [f"c{question // 10}" for question in range(20) for _ in range(6)],
    }
    alone = {name: values for name, values in table.items() if name != "cluster"}
    rule = EarlyStopping(window=2)
    together = replay(kc.AnswerLog.from_table(table), rule)
    apart = replay(kc.AnswerLog.from_table(alone), rule)
    assert together.calls_limits[1] > apart.calls_limits[1]


def test_savings_on_real_answers() -> None:
    log = kc.example_log()
    found = replay(log, AdaptiveConsistency())
    saving = found.saved()
    curve = kc.curve(log, k=range(1, found.most + 1), interval=None)
    assert found.saved(curve) == saving
    assert saving.calls < saving.fixed_calls < found.most
    after = int(np.ceil(saving.calls))
    assert curve.at(after - 1)[0] <= saving.fixed_accuracy <= curve.at(after)[0]
    assert saving.low < saving.difference < saving.high
    assert saving.low > 0
    assert saving.share == pytest.approx(1 - saving.calls / saving.fixed_calls)
    assert set(saving.to_dict()) >= {"share", "fixed_calls", "difference"}
    assert "calls" in str(saving)


def test_a_fixed_number_of_calls_saves_nothing() -> None:
    log = random_log(6, questions=60)
    found = replay(log, EarlyStopping(window=100), most=10, orders=2000)
    saving = found.saved()
    assert saving.difference == pytest.approx(0, abs=0.005)
    assert saving.calls == 10


def test_mistakes_are_named() -> None:
    log = random_log(7)
    with pytest.raises(ArgumentError, match="between 1 and 18"):
        replay(log, AdaptiveConsistency(), most=19)
    with pytest.raises(TypeError, match="rule must be"):
        replay(log, kc.Vote())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="log must be"):
        replay([1], AdaptiveConsistency())  # type: ignore[arg-type]
    for bad in (
        {"most": 0},
        {"orders": 0},
        {"rng": -1},
        {"ties": "some"},
        {"level": 1.0},
        {"threads": 0},
    ):
        with pytest.raises(ArgumentError, match=next(iter(bad))):
            replay(log, AdaptiveConsistency(), **bad)  # type: ignore[arg-type]
    for make in (
        lambda: AdaptiveConsistency(confidence=1.0),
        lambda: AdaptiveConsistency(confidence=0.4),
        lambda: EarlyStopping(window=0),
        lambda: DifficultyAdaptive(extension=0),
        lambda: BestOfInfinity(bayes_factor=0.5),
        lambda: BestOfInfinity(concentration=0),
        lambda: AnytimeValid(error=0),
        lambda: AnytimeValid(error=0.6),
    ):
        with pytest.raises(ArgumentError):
            make()
    untokened = kc.AnswerLog.from_codes([[0, 1], [1, 1]], correct=[0, 1])
    with pytest.raises(MissingColumnError, match="tokens_out"):
        replay(untokened, AdaptiveConsistency(), cost=Tokens())
    two = kc.AnswerLog.from_table(
        {"question_id": [1, 1], "model": ["a", "b"], "answer": [1, 1], "reference": [1, 1]}
    )
    with pytest.raises(LogError, match="holds 2"):
        replay(two, AdaptiveConsistency())
    with pytest.raises(ArgumentError, match="log that was replayed"):
        replay(log, AdaptiveConsistency()).saved(kc.curve(random_log(8)))


def test_results_are_shown_and_given_away() -> None:
    import pyarrow as pa  # noqa: PLC0415 - only here

    found = replay(random_log(9), AnytimeValid(error=0.3), cost=Tokens())
    table = pa.table(found.to_arrow())
    assert table.column_names == ["position", "score", "calls", "stopped", "cost"]
    assert table.num_rows == 12
    assert found.to_dict()["accuracy"] == found.accuracy
    assert "<table>" in found._repr_html_()
    axes = kc.curve(found.log, k=range(1, 19)).plot()
    found.plot(axes)
    assert axes.get_lines()[0].get_label() == "maj@k"
    assert found.plot().get_xlabel() == "LLM calls per question, k"


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.4, 0.35, 0.25), (0.2,) * 5, (0.05,) * 20])
def test_a_certificate_is_wrong_as_seldom_as_it_promises(shares: tuple[float, ...]) -> None:
    error = 0.2
    generator = np.random.default_rng(3)
    questions, samples = 600, 150
    codes = generator.choice(len(shares), size=(questions, samples), p=shares)
    # The answer counts as right unless a stop on it is an error: only a unique mode is none.
    unique = shares[0] > shares[1]
    log = kc.AnswerLog.from_codes(codes.tolist(), correct=[0 if unique else 99] * questions)
    found = replay(log, AnytimeValid(error=error), orders=1)
    wrong = float(np.sum(found.stopped * (1 - found.score))) / questions
    assert wrong <= error + 3 * (error * (1 - error) / questions) ** 0.5
    assert found.stopped.max() == 1.0 or not unique


def test_progress_is_told_and_can_interrupt() -> None:
    log = random_log(11, questions=30)
    told: list[tuple[int, int]] = []
    replay(log, AdaptiveConsistency(), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (30, 30)

    def refuse(done: int, total: int) -> None:
        raise RuntimeError(f"enough after {done} of {total}")

    with pytest.raises(RuntimeError, match="enough"):
        replay(log, EarlyStopping(window=100), orders=2_000_000, progress=refuse)
