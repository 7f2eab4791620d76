"""Rewards on the real llama.cpp: the tiny model checks steps, by what it says and by how sure it is."""

import asyncio

from tests.live.arithmetic import questions
from tests.live.conversation import tiny_llm

from kcurve.answers import Contains, TokenProbability, Verdict
from kcurve.llm import Parameters
from kcurve.rewards import PromptedReward, response_scores

QUESTIONS = questions(8, steps=3, seed=5)
SAID = PromptedReward(
    "V:{{step}}?",
    read=Verdict(Contains("y")),
    parameters=Parameters(temperature=0, max_tokens=5, stop="\n"),
)
SURE = PromptedReward(
    "V:{{step}}?",
    read=TokenProbability(("y",), ("n",)),
    parameters=Parameters(temperature=0, max_tokens=5, stop="\n", logprobs=5),
)


def worked_out(question, error):
    """Return the steps of a sum, the last of them off by `error`."""
    terms = question.text.replace("-", "+-").split("+")
    total, steps = int(terms[0]), []
    for number, term in enumerate(terms[1:], start=1):
        result = total + int(term) + (error if number == len(terms) - 1 else 0)
        steps.append(f"{total}{'' if term.startswith('-') else '+'}{term}={result}\n")
        total = result
    return steps


def scored(server, reward, store):
    async def work():
        async with tiny_llm(server, store=store) as llm:
            run = llm.store.run(reward.description("tiny"))
            scores = [
                await response_scores(
                    reward,
                    llm,
                    question,
                    [worked_out(question, 0), worked_out(question, 1)],
                    run=run,
                    question_row=llm.store.question(question),
                )
                for question in QUESTIONS
            ]
            return scores, llm.account

    return asyncio.run(work())


def test_what_the_model_says_and_how_sure_it_is_agree(tiny, tmp_path):
    path = tmp_path / "store.db"
    said, _ = scored(tiny, SAID, path)
    sure, account = scored(tiny, SURE, path)
    pairs = [
        (verdict, probability)
        for one, other in zip(said, sure, strict=True)
        for first, second in zip(one, other, strict=True)
        for verdict, probability in zip(first.steps, second.steps, strict=True)
    ]
    assert len(pairs) == 8 * 2 * 3
    assert all(0.0 <= probability <= 1.0 for _, probability in pairs)
    assert sum((probability > 0.5) == (verdict == 1.0) for verdict, probability in pairs) == 48
    # It tells right steps from wrong ones.
    assert sum(right.value > wrong.value for right, wrong in sure) >= 7
    # Beginnings that two responses share are asked about once.
    assert account.sent <= 8 * 4
    again, account = scored(tiny, SURE, path)
    assert account.sent == 0
    assert [[score.steps for score in one] for one in again] == [
        [score.steps for score in one] for one in sure
    ]
