"""Published and derived numbers as data, one TOML file per claim, each with its provenance."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def golden(name: str) -> dict[str, Any]:
    """Return the contents of one golden file."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


def half_unit(decimals: int) -> float:
    """Return half a unit of the last decimal printed: what rounding may have moved a number by."""
    return 0.5 * 10.0**-decimals * (1 + 1e-6)
