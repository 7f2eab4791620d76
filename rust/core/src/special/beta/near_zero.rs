//! Both tails where `a < 1` and `x` is so near 0 that `b x <= 1`.
//!
//! There `I_x(a, b) = exp(G) (1 + a T)` with `G = a ln x - ln(a B(a, b))` and
//! `T = sum_{i >= 1} (1-b)(2-b)...(i-b) x^i / (i! (a + i))`. Both `G` and `a T` are of the order of `a` and known to
//! full relative precision, so that `1 - I` is so too, however small `a`.

use super::exponent::Pairs;
use crate::special::double_double::{
    Double, exponential, exponential_less_one, log_one_plus, logarithm, scaled,
};

/// Above this the complement is not taken by subtraction.
const LARGE: f64 = 0.75;

/// `c` and `r` in each lane, for `c^a exp(r) = 1 / (a B(a, b))`.
#[inline(always)]
pub(super) fn scales<const LANES: usize>(pairs: &Pairs<LANES>) -> [[f64; LANES]; 2] {
    let (mut bases, mut rests) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        (bases[lane], rests[lane]) = inverse_scaled_beta(pairs.a[lane], pairs.b[lane]);
    }
    [bases, rests]
}

/// `I_x(a, b)` and `1 - I_x(a, b)` in each lane.
#[inline(always)]
pub(super) fn tails<const LANES: usize>(
    pairs: &Pairs<LANES>,
    scales: &[[f64; LANES]; 2],
    x: &[f64; LANES],
    x_rest: &[f64; LANES],
) -> ([f64; LANES], [f64; LANES]) {
    let series = series(&pairs.a, &pairs.b, x);
    let (mut lower, mut upper) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        let a = pairs.a[lane];
        let x = Double {
            hi: x[lane],
            lo: x_rest[lane],
        };
        let exponent = logarithm(x.times_single(scales[0][lane]))
            .times_single(a)
            .plus_single(scales[1][lane]);
        let rest = a * series[lane];
        let (fraction, power) = exponential(exponent);
        lower[lane] = scaled(fraction * (1.0 + rest), power);
        let precise = -exponential_less_one(exponent.hi + log_one_plus(rest));
        upper[lane] = if lower[lane] < LARGE {
            1.0 - lower[lane]
        } else {
            precise
        };
    }
    (lower, upper)
}

/// `T` in each lane.
#[inline(always)]
fn series<const LANES: usize>(
    a: &[f64; LANES],
    b: &[f64; LANES],
    x: &[f64; LANES],
) -> [f64; LANES] {
    let (mut sum, mut term) = ([0.0; LANES], [1.0; LANES]);
    let mut i = 0.0;
    loop {
        let mut any = false;
        for _ in 0..4 {
            i += 1.0;
            let inverse = 1.0 / i;
            for lane in 0..LANES {
                term[lane] *= (i - b[lane]) * x[lane] * inverse;
                sum[lane] += term[lane] / (a[lane] + i);
            }
        }
        // Later terms are smaller still: adding them changes nothing, so that lanes need not be stopped one by one.
        for lane in 0..LANES {
            any |= term[lane].abs() > 1e-17 * (a[lane] + i) * sum[lane].abs();
        }
        if !any {
            return sum;
        }
    }
}

/// Steps of the recurrence of the gamma function before Stirling's formula serves.
const SHIFT: usize = 10;

/// `ln(a B(a, b))`, to full relative precision as `a` tends to 0.
pub(super) fn log_scaled_beta(a: f64, b: f64) -> f64 {
    let (base, rest) = inverse_scaled_beta(a, b);
    -a.mul_add(base.ln(), rest)
}

/// `c` and `r` for `1 / (a B(a, b)) = c^a exp(r)`, `r` to full precision relative to `a`.
///
/// It is `Gamma(b + a) / Gamma(b)` over `Gamma(1 + a) / Gamma(1)`.
#[inline(always)]
fn inverse_scaled_beta(a: f64, b: f64) -> (f64, f64) {
    let shift = SHIFT as f64;
    let small = b < shift;
    let from_b = if small { product_less_one(b, a) } else { 0.0 };
    let far = if small { b + shift } else { b };
    let steps = log_one_plus(a * product_less_one(1.0, a)) - log_one_plus(a * from_b);
    let rises = rise_less_power(far, a) - rise_less_power(1.0 + shift, a);
    (far / (1.0 + shift), rises + steps)
}

/// `q` where `1 + a q = (1 + a/c) (1 + a/(c+1)) ...`.
#[inline(always)]
fn product_less_one(c: f64, a: f64) -> f64 {
    let mut q = 0.0;
    for i in 0..SHIFT {
        q += (1.0 + a * q) / (c + i as f64);
    }
    q
}

/// `ln(Gamma(c + a) / Gamma(c)) - a ln c` for `c >= 10` and `a < 1`, to full precision relative to `a`.
#[inline(always)]
fn rise_less_power(c: f64, a: f64) -> f64 {
    let t = a / c;
    let log = log_one_plus(t);
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
    c * (log - t) + (a - 0.5) * log - a * r * s * correction
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
