"""Laws: formulas with a few parameters for how scores change with the number of calls, and their fits."""

from kcurve.laws.beta_binomial import BetaBinomialFit, BetaBinomialLaw
from kcurve.laws.bilevel import BilevelFit, BilevelLaw
from kcurve.laws.binary import BinaryFit, BinaryLaw
from kcurve.laws.exponential import ExponentialFit, ExponentialLaw
from kcurve.laws.fit import Law, fit
from kcurve.laws.fitted import FittedLaw, Residuals
from kcurve.laws.power import PowerFit, PowerLaw
from kcurve.laws.size import SizeFit, SizeLaw

__all__ = [
    "BetaBinomialFit",
    "BetaBinomialLaw",
    "BilevelFit",
    "BilevelLaw",
    "BinaryFit",
    "BinaryLaw",
    "ExponentialFit",
    "ExponentialLaw",
    "FittedLaw",
    "Law",
    "PowerFit",
    "PowerLaw",
    "Residuals",
    "SizeFit",
    "SizeLaw",
    "fit",
]
