"""Money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice, instance
from kcurve.cost.additive import Additive, column, judges
from kcurve.cost.prices import Price
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dollars(Additive):
    """Money: tokens at a price, or what the log says each sample cost.

    Parameters
    ----------
    price : Price, optional
        The price of tokens; needs the log's ``tokens_out`` column, and ``tokens_in`` unless prompts
        are free. The default is the log's ``cost`` column.
    reward_price : Price, optional
        The price of the model that judges or scores: it reads every generated token once. None
        leaves it out.
    unit : str
        The unit of money.
    prompt : {"each", "once"}
        Whether every sample pays `input` for its prompt, or only the first of a question, and the others
        `cached_input`. The default knows of no cache.

    Notes
    -----
    For batches take ``price.discounted(0.5)``, or whatever the discount is. The reward model's own
    prompts are left out.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import Price, calls_cost
    >>> table = {"question_id": [1], "answer": [2], "reference": [2], "tokens_out": [500_000]}
    >>> price = Price(input=0, output=8.0)
    >>> calls_cost(kc.AnswerLog.from_table(table), kc.Vote(), 1, Dollars(price)).mean
    array([4.])
    """

    price: Price | None = None
    reward_price: Price | None = None
    unit: str = "dollars"
    prompt: Literal["each", "once"] = "each"

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("price", "reward_price"):
            if (price := getattr(self, name)) is not None:
                instance(name, price, Price)
        choice("prompt", self.prompt, ("each", "once"))
        if self.price is None and self.prompt == "once":
            raise ArgumentError(
                'prompt="once" needs a price: the log\'s cost column says what each sample cost'
            )

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return what each sample cost, float64 [N]."""
        if self.price is None:
            return column(log, "cost", "Dollars()")
        bill = column(log, "tokens_out", "Dollars") * self.price.output
        read = self.price.input if self.prompt == "each" else self._cached_input
        if read:
            bill = bill + column(log, "tokens_in", "Dollars") * read
        return np.asarray(bill / 1e6)

    def of_questions(
        self,
        log: AnswerLog | TalliedLog,
        rule: Rule,  # noqa: ARG002 - the same under every rule
    ) -> tuple[Floats, Floats] | None:
        """Return what the first sample pays more for the prompt than the others."""
        if self.price is None or self.prompt == "each" or self.price.input == self._cached_input:
            return None
        more = (self.price.input - self._cached_input) / 1e6
        extra = column(log, "tokens_in", "Dollars") * more
        return extra, np.zeros(len(extra))

    @property
    def _cached_input(self) -> float:
        price = self.price
        if price is None:
            return 0.0
        return price.input if price.cached_input is None else price.cached_input

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return what judging each sample costs, float64 [N]."""
        if self.reward_price is None or not judges(rule):
            return np.zeros(len(log.codes))
        return column(log, "tokens_out", "Dollars") * (self.reward_price.input / 1e6)
