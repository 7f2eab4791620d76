"""pass@k of questions whose chances of a correct sample are beta distributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve import curve as compute_curve
from kcurve.laws.fitted import FittedLaw, Residuals
from kcurve.laws.questions import Counts, correct_counts, one_log, spaced_calls
from kcurve.rules import PassAtK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kcurve.curve import Curve
    from kcurve.laws.questions import AnyLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_LARGE = 1e5
"""A sum a + b beyond this says that questions differ by chance alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomialLaw:
    """pass@k when the chance that a sample is correct varies between questions as Beta(a, b).

    ``E[pass@k] = (1 - z) (1 - B(a, b + k) / B(a, b))``, where a share z of questions is never
    solved; z is 0 unless `zero_inflated`. For large k the failures fall as ``k^-a``.

    Parameters
    ----------
    zero_inflated : bool
        Whether to fit z.

    Notes
    -----
    Maximum likelihood on the correct samples of each question; numbers of samples may differ. z and
    a small a are hard to tell apart: both mean questions that no sample solved.

    References
    ----------
    Brown et al., "Large Language Monkeys", arXiv 2407.21787, and Schaeffer et al., "How Do Large
    Language Monkeys Get Their Power (Laws)?", arXiv 2502.17578 (the tail); Kazdan et al., arXiv
    2510.05197 (the likelihood).

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import BetaBinomialLaw
    >>> fit = BetaBinomialLaw(zero_inflated=True).fit(kc.example_log())
    >>> fit.predict([1, 10, 1000]).round(3)
    array([0.788, 0.964, 0.986])
    """

    zero_inflated: bool = False

    def fit(self, data: AnyLog | Curve) -> BetaBinomialFit:
        """Fit the law to the counts of a log, or of the log behind a curve."""
        log = one_log(data)
        correct, samples = correct_counts(log)
        counts = Counts.of(log, correct, samples)
        row = _core.fit_beta_binomial(
            counts.correct, counts.samples, counts.weights, self.zero_inflated
        )[0]
        a, b, zeros, log_likelihood = row.tolist()
        k = spaced_calls(int(samples.min()))
        observed = compute_curve(log, PassAtK(), k=k, interval=None).mean
        return BetaBinomialFit(
            law=self,
            a=a,
            b=b,
            zeros=zeros,
            log_likelihood=log_likelihood * log.n_questions,
            residuals=Residuals(k=k, observed=observed, fitted=pass_at(row[None], k)[0]),
            verdict=_verdict(self, row, correct, samples),
            counts=counts,
        )


def pass_at(rows: Floats, k: Integers) -> Floats:
    """Return pass@k by row of a, b, z."""
    from scipy.special import betaln  # noqa: PLC0415 - scipy is slow to import

    a, b, zeros = (rows[:, i, None] for i in range(3))
    failure = betaln(a, b + k) - betaln(a, b)
    return np.asarray((1 - zeros) * -np.expm1(failure))


def _verdict(law: BetaBinomialLaw, row: Floats, correct: Integers, samples: Integers) -> str | None:
    a, b, zeros = row[:3].tolist()
    if samples.max() == 1:
        return "one sample per question identifies the mean of the beta distribution only"
    if not correct.any():
        return "no sample is correct: nothing says how far from zero the chances are"
    if (correct == samples).all():
        return "every sample is correct: nothing says how far from one the chances are"
    if a + b > _LARGE:
        return "questions differ by no more than chance: a + b has no upper limit, only the mean"
    if a + b < 1 / _LARGE:
        return "every question has all or none of its samples correct: a + b has no lower limit"
    if law.zero_inflated and zeros == 0:
        return "no share of unsolvable questions makes the data likelier: z is 0"
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BetaBinomialFit(FittedLaw):
    """The beta-binomial law of a data set.

    Attributes
    ----------
    law : BetaBinomialLaw
        What was fitted.
    a, b : float
        Parameters of the beta distribution.
    zeros : float
        The share z of questions that are never solved.
    log_likelihood : float
        Log-likelihood of the log, without the binomial coefficients; to compare laws with.
    residuals : Residuals
        Of the unbiased pass@k curve, which was not fitted to.
    verdict : str or None
        Why the data do not identify the law; None if they do.
    """

    law: BetaBinomialLaw
    a: float
    b: float
    zeros: float
    log_likelihood: float
    residuals: Residuals
    verdict: str | None
    counts: Counts

    @property
    def parameters(self) -> dict[str, float]:
        """The values of a and b, and of z if it was fitted."""
        values = {"a": self.a, "b": self.b}
        return {**values, "zeros": self.zeros} if self.law.zero_inflated else values

    @property
    def tail_exponent(self) -> float:
        """Exponent of the power law by which failures vanish (down to z): a."""
        return self.a

    def pass_hat(self, k: int | Iterable[int]) -> Floats:
        """Return the predicted pass^k, the chance that all of k samples are correct, float64 [K]."""
        from scipy.special import betaln  # noqa: PLC0415 - scipy is slow to import

        calls = self._calls(k)
        all_correct = np.exp(betaln(self.a + calls, self.b) - betaln(self.a, self.b))
        return np.asarray((1 - self.zeros) * all_correct)

    def cover_at(self, tau: float) -> float:
        """Return the share of questions whose chance of a correct sample is at least `tau`.

        References
        ----------
        Cover@tau, arXiv 2510.08325.
        """
        from scipy.special import betaincc  # noqa: PLC0415 - scipy is slow to import

        number_between("tau", tau, 0, 1, low_excluded=True)
        return float((1 - self.zeros) * betaincc(self.a, self.b, tau))

    def _rows(self, n_resamples: int, rng: int) -> Floats:
        weights = self.counts.resampled(n_resamples, rng)
        counts = self.counts
        return _core.fit_beta_binomial(
            counts.correct, counts.samples, weights, self.law.zero_inflated
        )

    def _means(self, k: Integers) -> Floats:
        return np.asarray(pass_at(np.array([[self.a, self.b, self.zeros]]), k)[0])

    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        return self._rows(n_resamples, rng)[:, : len(self.parameters)]

    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        return pass_at(self._rows(n_resamples, rng), k)
