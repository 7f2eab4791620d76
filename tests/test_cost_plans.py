"""Costs that are no multiple of the calls, where frontiers, cascades and stopping rules use them."""

import numpy as np
import pytest

import kcurve as kc
from kcurve.cost import Kinetics, Latency, Transformer, TransformerFlops, calls_cost
from kcurve.planning import cascades, points
from kcurve.stopping import EarlyStopping, replay

MODEL = Transformer(parameters=1000, layers=2, width=8)
ONCE = TransformerFlops(MODEL, prompt="once")


def log_of(seed, questions=5, samples=6):
    random = np.random.default_rng(seed)
    total = questions * samples
    return kc.AnswerLog.from_table(
        {
            "question_id": np.repeat(np.arange(questions), samples).tolist(),
            "answer": random.integers(0, 3, total).tolist(),
            "reference": [0] * total,
            "latency": random.random(total).tolist(),
            "tokens_in": [200.0] * total,
            "tokens_out": random.integers(1, 30, total).astype(float).tolist(),
        }
    )


@pytest.mark.parametrize("model", [Latency(parallelism=2), Kinetics(MODEL), ONCE], ids=repr)
def test_points_cost_what_their_calls_do(model):
    log = log_of(1)
    found = points({"a": log}, k=[1, 3, 6], cost=model)
    expected = calls_cost(log, kc.Vote(), [1, 3, 6], model)
    np.testing.assert_allclose(found.mean_cost, expected.mean, rtol=1e-12)


@pytest.mark.parametrize("model", [Latency(parallelism=4), Kinetics(MODEL), ONCE], ids=repr)
def test_the_first_vote_of_a_cascade_costs_its_calls_together(model):
    first, second = log_of(2), log_of(3)
    found = cascades({"a": first, "b": second}, calls=4, leads=[4], k=[6], cost=model)
    place = [point for point in range(len(found)) if found.system[point] == "a > b"]
    other = [point for point in range(len(found)) if found.system[point] == "b > a"]
    for chosen, early, late in ((place, first, second), (other, second, first)):
        if not chosen:
            continue
        own = calls_cost(early, kc.Vote(), 4, model).total[:, 0]
        later = calls_cost(late, kc.Vote(), 6, model).total[:, 0]
        asked = (found.cost[:, chosen[0]] - own) / later
        # What is left is the chance that the second system is asked.
        assert (asked >= -1e-12).all()
        assert (asked <= 1 + 1e-12).all()
        assert asked.max() > 0.5
    assert place or other


def test_a_replay_pays_for_a_prompt_read_once():
    log = log_of(4)
    once, cached = (
        replay(log, EarlyStopping(window=3), cost=TransformerFlops(MODEL, prompt=prompt), rng=1)
        for prompt in ("once", "cached")
    )
    np.testing.assert_allclose(once.cost - cached.cost, float(MODEL.flops(200)))
