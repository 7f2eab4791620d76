"""Frozen settings as plain JSON."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def form(value: object, inner: Callable[[Any], object] | None = None) -> dict[str, Any]:
    """Return the kind of a dataclass and its settings; `inner` is applied to the callables among them."""
    inner = form if inner is None else inner
    plain: dict[str, Any] = {"kind": type(value).__name__}
    for field in fields(value):  # type: ignore[arg-type]
        setting = getattr(value, field.name)
        if isinstance(setting, tuple):
            setting = [inner(one) if callable(one) else one for one in setting]
        elif callable(setting):
            setting = inner(setting)
        plain[field.name] = setting
    return plain
