"""Computation and memory traffic together."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import instance, number_between
from kcurve.cost.additive import (
    Additive,
    candidate_calls,
    column,
    judges,
    question_means,
    refuse_drop,
)
from kcurve.cost.model import CallCost
from kcurve.cost.order_statistics import expected_maximum
from kcurve.cost.transformer import Transformer
from kcurve.rules import Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kinetics(Additive):
    r"""Equivalent FLOPs: computation, and memory traffic of the key-value cache at the exchange rate of the hardware.

    Parameters
    ----------
    model : Transformer
        The model that answers.
    intensity : float
        I, FLOPs that the hardware can do while it moves one byte: 562.5 in the paper.
    value_bytes : float
        Bytes of a number in the cache.
    reward : Transformer, optional
        The model that judges or scores. It reads prompt and response in one pass, which computation bounds: its
        memory traffic is left out.

    Notes
    -----
    For N samples of a question, each of L_out tokens after a prompt of L_in,

    .. math:: 2 N P L_o + 2 r N L_i D L_o + r N D L_o^2 + 2 I L_i D L_o + I N D L_o^2,

    with P the active parameters, D the numbers that a token leaves in the cache (`Transformer.cached_values`: keys and
    values, all layers) and r the query heads that share a key head (``group``), so that ``r D = 2 layers width``.

    1. ``2 P`` FLOPs for each generated token.
    2. and 3. attention to the prompt and to the tokens generated so far: ``2 r D`` FLOPs for each token attended to, and
       ``L_o^2 / 2`` pairs of generated tokens.
    4. and 5. reading the cache at every token: of the prompt once for all samples, which are generated side by side and
       share it, of the generated tokens for each sample; at 2 bytes a number, I FLOPs a byte.

    Reading the parameters is left out (large batches share it), and so is reading the prompt for the first time. In place of
    one length the log's lengths are used: means of L_o and of its square for what is paid for each sample, the
    expected largest of N lengths for the prompt's cache, which is read until the longest is complete. With equal
    lengths it is the paper's formula. Needs the log's ``tokens_in`` and ``tokens_out`` columns.

    References
    ----------
    Sadhukhan et al., "Kinetics: Rethinking Test-Time Scaling Laws", arXiv 2506.05333, section 3.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import calls_cost
    >>> table = {
    ...     "question_id": [1] * 4,
    ...     "answer": [2, 3, 2, 2],
    ...     "reference": [2] * 4,
    ...     "tokens_in": [200] * 4,
    ...     "tokens_out": [8000] * 4,
    ... }
    >>> model = Transformer(parameters=8e9, layers=32, width=4096, group=4)
    >>> cost = calls_cost(kc.AnswerLog.from_table(table), kc.Vote(), [1, 4], Kinetics(model))
    >>> [f"{each:.4g}" for each in cost.mean]
    ['2.623e+15', '1.014e+16']
    """

    model: Transformer
    intensity: float = 562.5
    value_bytes: float = 2.0
    reward: Transformer | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        instance("model", self.model, Transformer)
        if self.reward is not None:
            instance("reward", self.reward, Transformer)
        number_between("intensity", self.intensity, 0, inf)
        number_between("value_bytes", self.value_bytes, 0, inf, low_excluded=True)

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "eFLOPs"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return what each sample would cost alone, float64 [N]."""
        read, written = self._tokens(log)
        return self._own(read, written) + self._shared(read) * written

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return what judging each sample costs, float64 [N]."""
        if self.reward is None or not judges(rule):
            return np.zeros(len(log.codes))
        read, written = self._tokens(log)
        return self.reward.flops(read + written)

    def of_calls(self, log: AnswerLog | TalliedLog, rule: Rule, k: NDArray[np.int64]) -> CallCost:
        """Return the expected cost of k calls of every question, generated side by side.

        Raises
        ------
        ArgumentError
            If the rule counts answered samples only: how many are generated side by side is then unknown.
        """
        refuse_drop(rule, "Kinetics")
        candidates = k // candidate_calls(rule)
        read, written = self._tokens(log)
        longest = expected_maximum(written, log.offsets, candidates.tolist())
        shared = question_means(log, self._shared(read), Vote())
        policy = question_means(log, self._own(read, written), rule)[:, None] * candidates
        policy += shared[:, None] * np.column_stack([longest[m] for m in candidates.tolist()])
        reward = question_means(log, self.of_judging(log, rule), rule)[:, None] * candidates
        return CallCost(k=k, policy=policy, reward=reward, unit=self.unit)

    def _tokens(self, log: AnswerLog | TalliedLog) -> tuple[Floats, Floats]:
        return column(log, "tokens_in", "Kinetics"), column(log, "tokens_out", "Kinetics")

    def _own(self, read: Floats, written: Floats) -> Floats:
        """What a sample pays for whatever the others do: terms 1, 2, 3 and 5."""
        model = self.model
        attention = 2.0 * model.group * model.cached_values
        traffic = self.intensity * self.value_bytes * model.cached_values / 2
        return np.asarray(
            2.0 * model.token_parameters * written
            + attention * (read * written + written**2 / 2)
            + traffic * written**2
        )

    def _shared(self, read: Floats) -> Floats:
        """Term 4 for each token of the longest sample."""
        return self.intensity * self.value_bytes * self.model.cached_values * read
