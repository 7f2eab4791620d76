"""Strategies, as words on the command line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import Group, Parameter

from kcurve.cli.asking import PromptOptions, SamplingOptions, parameters_of, reading_of
from kcurve.errors import ArgumentError
from kcurve.rules import BestOfN, Rule, Vote, WeightedVote
from kcurve.search import DVTS, MCTS, BeamSearch, Limits, Rebase, Search

# The live rooms are heavy: they are imported when a model is asked, not to show the help of another command.
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.rewards import Missing, Reward
    from kcurve.strategies import Strategy

SEARCHES = ("rebase", "beam", "dvts", "mcts")
"""What goes step by step, and leaves a tree."""

UNSCORED = ("greedy", "vote")
"""What has no use for a reward."""

_RULES: dict[str, Rule] = {
    "vote": Vote(),
    "weighted-vote": WeightedVote(),
    "best-of-n": BestOfN(),
}


@Parameter(name="*", group=Group("The strategy", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class StrategyOptions:
    r"""How an answer is found.

    Attributes
    ----------
    strategy
        Whole responses: greedy, vote, best-of-n, weighted-vote. Step by step: rebase, beam, dvts, mcts.
    width
        Responses, or solutions that a search looks for; for mcts the number of expansions.
    rule
        What decides among the solutions of a search.
    balance
        rebase: the balance temperature, near 0 for all to the best path.
    rounding
        rebase: how shares become whole numbers.
    branching
        beam, dvts: how often a path is continued.
    first_steps
        mcts: the number of first steps; every other node is continued twice.
    exploration
        mcts: the weight of what was seldom visited.
    step_end
        The text that ends a step; \n stands for a new line. Default: an empty line.
    max_depth
        The most steps of a path.
    step_tokens
        The most tokens of a step.
    path_tokens
        The most tokens of a whole path.
    aggregation
        How the scores of steps become that of a path.
    missing
        What becomes of a step or response without a score: drop, error, or a number in its place.
    """

    strategy: Literal[
        "greedy", "vote", "best-of-n", "weighted-vote", "beam", "dvts", "mcts", "rebase"
    ] = "rebase"
    width: int = 16
    rule: Literal["vote", "weighted-vote", "best-of-n"] = "weighted-vote"
    balance: float = 0.2
    rounding: Literal["ceil", "round"] = "ceil"
    branching: int = 4
    first_steps: int = 4
    exploration: float = 1.0
    step_end: str = "\\n\\n"
    max_depth: int = 25
    step_tokens: int | None = None
    path_tokens: int | None = None
    aggregation: Literal["last", "min", "prod", "mean"] = "last"
    missing: str = "drop"


def strategy_of(
    how: StrategyOptions,
    asked: PromptOptions,
    sampling: SamplingOptions,
    *,
    choices: int,
    reward: "Reward | None",
    stopping: "Mapping[str, Any]",
) -> "Strategy":
    """Return the strategy that the options describe, for questions with at most so many choices.

    `stopping` are the arguments of `Sampling` that stop a vote.
    """
    from kcurve.strategies import (  # noqa: PLC0415 - see above
        STEP_BY_STEP,
        STEP_BY_STEP_CHOICES,
        Generator,
        Greedy,
        Sampling,
        StepGenerator,
        TreeSearch,
    )

    settings: dict[str, Any] = {
        "parameters": parameters_of(sampling),
        "system": asked.system,
        **reading_of(asked, choices),
    }
    given = None if asked.template is None else asked.template.read_text(encoding="utf-8")
    step_end = how.step_end.replace("\\n", "\n")
    if how.strategy in SEARCHES:
        steps: dict[str, Any] = {} if given is None else {"template": given}
        return TreeSearch(
            _search(how),
            generator=StepGenerator(step_end=step_end, **steps, **settings),
            reward=reward,  # type: ignore[arg-type] # a search has one
            rule=_RULES[how.rule],
            aggregation=how.aggregation,
            missing=_missing(how.missing),
        )
    generator = Generator(given or (STEP_BY_STEP_CHOICES if choices else STEP_BY_STEP), **settings)
    if how.strategy == "greedy":
        return Greedy(generator)
    if reward is None:
        return Sampling(_RULES[how.strategy], k=how.width, generator=generator, **stopping)
    return Sampling(
        _RULES[how.strategy],
        k=how.width,
        generator=generator,
        reward=reward,
        step_end=step_end,
        aggregation=how.aggregation,
        missing=_missing(how.missing),
    )


def _search(how: StrategyOptions) -> Search:
    limits = Limits(how.max_depth, how.step_tokens, how.path_tokens)
    match how.strategy:
        case "beam":
            return BeamSearch(how.width, branching=how.branching, limits=limits)
        case "dvts":
            return DVTS(how.width, branching=how.branching, limits=limits)
        case "mcts":
            return MCTS(
                how.width,
                root_children=how.first_steps,
                exploration=how.exploration,
                limits=limits,
            )
    return Rebase(how.width, temperature=how.balance, rounding=how.rounding, limits=limits)


def _missing(words: str) -> "Missing":
    match words:
        case "drop" | "error":
            return words
    try:
        return float(words)
    except ValueError:
        raise ArgumentError(f"--missing must be drop, error or a number, got {words!r}") from None
