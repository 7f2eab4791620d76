"""The tiny model as an LLM of the package, and runs of a strategy on it."""

import asyncio

from kcurve.llm import LLM
from kcurve.strategies import run


def tiny_llm(server, **settings):
    settings = {"endpoint": "completions", "concurrency": 24, **settings}
    return LLM("tiny", base_url=server.url, api_key="none", **settings)


def live_run(server, strategy, questions, **settings):
    """Return the result of a run, and the account of its LLM, after checking that nothing went wrong."""

    async def main():
        async with tiny_llm(server, **settings) as llm:
            return await run(strategy, llm, questions), llm.account

    result, account = asyncio.run(main())
    assert result.stopped is None, result.reason
    assert not result.failed
    assert account.sent == account.succeeded == result.spent.new
    return result, account
