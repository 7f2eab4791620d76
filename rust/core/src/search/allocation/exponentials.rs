//! Weights of sorted rewards in doubles, with a bound of their errors.

use super::doubles::UNIT;
use crate::special::double_double::{Double, exponential, power_of_two};
use pulp::{Simd, WithSimd};

/// Exponents below are taken for this one. Weights this small are beside the point, see the module.
pub(super) const LEAST_EXPONENT: f64 = -700.0;

/// Fills `weights` with `exp((reward - largest) / temperature)`, and returns a bound of their relative errors.
///
/// The bound does not hold for exponents below [`LEAST_EXPONENT`], where the weight is positive and at most
/// `exp(-700)`, too much as it is.
pub(super) fn exponentials(
    rewards: &[f64],
    (largest, least): (f64, f64),
    temperature: f64,
    weights: &mut Vec<f64>,
) -> f64 {
    weights.clear();
    weights.resize(rewards.len(), 0.0);
    // Where a difference overflows, all that matters is that far from the small numbers that this makes smaller.
    let scale = if (largest - least).is_finite() {
        1.0
    } else {
        0.25
    };
    let temperature = if scale < 1.0 {
        (temperature * scale).max(f64::MIN_POSITIVE)
    } else {
        temperature
    };
    pulp::Arch::new().dispatch(Exponentials {
        rewards,
        scale,
        largest: largest * scale,
        temperature,
        weights,
    });
    let farthest = ((least * scale - largest * scale) / temperature).max(LEAST_EXPONENT);
    // The difference and the quotient are each off by one unit at most, the exponential by less than four.
    (2.0 * farthest.abs() + 4.0) * UNIT
}

struct Exponentials<'a> {
    rewards: &'a [f64],
    scale: f64,
    largest: f64,
    temperature: f64,
    weights: &'a mut [f64],
}

impl WithSimd for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for (weight, &reward) in self.weights.iter_mut().zip(self.rewards) {
            let exponent = (reward * self.scale - self.largest) / self.temperature;
            let exponent = exponent.max(LEAST_EXPONENT);
            let (fraction, power) = exponential(Double::from(exponent));
            *weight = fraction * power_of_two(power);
        }
    }
}
