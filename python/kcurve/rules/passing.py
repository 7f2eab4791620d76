"""Rules that count correct samples."""

from dataclasses import dataclass
from typing import ClassVar

from kcurve._validation import number_between
from kcurve.rules.settings import decimal_ratio


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
        return decimal_ratio(self.tau)
