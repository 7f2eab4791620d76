"""What commands that ask a model have in common: their options, and the model, prompt and parameters they make."""

from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from kcurve.errors import ArgumentError

# The live rooms are heavy: they are imported when a model is asked, not to show the help of another command.
if TYPE_CHECKING:
    from kcurve.llm import LLM, Parameters
    from kcurve.store import Store
    from kcurve.store.records import Endpoint, ScoringEndpoint


@Parameter(name="*", group=Group("What is asked, and how answers are read", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class PromptOptions:
    """The prompt, and the extractor.

    Attributes
    ----------
    template
        A file with the prompt; {{question}} stands for the question and its choices. Default: step by step.
    system
        An instruction that comes before everything else.
    extract
        How the answer is found in a response: answer-is, choice-letter, boxed, last-number, the-answer-is,
        whole-text, json:KEY, regex:PATTERN, or several with + between them. Default: choice-letter for
        questions with choices, else answer-is.
    equivalence
        Which answers are the same: text, number or expression. Default: text for questions with choices,
        else number.
    """

    template: Path | None = None
    system: str | None = None
    extract: str | None = None
    equivalence: str | None = None


@Parameter(name="*", group=Group("How a model is asked to sample", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """Sampling parameters; what is not given is the server's default.

    Attributes
    ----------
    temperature
        At least 0.
    top_p
        Nucleus sampling, in (0, 1].
    max_tokens
        The most tokens of a response; needed under a budget of tokens or money.
    stop
        A text that ends a response; may be repeated.
    seed
        The seed that every sample's own seed is derived from.
    logprobs
        Keep log-probabilities of tokens, and of this many alternatives to each.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    seed: int | None = None
    logprobs: int | None = None


@Parameter(name="*", group=Group("The server, and what it may take", sort_key=4))
@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """Address and limits; the key is read from the variable OPENAI_API_KEY.

    Attributes
    ----------
    base_url
        Any server that speaks OpenAI's protocol, such as http://localhost:8000/v1. Default: the variable
        OPENAI_BASE_URL, or OpenAI.
    endpoint
        Which of its calls is made.
    concurrency
        The most calls under way at once; fewer after the server asks to slow down.
    rpm
        The most calls a minute.
    tpm
        The most tokens a minute.
    timeout
        Seconds a call may take.
    budget_calls
        The most calls of this command, repeated ones included.
    budget_tokens
        The most tokens of this command.
    budget_money
        The most money of this command, in the unit of the prices.
    price_in
        The price of a million tokens read.
    price_out
        The price of a million tokens written.
    unknown
        What becomes of calls that a crash cut off and that may have been paid for: sent again, or left out.
    """

    base_url: str | None = None
    endpoint: Literal["chat", "completions"] = "chat"
    concurrency: int = 64
    rpm: float | None = None
    tpm: float | None = None
    timeout: float = 600.0
    budget_calls: int | None = None
    budget_tokens: int | None = None
    budget_money: float | None = None
    price_in: float | None = None
    price_out: float | None = None
    unknown: Literal["resend", "skip"] = "resend"


def parameters_of(sampling: SamplingOptions) -> "Parameters":
    """Return the sampling parameters that were given."""
    from kcurve.llm import Parameters  # noqa: PLC0415 - see above

    return Parameters(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=sampling.max_tokens,
        stop=sampling.stop,
        seed=sampling.seed,
        logprobs=sampling.logprobs,
    )


def reading_of(asked: PromptOptions, choices: int) -> dict[str, Any]:
    """Return how answers are read and compared, for questions with at most so many choices."""
    from kcurve.cli.answering import parse_equivalence, parse_extractor  # noqa: PLC0415 - see above

    return {
        "extract": parse_extractor(asked.extract or _usual_extractor(choices)),
        "equivalence": parse_equivalence(asked.equivalence or ("text" if choices else "number")),
    }


def _usual_extractor(choices: int) -> str:
    """Return the words for what finds the answers to questions with at most so many choices."""
    if not choices:
        return "answer-is"
    # Not the very number: it depends on --limit, which must not make another run of it.
    return "choice-letter" if choices <= 4 else f"choice-letter:{ascii_uppercase}"


def llm_of(
    model: str,
    store: "Store | Path | None",
    server: ServerOptions,
    *,
    endpoint: "Endpoint | ScoringEndpoint | None" = None,
    api_key: str | None = None,
) -> "LLM":
    """Return the model that the options describe, asked by their endpoint, and with the usual key, or by others."""
    from kcurve.llm import LLM, Budget, Price  # noqa: PLC0415 - see above

    if (server.price_in is None) != (server.price_out is None):
        raise ArgumentError("--price-in and --price-out go together; give both")
    limits = (server.budget_calls, server.budget_tokens, server.budget_money)
    budget = None
    if limits != (None, None, None):
        budget = Budget(calls=limits[0], tokens=limits[1], money=limits[2])
    prices = None
    if server.price_in is not None and server.price_out is not None:
        prices = {model: Price(input=server.price_in, output=server.price_out)}
    return LLM(
        model,
        base_url=server.base_url,
        api_key=api_key,
        endpoint=endpoint or server.endpoint,
        store=store,
        concurrency=server.concurrency,
        requests_per_minute=server.rpm,
        tokens_per_minute=server.tpm,
        timeout=server.timeout,
        budget=budget,
        prices=prices,
        unknown=server.unknown,
    )
