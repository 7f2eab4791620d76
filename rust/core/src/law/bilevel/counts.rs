//! Maximum likelihood of two binomials from the counts of every question.

use super::{Bilevel, lowest, reduced};
use crate::error::Result;
use crate::law::cells::{Cells, relative_log_likelihood};
use crate::law::descent::Surface;
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Fits each row of `weights`: how many questions of each cell there are.
///
/// # Errors
///
/// [`crate::Error::Shape`] unless there is a weight for every cell.
pub fn fits(cells: &Cells, weights: &[f64], watch: &Watch) -> Result<Vec<Bilevel>> {
    let rows: Vec<&[f64]> = cells.rows(weights)?.collect();
    let fits = rows
        .par_iter()
        .map(|row| {
            watch.check()?;
            Ok(fit(cells, row))
        })
        .collect::<std::result::Result<Vec<_>, Interrupted>>()?;
    Ok(fits)
}

fn fit(cells: &Cells, weights: &[f64]) -> Bilevel {
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        return Bilevel {
            alpha: f64::NAN,
            high: f64::NAN,
            low: f64::NAN,
            objective: f64::NAN,
        };
    }
    let present: Vec<_> = cells
        .pairs
        .iter()
        .zip(weights)
        .filter(|&(_, &weight)| weight > 0.0)
        .map(|(&pair, &weight)| (pair, weight / total))
        .collect();
    let mut likelihoods = Vec::with_capacity(present.len());
    let fit = lowest(1e-15, |[p1, p2]| {
        likelihoods.clear();
        for &(pair, _) in &present {
            let (one, other) = (
                relative_log_likelihood(pair, p1),
                relative_log_likelihood(pair, p2),
            );
            // Only their ratio matters to the share: the larger is 1, so that none is lost.
            let top = one.max(other);
            likelihoods.push([(one - top).exp(), (other - top).exp(), top]);
        }
        surface(&present, &likelihoods, [p1, p2])
    });
    Bilevel {
        objective: -fit.objective,
        ..fit
    }
}

/// The best share, and the negative mean log-likelihood by `p1` and `p2`.
fn surface(
    present: &[((usize, usize), f64)],
    likelihoods: &[[f64; 3]],
    [p1, p2]: [f64; 2],
) -> (f64, Surface) {
    let alpha = share(present, likelihoods);
    let mut value = 0.0;
    let mut gradient = [0.0; 2];
    let (mut exact, mut convex) = ([0.0; 3], [0.0; 3]);
    let (mut mixed, mut convex_mixed) = ([0.0; 2], [0.0; 2]);
    let mut curvature = 0.0;
    for (&((c, n), weight), &[one, other, top]) in present.iter().zip(likelihoods) {
        let (c, wrong) = (c as f64, (n - c) as f64);
        let mixture = alpha * one + (1.0 - alpha) * other;
        value -= weight * (mixture.ln() + top);
        let share = [alpha * one / mixture, (1.0 - alpha) * other / mixture];
        let score = [p1, p2].map(|p| c / p - wrong / (1.0 - p));
        let bend = [p1, p2].map(|p| -c / (p * p) - wrong / ((1.0 - p) * (1.0 - p)));
        let parts = [share[0] * score[0], share[1] * score[1]];
        let apart = (one - other) / mixture;
        let own = [one / mixture * score[0], -other / mixture * score[1]];
        for i in [0, 1] {
            gradient[i] -= weight * parts[i];
            convex_mixed[i] += weight * parts[i] * apart;
            mixed[i] += weight * (parts[i] * apart - own[i]);
            let entry = 2 * i;
            convex[entry] += weight * parts[i] * parts[i];
            exact[entry] -= weight * share[i] * (bend[i] + score[i] * score[i]);
        }
        convex[1] += weight * parts[0] * parts[1];
        curvature += weight * apart * apart;
    }
    for i in [0, 1, 2] {
        exact[i] += convex[i];
    }
    let follows = alpha > 0.0 && alpha < 1.0;
    let mut convex = reduced(convex, convex_mixed, curvature, follows);
    // Scores that are all alike leave nothing of it: a little keeps the damping going.
    convex[0] += 1e-9;
    convex[2] += 1e-9;
    let surface = Surface {
        value,
        gradient,
        hessian: reduced(exact, mixed, curvature, follows),
        convex,
    };
    (alpha, surface)
}

/// The share of the first kind of highest likelihood, which is concave in it.
fn share(present: &[((usize, usize), f64)], likelihoods: &[[f64; 3]]) -> f64 {
    let slopes = |alpha: f64| {
        let (mut slope, mut bend) = (0.0, 0.0);
        for (&(_, weight), &[one, other, _]) in present.iter().zip(likelihoods) {
            let ratio = (one - other) / (alpha * one + (1.0 - alpha) * other);
            slope += weight * ratio;
            bend += weight * ratio * ratio;
        }
        (slope, bend)
    };
    // A kind whose likelihood is nil everywhere gives infinite slopes, of the right sign.
    if slopes(0.0).0 <= 0.0 {
        return 0.0;
    }
    if slopes(1.0).0 >= 0.0 {
        return 1.0;
    }
    let (mut low, mut high, mut alpha) = (0.0, 1.0, 0.5);
    for _ in 0..100 {
        let (slope, bend) = slopes(alpha);
        if slope > 0.0 {
            low = alpha;
        } else {
            high = alpha;
        }
        let newton = alpha + slope / bend;
        let next = if low < newton && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - alpha).abs();
        alpha = next;
        if moved < 1e-15 {
            break;
        }
    }
    alpha
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let present = [((0, 5), 0.2), ((2, 7), 0.3), ((4, 6), 0.1), ((9, 9), 0.4)];
        let at = |p1: f64, p2: f64| {
            let likelihoods: Vec<[f64; 3]> = present
                .iter()
                .map(|&(pair, _)| {
                    let [one, other] = [p1, p2].map(|p| relative_log_likelihood(pair, p).exp());
                    [one, other, 0.0]
                })
                .collect();
            surface(&present, &likelihoods, [p1, p2]).1
        };
        let (x, y, h) = (0.8, 0.3, 1e-6);
        let here = at(x, y);
        let slopes = [
            (at(x + h, y).value - at(x - h, y).value) / (2.0 * h),
            (at(x, y + h).value - at(x, y - h).value) / (2.0 * h),
        ];
        let bends = [
            (at(x + h, y).gradient[0] - at(x - h, y).gradient[0]) / (2.0 * h),
            (at(x, y + h).gradient[0] - at(x, y - h).gradient[0]) / (2.0 * h),
            (at(x, y + h).gradient[1] - at(x, y - h).gradient[1]) / (2.0 * h),
        ];
        for (exact, difference) in here.gradient.iter().zip(slopes) {
            assert!((exact - difference).abs() < 1e-7, "{exact} {difference}");
        }
        for (exact, difference) in here.hessian.iter().zip(bends) {
            assert!((exact - difference).abs() < 1e-6, "{exact} {difference}");
        }
    }
}
