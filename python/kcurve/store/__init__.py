"""Every paid response, on disk before anything uses it."""

from kcurve.store.describe import Information, ModelTotal, Verification
from kcurve.store.duplicates import Duplicates, Repeated
from kcurve.store.found import Claim, Found
from kcurve.store.records import (
    Asked,
    Endpoint,
    Message,
    Prompt,
    Purpose,
    Request,
    Sample,
    ScoringEndpoint,
    Status,
    Usage,
)
from kcurve.store.store import Store

__all__ = [
    "Asked",
    "Claim",
    "Duplicates",
    "Endpoint",
    "Found",
    "Information",
    "Message",
    "ModelTotal",
    "Prompt",
    "Purpose",
    "Repeated",
    "Request",
    "Sample",
    "ScoringEndpoint",
    "Status",
    "Store",
    "Usage",
    "Verification",
]
