"""How good a verifier is within questions, and how much that differs between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kcurve.verifiers.areas import within_areas

if TYPE_CHECKING:
    from kcurve.verifiers.scored import ScoredSamples

_WIDEST = 1 - 1e-6


class Quality(NamedTuple):
    """The binormal verifier whose areas within questions have the mean and the variance found."""

    auc: float
    """Mean area within mixed questions; NaN if there are none."""
    spread: float
    """Standard deviation over questions of the shift of right samples' scores."""


def binormal_quality(samples: ScoredSamples) -> Quality:
    """Return the mean area and the spread of the shift, by moments.

    The variance of the areas less their mean sampling variance (DeLong's) is what questions differ by.
    For a shift ``d ~ N(m, s^2)`` the area ``Phi(d / sqrt 2)`` has mean ``Phi(z)`` and second moment
    ``Phi_2(z, z; r)`` with ``r = s^2 / (2 + s^2)``, by Owen's T function.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - scipy is slow to import
    from scipy.special import ndtri, owens_t  # noqa: PLC0415 - scipy is slow to import

    found = within_areas(samples)
    mixed = ~np.isnan(found.area)
    if not mixed.any():
        return Quality(np.nan, 0.0)
    auc = float(found.area[mixed].mean())
    known = ~np.isnan(found.noise)
    if known.sum() < 2 or not 0 < auc < 1:
        return Quality(auc, 0.0)
    variance = float(found.area[known].var(ddof=1) - found.noise[known].mean())
    z = float(ndtri(auc))

    def excess(r: float) -> float:
        return auc - 2 * float(owens_t(z, np.sqrt((1 - r) / (1 + r)))) - auc * auc - variance

    if variance <= 0 or excess(0.0) >= 0:
        return Quality(auc, 0.0)
    r = _WIDEST if excess(_WIDEST) <= 0 else float(brentq(excess, 0.0, _WIDEST))
    return Quality(auc, float(np.sqrt(2 * r / (1 - r))))
