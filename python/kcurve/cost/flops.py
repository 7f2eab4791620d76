"""Floating-point operations of a transformer."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between
from kcurve.cost.additive import Additive, column, judges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flops(Additive):
    """FLOPs: ``2 N`` for every token generated.

    Parameters
    ----------
    parameters : float
        N, the parameters of the model; of a mixture of experts the active ones.
    reward_parameters : float
        Parameters of the model that judges or scores; it reads every generated token once. 0 leaves
        it out, as the paper's tables do.
    prompt : bool
        Whether the tokens of the prompt count too, for every sample.

    Notes
    -----
    Needs the log's ``tokens_out`` column, and ``tokens_in`` with `prompt`. Attention is left out:
    see `TransformerFlops`.

    References
    ----------
    Kaplan et al., "Scaling Laws for Neural Language Models", arXiv 2001.08361, section 2.1.
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 4.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import calls_cost
    >>> table = {"question_id": [1], "answer": [2], "reference": [2], "tokens_out": [280]}
    >>> calls_cost(kc.AnswerLog.from_table(table), kc.Vote(), 1, Flops(7e9)).mean
    array([3.92e+12])
    """

    parameters: float
    reward_parameters: float = 0.0
    prompt: bool = False

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("parameters", self.parameters, 0, inf, low_excluded=True)
        number_between("reward_parameters", self.reward_parameters, 0, inf)

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "FLOPs"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return the FLOPs of generating each sample, float64 [N]."""
        return 2.0 * self.parameters * self._tokens(log)

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return the FLOPs of judging each sample, float64 [N]."""
        if self.reward_parameters == 0 or not judges(rule):
            return np.zeros(len(log.codes))
        return 2.0 * self.reward_parameters * self._tokens(log)

    def _tokens(self, log: AnswerLog | TalliedLog) -> Floats:
        tokens = column(log, "tokens_out", "Flops")
        return tokens + column(log, "tokens_in", "Flops(prompt=True)") if self.prompt else tokens
