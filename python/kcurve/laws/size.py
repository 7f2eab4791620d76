"""The law of compute-optimal size: which model size spends a budget best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import number_between
from kcurve.curve.bands import critical_value
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SizeLaw:
    """Compute against the size that is optimal for it: ``log10 C = a log10 N + b``.

    Notes
    -----
    Least squares in logarithms. Intervals are Student's t with the residual variance on n - 2
    degrees of freedom; those of the optimal size use the delta method.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 4 (compute-optimal inference).

    Examples
    --------
    >>> from kcurve.laws import SizeLaw
    >>> fit = SizeLaw().fit(([4.1e8, 1.4e9, 2.8e9, 6.9e9], [2e12, 8e12, 2e13, 6e13]))
    >>> fit.optimal_size([1e13, 1e14])
    array([1.6e+09, 1.0e+10])
    """

    def fit(self, data: Sequence[ArrayLike]) -> SizeFit:
        """Fit the law to sizes N and compute C.

        Parameters
        ----------
        data : pair of float [n]
            Sizes, in parameters, and for each the compute, in FLOPs, that it is optimal for.

        Raises
        ------
        ArgumentError
            Unless both are positive and of one length, with two different sizes.
        """
        if isinstance(data, str) or not hasattr(data, "__len__") or len(data) != 2:
            msg = f"data must be a pair: sizes and compute; got {data!r:.80}"
            raise ArgumentError(msg)
        sizes, compute = (np.atleast_1d(np.asarray(each, np.float64)) for each in data)
        if sizes.shape != compute.shape or sizes.ndim != 1:
            msg = f"sizes and compute must be of one length, got {sizes.shape} and {compute.shape}"
            raise ArgumentError(msg)
        if not (np.isfinite([sizes, compute]).all() and (sizes > 0).all() and (compute > 0).all()):
            msg = "sizes and compute must be positive numbers"
            raise ArgumentError(msg)
        if len(np.unique(sizes)) < 2:
            msg = f"a line needs at least 2 different sizes, got {len(np.unique(sizes))}"
            raise ArgumentError(msg)
        x, y = np.log10(sizes), np.log10(compute)
        centre = x.mean()
        a = float(((x - centre) * (y - y.mean())).sum() / ((x - centre) ** 2).sum())
        b = float(y.mean() - a * centre)
        return SizeFit(law=self, a=a, b=b, sizes=sizes, compute=compute, verdict=_verdict(x, a))


def _verdict(x: Floats, a: float) -> str | None:
    if len(x) < 3:
        return "two points fix the line but leave nothing to judge it by; there are no intervals"
    if a <= 0:
        return "compute does not grow with the size: there is no optimal size to speak of"
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SizeFit:
    """The law of compute-optimal size.

    Attributes
    ----------
    law : SizeLaw
        What was fitted.
    a, b : float
        Slope and intercept of the line in decimal logarithms.
    sizes, compute : float64 [n]
        The data.
    verdict : str or None
        Why the data do not identify the law; None if they do.
    """

    law: SizeLaw
    a: float
    b: float
    sizes: Floats
    compute: Floats
    verdict: str | None

    @property
    def parameters(self) -> dict[str, float]:
        """The values of a and b."""
        return {"a": self.a, "b": self.b}

    @property
    def residuals(self) -> Floats:
        """Observed less fitted log10 of the compute, float64 [n]."""
        return np.asarray(np.log10(self.compute) - self.a * np.log10(self.sizes) - self.b)

    def predict(self, sizes: ArrayLike) -> Floats:
        """Return the compute for which each size is optimal, float64."""
        return np.asarray(10 ** (self.a * _logarithms("sizes", sizes) + self.b))

    def interval(self, sizes: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the limits of the line, as compute, at each size; NaN for two points."""
        x = _logarithms("sizes", sizes)
        half = self._critical(level) * np.sqrt(self._variance(x))
        line = self.a * x + self.b
        return np.asarray(10 ** (line - half)), np.asarray(10 ** (line + half))

    def optimal_size(self, compute: ArrayLike) -> Floats:
        """Return the size that is optimal for each budget of compute, float64.

        ``N = 10^((log10 C - b) / a)``; NaN unless compute grows with the size.
        """
        y = _logarithms("compute", compute)
        slope = self.a if self.a > 0 else np.nan
        return np.asarray(10 ** ((y - self.b) / slope))

    def optimal_size_interval(
        self, compute: ArrayLike, *, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return the limits of the optimal size for each budget."""
        x = np.log10(self.optimal_size(compute))
        half = self._critical(level) * np.sqrt(self._variance(x)) / self.a
        return np.asarray(10 ** (x - half)), np.asarray(10 ** (x + half))

    def parameter_intervals(self, *, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Return the limits of a and b."""
        critical = self._critical(level)
        x = np.log10(self.sizes)
        spread = ((x - x.mean()) ** 2).sum()
        errors = {
            "a": np.sqrt(self._noise() / spread),
            "b": np.sqrt(float(self._variance(np.zeros(1))[0])),
        }
        return {
            name: (value - critical * float(errors[name]), value + critical * float(errors[name]))
            for name, value in self.parameters.items()
        }

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the data, the line and its interval on logarithmic axes (needs matplotlib)."""
        from kcurve.laws.plot import new_axes  # noqa: PLC0415 - matplotlib is optional

        ax = new_axes(ax)
        sizes = np.geomspace(self.sizes.min(), self.sizes.max(), 50)
        low, high = self.interval(sizes)
        (line,) = ax.plot(sizes, self.predict(sizes), label=label or "SizeLaw")
        ax.fill_between(sizes, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
        ax.plot(self.sizes, self.compute, "o", color=line.get_color(), markersize=3)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("parameters, N")
        ax.set_ylabel("compute, C (FLOPs)")
        return ax

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain Python values, ready for JSON."""
        return {
            "law": repr(self.law),
            "parameters": self.parameters,
            "sizes": self.sizes.tolist(),
            "compute": self.compute.tolist(),
            "verdict": self.verdict,
        }

    def __repr__(self) -> str:
        """Show the line."""
        verdict = "" if self.verdict is None else f"; {self.verdict}"
        return (
            f"SizeFit(log10 C = {self.a:.4g} log10 N + {self.b:.4g}, "
            f"{len(self.sizes)} points{verdict})"
        )

    def _critical(self, level: float) -> float:
        number_between("level", level, 0.5, 1 - 1e-12)
        degrees = len(self.sizes) - 2
        return critical_value(level, degrees) if degrees > 0 else np.nan

    def _noise(self) -> float:
        degrees = len(self.sizes) - 2
        return float((self.residuals**2).sum()) / degrees if degrees > 0 else np.nan

    def _variance(self, x: Floats) -> Floats:
        """Return the variance of the line at logarithms x."""
        known = np.log10(self.sizes)
        spread = ((known - known.mean()) ** 2).sum()
        return np.asarray(self._noise() * (1 / len(known) + (x - known.mean()) ** 2 / spread))


def _logarithms(name: str, values: ArrayLike) -> Floats:
    numbers = np.atleast_1d(np.asarray(values, np.float64))
    if not ((numbers > 0) & np.isfinite(numbers)).all():
        msg = f"{name} must be positive numbers, got {values!r}"
        raise ArgumentError(msg)
    return np.log10(numbers)
