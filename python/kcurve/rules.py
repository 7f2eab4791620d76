"""Rules: how a system turns the samples it drew into one score.

A rule is a frozen value: the same object describes a logged system to the estimators and a live
system to a driver. Each states its tie rule, what a sample without an answer counts for, and how
its calls are counted.

Ties for first place
    ``"split"`` (default) gives each tied answer an equal share of the credit, the expectation of a
    fair draw; ``"first"`` lets the tied answer that was drawn first win, which has the same
    expectation because draws are exchangeable; ``"wrong"`` scores a tie as 0.

Samples without an answer
    ``"ignore"`` (default): they are drawn, and paid for, but never win; a draw of nothing else
    scores 0. ``"vote"``: they vote for one more, wrong, answer. ``"drop"``: they are removed from
    the log before drawing, as if the call had never been made.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from kcurve._validation import choice, number_between
from kcurve.errors import ArgumentError

Ties: TypeAlias = Literal["split", "first", "wrong"]
"""How a tie for first place is scored."""

NoAnswer: TypeAlias = Literal["ignore", "vote", "drop"]
"""What a sample without an answer counts for."""

Weight: TypeAlias = Literal["sum", "mean", "borda"]
"""What an answer's claim is made of in a weighted vote."""

CallAccounting: TypeAlias = Literal["paper", "candidates"]
"""What `k` counts for Filter-Vote."""

_TIES = ("split", "first", "wrong")
_NO_ANSWER = ("ignore", "vote", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Plurality vote, maj@k: the most frequent of the k drawn answers is the system's answer.

    Parameters
    ----------
    ties : {"split", "first", "wrong"}
        How a tie for first place is scored.
    no_answer : {"ignore", "vote", "drop"}
        What a sample without an answer counts for.

    Notes
    -----
    One LLM call per sample. If several distinct answers of a question are marked correct, each is
    a class of its own and the score is the share of first place they take together.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, Algorithm 1.
    Wang et al., "Self-Consistency Improves Chain of Thought Reasoning", arXiv 2203.11171.

    Examples
    --------
    >>> Vote(ties="wrong")
    Vote(ties='wrong', no_answer='ignore')
    """

    ties: Ties = "split"
    no_answer: NoAnswer = "ignore"
    label: ClassVar[str] = "maj@k"
    least_calls: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("ties", self.ties, _TIES)
        choice("no_answer", self.no_answer, _NO_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterVote:
    """Filter-Vote: vote among the candidates a filter keeps, or among all if it keeps none.

    Parameters
    ----------
    ties : {"split", "first", "wrong"}
        How a tie for first place is scored.
    no_answer : {"ignore", "vote", "drop"}
        What a sample without an answer counts for.
    calls : {"paper", "candidates"}
        What k counts. ``"paper"``: generator and filter calls alike, so that k calls buy
        ``floor(k / 2)`` candidates and k is at least 2. ``"candidates"``: candidates.
    threshold : float, optional
        Keep the samples whose score is at least this; a sample without a score is dropped. The
        default is to read the log's ``keep`` column.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, Algorithm 2.

    Examples
    --------
    >>> FilterVote(threshold=0.5).calls_per_candidate
    2
    """

    ties: Ties = "split"
    no_answer: NoAnswer = "ignore"
    calls: CallAccounting = "paper"
    threshold: float | None = None
    label: ClassVar[str] = "Filter-Vote"

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("ties", self.ties, _TIES)
        choice("no_answer", self.no_answer, _NO_ANSWER)
        choice("calls", self.calls, ("paper", "candidates"))
        if self.threshold is not None:
            number_between("threshold", self.threshold, float("-inf"), float("inf"))

    @property
    def calls_per_candidate(self) -> int:
        """LLM calls that each candidate costs, by the accounting chosen."""
        return 2 if self.calls == "paper" else 1

    @property
    def least_calls(self) -> int:
        """The least number of calls for which the rule is defined."""
        return self.calls_per_candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedVote:
    """Weighted vote: each answer's claim is made of its samples' scores; the highest claim wins.

    Parameters
    ----------
    weight : {"sum", "mean", "borda"}
        The claim of an answer: the sum of its samples' weights, or their mean, where a weight is
        ``score ** power``, or ``exp(score / temperature)``. ``"borda"``: the v samples that vote
        are ranked by score, and the one of rank r weighs ``(v - r + 1) ** power``; samples of equal
        score share the mean of their ranks' weights.
    power : float
        See `weight`. With 0 the sum is the plain vote.
    temperature : float, optional
        See `weight`; above 0. Not with `power`, nor with ``"borda"``.
    top : float
        The share of the k samples that votes, 0 < top <= 1: the ``ceil(top k)`` of highest score,
        and those level with the last of them. Read as the decimal it prints as.
    ties : {"split", "first", "wrong"}
        How a tie for first place is scored. ``"first"`` is not ``"split"`` here: of tied answers
        the one with more samples is the likelier to have been drawn first.
    no_answer : {"ignore", "vote", "drop"}
        What a sample without an answer counts for. Ignored ones hold their rank.

    Notes
    -----
    Needs the log's ``score`` column. A missing score weighs 0 and ranks below every other. There is
    no closed form: curves of it are bootstrapped. Weights are rounded to ``2^-40`` of the largest of
    the question, and claims closer than that rounding are level: 0.1 + 0.2 ties with 0.3.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3 (sum).
    Taubenfeld et al., "Confidence Improves Self-Consistency in LLMs", arXiv 2502.06233 (softmax).
    Fu et al., "Deep Think with Confidence", arXiv 2508.15260 (top share).
    Kang et al., "Scalable Best-of-N Selection via Self-Certainty", arXiv 2502.18581 (Borda).

    Examples
    --------
    >>> WeightedVote(top=0.1).ratio
    (1, 10)
    """

    weight: Weight = "sum"
    power: float = 1.0
    temperature: float | None = None
    top: float = 1.0
    ties: Ties = "split"
    no_answer: NoAnswer = "ignore"
    label: ClassVar[str] = "weighted maj@k"
    least_calls: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("weight", self.weight, ("sum", "mean", "borda"))
        choice("ties", self.ties, _TIES)
        choice("no_answer", self.no_answer, _NO_ANSWER)
        number_between("power", self.power, -1e3, 1e3)
        number_between("top", self.top, 0, 1, low_excluded=True)
        if self.temperature is not None:
            number_between("temperature", self.temperature, 0, float("inf"), low_excluded=True)
            if self.power != 1 or self.weight == "borda":
                msg = (
                    "temperature replaces power, and Borda weights have none: "
                    f"give only one of them, got {self!r}"
                )
                raise ArgumentError(msg)

    @property
    def ratio(self) -> tuple[int, int]:
        """Numerator and denominator of the top share."""
        return _ratio(self.top)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfN:
    """Best-of-n: the drawn sample with the top score is the system's answer.

    Parameters
    ----------
    ties : {"split", "first", "wrong"}
        How a tie for the top score is scored: by the share of the tied samples that is correct, or
        with ``"wrong"`` as 0 unless all of them are.

    Notes
    -----
    Needs the log's ``score`` column. A missing score ranks below every other, infinities included.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3.

    Examples
    --------
    >>> BestOfN()
    BestOfN(ties='split')
    """

    ties: Ties = "split"
    label: ClassVar[str] = "best-of-k"
    least_calls: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("ties", self.ties, _TIES)


@dataclass(frozen=True, slots=True)
class PassAtK:
    """pass@k: at least one of the k drawn samples is correct.

    References
    ----------
    Chen et al., "Evaluating Large Language Models Trained on Code", arXiv 2107.03374, eq. 1.

    Examples
    --------
    >>> PassAtK().label
    'pass@k'
    """

    label: ClassVar[str] = "pass@k"
    least_calls: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class PassHatK:
    """pass^k: all of the k drawn samples are correct.

    References
    ----------
    Yao et al., "tau-bench", arXiv 2406.12045.

    Examples
    --------
    >>> PassHatK().label
    'pass^k'
    """

    label: ClassVar[str] = "pass^k"
    least_calls: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class MeanAtK:
    """mean@k: the share of the k drawn samples that is correct; the same for every k.

    Examples
    --------
    >>> MeanAtK().label
    'mean@k'
    """

    label: ClassVar[str] = "mean@k"
    least_calls: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class GPassAtK:
    """G-Pass@k: at least ``ceil(tau k)`` of the k drawn samples are correct.

    Parameters
    ----------
    tau : float
        The share asked for, 0 < tau <= 1. Read as the decimal it prints as, so that tau = 0.7 and
        k = 10 ask for 7 samples, not 8.

    References
    ----------
    Liu et al., "Are Your LLMs Capable of Stable Reasoning?", arXiv 2412.13147.

    Examples
    --------
    >>> GPassAtK(0.7).ratio
    (7, 10)
    """

    tau: float
    label: ClassVar[str] = "G-Pass@k"
    least_calls: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("tau", self.tau, 0, 1, low_excluded=True)

    @property
    def ratio(self) -> tuple[int, int]:
        """Numerator and denominator of tau."""
        return _ratio(self.tau)


def _ratio(share: float) -> tuple[int, int]:
    from fractions import Fraction  # noqa: PLC0415 - slow to import

    return Fraction(str(float(share))).limit_denominator(10**9).as_integer_ratio()


Rule: TypeAlias = (
    Vote | FilterVote | WeightedVote | BestOfN | PassAtK | PassHatK | MeanAtK | GPassAtK
)
"""Any rule."""
