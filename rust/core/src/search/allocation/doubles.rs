//! Decisions in doubles that are known to a bound of their errors.

use pulp::{Simd, WithSimd};

/// Half the distance between 1 and the next double.
pub(super) const UNIT: f64 = f64::EPSILON / 2.0;

/// From here on doubles have no halves.
const EXACT: f64 = (1_u64 << 52) as f64;

/// A bound of the relative error of the shares, from that of the weights: sums are compensated.
pub(super) fn error_of_shares(error: f64) -> f64 {
    2.0 * error + 16.0 * UNIT
}

/// The least `n` with `n (equal + rest) >= left`, if a relative error in `rest` leaves no doubt about it.
///
/// `rest` is 0 only if nothing else is left, else positive.
pub(super) fn decided(left: u128, equal: u32, rest: f64, error: f64) -> Option<u128> {
    if rest == 0.0 {
        return Some(left.div_ceil(u128::from(equal)));
    }
    let quotient = left as f64 / (f64::from(equal) + rest);
    let (low, high) = (
        (quotient * (1.0 - error)).ceil(),
        (quotient * (1.0 + error)).ceil(),
    );
    if low == high {
        return Some(low as u128);
    }
    if high - low > 1.0 || low >= EXACT {
        return None;
    }
    let width = low as u128;
    // Both are integers below 2^118.
    let missing = left as i128 - (width * u128::from(equal)) as i128;
    if missing <= 0 {
        return Some(width);
    }
    let (missing, covered) = (missing as f64, low * rest);
    if missing < covered * (1.0 - error) {
        Some(width)
    } else if missing > covered * (1.0 + error) {
        Some(width + 1)
    } else {
        None
    }
}

/// Fills `widths` with `weight * factor`, rounded, unless the relative error leaves some in doubt; whether it did not.
pub(super) fn rounded_shares(weights: &[f64], factor: f64, error: f64, widths: &mut [u64]) -> bool {
    pulp::Arch::new().dispatch(RoundedShares {
        weights,
        factor,
        error,
        widths,
    })
}

struct RoundedShares<'a> {
    weights: &'a [f64],
    factor: f64,
    error: f64,
    widths: &'a mut [u64],
}

impl WithSimd for RoundedShares<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> bool {
        let (less, more) = (1.0 - self.error, 1.0 + self.error);
        let mut certain = true;
        for (width, weight) in self.widths.iter_mut().zip(self.weights) {
            let share = weight * self.factor;
            let (low, high) = (share * less, share * more);
            let (low, high) = (low.round_ties_even(), high.round_ties_even());
            certain &= low == high && high < EXACT;
            // The sum has the integer in its low bits.
            *width = (low + EXACT).to_bits() ^ EXACT.to_bits();
        }
        certain
    }
}

/// A sum with the rounding errors of its additions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    #[inline(always)]
    pub(super) fn add(&mut self, value: f64) {
        let high = self.high + value;
        let added = high - self.high;
        self.low += (self.high - (high - added)) + (value - added);
        self.high = high;
    }

    #[inline(always)]
    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }
}
