"""The list prices of a date."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from kcurve.cost.prices import Price, Prices


@cache
def openai_prices() -> Prices:
    """Return the list prices of some models of OpenAI, in dollars, as of the date in ``prices.json``.

    They hold for OpenAI's own server, its standard tier, and prompts below any surcharge for length; the file
    names the sources. Pass your own `Prices` where money matters: prices change.

    Examples
    --------
    >>> openai_prices()["gpt-4.1"]
    Price(input=2.0, output=8.0, cached_input=0.5)
    """
    table = msgspec.json.decode(Path(__file__).with_name("prices.json").read_bytes())
    return Prices({model: Price(**price) for model, price in table["models"].items()})
