"""FLOPs of a transformer with attention, prompts and active parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.cost.additive import Additive, column, judges
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

Prompt: TypeAlias = Literal["each", "once", "cached", "none"]
"""Who pays for the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """What the cost of a token depends on.

    Parameters
    ----------
    parameters : float
        All parameters.
    active : float, optional
        Those that take part in a token; fewer than `parameters` in a mixture of experts. All by default.
    layers, width : int
        Layers, and heads times the size of a head: the width of attention, usually that of the model.
    group : int
        Query heads that share a key and value head: 1 for plain attention, 4 or 8 for grouped queries.

    Examples
    --------
    >>> model = Transformer(parameters=8e9, layers=32, width=4096, group=4)
    >>> f"{model.flops(1):.5g}, after 8000 tokens {model.flops(1, after=8000):.5g}"
    '1.6001e+10, after 8000 tokens 2.0195e+10'
    """

    parameters: float
    layers: int
    width: int
    active: float | None = None
    group: int = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("parameters", self.parameters, 0, inf, low_excluded=True)
        if self.active is not None:
            number_between("active", self.active, 0, self.parameters, low_excluded=True)
        for name in ("layers", "width", "group"):
            positive_integer(name, getattr(self, name))
        if self.width % self.group:
            raise ArgumentError(
                f"width must be a multiple of group, {self.group}, got {self.width}; "
                "group is how many query heads share a key and value head"
            )

    @property
    def token_parameters(self) -> float:
        """Parameters that take part in a token."""
        return self.parameters if self.active is None else self.active

    @property
    def cached_values(self) -> int:
        """Numbers that a token leaves in the cache: a key and a value in each layer, ``2 layers width / group``."""
        return 2 * self.layers * self.width // self.group

    def flops(self, tokens: float | Floats, *, after: float | Floats = 0.0) -> Floats:
        r"""Return the FLOPs of reading or writing tokens one after another.

        ``2 P`` for each token, and ``4 L h s`` for its attention to the s tokens up to and with itself: queries
        against keys, and weights times values, a multiplication and an addition each. Over T tokens that follow c
        others these sum to ``2 P T + 4 L h (T c + T (T + 1) / 2)``.

        Parameters
        ----------
        tokens : float or float64 [...]
            T.
        after : float or float64 [...]
            c.

        References
        ----------
        Kaplan et al., "Scaling Laws for Neural Language Models", arXiv 2001.08361, table 1.
        """
        count = np.asarray(tokens, np.float64)
        seen = count * after + count * (count + 1) / 2
        return np.asarray(
            2.0 * self.token_parameters * count + 4.0 * self.layers * self.width * seen
        )


@dataclass(frozen=True, slots=True)
class TransformerFlops(Additive):
    r"""FLOPs with attention and prompts.

    Parameters
    ----------
    model : Transformer
        The model that answers.
    reward : Transformer, optional
        The model that judges or scores: it reads the prompt and every generated token once. None leaves
        it out.
    prompt : {"each", "once", "cached", "none"}
        Every sample reads its prompt; the first of a question does, and the others find it in the cache; all find
        it there, so that only attention to it is paid for; or there is none. The same holds for `reward`.

    Notes
    -----
    Needs the log's ``tokens_out`` column, and ``tokens_in`` unless `prompt` is ``"none"``. Attention is summed over
    the context as it grows token by token: see `Transformer.flops`. `Flops` is the same without it.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import calls_cost
    >>> table = {
    ...     "question_id": [1],
    ...     "answer": [2],
    ...     "reference": [2],
    ...     "tokens_in": [100],
    ...     "tokens_out": [280],
    ... }
    >>> log = kc.AnswerLog.from_table(table)
    >>> model = Transformer(parameters=7e9, layers=32, width=4096)
    >>> for prompt in ("none", "cached", "each"):
    ...     cost = calls_cost(log, kc.Vote(), 1, TransformerFlops(model, prompt=prompt))
    ...     print(f"{prompt}: {cost.mean[0]:.4g}")
    none: 3.941e+12
    cached: 3.955e+12
    each: 5.358e+12
    """

    model: Transformer
    reward: Transformer | None = None
    prompt: Prompt = "each"

    def __post_init__(self) -> None:
        """Check the settings."""
        instance("model", self.model, Transformer)
        if self.reward is not None:
            instance("reward", self.reward, Transformer)
        choice("prompt", self.prompt, ("each", "once", "cached", "none"))

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "FLOPs"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return the FLOPs of each sample, float64 [N]."""
        return self._of(self.model, log)

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return the FLOPs of judging each sample, float64 [N]."""
        if self.reward is None or not judges(rule):
            return np.zeros(len(log.codes))
        return self._of(self.reward, log)

    def of_questions(self, log: AnswerLog | TalliedLog, rule: Rule) -> tuple[Floats, Floats] | None:
        """Return the FLOPs of reading the prompt where it is read once, of both models."""
        if self.prompt != "once":
            return None
        read = column(log, "tokens_in", "TransformerFlops")
        judging = self.reward is not None and judges(rule)
        reward = (
            self.reward.flops(read) if self.reward is not None and judging else np.zeros(len(read))
        )
        return self.model.flops(read), reward

    def _of(self, model: Transformer, log: AnswerLog | TalliedLog) -> Floats:
        written = column(log, "tokens_out", "TransformerFlops")
        if self.prompt == "none":
            return model.flops(written)
        read = column(log, "tokens_in", 'TransformerFlops (unless prompt="none")')
        flops = model.flops(written, after=read)
        return flops + model.flops(read) if self.prompt == "each" else flops
