"""What strategies cost before they run, and what runs cost after."""

import numpy as np
import pytest

import kcurve as kc
from kcurve.answers import AnswerIs, NumberScore
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
    log_cost,
    spending_cost,
)
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, MissingColumnError
from kcurve.llm import Parameters
from kcurve.rewards import PromptedReward
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.stopping import AdaptiveConsistency
from kcurve.strategies import (
    Generator,
    Greedy,
    Sampling,
    StepGenerator,
    TreeSearch,
    Verifier,
    expected_cost,
    run,
)
from tests.known_models import text_of
from tests.llms import SEEDED, model
from tests.scripted_server import chat, serving

REWARD = PromptedReward("{{question}} {{previous}} {{step}} [correct] or [wrong]:")
MODEL = Transformer(parameters=1000, layers=2, width=8)


@pytest.fixture
def anyio_backend():
    return "asyncio"


def search_of(search, **parameters):
    return TreeSearch(
        search,
        generator=StepGenerator(
            "Q: {{question}}\n", step_end="\n", parameters=Parameters(**parameters)
        ),
        reward=REWARD,
    )


def pilot():
    return kc.AnswerLog.from_table(
        {
            "question_id": [1, 1, 2, 2],
            "answer": [0, 1, 0, 0],
            "reference": [0, 0, 0, 0],
            "score": [1.0, 2.0, 3.0, 4.0],
            "tokens_in": [50.0, 50.0, 70.0, 70.0],
            "tokens_out": [100.0, 300.0, 20.0, 60.0],
        }
    )


@pytest.mark.parametrize(
    "model", [Calls(), Tokens(), Flops(7e9, 34e9), TransformerFlops(MODEL)], ids=repr
)
@pytest.mark.parametrize("rule", [kc.Vote(), kc.BestOfN()], ids=repr)
def test_a_pilot_log_prices_more_calls_than_it_has(rule, model):
    reward = REWARD if isinstance(rule, kc.BestOfN) else None
    strategy = Sampling(rule, k=32, generator=Generator(), reward=reward)
    found = expected_cost(strategy, model, pilot=pilot())
    one = calls_cost(pilot(), rule, 1, model)
    assert found.policy == pytest.approx(32 * one.policy.mean())
    assert found.reward == pytest.approx(32 * one.reward.mean())
    assert (found.candidates, found.bound) == (32, False)


def test_given_tokens_reproduce_the_published_flops():
    votes = Sampling(kc.Vote(), k=32, generator=Generator())
    assert f"{expected_cost(votes, Flops(7e9), tokens_out=279.9).total / 1e12:.1f}" == "125.4"
    greedy = expected_cost(Greedy(), Flops(7e9), tokens_out=279.9)
    assert f"{greedy.total / 1e12:.2f}" == "3.92"


def test_filter_vote_pays_for_pairs():
    strategy = Sampling(kc.FilterVote(), k=9, generator=Generator(), verifier=Verifier())
    found = expected_cost(strategy, Calls())
    assert (found.policy, found.reward, found.candidates) == (4, 4, 4)


def test_a_stopping_rule_makes_it_a_bound():
    strategy = Sampling(kc.Vote(), k=40, generator=Generator(), stopping=AdaptiveConsistency())
    found = expected_cost(strategy, Tokens(), tokens_out=10)
    assert (found.total, found.bound) == (400, True)
    assert found.to_dict()["total"] == 400


def test_the_parallel_time_of_votes_comes_from_a_pilot_that_is_large_enough():
    table = {
        "question_id": [1] * 3,
        "answer": [0] * 3,
        "reference": [0] * 3,
        "latency": [1.0, 5.0, 3.0],
    }
    strategy = Sampling(kc.Vote(), k=3, generator=Generator())
    found = expected_cost(strategy, Latency(), pilot=kc.AnswerLog.from_table(table))
    assert (found.total, found.unit) == (5, "seconds")


@pytest.mark.parametrize("search", [Rebase, BeamSearch, DVTS, IndependentPaths])
def test_no_simulated_search_takes_more_than_its_bound(search):
    settings = {} if search in {Rebase, IndependentPaths} else {"branching": 2}
    chosen = search(4, limits=Limits(depth=6, step_tokens=30), **settings)
    bound = expected_cost(search_of(chosen), Tokens(), tokens_in=10)
    assert bound.bound
    assert bound.total == bound.candidates * 30 == 4 * 6 * 30
    for seed in range(20):
        assert grown(chosen, seed) <= bound.candidates


@pytest.mark.parametrize("expansions", [1, 5, 12])
def test_no_tree_search_takes_more_than_its_bound(expansions):
    chosen = MCTS(expansions, root_children=3, children=2, limits=Limits(depth=5, step_tokens=30))
    bound = expected_cost(search_of(chosen), Calls())
    assert bound.candidates == 3 + 2 * (expansions - 1)
    for seed in range(20):
        assert grown(chosen, seed) <= bound.candidates


def grown(search, seed):
    """How many steps a search takes whose steps end, fail and are rewarded at random."""
    random = np.random.default_rng(seed)
    state, steps = search.begin(), 0
    while not state.done:
        new = int(state.ask().children.sum())
        steps += new
        state.tell(
            rewards=random.random(new),
            tokens=[30] * new,
            statuses=random.choice(3, new, p=[0.7, 0.2, 0.1]),
        )
    return steps


def test_steps_of_a_search_pay_for_their_paths_as_prompts():
    strategy = search_of(Rebase(4, limits=Limits(depth=3)), max_tokens=20)
    found = expected_cost(strategy, Tokens(count="in"), tokens_in=100)
    assert found.total == 4 * (100 + 120 + 140)
    price = Price(input=1e6, output=2e6, cached_input=0.0)
    money = expected_cost(strategy, Dollars(price, prompt="once"), tokens_in=100)
    assert money.total == pytest.approx(4 * 3 * 20 * 2 + 100)
    scored = expected_cost(strategy, Flops(1, reward_parameters=2), tokens_in=100)
    assert scored.reward == 2 * scored.policy == 2 * 2 * 240
    flops = expected_cost(strategy, TransformerFlops(MODEL, prompt="cached"), tokens_in=100)
    path = sum(float(MODEL.flops(20, after=100 + 20 * depth)) for depth in range(3))
    assert flops.total == pytest.approx(4 * path)


def test_what_cannot_be_known_is_refused():
    strategy = search_of(Rebase(4), max_tokens=20)
    with pytest.raises(ArgumentError, match="does not tell the tokens of steps"):
        expected_cost(strategy, Tokens(), pilot=pilot())
    with pytest.raises(ArgumentError, match="depend on each other"):
        expected_cost(strategy, Kinetics(MODEL), tokens_in=10)
    with pytest.raises(ArgumentError, match="say the same"):
        expected_cost(Greedy(), Tokens(), pilot=pilot(), tokens_out=3)
    with pytest.raises(MissingColumnError, match="tokens_out"):
        expected_cost(search_of(Rebase(4)), Tokens())
    with pytest.raises(TypeError, match="strategy must be"):
        expected_cost(kc.Vote(), Tokens())


def answers(body):
    """Score what is to be scored; else answer, with the seed in the text so that no two are the same."""
    if text_of(body).startswith("Score: "):
        return chat("0.5", usage=(30, 3))
    return chat(f"{body['seed']}: the answer is (A).", usage=(10, 5))


@pytest.mark.anyio
async def test_a_live_run_costs_what_its_calls_took_scores_apart():
    asked = [Question(f"{i}?", "A") for i in range(3)]
    strategy = Sampling(
        kc.BestOfN(),
        k=4,
        generator=Generator("Solve: {{question}}", parameters=SEEDED, extract=AnswerIs()),
        reward=PromptedReward("Score: {{response}}", read=NumberScore()),
    )
    async with serving(answers) as server, model(server) as llm:
        result = await run(strategy, llm, asked)
        solution = await strategy.solve(llm, asked[0])
        assert result.cost(Calls()) == (12, 12, "calls")
        assert result.cost(Tokens(count="in")) == (12 * 10, 12 * 30, "tokens")
        flops = result.cost(Flops(7, reward_parameters=34))
        assert (flops.policy, flops.reward) == (14 * 12 * 5, 68 * 12 * 33)
        price = Price(input=1e6, output=2e6)
        assert result.cost(Dollars(price)).total == 12 * (10 + 2 * 5)
        with pytest.raises(ArgumentError, match="each call by itself"):
            result.cost(Latency())
        # One question of three, and the candidates of the run's log, cost the same by the same model.
        one = spending_cost(
            solution.spent, Flops(7, reward_parameters=34), reward=solution.reward_spent
        )
        assert 3 * one.total == flops.total
        assert log_cost(result.log(), Flops(7)).total == flops.policy
        exact = log_cost(result.log(), TransformerFlops(MODEL))
        assert exact.total == 12 * float(MODEL.flops(15))
        # Scores are requests of a run, but no calls of a rule.
        assert result.cost(Calls()).total == llm.account.sent == 3 * strategy.calls_per_question
        assert 3 * expected_cost(strategy, Calls()).total == result.cost(Calls()).policy
