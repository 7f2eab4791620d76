"""How paths and responses are scored, as words on the command line."""

from dataclasses import dataclass, replace
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from kcurve.answers import (
    Contains,
    NumberScore,
    ScoreReader,
    TokenProbability,
    VectorScore,
    Verdict,
)
from kcurve.cli.asking import ServerOptions, llm_of
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from kcurve.llm import LLM, Parameters
    from kcurve.rewards import Reward, RewardKind
    from kcurve.store import Store

_PROMPTS = ("judge", "verdict")

_ALTERNATIVES = 5
"""Log-probabilities that are asked for beside that of the token itself."""


@Parameter(name="*", group=Group("The reward model", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class RewardOptions:
    """What scores steps or responses.

    Attributes
    ----------
    reward
        judge (a grade from 0 to 10), verdict (right or wrong), or a file with a prompt in which {{step}} and
        {{previous}}, or {{response}}, stand for what is scored.
    reward_read
        How a score is read: verdict:TEXT, number:LOW:HIGH, token:POSITIVE/NEGATIVE, or vector:ROW for a server of
        scores. Default: what goes with --reward.
    reward_model
        The reward model's name. Default: the model itself. Another one has the limits below for itself, and no prices.
    reward_url
        Its server. Default: that of the model. Its key is read from the variable REWARD_API_KEY, or else is that of
        the model.
    reward_endpoint
        Which call it is asked by; pooling, classify and score are those of servers of reward models. Default: that
        of the model.
    reward_temperature
        Its sampling temperature.
    reward_max_tokens
        The most tokens of a judgement.
    reward_stop
        A text that ends a judgement; may be repeated.
    reward_votes
        Judgements of which the score is the mean.
    """

    reward: str = "judge"
    reward_read: str | None = None
    reward_model: str | None = None
    reward_url: str | None = None
    reward_endpoint: Literal["chat", "completions", "pooling", "classify", "score"] | None = None
    reward_temperature: float | None = None
    reward_max_tokens: int | None = None
    reward_stop: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    reward_votes: int = 1


def parse_reader(words: str) -> ScoreReader:
    """Return the reader of scores that `words` name.

    Examples
    --------
    >>> parse_reader("number:0:10")
    NumberScore(low=0.0, high=10.0, extract=LastNumber())
    >>> parse_reader("token:yes/no")
    TokenProbability(positive=('yes',), negative=('no',))
    >>> parse_reader("verdict:right")("It is right."), parse_reader("verdict:right")("It is not.")
    (1.0, 0.0)
    >>> parse_reader("vector:min")
    VectorScore(row='min', column=-1)
    """
    kind, _, rest = words.partition(":")
    match kind:
        case "verdict":
            return Verdict(Contains(rest)) if rest else Verdict()
        case "number":
            low, _, high = rest.partition(":")
            try:
                return NumberScore(float(low), float(high)) if rest else NumberScore()
            except ValueError:
                pass
        case "token":
            positive, slash, negative = rest.partition("/")
            if slash and positive and negative:
                return TokenProbability((positive,), (negative,))
        case "vector":
            position = rest.lstrip("-").isdigit()
            return VectorScore(int(rest) if position else rest or "last")  # type: ignore[arg-type]
    raise ArgumentError(
        "scores are read by verdict, verdict:TEXT, number, number:LOW:HIGH, token:POSITIVE/NEGATIVE, "
        f"vector or vector:ROW, got {words!r}"
    )


def scorer_of(
    options: RewardOptions, model: str, server: ServerOptions, store: "Store"
) -> "LLM | None":
    """Return the reward model; None if it is the model itself, asked in the same way."""
    if (options.reward_model, options.reward_url, options.reward_endpoint) == (None, None, None):
        return None
    name = options.reward_model or model
    server = replace(server, base_url=options.reward_url or server.base_url)
    if name != model:  # the prices are those of the model
        server = replace(server, price_in=None, price_out=None, budget_money=None)
    key = environ.get("REWARD_API_KEY")
    return llm_of(name, store, server, endpoint=options.reward_endpoint, api_key=key)


def reward_of(options: RewardOptions, scorer: "LLM | None", *, steps: bool) -> "Reward":
    """Return the reward that the options describe: of steps for a search, else of what the prompt shows."""
    from kcurve.prompts import Template  # noqa: PLC0415 - heavy
    from kcurve.rewards import PromptedReward, ServerReward  # noqa: PLC0415 - heavy

    template, usual = _template(options.reward, steps=steps)
    kind: RewardKind = "process" if steps or "step" in Template(template).fields else "outcome"
    given = None if options.reward_read is None else parse_reader(options.reward_read)
    if scorer is not None and scorer.endpoint in {"pooling", "classify", "score"}:
        return ServerReward(
            scorer,
            kind=kind,
            template=None if options.reward in _PROMPTS else template,
            read=given or VectorScore(),
        )
    read = given or usual
    return PromptedReward(
        template,
        kind=kind,
        read=read,
        parameters=_parameters(options, read),
        votes=options.reward_votes,
        llm=scorer,
    )


def _template(words: str, *, steps: bool) -> tuple[str, ScoreReader]:
    """Return the prompt, and how its scores are read unless that is said."""
    from kcurve.rewards import JUDGE_RESPONSE, JUDGE_STEP  # noqa: PLC0415 - heavy
    from kcurve.strategies import REVIEW, REVIEW_STEP  # noqa: PLC0415 - heavy

    match words:
        case "judge":
            return (JUDGE_STEP if steps else JUDGE_RESPONSE).text, NumberScore(0, 10)
        case "verdict":
            return (REVIEW_STEP if steps else REVIEW).text, Verdict()
    path = Path(words)
    if not path.is_file():
        raise ArgumentError(
            f"--reward must be judge, verdict, or a file with a prompt, got {words!r}"
        )
    return path.read_text(encoding="utf-8"), Verdict()


def _parameters(options: RewardOptions, read: ScoreReader) -> "Parameters":
    from kcurve.llm import Parameters  # noqa: PLC0415 - heavy

    return Parameters(
        temperature=options.reward_temperature,
        max_tokens=options.reward_max_tokens,
        stop=options.reward_stop,
        logprobs=_ALTERNATIVES if isinstance(read, TokenProbability) else None,
    )
