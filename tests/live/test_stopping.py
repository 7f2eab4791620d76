"""Adaptive consistency on a real llama.cpp server: fewer calls than the vote that it stops, and hardly another answer."""

import asyncio

import numpy as np
from tests.live.arithmetic import generator, questions
from tests.live.conversation import live_run, tiny_llm

import kcurve as kc
from kcurve.stopping import AdaptiveConsistency, EarlyStopping
from kcurve.strategies import Sampling, run

QUESTIONS = [*questions(30, steps=4, seed=41), *questions(10, steps=4, trap=True, seed=42)]
MOST = 16


def vote(stopping=None, **settings):
    return Sampling(
        kc.Vote(),
        k=MOST,
        generator=generator(seed=6, temperature=1.4),
        stopping=stopping,
        **settings,
    )


def test_a_vote_that_is_stopped_takes_fewer_calls_and_answers_like_the_whole_one(tiny, tmp_path):
    store = tmp_path / "store.db"
    stopped, account = live_run(tiny, vote(AdaptiveConsistency()), QUESTIONS, store=store)
    assert account.sent == stopped.spent.calls
    assert account.completion == stopped.spent.tokens_out

    # The vote of all takes the candidates of the other for its first ones.
    whole, account = live_run(tiny, vote(), QUESTIONS, store=store)
    assert account.sent == MOST * len(QUESTIONS) - stopped.spent.calls

    # About 7 calls instead of 16.
    assert stopped.mean_calls < 0.6 * MOST
    assert stopped.stopped_early > len(QUESTIONS) / 2
    early = {one.question: one for one in stopped.questions}
    differ = [one for one in whole.questions if early[one.question].answer != one.answer]
    assert len(differ) <= 0.1 * len(QUESTIONS)
    assert abs(stopped.accuracy().value - whole.accuracy().value) <= 0.1
    # A question on which the model disagrees takes more.
    traps = [one.spent.calls for one in stopped.questions if "+7" in one.question]
    others = [one.spent.calls for one in stopped.questions if "+7" not in one.question]
    assert np.mean(others) < np.mean(traps)


def test_candidates_are_the_first_of_the_whole_vote(tiny, tmp_path):
    async def main():
        async with tiny_llm(tiny, store=tmp_path / "store.db") as llm:
            strategy = vote(EarlyStopping(window=4), batch=4)
            pairs = [
                (await strategy.solve(llm, question), await vote().solve(llm, question))
                for question in QUESTIONS[-4:]
            ]
            again = await run(strategy, llm, QUESTIONS[-4:])
            assert again.spent.new == 0
            return pairs, again

    pairs, again = asyncio.run(main())
    for (stopped, whole), one in zip(pairs, again.questions, strict=True):
        assert stopped.candidates == whole.candidates[: stopped.drawn]
        assert stopped.drawn % 4 == 0
        assert stopped.stopped_early == (stopped.drawn < MOST)
        assert (one.answer, one.spent.calls) == (stopped.answer, stopped.drawn)
    assert any(stopped.stopped_early for stopped, _ in pairs)
