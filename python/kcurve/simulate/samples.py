"""What becomes of samples: filters, reward models, blocks that share their luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between, positive_integer

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter that keeps right and wrong samples with given chances.

    Parameters
    ----------
    keep_right, keep_wrong : float
        Chance, 0 to 1, that a right and that a wrong sample is kept; one without an answer is
        dropped.

    Examples
    --------
    >>> from kcurve.simulate import Filter
    >>> Filter(keep_right=0.8, keep_wrong=0.4)
    Filter(keep_right=0.8, keep_wrong=0.4)
    """

    keep_right: float
    keep_wrong: float

    def __post_init__(self) -> None:
        """Check the chances."""
        number_between("keep_right", self.keep_right, 0, 1)
        number_between("keep_wrong", self.keep_wrong, 0, 1)

    def flags(
        self, right: NDArray[np.bool_], answered: NDArray[np.bool_], random: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Draw the keep flags of samples."""
        chance = np.where(right, self.keep_right, self.keep_wrong)
        return np.asarray((random.random(right.shape) < chance) & answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardModel:
    """A reward model of given quality: scores in (0, 1), higher for right samples.

    ``score = 1 / (1 + exp(-z))`` with z normal of variance 1 and mean ``shift / 2`` for right and
    ``-shift / 2`` for wrong samples. The chance that a right sample outscores a wrong one is
    ``auc = Phi(shift / sqrt 2)``.

    Parameters
    ----------
    auc : float
        That chance, 0.5 for noise, 0 < auc < 1.

    Examples
    --------
    >>> from kcurve.simulate import RewardModel
    >>> RewardModel(auc=0.5).shift, round(RewardModel(auc=0.76).shift, 3)
    (0.0, 0.999)
    """

    auc: float

    def __post_init__(self) -> None:
        """Check the quality."""
        number_between("auc", self.auc, 1e-9, 1 - 1e-9)

    @property
    def shift(self) -> float:
        """Distance of the means, in standard deviations."""
        from statistics import NormalDist  # noqa: PLC0415 - slow to import

        return NormalDist().inv_cdf(self.auc) * 2**0.5

    def scores(self, right: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.float64]:
        """Draw the scores of samples."""
        mean = np.where(right, 0.5, -0.5) * self.shift
        return np.asarray(1 / (1 + np.exp(-(mean + random.standard_normal(right.shape)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Samples of one question that share their luck, a run or a seed at a time.

    Every block of `size` successive samples has answer probabilities of its own, drawn from a
    Dirichlet distribution about the question's: samples of one block agree more often than those of
    two, and counts are spread more widely than multinomial ones, by ``1 + (size - 1) correlation``
    in variance.

    Parameters
    ----------
    size : int
        Samples per block.
    correlation : float
        Correlation of the indicators of one answer between two samples of a block, 0 to 1,
        excluded.

    Examples
    --------
    >>> from kcurve.simulate import Blocks
    >>> Blocks(size=8, correlation=0.1)
    Blocks(size=8, correlation=0.1)
    """

    size: int
    correlation: float

    def __post_init__(self) -> None:
        """Check the settings."""
        positive_integer("size", self.size)
        number_between("correlation", self.correlation, 1e-9, 1 - 1e-9)

    def probabilities(
        self, p: NDArray[np.float64], blocks: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw the probabilities [Q, blocks, A] of blocks about p [Q, A]."""
        strength = (1 - self.correlation) / self.correlation
        shape = np.repeat(p[:, None, :] * strength, blocks, axis=1)
        # Gammas of tiny shapes underflow, all at once too: in logarithms, Gamma(a) = Gamma(a+1) U^(1/a).
        with np.errstate(divide="ignore"):
            power = np.log(random.random(shape.shape)) / np.where(shape > 0, shape, 1)
            logs = np.log(random.standard_gamma(shape + 1)) + power
        logs = np.where(shape > 0, logs, -np.inf)
        weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
