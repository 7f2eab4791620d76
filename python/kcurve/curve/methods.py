"""How a curve is evaluated: method choices are values, passed as ``method=``."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from kcurve._validation import choice, positive_integer
from kcurve.errors import ArgumentError

Limits: TypeAlias = Literal["percentile", "basic", "bca", "studentised"]
"""How replicates become the limits of an interval."""

_SEEDS = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Evaluate the expectation over all draws in closed form; nothing is simulated.

    Parameters
    ----------
    replacement : bool
        False (default): average over every subset of k of a question's n samples, the unbiased
        estimate of k fresh calls; k may not exceed n. True: the plug-in value at the logged
        answer frequencies, for any k. It extrapolates beyond n, and is biased where the two most
        frequent answers are nearly level: the log's own mode always wins in the end.

    Examples
    --------
    >>> Exact(replacement=True)
    Exact(replacement=True)
    """

    replacement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """Replay the system on draws of the logged samples, many times over.

    In a replicate every question draws its samples one after another, and the rule is scored at
    each k: one pass gives the whole curve. The only method for rules without a closed form; for
    the others `Exact` is faster and has no simulation noise.

    Parameters
    ----------
    n_resamples : int
        Number of replicates. They are drawn 256 at a time: a multiple of that wastes nothing.
    rng : int
        Seed, 0 <= rng < 2^64. The same seed gives the same bits for any number of threads, any
        order of the questions in the log, and any way of dividing the work.
    replacement : bool
        True (default): draw from the logged frequencies, for any k; biased as
        ``Exact(replacement=True)`` is. False: a sample is drawn at most once, k up to n.
    limits : {"percentile", "basic", "bca", "studentised"}
        How resampled questions become a confidence interval; see `Curve.band`. ``"bca"`` (bias
        corrected and accelerated, default) follows skewed distributions and stays in [0, 1].

    References
    ----------
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 12 to 14.

    Examples
    --------
    >>> Bootstrap(n_resamples=500, rng=7)
    Bootstrap(n_resamples=500, rng=7, replacement=True, limits='bca')
    """

    n_resamples: int = 2048
    rng: int = 0
    replacement: bool = True
    limits: Limits = "bca"

    def __post_init__(self) -> None:
        """Check the settings."""
        positive_integer("n_resamples", self.n_resamples)
        choice("limits", self.limits, ("percentile", "basic", "bca", "studentised"))
        if isinstance(self.rng, bool) or self.rng not in range(_SEEDS):
            msg = f"rng must be an integer from 0 to 2^64 - 1, got {self.rng!r}"
            raise ArgumentError(msg)


Method: TypeAlias = Exact | Bootstrap
"""Any way to evaluate a curve."""
