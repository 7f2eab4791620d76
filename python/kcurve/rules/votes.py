"""Votes: the most frequent answer wins, of all, of those a filter keeps, or by weight."""

from dataclasses import dataclass
from typing import ClassVar

from kcurve._validation import choice, number_between
from kcurve.errors import ArgumentError
from kcurve.rules.settings import (
    NO_ANSWERS,
    TIES,
    CallAccounting,
    NoAnswer,
    Ties,
    Weight,
    decimal_ratio,
)


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
        choice("ties", self.ties, TIES)
        choice("no_answer", self.no_answer, NO_ANSWERS)


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
        choice("ties", self.ties, TIES)
        choice("no_answer", self.no_answer, NO_ANSWERS)
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
        choice("ties", self.ties, TIES)
        choice("no_answer", self.no_answer, NO_ANSWERS)
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
        return decimal_ratio(self.top)
