"""How numbers are shown in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spread(values: NDArray[np.float64]) -> str:
    """Median, least and greatest."""
    return f"{short(np.median(values))} ({short(values.min())} to {short(values.max())})"


def short(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
