//! Logarithms of binomial and Poisson probabilities, by C. Loader's saddle-point expansion.
//!
//! `ln n!` is split into Stirling's formula and its small correction, and the large parts are
//! combined into the deviance `x ln(x/m) + m - x` before anything is rounded. The result keeps full
//! relative precision where differences of log-gamma values would lose all of it (`n` near 1e5 and
//! beyond).
//!
//! C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.

use std::f64::consts::PI;

/// `ln P(X = x)` for `X ~ Poisson(mean)`, `mean >= 0`.
pub fn poisson_log_mass(x: u64, mean: f64) -> f64 {
    if mean == 0.0 {
        return if x == 0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if x == 0 {
        return -mean;
    }
    let count = x as f64;
    -stirling_correction(x) - deviance(count, mean) - 0.5 * (2.0 * PI * count).ln()
}

/// `ln P(X = x)` for `X ~ Binomial(n, p)`, where `p = odds / (1 + odds)`.
///
/// The odds, not `p`, are the argument: `p` and `1 - p` are then both known to full precision.
pub fn binomial_log_mass(x: u64, n: u64, odds: f64) -> f64 {
    if x > n {
        return f64::NEG_INFINITY;
    }
    let (size, count, rest) = (n as f64, x as f64, (n - x) as f64);
    if x == 0 {
        return -size * odds.ln_1p();
    }
    if x == n {
        return -size * odds.recip().ln_1p();
    }
    let (p, q) = (odds / (1.0 + odds), 1.0 / (1.0 + odds));
    stirling_correction(n)
        - stirling_correction(x)
        - stirling_correction(n - x)
        - deviance(count, size * p)
        - deviance(rest, size * q)
        + 0.5 * (size / (2.0 * PI * count * rest)).ln()
}

/// `ln n! - [ln(2 pi n) / 2 + n ln n - n]` for `n >= 1`.
fn stirling_correction(n: u64) -> f64 {
    let x = n as f64;
    if n <= 15 {
        let factorial: f64 = (2..=n).map(|i| i as f64).product();
        return factorial.ln() - (0.5 * (2.0 * PI * x).ln() + x * x.ln() - x);
    }
    let inverse_square = 1.0 / (x * x);
    let series = 1.0 / 1260.0 - inverse_square * (1.0 / 1680.0 - inverse_square / 1188.0);
    (1.0 / 12.0 - inverse_square * (1.0 / 360.0 - inverse_square * series)) / x
}

/// `x ln(x / mean) + mean - x`, without cancellation where `x` is near `mean`.
#[expect(
    clippy::float_cmp,
    reason = "the series ends when a term changes nothing"
)]
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    // With v = (x - mean) / (x + mean), ln(x / mean) = 2 artanh v.
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut term = 2.0 * x * v;
    let mut odd = 3.0;
    loop {
        term *= v * v;
        let next = sum + term / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_against_direct_product() {
        for mean in [1e-6_f64, 0.3, 1.0, 7.5, 40.0] {
            let mut mass = f64::exp(-mean);
            for x in 0..40_u64 {
                let logarithm = poisson_log_mass(x, mean);
                let tolerance = 2e-14 + 1e-15 * logarithm.abs();
                assert!(
                    (logarithm.exp() / mass - 1.0).abs() < tolerance,
                    "x={x} mean={mean}"
                );
                mass *= mean / (x + 1) as f64;
            }
        }
    }

    #[test]
    fn binomial_masses_sum_to_one_at_large_n() {
        let (n, odds) = (100_000, 0.37);
        let sum: f64 = (0..=n).map(|x| binomial_log_mass(x, n, odds).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn poisson_masses_sum_to_one_at_large_mean() {
        let sum: f64 = (0..120_000).map(|x| poisson_log_mass(x, 1e5).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn binomial_edges() {
        assert!((binomial_log_mass(0, 3, 1.0) - 0.125_f64.ln()).abs() < 1e-15);
        assert!((binomial_log_mass(3, 3, 1.0) - 0.125_f64.ln()).abs() < 1e-15);
        assert!(binomial_log_mass(4, 3, 1.0).is_infinite());
    }
}
