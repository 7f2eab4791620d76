"""Every paid response, on disk before anything uses it."""

from kcurve.store.found import Claim, Found
from kcurve.store.records import Endpoint, Message, Prompt, Purpose, Request, Sample, Status, Usage
from kcurve.store.store import Store

__all__ = [
    "Claim",
    "Endpoint",
    "Found",
    "Message",
    "Prompt",
    "Purpose",
    "Request",
    "Sample",
    "Status",
    "Store",
    "Usage",
]
