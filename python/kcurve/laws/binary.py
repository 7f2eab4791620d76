"""Votes between two answers, whose chances have a distribution of any form over questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import choice, number_between, positive_integer
from kcurve.laws.fitted import FittedLaw, Residuals
from kcurve.laws.questions import Counts, one_log
from kcurve.laws.two_answers import (
    READINGS,
    Reading,
    several_answers,
    vote_curve,
    votes_for_correct,
)
from kcurve.theory import binary_vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve import Curve
    from kcurve.laws.questions import AnyLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryLaw:
    """Votes between two answers when the chance p of the correct one varies between questions.

    ``F(K) = E[I_p((K + 1) / 2, (K + 1) / 2)]`` for odd K, and ``F(K) = F(K - 1)`` for even K, where
    p has the most likely distribution of any form on a grid, given the counts of every question.

    Parameters
    ----------
    reading : {"correct", "rival"}
        The law is of two answers. With more, ``"correct"`` sets the correct answer against all else
        together: exact for two answers, too low for a correct answer that leads with less
        than half. ``"rival"`` sets it against the most frequent wrong answer and leaves the
        others out: right in the limit of many calls, too optimistic about few. The verdict says
        so when it matters.
    n_atoms : int
        Number of grid points of p, denser near 0 and 1 (``sin^2`` of equal angles).

    Notes
    -----
    The nonparametric maximum likelihood has as few atoms as the data allow; its moments, and so
    votes of up to about n calls, are well determined, the atoms themselves are not. No other
    distribution on the grid has a mean log-likelihood higher by more than 1e-9.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4. Wang, "On fast
    computation of the non-parametric maximum likelihood estimate of a mixing distribution", 2007.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import BinaryLaw
    >>> fit = BinaryLaw().fit(kc.example_log())
    >>> fit.predict([1, 1000]).round(3)
    array([0.798, 0.876])
    """

    reading: Reading = "correct"
    n_atoms: int = 201

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("reading", self.reading, READINGS)
        positive_integer("n_atoms", self.n_atoms)
        number_between("n_atoms", self.n_atoms, 2, 100_001)

    @property
    def atoms(self) -> Floats:
        """The grid of p, float64 [n_atoms]."""
        half = np.sin(np.linspace(0, np.pi / 2, self.n_atoms)) ** 2
        # Symmetric, so that 1/2 is 1/2.
        return np.asarray((half + (1 - half[::-1])) / 2)

    def fit(self, data: AnyLog | Curve) -> BinaryFit:
        """Fit the law to the counts of a log, or of the log behind a curve."""
        log = one_log(data)
        counts = Counts.of(log, *votes_for_correct(log, self.reading))
        p = self.atoms
        weights = _core.fit_mixing(counts.correct, counts.samples, counts.weights, p)[0]
        calls, observed = vote_curve(log)
        fitted = weights @ binary_vote(p[:, None], calls)
        p.setflags(write=False)
        weights.setflags(write=False)
        return BinaryFit(
            law=self,
            p=p,
            weights=weights,
            residuals=Residuals(k=calls, observed=observed, fitted=fitted),
            verdict=_verdict(counts) or several_answers(log, self.reading),
            counts=counts,
        )


def _verdict(counts: Counts) -> str | None:
    if counts.samples.max() < 3:
        return (
            "fewer than three samples per question identify only the mean and the spread of p: "
            "votes of three calls and more are not identified"
        )
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BinaryFit(FittedLaw):
    """The distribution of p over the questions of a data set.

    Attributes
    ----------
    law : BinaryLaw
        What was fitted.
    p, weights : float64 [n_atoms]
        The grid of chances, and the share of questions at each; most shares are 0.
    residuals : Residuals
        Of the unbiased vote curve, which was not fitted to.
    verdict : str or None
        Why the data do not identify the law, or where it does not apply; None otherwise.
    """

    law: BinaryLaw
    p: Floats
    weights: Floats
    residuals: Residuals
    verdict: str | None
    counts: Counts

    @property
    def parameters(self) -> dict[str, float]:
        """The mean of p, and the vote's score with calls without end: the share with p > 1/2."""
        mean, majority = (self.weights @ self._summaries()).tolist()
        return {"mean": mean, "majority": majority}

    def cover_at(self, tau: float) -> float:
        """Return the share of questions with p of at least `tau`: Cover@tau, arXiv 2510.08325."""
        number_between("tau", tau, 0, 1, low_excluded=True)
        return float(self.weights[self.p >= tau].sum())

    def _summaries(self) -> Floats:
        limit = np.where(self.p > 0.5, 1.0, np.where(self.p == 0.5, 0.5, 0.0))
        return np.stack([self.p, limit], axis=1)

    def _rows(self, n_resamples: int, rng: int) -> Floats:
        counts = self.counts
        weights = counts.resampled(n_resamples, rng)
        return _core.fit_mixing(counts.correct, counts.samples, weights, self.p)

    def _means(self, k: Integers) -> Floats:
        return np.asarray(self.weights @ binary_vote(self.p[:, None], k))

    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        return np.asarray(self._rows(n_resamples, rng) @ self._summaries())

    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        return np.asarray(self._rows(n_resamples, rng) @ binary_vote(self.p[:, None], k))
