//! Numbers of twice the precision of a double, for the few places where doubles are not enough.
//!
//! Products are fused multiply-adds on every machine alike, so the bits do not depend on it. All functions are
//! free of branches: loops over them become vector code.
//!
//! T. J. Dekker, "A floating-point technique for extending the available precision", 1971.

use std::f64::consts::SQRT_2;

/// The unevaluated sum `hi + lo`, `|lo|` at most half a unit in the last place of `hi`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Double {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

impl Double {
    pub(crate) const LN_2: Self = Self {
        hi: std::f64::consts::LN_2,
        lo: 2.319_046_813_846_299_6e-17,
    };

    /// `hi + lo` of any two numbers, exactly.
    #[inline(always)]
    pub(crate) fn sum(a: f64, b: f64) -> Self {
        let hi = a + b;
        let from_b = hi - a;
        let lo = (a - (hi - from_b)) + (b - from_b);
        Self { hi, lo }
    }

    /// `hi + lo` where `|hi|` is the larger.
    #[inline(always)]
    pub(crate) fn ordered(hi: f64, lo: f64) -> Self {
        let sum = hi + lo;
        Self {
            hi: sum,
            lo: lo - (sum - hi),
        }
    }

    #[inline(always)]
    pub(crate) fn product(a: f64, b: f64) -> Self {
        let hi = a * b;
        Self {
            hi,
            lo: a.mul_add(b, -hi),
        }
    }

    /// To twice the precision of a double relative to the larger of the two.
    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        let high = Self::sum(self.hi, other.hi);
        Self::ordered(high.hi, high.lo + (self.lo + other.lo))
    }

    #[inline(always)]
    pub(crate) fn plus_single(self, other: f64) -> Self {
        let high = Self::sum(self.hi, other);
        Self::ordered(high.hi, high.lo + self.lo)
    }

    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        let high = Self::product(self.hi, other.hi);
        let cross = self.hi.mul_add(other.lo, self.lo * other.hi);
        Self::ordered(high.hi, high.lo + cross)
    }

    #[inline(always)]
    pub(crate) fn times_single(self, other: f64) -> Self {
        let high = Self::product(self.hi, other);
        Self::ordered(high.hi, self.lo.mul_add(other, high.lo))
    }

    #[inline(always)]
    pub(crate) fn over(self, other: Self) -> Self {
        let inverse = 1.0 / other.hi;
        let quotient = self.hi * inverse;
        let exact = Self::product(quotient, other.hi);
        let rest = (self.hi - exact.hi) - exact.lo + quotient.mul_add(-other.lo, self.lo);
        let correction = rest * inverse;
        Self::ordered(quotient, correction)
    }

    #[inline(always)]
    pub(crate) fn negative(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl From<f64> for Double {
    #[inline(always)]
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

/// 2 to the power of a whole number from -1022 to 1023.
#[inline(always)]
pub(crate) fn power_of_two(exponent: f64) -> f64 {
    // The sum leaves the whole number in the low bits.
    let bits = (exponent + (MAGIC + 1023.0)).to_bits();
    f64::from_bits(bits << 52)
}

/// 1.5 * 2^52: adding it rounds to whole numbers.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// `exp(x)` as a fraction near 1 and a whole exponent of 2.
#[inline(always)]
#[expect(
    clippy::excessive_precision,
    reason = "ln 2 in two parts, the first with room for an exact product"
)]
pub(crate) fn exponential(x: Double) -> (f64, f64) {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    let exponent = x.hi.mul_add(std::f64::consts::LOG2_E, MAGIC) - MAGIC;
    let high = exponent.mul_add(-LN_2_HIGH, x.hi);
    let low = exponent.mul_add(-LN_2_LOW, x.lo);
    let r = high + low;
    let lost = (high - r) + low;
    (
        1.0 + (r + (r * r).mul_add(exponential_series(r), lost)),
        exponent,
    )
}

/// `(exp(r) - 1 - r) / r^2` for `|r| <= ln(2) / 2`.
#[inline(always)]
fn exponential_series(r: f64) -> f64 {
    let mut series = 1.0 / 6_227_020_800.0;
    for inverse in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ] {
        series = r.mul_add(series, inverse);
    }
    series
}

/// `exp(r) - 1` for `|r| <= ln(2) / 2`.
#[inline(always)]
pub(crate) fn exponential_less_one(r: f64) -> f64 {
    (r * r).mul_add(exponential_series(r), r)
}

/// `fraction * 2^exponent`, rounded once, down to the smallest doubles.
#[inline(always)]
pub(crate) fn scaled(fraction: f64, exponent: f64) -> f64 {
    let exponent = exponent.max(-2100.0);
    let half = if exponent < -1000.0 { -600.0 } else { 0.0 };
    let rest = exponent - half;
    let quarter = if rest < -1000.0 { -700.0 } else { 0.0 };
    fraction
        * power_of_two(half)
        * power_of_two(quarter)
        * power_of_two((rest - quarter).max(-1022.0))
}

/// A positive number as `2^exponent` times a number from the square root of 1/2 to that of 2.
#[inline(always)]
pub(crate) fn normalised(x: Double) -> (Double, f64) {
    let tiny = x.hi < 1e-290;
    let lift = if tiny { power_of_two(200.0) } else { 1.0 };
    let (hi, lo) = (x.hi * lift, x.lo * lift);
    let biased = f64::from_bits((hi.to_bits() >> 52) | MAGIC.to_bits()) - MAGIC;
    let low = biased - 1023.0;
    let fraction = hi * power_of_two(-low);
    let up = if fraction > SQRT_2 { 1.0 } else { 0.0 };
    let exponent = low + up;
    let scale = power_of_two(-exponent);
    (
        Double {
            hi: hi * scale,
            lo: lo * scale,
        },
        exponent - if tiny { 200.0 } else { 0.0 },
    )
}

/// `s = (m - 1) / (m + 1)` for `m - 1 = excess`, and `ln(m) - 2 s`.
#[inline(always)]
pub(crate) fn artanh_rest(excess: Double) -> (Double, Double) {
    let s = excess.over(excess.plus_single(2.0));
    let square = s.times(s);
    let t = square.hi;
    let mut series = 2.0 / 29.0;
    for odd in [
        27.0, 25.0, 23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0,
    ] {
        series = t.mul_add(series, 2.0 / odd);
    }
    let two_thirds = Double {
        hi: 2.0 / 3.0,
        lo: 3.700_743_415_417_188e-17,
    };
    // The cube in extended precision, the fifth power and beyond need no more than a double.
    let coefficient = two_thirds.plus_single(t * series);
    (s, square.times(s).times(coefficient))
}

/// `ln x` for `x > 0`, from `x - 1`, too.
#[inline(always)]
fn logarithm_near_one(x: Double, less_one: Double) -> Double {
    let (fraction, exponent) = normalised(x);
    let near = exponent == 0.0;
    let shifted = fraction.plus_single(-1.0);
    let (s, rest) = artanh_rest(Double {
        hi: if near { less_one.hi } else { shifted.hi },
        lo: if near { less_one.lo } else { shifted.lo },
    });
    Double::LN_2
        .times_single(exponent)
        .plus(s.times_single(2.0))
        .plus(rest)
}

/// `ln x` for `x > 0`.
#[inline(always)]
pub(crate) fn logarithm(x: Double) -> Double {
    logarithm_near_one(x, x.plus_single(-1.0))
}

/// `ln(1 + u)` for `u > -1`, to full relative precision.
#[inline(always)]
pub(crate) fn log_one_plus(u: f64) -> f64 {
    logarithm_near_one(Double::sum(1.0, u), u.into()).hi
}

/// Between these `u` is its own distance from 1 in [`normalised`]`(1 + u)`.
const NEAREST: (f64, f64) = (-0.29, 0.41);

/// Whether [`excess_near_zero`] serves `u`.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "vector code has no branches")]
pub(crate) fn is_near_zero(u: f64) -> bool {
    (u > NEAREST.0) & (u < NEAREST.1)
}

/// [`excess_over_logarithm`] for `u` near 0, the same to the last bit.
#[inline(always)]
pub(crate) fn excess_near_zero(u: Double) -> Double {
    let (s, rest) = artanh_rest(u);
    u.times(s).plus(rest.negative())
}

/// `u - ln(1 + u)` without cancellation, from `u` and `1 + u > 0`.
#[inline(always)]
pub(crate) fn excess_over_logarithm(u: Double, one_plus_u: Double) -> Double {
    let (fraction, exponent) = normalised(one_plus_u);
    let near = exponent == 0.0;
    let shifted = fraction.plus_single(-1.0);
    let excess = Double {
        hi: if near { u.hi } else { shifted.hi },
        lo: if near { u.lo } else { shifted.lo },
    };
    let (s, rest) = artanh_rest(excess);
    // u - 2 s = u s if s = u / (2 + u).
    let close = u.times(s);
    let far = u
        .plus(Double::LN_2.times_single(-exponent))
        .plus(s.times_single(-2.0));
    Double {
        hi: if near { close.hi } else { far.hi },
        lo: if near { close.lo } else { far.lo },
    }
    .plus(rest.negative())
}
