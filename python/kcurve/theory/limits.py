"""The accuracy that a logged system approaches with calls without end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between, positive_integer
from kcurve.curve import curve
from kcurve.curve.bands import critical_value, proportion_interval, spread
from kcurve.curve.evaluation import drawn_log, sample_counts
from kcurve.curve.identity import identity_order
from kcurve.curve.methods import Exact
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import Vote, WeightedVote
from kcurve.theory.calls_needed import settled_from
from kcurve.theory.claims import answer_claims, leading_claims, question_of_entries
from kcurve.theory.contest import TIE
from kcurve.theory.convergence import convergence_rate
from kcurve.theory.lead_probability import lead_probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, slots=True)
class Limits:
    """Accuracy with calls without end, by question and for the data set.

    Made by `limits`. Arrays are read-only, one number per question.

    Attributes
    ----------
    per_question : float64 [Q]
        The limit at the logged frequencies: 1, 0, or the share of a tie.
    expected_per_question : float64 [Q]
        Posterior probability that a correct answer is the true mode.
    doubt : float64 [Q]
        Expected distance between the two, ``E|limit - per_question|``: for a question without a
        tie the probability that its side is wrong.
    gap : float64 [Q]
        delta: share of the leading answer less that of the second; in a weighted vote, of claims in
        units of the question's largest weight.
    rate : float64 [Q]
        Exponential rate per call at which the vote settles. Sharp for `Vote`, Hoeffding's
        ``gap^2 / 2``, which is less, for `WeightedVote`.
    mean, low, high : float
        Mean of `per_question`, and its band.
    expected, expected_low, expected_high : float
        Mean of `expected_per_question`, and its band.
    rule : Vote or WeightedVote
        What votes.
    level : float
        Confidence level of the bands.
    log : AnswerLog or TalliedLog
        The log they are of.
    """

    per_question: Floats
    expected_per_question: Floats
    doubt: Floats
    gap: Floats
    rate: Floats
    mean: float
    low: float
    high: float
    expected: float
    expected_low: float
    expected_high: float
    rule: Vote | WeightedVote
    level: float
    log: AnswerLog | TalliedLog

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in ("per_question", "expected_per_question", "doubt", "gap", "rate"):
            getattr(self, name).setflags(write=False)

    @property
    def n_questions(self) -> int:
        """Number of questions."""
        return len(self.per_question)

    def gap_quantile(self, share: float = 0.0) -> float:
        """Return the gap that a share of the questions stays below; the least gap by default.

        The least gap, delta_min, governs the convergence of the data set: it is 0 if any question
        is tied.
        """
        number_between("share", share, 0, 1)
        return float(np.quantile(self.gap, share))

    def calls_needed(self, error: float, *, most: int = 1000) -> float:
        """Return the calls from which on the plug-in curve stays within `error` of its limit.

        Parameters
        ----------
        error : float
            The distance allowed, 0 < error < 1.
        most : int
            The largest k that is looked at.

        Returns
        -------
        float
            A whole number; infinite if more than `most` calls are needed.

        Raises
        ------
        ArgumentError
            For a weighted vote, which has no closed form.

        Notes
        -----
        About a hundred points of the exact curve with replacement, up to `most`. The search is that
        of `calls_needed` for a single question.
        """
        number_between("error", error, 1e-15, 1 - 1e-15)
        positive_integer("most", most)
        rule = self.rule
        if not isinstance(rule, Vote):
            msg = (
                f"calls_needed needs a curve in closed form, which {rule!r} lacks; its error after k "
                "calls is at most the mean of |A| exp(-rate k)"
            )
            raise ArgumentError(msg)

        def distance(k: NDArray[np.int64]) -> Floats:
            asked, place = np.unique(k, return_inverse=True)
            made = curve(
                self.log, rule, k=asked.tolist(), method=Exact(replacement=True), interval=None
            )
            return np.abs(made.mean - self.mean)[place].reshape(k.shape)

        return float(settled_from(distance, np.array([error]), np.array([most]), most)[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the data set as plain Python values, ready for JSON."""
        return {
            "rule": repr(self.rule),
            "level": self.level,
            "n_questions": self.n_questions,
            "mean": self.mean,
            "low": self.low,
            "high": self.high,
            "expected": self.expected,
            "expected_low": self.expected_low,
            "expected_high": self.expected_high,
            "doubt": float(self.doubt.mean()),
            "least_gap": self.gap_quantile(),
            "median_gap": self.gap_quantile(0.5),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the questions as an Arrow stream: position, limit, expected, doubt, gap, rate."""
        return _core.TableStream(
            [
                ("question", np.arange(self.n_questions, dtype=np.int64)),
                ("limit", self.per_question),
                ("expected", self.expected_per_question),
                ("doubt", self.doubt),
                ("gap", self.gap),
                ("rate", self.rate),
            ]
        )

    def __repr__(self) -> str:
        """Show the limit, its band and how sure it is."""
        return (
            f"Limits({self.rule!r}, {self.n_questions} questions: {self.mean:.4f} "
            f"[{self.low:.4f}, {self.high:.4f}], expected {self.expected:.4f}, "
            f"{self.doubt.sum():.1f} questions in doubt)"
        )


def limits(
    log: AnswerLog | TalliedLog,
    rule: Vote | WeightedVote = Vote(),  # noqa: B008 - frozen
    *,
    level: float = 0.95,
) -> Limits:
    """Estimate the accuracy that majority voting approaches with calls without end.

    Wu et al., theorems 1 and 2: a question tends to 1 if its correct answer has the largest
    ``p_a``, or ``p_a rho_a`` in a weighted vote, and to 0 if another answer has.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        Sampled answers of one model.
    rule : Vote or WeightedVote
        What votes; a weighted vote by the sum of the weights of all samples, ``WeightedVote()`` with
        any power or temperature.
    level : float
        Confidence level of the bands, over a fresh choice of questions (or clusters of them).

    Returns
    -------
    Limits

    Raises
    ------
    ArgumentError
        If the rule is a weighted vote by other claims, or has weights that are not finite.
    MissingColumnError
        If a weighted vote has no scores.

    Notes
    -----
    Two estimates. The plug-in limit takes each question's sampled mode for the true one, which near
    a gap of 0 it often is not: it is biased like the plug-in curve. The expected limit weighs both
    sides by a posterior with Jeffreys' prior (for weights, by gammas of the same mean and variance);
    where they differ the log has too few samples per question to tell, and `Limits.doubt` shows
    which questions are to blame. Neither knows answers that nobody gave. The prior is that of one
    question alone: what other questions say about it is not used.

    Cost: one incomplete gamma function per answer, correct answer and 64 nodes.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, theorems 1 and 2.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.theory import limits
    >>> log = kc.AnswerLog.from_codes([[0] * 8 + [1] * 2, [0] * 5 + [1] * 5], correct=[0, 0])
    >>> found = limits(log)
    >>> found.per_question, found.doubt.round(3)
    (array([1. , 0.5]), array([0.027, 0.5  ]))
    """
    instance("log", log, AnswerLog, TalliedLog)
    instance("rule", rule, Vote, WeightedVote)
    number_between("level", level, 0.5, 1 - 1e-12)
    # One call: whatever is wrong with the log is said here.
    plain = Vote(no_answer=rule.no_answer)
    curve(log, plain, k=1, method=Exact(replacement=True), interval=None)
    log = drawn_log(log, rule)
    answers = answer_claims(log, rule)
    questions = log.n_questions
    share, first, second = leading_claims(answers, questions)
    expected = lead_probability(answers, questions)
    samples = np.bincount(question_of_entries(log), sample_counts(log), minlength=questions)
    gap = np.where(first - second <= TIE * np.abs(first), 0.0, first - second) / samples
    if isinstance(rule, Vote):
        rate = convergence_rate(np.stack([first, second], axis=-1) / samples[:, None])
    else:
        rate = gap**2 / 2
    bands = [_band(values, log, level) for values in (share, expected)]
    return Limits(
        per_question=share,
        expected_per_question=expected,
        doubt=expected * (1 - share) + (1 - expected) * share,
        gap=gap,
        rate=np.asarray(rate),
        mean=bands[0][0],
        low=bands[0][1],
        high=bands[0][2],
        expected=bands[1][0],
        expected_low=bands[1][1],
        expected_high=bands[1][2],
        rule=rule,
        level=level,
        log=log,
    )


def _band(values: Floats, log: AnswerLog | TalliedLog, level: float) -> tuple[float, float, float]:
    """Return the mean over questions and its band; NaN for a single unit."""
    order = identity_order(log)
    codes = None if log.cluster is None else log.cluster.codes[order]
    over = spread(values[order][:, None], codes)
    if over.units < 2:
        return float(over.mean[0]), np.nan, np.nan
    critical = critical_value(level, over.units - 1)
    low, high = proportion_interval(over.mean, over.variance, over.units, critical)
    return float(over.mean[0]), float(low[0]), float(high[0])
