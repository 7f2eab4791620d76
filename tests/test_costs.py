"""Cost models against plain sums over tokens, subsets and clocks."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.cost import (
    Calls,
    Dollars,
    Flops,
    Kinetics,
    Latency,
    Price,
    Tokens,
    Transformer,
    TransformerFlops,
    calls_cost,
    expected_maximum,
)
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from tests.oracles import costs as plain

SMALL = Transformer(parameters=1000, active=700, layers=3, width=12, group=2)
SHAPE = {"active": 700, "layers": 3, "heads": 6, "head": 2, "kv_heads": 3}


def log_of(*questions, **columns):
    """A log with the given columns, each a list of one list per question."""
    sizes = [len(each) for each in next(iter(columns.values()))] if columns else questions
    table = {
        "question_id": [q for q, size in enumerate(sizes) for _ in range(size)],
        "answer": [s % 2 for size in sizes for s in range(size)],
        "reference": [0] * sum(sizes),
    }
    for name, values in columns.items():
        table[name] = [float(value) for each in values for value in each]
    return kc.AnswerLog.from_table(table)


token_lists = st.lists(st.lists(st.integers(1, 40), min_size=2, max_size=5), min_size=1, max_size=3)


@given(tokens=st.integers(0, 60), after=st.integers(0, 50))
def test_flops_of_a_transformer_are_a_sum_over_tokens(tokens, after):
    expected = plain.transformer_flops(700, 3, 12, tokens, after)
    assert float(SMALL.flops(tokens, after=after)) == expected


@given(tokens=st.integers(1, 60), before=st.integers(0, 50), more=st.integers(0, 20))
def test_reading_in_two_parts_costs_what_reading_at_once_does(tokens, before, more):
    parts = SMALL.flops(tokens, after=before) + SMALL.flops(more, after=before + tokens)
    assert float(SMALL.flops(tokens + more, after=before)) == float(parts)


@pytest.mark.parametrize("prompt", ["each", "once", "cached", "none"])
@given(lengths=token_lists, read=st.integers(0, 30))
def test_prompts_are_paid_for_as_asked(prompt, lengths, read):
    log = log_of(tokens_out=lengths, tokens_in=[[read] * len(each) for each in lengths])
    reward = Transformer(parameters=300, layers=2, width=4)
    cost = TransformerFlops(SMALL, reward=reward, prompt=prompt)
    found = calls_cost(log_with_scores(log), kc.BestOfN(), [1, 2], cost)
    for q, each in enumerate(lengths):
        for column, k in enumerate((1, 2)):
            for model, part in ((SMALL, found.policy), (reward, found.reward)):
                seen = 0 if prompt == "none" else read
                size = (int(model.token_parameters), model.layers, model.width)
                written = [plain.transformer_flops(*size, tokens, seen) for tokens in each]
                reading = plain.transformer_flops(*size, read, 0)
                times = {"each": k, "once": 1, "cached": 0, "none": 0}[prompt]
                expected = k * sum(written) / len(written) + times * reading
                assert part[q, column] == pytest.approx(expected, rel=1e-12)


def log_with_scores(log):
    """The same log with a score for each sample."""
    table = {
        "question_id": [
            log.question[q] for q, n in enumerate(np.diff(log.offsets)) for _ in range(n)
        ],
        "answer": [str(code) for code in log.codes],
        "reference": ["0"] * len(log.codes),
        "score": np.linspace(0, 1, len(log.codes)).tolist(),
        "tokens_in": log.tokens_in.tolist(),
        "tokens_out": log.tokens_out.tolist(),
    }
    return kc.AnswerLog.from_table(table)


def test_without_attention_it_is_2_n_a_token():
    log = log_of(tokens_out=[[280, 100], [30, 50]])
    tiny = Transformer(parameters=7e9, layers=1, width=1)
    with_attention = calls_cost(log, kc.Vote(), 2, TransformerFlops(tiny, prompt="none"))
    np.testing.assert_allclose(
        with_attention.mean, calls_cost(log, kc.Vote(), 2, Flops(7e9)).mean, rtol=1e-6
    )


@pytest.mark.parametrize(
    ("parameters", "tokens", "n", "printed"),
    [
        (7e9, 279.9, 1, "3.92e12"),
        (7e9, 279.9, 32, "125.4e12"),
        (7e9, 279.9, 256, "10.0e14"),
        (34e9, 280.0, 1, "19.0e12"),
        (34e9, 280.0, 8, "152.3e12"),
        (7e9, 165.0, 32, "73.9e12"),
        (34e9, 164.9, 8, "89.7e12"),
        (7e9, 330.4, 32, "148.0e12"),
        (34e9, 325.0, 8, "176.8e12"),
        (8e9, 240.0, 32, "122.9e12"),
        (8e9, 337.5, 32, "172.8e12"),
        (7.24e9, 294, 32, "136.2e12"),
        (8e9, 62.5, 64, "64e12"),
    ],
)
def test_flops_are_those_of_the_paper_to_the_printed_digit(parameters, tokens, n, printed):
    log = log_of(tokens_out=[[tokens] * n])
    found = calls_cost(log, kc.Vote(), n, Flops(parameters)).mean[0]
    digits, exponent = printed.split("e")
    places = len(digits.partition(".")[2])
    assert f"{found / float('1e' + exponent):.{places}f}" == digits


def test_a_reward_model_of_34b_adds_4_86_times_the_cost_of_7b():
    log = log_with_scores(log_of(tokens_out=[[280] * 4], tokens_in=[[0] * 4]))
    cost = Flops(7e9, reward_parameters=34e9)
    voted, scored = (calls_cost(log, rule, 4, cost) for rule in (kc.Vote(), kc.BestOfN()))
    assert voted.reward.max() == 0
    assert f"{scored.mean[0] / voted.mean[0]:.2f}" == "5.86"


@given(
    n=st.integers(1, 5),
    read=st.integers(0, 20),
    written=st.integers(1, 20),
    intensity=st.sampled_from([0, 1, 562.5]),
)
def test_kinetics_is_the_published_formula_and_a_sum_over_tokens(n, read, written, intensity):
    log = log_of(tokens_out=[[written] * n], tokens_in=[[read] * n])
    found = calls_cost(log, kc.Vote(), n, Kinetics(SMALL, intensity=intensity)).mean[0]
    cached = 2 * 3 * 12 // 2
    assert SMALL.cached_values == cached
    formula = plain.kinetics_formula(
        n, active=700, group=2, cached=cached, read=read, written=written, intensity=intensity
    )
    assert found == pytest.approx(formula, rel=1e-12)
    spelled = plain.kinetics([written] * n, read=read, intensity=intensity, **SHAPE)
    assert found == pytest.approx(float(spelled), rel=1e-12)


@settings(max_examples=40)
@given(lengths=st.lists(st.integers(1, 15), min_size=3, max_size=5), k=st.integers(1, 3))
def test_kinetics_of_unequal_lengths_is_the_mean_over_draws(lengths, k):
    log = log_of(tokens_out=[lengths], tokens_in=[[7] * len(lengths)])
    found = calls_cost(log, kc.Vote(), k, Kinetics(SMALL)).mean[0]
    expected = plain.mean_over_subsets(
        lengths, k, lambda drawn: plain.kinetics(list(drawn), read=7, intensity=562.5, **SHAPE)
    )
    assert found == pytest.approx(float(expected), rel=1e-12)


def test_a_sample_alone_costs_what_one_call_does():
    log = log_of(tokens_out=[[5, 9, 14]], tokens_in=[[8, 8, 8]], latency=[[1, 2, 4]])
    for model in (Kinetics(SMALL), TransformerFlops(SMALL), Latency(), Tokens(count="both")):
        found = calls_cost(log, kc.Vote(), 1, model).mean[0]
        assert model.of_samples(log).mean() == pytest.approx(found, rel=1e-12)


@settings(max_examples=60)
@given(values=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_expected_maximum_is_the_mean_over_subsets(values):
    offsets = np.cumsum([0] + [len(each) for each in values])
    flat = np.array([value for each in values for value in each], float)
    found = expected_maximum(flat, offsets, range(1, 8))
    for m in range(1, 8):
        for q, each in enumerate(values):
            if m > len(each):
                assert np.isnan(found[m][q])
            else:
                expected = plain.mean_over_subsets(each, m, max)
                assert found[m][q] == pytest.approx(float(expected), abs=1e-12)


def test_unknown_values_are_left_out_of_maxima():
    offsets = np.array([0, 3, 5])
    values = np.array([4.0, np.nan, 2.0, 1.0, 5.0])
    found = expected_maximum(values, offsets, [1, 2, 3])
    np.testing.assert_array_equal(found[1], [3, 3])
    np.testing.assert_array_equal(found[2], [4, 5])
    assert np.isnan(found[3]).all()
    with pytest.raises(LogError, match="question number 1"):
        expected_maximum(np.array([1.0, np.nan]), np.array([0, 1, 2]), [1])


@settings(max_examples=40)
@given(
    values=st.lists(st.integers(1, 9), min_size=2, max_size=6),
    parallelism=st.integers(1, 7),
    data=st.data(),
)
def test_latency_is_the_mean_over_orders_and_its_bounds_hold(values, parallelism, data):
    k = data.draw(st.integers(1, len(values)))
    log = log_of(latency=[values])

    def seconds(schedule):
        model = Latency(parallelism=parallelism, schedule=schedule)
        return calls_cost(log, kc.Vote(), k, model).mean[0]

    by_rounds = plain.mean_over_orders(values, k, lambda drawn: plain.rounds(drawn, parallelism))
    greedy = plain.mean_over_orders(
        values, k, lambda drawn: plain.list_schedule(drawn, parallelism)
    )
    assert seconds("rounds") == pytest.approx(float(by_rounds), rel=1e-12)
    slack = 1 + 1e-12
    assert seconds("at_least") <= float(greedy) * slack
    assert float(greedy) <= seconds("at_most") * slack
    assert float(greedy) <= float(by_rounds)


def test_all_at_once_a_question_takes_as_long_as_its_slowest_call():
    log = log_of(latency=[[1, 5, 3], [2, 2, 8]])
    for schedule in ("rounds", "at_least", "at_most"):
        found = calls_cost(log, kc.Vote(), 3, Latency(schedule=schedule))
        np.testing.assert_allclose(found.policy[:, 0], [5, 8])
    found = calls_cost(log, kc.Vote(), [1, 3], Latency(parallelism=1))
    np.testing.assert_allclose(found.policy, [[3, 9], [4, 12]])


def test_judging_takes_its_rounds_after_the_samples():
    log = log_of(latency=[[1, 1, 1, 1]], score=[[1, 2, 3, 4]])
    cost = Latency(parallelism=2, judging=0.5)
    found = calls_cost(log, kc.BestOfN(), [1, 2, 3, 4], cost)
    np.testing.assert_allclose(found.policy[0], [1, 1, 2, 2])
    np.testing.assert_allclose(found.reward[0], [0.5, 0.5, 1, 1])
    assert calls_cost(log, kc.Vote(), 4, cost).reward[0, 0] == 0


def test_models_that_need_the_number_of_calls_refuse_to_drop():
    log = log_of(latency=[[1, 2]], tokens_in=[[1, 2]], tokens_out=[[3, 4]])
    for model in (Latency(), Kinetics(SMALL)):
        with pytest.raises(ArgumentError, match='no_answer="ignore"'):
            calls_cost(log, kc.Vote(no_answer="drop"), 1, model)


def test_money_counts_prompts_caches_and_batches():
    log = log_of(tokens_out=[[100, 300]], tokens_in=[[1000, 1000]])
    price = Price(input=2.0, output=8.0, cached_input=0.5)
    each, once, batch = (
        calls_cost(log, kc.Vote(), 2, model).mean[0]
        for model in (
            Dollars(price),
            Dollars(price, prompt="once"),
            Dollars(price.discounted(0.5), prompt="once"),
        )
    )
    assert each == pytest.approx((2 * 1000 * 2 + 400 * 8) / 1e6)
    assert once == pytest.approx((1000 * 2 + 1000 * 0.5 + 400 * 8) / 1e6)
    assert batch == pytest.approx(once / 2)
    same = Price(input=2.0, output=8.0)
    assert calls_cost(log, kc.Vote(), 2, Dollars(same, prompt="once")).mean[0] == pytest.approx(
        each
    )


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Tokens(), "tokens_out"),
        (Tokens(count="in"), "tokens_in"),
        (Flops(7e9), "tokens_out"),
        (TransformerFlops(SMALL), "tokens_out"),
        (Kinetics(SMALL), "tokens_in"),
        (Latency(), "latency"),
        (Dollars(), "cost"),
    ],
    ids=repr,
)
def test_a_missing_column_is_named(model, column):
    with pytest.raises(MissingColumnError, match=column):
        calls_cost(log_of(2, 2), kc.Vote(), 1, model)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ArgumentError, match="active must be greater than 0"):
        Transformer(parameters=10, active=20, layers=1, width=1)
    with pytest.raises(ArgumentError, match="multiple of group"):
        Transformer(parameters=10, layers=1, width=10, group=3)
    with pytest.raises(ArgumentError, match="prompt must be one of"):
        TransformerFlops(SMALL, prompt="twice")
    with pytest.raises(ArgumentError, match="schedule must be one of"):
        Latency(schedule="soon")
    with pytest.raises(ArgumentError, match="parallelism must be"):
        Latency(parallelism=0)
    with pytest.raises(ArgumentError, match="needs a price"):
        Dollars(prompt="once")
    with pytest.raises(TypeError, match="model must be Transformer"):
        Kinetics(7e9)
    with pytest.raises(ArgumentError, match="share must be"):
        Price(input=1, output=1).discounted(1.5)


def test_filter_vote_judges_half_of_its_calls():
    rows = {
        "question_id": [0] * 3,
        "answer": [0, 1, 0],
        "reference": [0] * 3,
        "keep": [True, False, True],
        "tokens_out": [10, 20, 30],
    }
    log = kc.AnswerLog.from_table(rows)
    found = calls_cost(log, kc.FilterVote(), [2, 4, 6], Flops(1, reward_parameters=2))
    np.testing.assert_allclose(found.policy[0], [40, 80, 120])
    np.testing.assert_allclose(found.reward[0], [80, 160, 240])
    found = calls_cost(log, kc.FilterVote(), [2, 3, 4], Calls())
    np.testing.assert_allclose(found.total[0], [2, 2, 4])


def test_fewer_calls_than_a_rule_needs_have_no_cost():
    log = kc.example_log().first(4)
    with pytest.raises(ArgumentError, match="k must be at least 2 for FilterVote"):
        calls_cost(log, kc.FilterVote(), [1, 2], Calls())
