//! The logarithm of the beta function.

use super::exponent::Pairs;
use super::near_zero::log_scaled_beta;

/// `ln B(a, b)`, `out` and arguments as in [`super::incomplete`]; infinite at 0 and at infinity, NaN below 0.
pub fn log_beta(a: &[f64], b: &[f64], out: &mut [f64]) {
    let at = |values: &[f64], index: usize| values[if values.len() == 1 { 0 } else { index }];
    for (index, out) in out.iter_mut().enumerate() {
        *out = log_beta_of(at(a, index), at(b, index));
    }
}

pub(super) fn log_beta_of(a: f64, b: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0) {
        return f64::NAN;
    }
    let (least, most) = (a.min(b), a.max(b));
    if least == 0.0 {
        return f64::INFINITY;
    }
    if most == f64::INFINITY {
        return if least == most {
            f64::NAN
        } else {
            f64::NEG_INFINITY
        };
    }
    if least < 1.0 {
        return log_scaled_beta(least, most) - least.ln();
    }
    // Its value at the mean from x^a y^b / B(a, b).
    let mut pair = Pairs::new(&[least], &[most]);
    pair.find_peaks();
    -(least * (most / least).ln_1p() + most * (least / most).ln_1p() + pair.peak[0].ln())
}
