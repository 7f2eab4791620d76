"""Networks to run over HTTP, their prompts, and how they are run."""

import asyncio

from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters
from kcurve.networks import (
    Chained,
    Enhance,
    Filter,
    FullList,
    Generate,
    Network,
    Pairwise,
    PairwiseUnique,
    Select,
)
from kcurve.strategies import Generator, Verifier
from tests.servers.role_server import RoleServer

SEEDED = Parameters(seed=7)
CRITIC = "ROLE critic\n{{question}}\n{{response}}"
REWRITER = "ROLE rewriter\n{{question}}\n{{response}}\n{{critique}}"
PAIR = "ROLE pair\n{{question}}\n0: {{first}}\n1: {{second}}"
LIST = "ROLE list\n{{question}}\n{{candidates}}"


def generator(role="generator", **settings):
    return Generator(f"ROLE {role}\n{{{{question}}}}", parameters=SEEDED, **settings)


def generate(name, n, role="generator"):
    return Generate(name, n, generator(role))


def enhance(name, inputs, **settings):
    prompts = {"critic": CRITIC, "rewriter": REWRITER, "parameters": SEEDED}
    return Enhance(name, inputs, **(prompts | settings))


def check(name, inputs):
    verifier = Verifier("ROLE verifier\n{{question}}\n{{response}}", parameters=SEEDED)
    return Filter(name, inputs, verifier=verifier)


def select(name, inputs, by, **settings):
    judge = LIST if isinstance(by, FullList) else PAIR
    return Select(name, inputs, by=by, judge=judge, parameters=SEEDED, **settings)


def questions(n):
    return [Question(f"Question {number}?", "A", id=f"q{number}") for number in range(n)]


def live(work, *, server=None, **settings):
    """Run a coroutine function with a server, and a model on it."""

    async def main():
        async with (
            (server or RoleServer()).running() as running,
            LLM("tiny", base_url=running.url, api_key="none", **settings) as llm,
        ):
            return await work(llm)

    return asyncio.run(main())


async def solved(network, llm, asked):
    return await asyncio.gather(*(network.solve(llm, question) for question in asked))


def everything():
    """A network of all kinds of node, with a branch that is taken twice."""
    return Network(
        generate("draft", 3, "generator-a"),
        generate("other", 2, "generator-b"),
        enhance("polish", "draft", rounds=2),
        check("check", ["draft", "polish"]),
        select("one", "check", PairwiseUnique()),
        select("two", ["other", "one"], Chained()),
        select("three", ["polish", "other"], FullList()),
        select("answer", ["one", "two", "three"], Pairwise()),
    )


CHANCES = {"generator-a": 0.45, "generator-b": 0.6}
