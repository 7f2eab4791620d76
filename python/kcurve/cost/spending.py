"""What calls that were made cost, from their numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from kcurve.cost.counts import Calls, Tokens
from kcurve.cost.flops import Flops
from kcurve.cost.money import Dollars
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from kcurve.cost.model import CostModel


class Spending(Protocol):
    """Numbers of calls and tokens, and money, as live runs count them."""

    @property
    def calls(self) -> int:
        """Calls."""

    @property
    def tokens_in(self) -> int:
        """Tokens of prompts."""

    @property
    def tokens_out(self) -> int:
        """Tokens written."""

    @property
    def cost(self) -> float:
        """Money by the price table; NaN if unknown."""


class SpendingCost(NamedTuple):
    """What calls cost in the unit of a model.

    Attributes
    ----------
    policy : float
        Generating, with the verdicts of verifiers.
    reward : float
        Scoring.
    unit : str
        What costs are counted in.
    """

    policy: float
    reward: float
    unit: str

    @property
    def total(self) -> float:
        """Both together."""
        return self.policy + self.reward


class _Sums(NamedTuple):
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


_NOTHING = _Sums()


def spending_cost(
    spent: Spending, model: CostModel, *, reward: Spending | None = None
) -> SpendingCost:
    """Return what calls cost that are known by their sums.

    Parameters
    ----------
    spent : Spending
        All calls, those of the reward model included.
    model : Calls, Tokens, Flops or Dollars
        What calls cost.
    reward : Spending, optional
        Those of the reward model among them; none by default.

    Raises
    ------
    ArgumentError
        If the model needs each call by itself, as attention and time do.

    Notes
    -----
    Tokens of the reward model are counted as its server counted them: all that it read and wrote, so that `Tokens` has
    them in `reward`, and `Flops` takes both kinds at ``2 reward_parameters``, `Dollars` at `reward_price`. Without these
    settings the reward model is left out, but for `Dollars()`, which takes the money that was counted. `Calls` are
    requests here, those of the reward model too; in a log they are what the rule counts, and scores are none.

    Examples
    --------
    >>> from kcurve.cost import Flops
    >>> from kcurve.strategies import Spent
    >>> spent, reward = Spent(calls=9, tokens_in=500, tokens_out=280), Spent(calls=1, tokens_in=400)
    >>> spending_cost(spent, Flops(7e9, reward_parameters=34e9), reward=reward)
    SpendingCost(policy=3920000000000.0, reward=27200000000000.0, unit='FLOPs')
    """
    if reward is None:
        reward = _NOTHING
    read = spent.tokens_in - reward.tokens_in
    written = spent.tokens_out - reward.tokens_out
    judged = reward.tokens_in + reward.tokens_out
    match model:
        case Calls():
            policy, scoring = float(spent.calls - reward.calls), float(reward.calls)
        case Tokens(count=count):
            chosen = {"in": (1, 0), "out": (0, 1), "both": (1, 1)}[count]
            policy = float(chosen[0] * read + chosen[1] * written)
            scoring = float(chosen[0] * reward.tokens_in + chosen[1] * reward.tokens_out)
        case Flops():
            tokens = written + read if model.prompt else written
            policy = 2.0 * model.parameters * tokens
            scoring = 2.0 * model.reward_parameters * judged
        case Dollars(price=None):
            policy, scoring = spent.cost - reward.cost, reward.cost
        case Dollars(price=price, prompt="each") if price is not None:
            policy = (read * price.input + written * price.output) / 1e6
            judge = model.reward_price
            scoring = 0.0
            if judge is not None:
                scoring = (reward.tokens_in * judge.input + reward.tokens_out * judge.output) / 1e6
        case _:
            raise ArgumentError(
                f"{model!r:.60} needs each call by itself, and only their sums are known here; "
                "take log_cost(result.log(), model), or Calls, Tokens, Flops, or Dollars with "
                'prompt="each"'
            )
    return SpendingCost(policy, scoring, model.unit)
