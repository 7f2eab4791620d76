"""Every paid response, on disk before anything uses it."""

from kcurve.store.records import Endpoint, Message, Prompt, Purpose, Request, Sample, Status, Usage

__all__ = [
    "Endpoint",
    "Message",
    "Prompt",
    "Purpose",
    "Request",
    "Sample",
    "Status",
    "Usage",
]
