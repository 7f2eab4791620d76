"""How paths and responses are scored, as words on the command line."""

from dataclasses import dataclass
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
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from kcurve.cli.asking import ServerOptions
    from kcurve.llm import Parameters
    from kcurve.rewards import Reward, RewardKind
    from kcurve.store import Store

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
        The reward model's name. Default: the model itself.
    reward_url
        Its server. Default: that of the model.
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
    >>> parse_reader("verdict:right"), parse_reader("vector:min")
    (Verdict(extractor=Contains(phrase='right', ignore_case=False)), VectorScore(row='min', column=-1))
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


def reward_of(
    options: RewardOptions,
    kind: "RewardKind",
    model: str,
    server: "ServerOptions",
    store: "Store",
) -> "Reward":
    """Return the reward model that the options describe, for steps (process) or responses (outcome)."""
    from kcurve.llm import LLM  # noqa: PLC0415 - heavy
    from kcurve.rewards import PromptedReward, ServerReward  # noqa: PLC0415 - heavy

    own = None
    given = (options.reward_model, options.reward_url, options.reward_endpoint)
    if given != (None, None, None):
        own = LLM(
            options.reward_model or model,
            base_url=options.reward_url or server.base_url,
            endpoint=options.reward_endpoint or server.endpoint,
            store=store,
            concurrency=server.concurrency,
            timeout=server.timeout,
            unknown=server.unknown,
        )
    template, usual = _template(options.reward, kind)
    read = usual if options.reward_read is None else parse_reader(options.reward_read)
    if own is not None and options.reward_endpoint in {"pooling", "classify", "score"}:
        named = options.reward in {"judge", "verdict"}
        return ServerReward(
            own,
            kind=kind,
            template=None if named else template,
            read=VectorScore() if options.reward_read is None else read,
        )
    return PromptedReward(
        template,
        read=read,
        parameters=_parameters(options, read),
        votes=options.reward_votes,
        llm=own,
    )


def _template(words: str, kind: "RewardKind") -> tuple[str, ScoreReader]:
    """Return the prompt, and how its scores are read unless that is said."""
    from kcurve.rewards import JUDGE_RESPONSE, JUDGE_STEP  # noqa: PLC0415 - heavy
    from kcurve.strategies import REVIEW, REVIEW_STEP  # noqa: PLC0415 - heavy

    process = kind == "process"
    if words == "judge":
        return (JUDGE_STEP if process else JUDGE_RESPONSE).text, NumberScore(0, 10)
    if words == "verdict":
        return (REVIEW_STEP if process else REVIEW).text, Verdict()
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
