"""How a curve is evaluated: method choices are values, passed as ``method=``."""

from dataclasses import dataclass


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
