"""`fit`: from data and a law to the fitted law."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, overload

from kcurve._validation import instance
from kcurve.laws.beta_binomial import BetaBinomialFit, BetaBinomialLaw
from kcurve.laws.bilevel import BilevelFit, BilevelLaw
from kcurve.laws.binary import BinaryFit, BinaryLaw
from kcurve.laws.exponential import ExponentialFit, ExponentialLaw
from kcurve.laws.power import PowerFit, PowerLaw
from kcurve.laws.size import SizeFit, SizeLaw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from kcurve.curve import Curve
    from kcurve.log import AnswerLog, TalliedLog

Law: TypeAlias = ExponentialLaw | BilevelLaw | BinaryLaw | BetaBinomialLaw | PowerLaw | SizeLaw
"""Any law."""


@overload
def fit(data: AnswerLog | TalliedLog | Curve, law: ExponentialLaw = ...) -> ExponentialFit: ...
@overload
def fit(data: AnswerLog | TalliedLog | Curve, law: BilevelLaw) -> BilevelFit: ...
@overload
def fit(data: AnswerLog | TalliedLog | Curve, law: BinaryLaw) -> BinaryFit: ...
@overload
def fit(data: AnswerLog | TalliedLog | Curve, law: BetaBinomialLaw) -> BetaBinomialFit: ...
@overload
def fit(data: AnswerLog | TalliedLog | Curve, law: PowerLaw) -> PowerFit: ...
@overload
def fit(data: Sequence[ArrayLike], law: SizeLaw) -> SizeFit: ...


def fit(
    data: AnswerLog | TalliedLog | Curve | Sequence[ArrayLike],
    law: Law = ExponentialLaw(),  # noqa: B008 - frozen
) -> ExponentialFit | BilevelFit | BinaryFit | BetaBinomialFit | PowerFit | SizeFit:
    """Fit a law to data: the same as ``law.fit(data)``.

    Parameters
    ----------
    data : AnswerLog, TalliedLog or Curve
        Sampled answers of one model, or a curve of them. For `SizeLaw` sizes and compute.
    law : ExponentialLaw, BilevelLaw, BinaryLaw, BetaBinomialLaw, PowerLaw or SizeLaw
        The law, with its settings.

    Returns
    -------
    ExponentialFit, BilevelFit, BinaryFit, BetaBinomialFit, PowerFit or SizeFit
        As the law.

    Raises
    ------
    TypeError
        If `law` is no law, or the data are not of a kind the law is fitted to.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import BetaBinomialLaw, fit
    >>> fit(kc.example_log(), BetaBinomialLaw()).predict([1, 100]).round(4)
    array([0.7812, 0.996 ])
    """
    kinds = (ExponentialLaw, BilevelLaw, BinaryLaw, BetaBinomialLaw, PowerLaw, SizeLaw)
    instance("law", law, *kinds)
    return law.fit(data)  # type: ignore[arg-type]
