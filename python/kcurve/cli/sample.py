"""`kcurve sample`: questions to a model, samples to a store."""

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from kcurve._validation import positive_integer
from kcurve.cli.asking import (
    PromptOptions,
    SamplingOptions,
    ServerOptions,
    llm_of,
    parameters_of,
    reading_of,
)
from kcurve.cli.terminal import console, write
from kcurve.errors import ArgumentError, LLMError

# The live rooms are heavy: they are imported when a model is asked, not to show the help of another command.
if TYPE_CHECKING:
    from kcurve.datasets.questions import Questions
    from kcurve.llm import LLM
    from kcurve.strategies import RunResult, Sampling


@Parameter(name="*", group=Group("The filter", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class FilterOptions:
    """Whether responses are judged, and how.

    Attributes
    ----------
    filter
        Have every response judged by another call, for Filter-Vote.
    filter_template
        A file with the prompt of the filter; {{question}} and {{response}} stand for what is judged.
    """

    filter: Annotated[bool, Parameter(negative="", show_default=False)] = False
    filter_template: Path | None = None


_DEFAULT_PROMPT = PromptOptions()
_DEFAULT_FILTER = FilterOptions()
_DEFAULT_SAMPLING = SamplingOptions()
_DEFAULT_SERVER = ServerOptions()


def sample(
    questions: str,
    *,
    model: str,
    n: int,
    store: Path,
    limit: int | None = None,
    subset: str | None = None,
    asked: PromptOptions = _DEFAULT_PROMPT,
    judged: FilterOptions = _DEFAULT_FILTER,
    sampling: SamplingOptions = _DEFAULT_SAMPLING,
    server: ServerOptions = _DEFAULT_SERVER,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Sample a model on questions, and keep every response in a store.

    Run again, it pays only for what is missing: after Ctrl-C or a crash, or with a larger --n.

    Parameters
    ----------
    questions
        A file of questions (JSON lines, JSON, CSV or TSV), or a data set by name, such as gsm8k.
    model
        The name the server knows the model by.
    n
        How many responses to each question.
    store
        The file that keeps them, made if there is none.
    limit
        Only the first questions, this many.
    subset
        Only this subject of the data set.
    json
        Print one JSON object.
    """
    from kcurve.datasets import load  # noqa: PLC0415 - see above

    positive_integer("--n", n)
    found = load(questions, limit=limit, subset=subset)
    choices = max((len(question.choices) for question in found), default=None)
    if choices is None:
        raise ArgumentError(f"{questions} holds no questions")
    strategy = _strategy(choices, n, asked, judged, sampling)
    result = _run(strategy, llm_of(model, store, server), found)
    if json:
        write(json_format.dumps(result.to_dict(), indent=2, allow_nan=False) + "\n")
    else:
        from kcurve.cli.sampled import show  # noqa: PLC0415 - see above

        show(console(), result, strategy, store)
    if result.stopped == "interrupted":
        raise KeyboardInterrupt(
            "interrupted; the same command goes on where it was, and pays for nothing twice"
        )
    if result.stopped is not None:
        raise LLMError(f"stopped before the end: {result.reason}")


def _run(strategy: "Sampling", llm: "LLM", questions: "Questions") -> "RunResult":
    from kcurve.cli.watching import watching  # noqa: PLC0415 - see above
    from kcurve.strategies import run_blocking  # noqa: PLC0415 - see above

    with watching(f"sampling {llm.model}") as progress:
        return run_blocking(strategy, llm, questions, progress=progress)


def _strategy(
    choices: int,
    n: int,
    asked: PromptOptions,
    judged: FilterOptions,
    sampling: SamplingOptions,
) -> "Sampling":
    """Return the strategy for questions with at most so many choices."""
    from kcurve.rules import FilterVote, Vote  # noqa: PLC0415 - see above
    from kcurve.strategies import (  # noqa: PLC0415 - see above
        REVIEW,
        STEP_BY_STEP,
        STEP_BY_STEP_CHOICES,
        Generator,
        Sampling,
        Verifier,
    )

    parameters = parameters_of(sampling)
    default = STEP_BY_STEP_CHOICES if choices else STEP_BY_STEP
    generator = Generator(
        default if asked.template is None else asked.template.read_text(encoding="utf-8"),
        parameters=parameters,
        system=asked.system,
        **reading_of(asked, choices),
    )
    if judged.filter_template is not None and not judged.filter:
        raise ArgumentError("--filter-template goes with --filter")
    if not judged.filter:
        return Sampling(Vote(), k=n, generator=generator)
    review = judged.filter_template
    verifier = Verifier(
        REVIEW if review is None else review.read_text(encoding="utf-8"), parameters=parameters
    )
    return Sampling(FilterVote(calls="candidates"), k=n, generator=generator, verifier=verifier)
