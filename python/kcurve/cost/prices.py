"""Money: what a million tokens cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, nan
from typing import Protocol

from kcurve._validation import instance, number_between


class Used(Protocol):
    """The tokens of one response, as `kcurve.store.Usage` has them; None where the server did not count."""

    @property
    def prompt(self) -> int | None:
        """Tokens of the prompt, cached ones included."""

    @property
    def completion(self) -> int | None:
        """Tokens written, reasoning included."""

    @property
    def cached(self) -> int | None:
        """Tokens of the prompt that the server had cached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of a million tokens of a model, in any unit of money.

    Parameters
    ----------
    input : float
        Per million tokens of prompts.
    output : float
        Per million tokens written, reasoning included.
    cached_input : float, optional
        Per million tokens of prompts that the server had cached; `input` if None.

    Examples
    --------
    >>> from kcurve.store import Usage
    >>> Price(input=2.0, output=8.0).cost(Usage(prompt=500_000, completion=250_000))
    3.0
    """

    input: float
    output: float
    cached_input: float | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("input", "output", "cached_input"):
            if (value := getattr(self, name)) is not None:
                number_between(name, value, 0, inf)

    def cost(self, usage: Used) -> float:
        """Return the cost of these tokens; NaN where the server did not count them."""
        if usage.prompt is None or usage.completion is None:
            return nan
        cached = usage.cached or 0
        cached_price = self.input if self.cached_input is None else self.cached_input
        read = (usage.prompt - cached) * self.input + cached * cached_price
        return (read + usage.completion * self.output) / 1e6

    def discounted(self, share: float) -> Price:
        """Return the price less a share of it, as for batches that may take a day.

        Parameters
        ----------
        share : float
            The discount, in [0, 1].

        Examples
        --------
        >>> Price(input=2.0, output=8.0).discounted(0.5)
        Price(input=1.0, output=4.0, cached_input=None)
        """
        number_between("share", share, 0, 1)
        cached = self.cached_input
        return Price(
            input=self.input * (1 - share),
            output=self.output * (1 - share),
            cached_input=None if cached is None else cached * (1 - share),
        )

    def most(self, prompt: int, completion: int) -> float:
        """Return the most that so many tokens can cost, cached or not."""
        dearest = max(self.input, self.cached_input or 0.0)
        return (prompt * dearest + completion * self.output) / 1e6


class Prices(Mapping[str, Price]):
    """Prices by the name of the model.

    Parameters
    ----------
    prices : mapping of str to Price
        The prices.

    Raises
    ------
    TypeError
        If one of them is no `Price`.

    Examples
    --------
    >>> prices = Prices({"small": Price(input=0.1, output=0.4)})
    >>> prices["small"].output
    0.4
    """

    __slots__ = ("_prices",)

    def __init__(self, prices: Mapping[str, Price]) -> None:
        for model, price in prices.items():
            instance(f"the price of {model!r}", price, Price)
        self._prices = dict(prices)

    def __getitem__(self, model: str) -> Price:
        """Return the price of a model."""
        return self._prices[model]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._prices)

    def __len__(self) -> int:
        """Return the number of models."""
        return len(self._prices)

    def __repr__(self) -> str:
        """Show the models."""
        return f"Prices({', '.join(self._prices)})"
