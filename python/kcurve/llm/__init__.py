"""Sampling from any OpenAI-compatible server."""

from kcurve.cost import Price, Prices
from kcurve.llm.account import Account
from kcurve.llm.budget import Budget
from kcurve.llm.capabilities import Capabilities
from kcurve.llm.llm import LLM
from kcurve.llm.parameters import Parameters
from kcurve.llm.prefill import Prefill
from kcurve.llm.price_list import openai_prices
from kcurve.llm.retry import RetryPolicy

__all__ = [
    "LLM",
    "Account",
    "Budget",
    "Capabilities",
    "Parameters",
    "Prefill",
    "Price",
    "Prices",
    "RetryPolicy",
    "openai_prices",
]
