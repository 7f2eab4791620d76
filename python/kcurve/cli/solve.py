"""`kcurve solve`: answers by sampling or search, with a reward model."""

import json as json_format
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from kcurve.cli.asking import (
    PromptOptions,
    SamplingOptions,
    ServerOptions,
    llm_of,
    parameters_of,
    reading_of,
)
from kcurve.cli.rewarding import RewardOptions, reward_of
from kcurve.cli.terminal import console, write
from kcurve.errors import ArgumentError, LLMError
from kcurve.rules import BestOfN, Rule, Vote, WeightedVote
from kcurve.search import DVTS, MCTS, BeamSearch, Limits, Rebase, Search

# The live rooms are heavy: they are imported when a model is asked, not to show the help of another command.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.cli.recording import Recorder
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards import Missing
    from kcurve.store import Store
    from kcurve.strategies import RunResult, Strategy

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


_DEFAULT_STRATEGY = StrategyOptions()
_DEFAULT_REWARD = RewardOptions()
_DEFAULT_PROMPT = PromptOptions()
_DEFAULT_SAMPLING = SamplingOptions()
_DEFAULT_SERVER = ServerOptions()


def solve(
    question: str,
    *,
    model: str,
    store: Path | None = None,
    limit: int | None = None,
    subset: str | None = None,
    tree: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    save_tree: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    how: StrategyOptions = _DEFAULT_STRATEGY,
    scored: RewardOptions = _DEFAULT_REWARD,
    asked: PromptOptions = _DEFAULT_PROMPT,
    sampling: SamplingOptions = _DEFAULT_SAMPLING,
    server: ServerOptions = _DEFAULT_SERVER,
) -> None:
    """Answer a question, or a file of questions, by sampling or by a search with a reward model.

    Run again with the same store, it goes on where it was, and pays for nothing twice.

    Parameters
    ----------
    question
        The text of a question, a file of questions, or a data set by name, such as gsm8k.
    model
        The name the server knows the model by.
    store
        The file that keeps every response and score, made if there is none. Default: nothing is kept.
    limit
        Only the first questions, this many.
    subset
        Only this subject of the data set.
    tree
        Print the search tree of a single question.
    save_tree
        Write the search tree of a single question to a file, as JSON.
    json
        Print one JSON object.
    """
    from kcurve.cli.recording import Recorder  # noqa: PLC0415 - see above
    from kcurve.cli.solved import show_answers, show_run  # noqa: PLC0415 - see above
    from kcurve.store import Store  # noqa: PLC0415 - see above

    questions = _questions(question, limit, subset)
    single = len(questions) == 1
    if (tree or save_tree is not None) and not single:
        raise ArgumentError(f"a search tree is shown of one question, got {len(questions)}")
    with Store(store) as kept:
        llm = llm_of(model, kept, server)
        strategy = Recorder(
            _strategy(questions, how, scored, asked, sampling, server, model, kept), keep=single
        )
        result = _run(strategy, llm, questions)
        solution = strategy.solutions[0] if strategy.solutions else None
    if save_tree is not None and solution is not None and solution.tree is not None:
        save_tree.write_text(solution.tree.to_json(), encoding="utf-8")
    if json:
        plain = result.to_dict() | {"solution": None if solution is None else solution.to_dict()}
        write(json_format.dumps(plain, indent=2, allow_nan=False) + "\n")
    elif solution is not None:
        show_answers(console(), solution, strategy.inner, tree=tree)
    else:
        show_run(console(), result)
    _end(result)


def _end(result: "RunResult") -> None:
    """Fail if the run did not come to its end."""
    if result.stopped == "interrupted":
        raise KeyboardInterrupt(
            "interrupted; the same command with --store goes on where it was, and pays for nothing twice"
        )
    if result.stopped is not None:
        raise LLMError(f"stopped before the end: {result.reason}")
    if result.failed and len(result.failed) == len(result.questions):
        raise LLMError(f"no question could be solved: {result.failed[0].error}")


def _questions(words: str, limit: int | None, subset: str | None) -> "Sequence[Question]":
    """Return the questions of a file or a data set, or the question itself."""
    from kcurve.datasets import Question, catalogue, load  # noqa: PLC0415 - see above

    is_file = Path(words).suffix in {".jsonl", ".json", ".csv", ".tsv"} and " " not in words.strip()
    named = {entry.name for entry in catalogue()}
    if is_file or words in named or Path(words).is_file():
        found = list(load(words, limit=limit, subset=subset))
        if not found:
            raise ArgumentError(f"{words} holds no questions")
        return found
    if not words.strip():
        raise ArgumentError("the question is empty; give its text, a file, or a data set by name")
    return [Question(words)]


def _run(strategy: "Recorder", llm: "LLM", questions: "Sequence[Question]") -> "RunResult":
    from kcurve.cli.watching import watching, watching_search  # noqa: PLC0415 - see above
    from kcurve.strategies import TreeSearch, run_blocking  # noqa: PLC0415 - see above

    label = f"asking {llm.model}"
    if len(questions) == 1 and isinstance(strategy.inner, TreeSearch):
        with watching_search(label) as watch:
            strategy.inner = replace(strategy.inner, watch=watch)
            return run_blocking(strategy, llm, questions)
    with watching(label) as progress:
        return run_blocking(strategy, llm, questions, progress=progress)


def _strategy(  # noqa: PLR0917 - one argument for each group of options
    questions: "Sequence[Question]",
    how: StrategyOptions,
    scored: RewardOptions,
    asked: PromptOptions,
    sampling: SamplingOptions,
    server: ServerOptions,
    model: str,
    store: "Store",
) -> "Strategy":
    from kcurve.strategies import (  # noqa: PLC0415 - see above
        STEP_BY_STEP,
        STEP_BY_STEP_CHOICES,
        Generator,
        Greedy,
        Sampling,
        StepGenerator,
        TreeSearch,
    )

    choices = max(len(question.choices) for question in questions)
    settings: dict[str, Any] = {
        "parameters": parameters_of(sampling),
        "system": asked.system,
        **reading_of(asked, choices),
    }
    given = None if asked.template is None else asked.template.read_text(encoding="utf-8")
    whole = given or (STEP_BY_STEP_CHOICES if choices else STEP_BY_STEP)
    if how.strategy == "greedy":
        return Greedy(Generator(whole, **settings))
    if how.strategy == "vote":
        return Sampling(Vote(), k=how.width, generator=Generator(whole, **settings))
    step_end = how.step_end.replace("\\n", "\n")
    decides: dict[str, Any] = {"aggregation": how.aggregation, "missing": _missing(how.missing)}
    search = _search(how)
    kind: Literal["outcome", "process"] = "outcome" if search is None else "process"
    reward = reward_of(scored, kind, model, server, store)
    if search is None:
        return Sampling(
            _RULES[how.strategy],
            k=how.width,
            generator=Generator(whole, **settings),
            reward=reward,
            step_end=step_end,
            **decides,
        )
    steps: dict[str, Any] = {} if given is None else {"template": given}
    return TreeSearch(
        search,
        generator=StepGenerator(step_end=step_end, **steps, **settings),
        reward=reward,
        rule=_RULES[how.rule],
        **decides,
    )


def _search(how: StrategyOptions) -> Search | None:
    """Return the search; None for whole responses."""
    limits = Limits(how.max_depth, how.step_tokens, how.path_tokens)
    match how.strategy:
        case "rebase":
            return Rebase(how.width, temperature=how.balance, rounding=how.rounding, limits=limits)
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
    return None


def _missing(words: str) -> "Missing":
    match words:
        case "drop" | "error":
            return words
    try:
        return float(words)
    except ValueError:
        raise ArgumentError(f"--missing must be drop, error or a number, got {words!r}") from None
