"""Live searches over real HTTP, against a server whose whole tree is known."""

from __future__ import annotations

from math import isfinite, nan

import numpy as np
import pytest

import kcurve as kc
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters, RetryPolicy
from kcurve.llm.seeds import sample_seed, seed_offset
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.store.records import Request
from kcurve.strategies import TreeSearch
from tests.known_models import uniform
from tests.oracles.tree_search import searched
from tests.scripted_server import serving
from tests.scripted_steps import GENERATOR, REWARD, Steps, is_score, path_of, score_of, step_of

QUICK = RetryPolicy(attempts=2, backoff=0.001)
QUESTION = Question("which?", "x", id="q", dataset="known")
SHORT = Limits(depth=6)
SEARCHES = {
    "rebase": Rebase(12, limits=SHORT),
    "rebase of half": Rebase(12, temperature=0.05, keep=0.5, rounding="round", limits=SHORT),
    "beam": BeamSearch(12, branching=3, limits=SHORT),
    "dvts": DVTS(12, branching=3, limits=SHORT),
    "independent paths": IndependentPaths(12, limits=SHORT),
    "mcts": MCTS(16, root_children=4, limits=SHORT),
    "short steps": Rebase(12, limits=Limits(depth=9, step_tokens=2)),
    "short paths": Rebase(12, limits=Limits(depth=9, path_tokens=14)),
}


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def model(server, **settings):
    return LLM(
        "m",
        base_url=server.url,
        endpoint="completions",
        **{"api_key": "k", "retry": QUICK, **settings},
    )


def strategy(search, **settings):
    return TreeSearch(search, **{"generator": GENERATOR, "reward": REWARD, **settings})


def drawn(text, limit, index):
    """Return what the server writes as a sample of the step after `text`."""
    prompt = f"Q which?\n{text}"
    parameters = GENERATOR.step_parameters(limit)
    request = Request("m", "completions", prompt, parameters.body())
    seed = sample_seed(seed_offset(request.canonical()), index)
    step, is_cut = step_of(prompt, seed, limit)
    return step, len(step) if is_cut else len(step) + 1, is_cut


def known(search, **changes):
    """Return the search that the server's world leaves, and its nodes."""
    settings = {
        "sample": drawn,
        "score": score_of,
        "ends": lambda text: GENERATOR.extract(text) is not None,
        "step_end": "\n",
    }
    return searched(search, **{**settings, **changes})


def assert_is(tree, state, nodes):
    expected = state.tree
    for name in ("parent", "depth", "reward", "tokens", "path_tokens", "status", "visits", "value"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(expected, name), err_msg=name)
    assert list(tree.texts) == [node.step for node in nodes]


@pytest.mark.parametrize("name", SEARCHES)
async def test_the_tree_is_the_one_the_server_knows(name):
    search = SEARCHES[name]
    state, nodes = known(search)
    assert len(nodes) > 20
    async with serving(Steps()) as server, model(server) as llm:
        solution = await strategy(search).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)
