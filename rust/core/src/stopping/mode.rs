//! The probability that the answer drawn most is the likeliest one.

use super::half::HalfTails;

/// Points of the quadrature; the integrand is smooth, and its tails are cut at 1e-14.
const POINTS: usize = 96;

/// The posterior probability that the leading answer is likelier than each of the others, and than all
/// answers not seen yet together.
///
/// The shares are Dirichlet distributed with the counts for the answers seen and 1 for the rest: the
/// posterior under a Dirichlet process of concentration 1. They compare like independent gamma variates
/// of these shapes, so that the probability is the integral of the leader's density times the
/// distribution functions of the others.
pub(super) fn mode_probability(first: u32, others: &[u32]) -> f64 {
    let shape = f64::from(first);
    let spread = shape.sqrt();
    let low = (shape - 9.0 * spread).max(0.0);
    let high = shape + 11.0 * spread + 12.0;
    let most = others.iter().copied().max().unwrap_or(0).max(1) as usize;
    let mut total = 0.0;
    let mut masses = vec![0.0; most + 1];
    let width = (high - low) / POINTS as f64;
    let log_gamma: f64 = (1..first).map(|i| f64::from(i).ln()).sum();
    // Gauss-Legendre of three points on each piece.
    for piece in 0..POINTS {
        let middle = low + (piece as f64 + 0.5) * width;
        for (offset, weight) in [
            (-(0.6_f64.sqrt()), 5.0 / 18.0),
            (0.0, 8.0 / 18.0),
            (0.6_f64.sqrt(), 5.0 / 18.0),
        ] {
            let x = middle + offset * width / 2.0;
            let density = ((shape - 1.0) * x.ln() - x - log_gamma).exp();
            below(x, &mut masses);
            let product: f64 = others
                .iter()
                .map(|&count| masses[count as usize])
                .product();
            total += weight * width * density * product * masses[1];
        }
    }
    total
}

/// Writes `P(Gamma(a) < x)` at each whole `a`; 1 at `a = 0`.
fn below(x: f64, masses: &mut [f64]) {
    masses[0] = 1.0;
    let mut term = (-x).exp();
    let mut above = 0.0;
    for (a, mass) in masses.iter_mut().enumerate().skip(1) {
        above += term;
        term *= x / a as f64;
        *mass = (1.0 - above).max(0.0);
    }
}

/// Bounds of [`mode_probability`] from pairs of answers: the least of the pairs, and what the union
/// bound leaves.
pub(super) fn pair_bounds(tails: &HalfTails, first: u32, others: &[u32]) -> (f64, f64) {
    let doubts = others
        .iter()
        .chain(&[1])
        .map(|&count| tails.at(first as usize, count as usize));
    let (mut worst, mut all) = (0.0_f64, 0.0);
    for doubt in doubts {
        worst = worst.max(doubt);
        all += doubt;
    }
    (1.0 - all, 1.0 - worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_gammas_compare_like_a_beta() {
        let tails = HalfTails::new(200);
        for first in [1_u32, 2, 5, 20, 90] {
            // Against the unseen alone: a beta distribution of shapes first and 1.
            let exact = 1.0 - tails.at(first as usize, 1);
            let found = mode_probability(first, &[]);
            assert!((found - exact).abs() < 1e-9, "{first}: {found} {exact}");
        }
    }

    #[test]
    fn equal_counts_are_equally_likely_to_lead() {
        // Three of shape 1, the unseen among them.
        assert!((mode_probability(1, &[1]) - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn bounds_hold() {
        let tails = HalfTails::new(100);
        for (first, others) in [(5, vec![2, 1]), (9, vec![8, 3, 1]), (30, vec![10])] {
            let probability = mode_probability(first, &others);
            let (least, most) = pair_bounds(&tails, first, &others);
            assert!(least - 1e-9 <= probability && probability <= most + 1e-9);
        }
    }
}
