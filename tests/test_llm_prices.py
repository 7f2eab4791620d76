"""Money: what tokens cost, and where prices come from."""

from math import isnan

import pytest

from kcurve.errors import ArgumentError
from kcurve.llm import LLM, Price, Prices, openai_prices
from kcurve.store import Usage


def test_cached_tokens_cost_what_cached_tokens_cost():
    price = Price(input=2.0, cached_input=0.5, output=8.0)
    assert price.cost(Usage(1000, 100, cached=600)) == pytest.approx(
        (400 * 2.0 + 600 * 0.5 + 100 * 8.0) / 1e6
    )


def test_without_a_price_for_cached_tokens_they_cost_as_much_as_others():
    assert Price(input=2.0, output=8.0).cost(Usage(1000, 0, cached=600)) == pytest.approx(0.002)


def test_reasoning_is_paid_once():
    assert Price(input=0, output=10.0).cost(Usage(0, 100, reasoning=80)) == pytest.approx(0.001)


def test_tokens_that_were_not_counted_cost_nobody_knows_what():
    assert isnan(Price(input=1, output=1).cost(Usage(None, 5)))


def test_no_usage_costs_more_than_the_most():
    price = Price(input=1.0, cached_input=1.25, output=3.0)
    assert price.most(100, 50) >= price.cost(Usage(100, 50, cached=100))


def test_a_negative_price_is_refused():
    with pytest.raises(ArgumentError, match="output"):
        Price(input=1, output=-1)


def test_the_table_holds_for_openai_and_for_no_other_server():
    assert LLM("gpt-4.1", api_key="k", base_url="https://api.openai.com/v1").price is not None
    assert LLM("gpt-4.1", api_key="k", base_url="http://localhost:1/v1").price is None


def test_every_price_of_the_table_is_dearer_for_output_than_for_cached_input():
    assert openai_prices()
    for price in openai_prices().values():
        assert 0 < price.cached_input < price.input < price.output


def test_prices_show_the_models_they_are_of():
    assert repr(Prices({"a": Price(input=1, output=2)})) == "Prices(a)"
    with pytest.raises(TypeError, match="the price of 'a' must be Price, got 3"):
        Prices({"a": 3})
