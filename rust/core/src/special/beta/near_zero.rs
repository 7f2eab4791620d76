//! Both tails where `a < 1` and `x` is so near 0 that `b x <= 1`.
//!
//! There `I_x(a, b) = exp(G) (1 + a T)` with `G = a ln x - ln(a B(a, b))` and
//! `T = sum_{i >= 1} (1-b)(2-b)...(i-b) x^i / (i! (a + i))`. Both `G` and `a T` are of the order of `a` and known to
//! full relative precision, so that `1 - I` is so too, however small `a`.

use crate::special::double_double::{Double, exponential, logarithm};

/// `I_x(a, b)` and `1 - I_x(a, b)`.
pub(super) fn tails(a: f64, b: f64, x: Double) -> (f64, f64) {
    let exponent = logarithm(x)
        .times_single(a)
        .plus_single(-log_scaled_beta(a, b));
    let rest = a * series(a, b, x.hi);
    let (fraction, power) = exponential(exponent);
    let lower = fraction * (1.0 + rest) * power.exp2();
    if lower < 0.75 {
        return (lower, 1.0 - lower);
    }
    (lower, -(exponent.hi + rest.ln_1p()).exp_m1())
}

/// `ln(a B(a, b))`, to full relative precision as `a` tends to 0.
pub(super) fn log_scaled_beta(a: f64, b: f64) -> f64 {
    log_rise(1.0, a) - log_rise(b, a)
}

fn series(a: f64, b: f64, x: f64) -> f64 {
    let (mut sum, mut term) = (0.0, 1.0);
    for i in 1..1000 {
        let i = f64::from(i);
        term *= (i - b) * x / i;
        let next = sum + term / (a + i);
        if (next - sum).abs() <= 1e-17 * next.abs() {
            return next;
        }
        sum = next;
    }
    sum
}

/// `ln(Gamma(c + a) / Gamma(c))` for `0 < a < 1`, to full relative precision as `a` tends to 0.
fn log_rise(c: f64, a: f64) -> f64 {
    let mut rise = 0.0;
    let mut c = c;
    while c < 10.0 {
        rise -= (a / c).ln_1p();
        c += 1.0;
    }
    let t = a / c;
    let log = t.ln_1p();
    // Stirling's formula, differences of equal powers taken apart.
    let (r, s) = (1.0 / (c + a), 1.0 / c);
    let (mut powers, mut power) = (1.0, 1.0);
    let mut correction = 0.0;
    for coefficient in STIRLING {
        correction += coefficient * powers;
        for _ in 0..2 {
            power *= s;
            powers = r * powers + power;
        }
    }
    rise + (a * c.ln() + (c * (log - t) + (a - 0.5) * log) - a * r * s * correction)
}

/// Of `ln Gamma`: the coefficients of the odd powers of `1 / c`.
const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];
