"""`kcurve solve`: answers by sampling or search, with a reward model."""

import json as json_format
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from kcurve.cli.asking import PromptOptions, SamplingOptions, ServerOptions, llm_of
from kcurve.cli.rewarding import RewardOptions, reward_of, scorer_of
from kcurve.cli.stopping import StoppingOptions
from kcurve.cli.strategies import SEARCHES, UNSCORED, StrategyOptions, strategy_of
from kcurve.cli.terminal import console, write
from kcurve.errors import ArgumentError, LLMError

# The live rooms are heavy: they are imported when a model is asked, not to show the help of another command.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies import RunResult, Solution, Strategy

_DEFAULT_STRATEGY = StrategyOptions()
_DEFAULT_STOPPING = StoppingOptions()
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
    stopped: StoppingOptions = _DEFAULT_STOPPING,
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
    from kcurve.cli.solved import show_run, show_solution  # noqa: PLC0415 - see above
    from kcurve.store import Store  # noqa: PLC0415 - see above

    questions = _questions(question, limit, subset)
    if tree or save_tree is not None:
        _check_tree(how, questions, save_tree)
    stopping = stopped.settings(how.strategy)
    choices = max(len(one.choices) for one in questions)

    def prepared(kept: Store) -> "tuple[LLM, LLM | None, Strategy]":
        llm, scorer = llm_of(model, kept, server), scorer_of(scored, model, server, kept)
        reward = None
        if how.strategy not in UNSCORED:
            reward = reward_of(scored, scorer, steps=how.strategy in SEARCHES)
        strategy = strategy_of(
            how, asked, sampling, choices=choices, reward=reward, stopping=stopping
        )
        return llm, scorer, strategy

    with Store(None) as nowhere:
        prepared(nowhere)  # wrong words are told of before there is a file
    with Store(store) as kept:
        llm, scorer, strategy = prepared(kept)
        result, solution = _solved(strategy, llm, scorer, questions)
    if save_tree is not None and solution is not None and solution.tree is not None:
        save_tree.write_text(solution.tree.to_json(), encoding="utf-8")
    if json:
        plain = result.to_dict() | {"solution": None if solution is None else solution.to_dict()}
        write(json_format.dumps(plain, indent=2, allow_nan=False) + "\n")
    elif solution is not None:
        show_solution(console(), solution, strategy, tree=tree)
    elif result.questions and len(questions) > 1:
        show_run(console(), result)
    _end(result, store)


def _check_tree(
    how: StrategyOptions, questions: "Sequence[Question]", save_tree: Path | None
) -> None:
    """Fail unless there will be a tree, and a place for it."""
    if how.strategy not in SEARCHES:
        raise ArgumentError(
            f"--tree and --save-tree are for searches ({', '.join(SEARCHES)}); --strategy {how.strategy} has no tree"
        )
    if len(questions) != 1:
        raise ArgumentError(f"a search tree is shown of one question, got {len(questions)}")
    if save_tree is not None and not save_tree.absolute().parent.is_dir():
        raise ArgumentError(f"--save-tree: there is no folder {save_tree.parent}")


def _end(result: "RunResult", store: Path | None) -> None:
    """Fail if the run did not come to its end."""
    if result.stopped == "interrupted":
        raise KeyboardInterrupt(
            "interrupted; nothing was kept: with --store the same command goes on where it was"
            if store is None
            else "interrupted; the same command goes on where it was, and pays for nothing twice"
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


def _solved(
    strategy: "Strategy", llm: "LLM", scorer: "LLM | None", questions: "Sequence[Question]"
) -> "tuple[RunResult, Solution | None]":
    """Return what became of the questions; of a single one that was solved, the solution."""
    from kcurve.cli.recording import Recorder  # noqa: PLC0415 - see above
    from kcurve.cli.watching import watching, watching_search  # noqa: PLC0415 - see above
    from kcurve.strategies import TreeSearch, run_blocking  # noqa: PLC0415 - see above

    label = f"asking {llm.model}"
    others = () if scorer is None else (scorer,)
    if len(questions) > 1:
        with watching(label) as progress:
            result = run_blocking(strategy, llm, questions, progress=progress, others=others)
        return result, None
    if isinstance(strategy, TreeSearch):
        with watching_search(label) as watch:
            recorder = Recorder(replace(strategy, watch=watch))
            result = run_blocking(recorder, llm, questions, others=others)
    else:
        with watching(label) as progress:
            recorder = Recorder(strategy)
            result = run_blocking(recorder, llm, questions, progress=progress, others=others)
    return result, recorder.solution
