//! Questions whose probability of a correct answer is beta distributed, or zero for a share of them.
//!
//! With `c` of `n` samples correct, the likelihood of a question is `(a)_c (b)_(n-c) / (a + b)_n`
//! with rising factorials, times a constant; a share `z` of questions that nobody solves adds
//! `z` for `c = 0` and multiplies the rest by `1 - z`. Sums of logarithms over questions need, for
//! every `i`, only how many questions have more than `i` correct, wrong and all samples.

use super::cells::Cells;
use super::descent::{Bounds, Surface, descend};
use crate::error::Result;
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Bounds of the log-odds of the mean, and of the logarithm of `a + b`.
const BOUNDS: Bounds = Bounds {
    low: [-25.0, -12.0],
    high: [25.0, 16.0],
};

/// Logarithms of `a + b` to start from.
const SIZES: [f64; 6] = [-3.0, -1.0, 0.5, 2.0, 4.0, 8.0];

/// Gains of the mean log-likelihood below this are rounding.
const PRECISION: f64 = 1e-14;

/// The most likely parameters of one set of questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaBinomial {
    /// First parameter of the beta distribution.
    pub a: f64,
    /// Second parameter of the beta distribution.
    pub b: f64,
    /// The share of questions that no sample solves.
    pub zeros: f64,
    /// Mean log-likelihood of a question, without the binomial coefficients.
    pub log_likelihood: f64,
}

/// Fits each row of `weights`: how many questions of each cell there are. NaN for a row of zeros.
///
/// # Errors
///
/// [`crate::Error::Shape`] unless there is a weight for every cell.
pub fn fits(
    cells: &Cells,
    weights: &[f64],
    zero_inflated: bool,
    watch: &Watch,
) -> Result<Vec<BetaBinomial>> {
    let rows: Vec<&[f64]> = cells.rows(weights)?.collect();
    let fits = rows
        .par_iter()
        .map(|row| {
            watch.check()?;
            Ok(fit(&Sums::new(cells, row, zero_inflated)))
        })
        .collect::<std::result::Result<Vec<_>, Interrupted>>()?;
    Ok(fits)
}

/// What the likelihood depends on.
struct Sums {
    /// By `i`: the weight of questions with more than `i` correct, wrong, and all samples; of those
    /// with a correct sample only, if a share of zeros is fitted.
    above: [Vec<f64>; 3],
    /// Number of samples and weight of the questions without a correct sample, if they are apart.
    zeros: Vec<(usize, f64)>,
    /// Weight of the other questions.
    others: f64,
    total: f64,
    /// The share of correct samples, of all questions and of those with a correct one.
    means: [f64; 2],
}

impl Sums {
    fn new(cells: &Cells, weights: &[f64], zero_inflated: bool) -> Self {
        let most = cells.pairs.iter().map(|&(_, n)| n).max().unwrap_or(0);
        let mut above = [0, 1, 2].map(|_| vec![0.0; most + 1]);
        let mut zeros: Vec<(usize, f64)> = Vec::new();
        let (mut others, mut total) = (0.0, 0.0);
        let (mut correct, mut samples, mut solved) = (0.0, 0.0, 0.0);
        for (&(c, n), &weight) in cells.pairs.iter().zip(weights) {
            if weight == 0.0 {
                continue;
            }
            total += weight;
            correct += weight * c as f64;
            samples += weight * n as f64;
            if c > 0 {
                solved += weight * n as f64;
            }
            if zero_inflated && c == 0 {
                zeros.push((n, weight));
                continue;
            }
            others += weight;
            for (sums, count) in above.iter_mut().zip([c, n - c, n]) {
                sums[count] += weight;
            }
        }
        for sums in &mut above {
            // From how many have i to how many have more than i.
            let mut larger = 0.0;
            for sum in sums.iter_mut().rev() {
                let equal = *sum;
                *sum = larger;
                larger += equal;
            }
        }
        zeros.sort_by_key(|&(n, _)| n);
        Self {
            above,
            zeros,
            others,
            total,
            means: [correct / samples, correct / f64::max(solved, 1.0)],
        }
    }
}

fn fit(sums: &Sums) -> BetaBinomial {
    if sums.total == 0.0 {
        return BetaBinomial {
            a: f64::NAN,
            b: f64::NAN,
            zeros: f64::NAN,
            log_likelihood: f64::NAN,
        };
    }
    // With and without a share of zeros the likelihood may have a peak each, far apart: one start
    // for every order of size.
    let log_odds = |mean: f64| {
        let mean = mean.clamp(1e-9, 1.0 - 1e-9);
        (mean / (1.0 - mean)).ln()
    };
    let means = sums.means.map(log_odds);
    let mut best = ([0.0; 2], f64::INFINITY);
    for size in SIZES {
        let start = means
            .into_iter()
            .chain([0.5 * (means[0] + means[1])])
            .map(|mean| ([mean, size], surface(sums, [mean, size]).1.value))
            .min_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((start, _)) = start {
            let found = descend(start, BOUNDS, PRECISION, |point| surface(sums, point).1);
            if found.1 < best.1 {
                best = found;
            }
        }
    }
    let (zeros, _) = surface(sums, best.0);
    let (mean, size) = (sigmoid(best.0[0]), best.0[1].exp());
    BetaBinomial {
        a: size * mean,
        b: size * sigmoid(-best.0[0]),
        zeros,
        log_likelihood: -best.1,
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A sum of logarithms with its derivatives by `a` and `b`: value, a, b, aa, ab, bb.
#[derive(Clone, Copy, Default)]
struct Jet([f64; 6]);

impl Jet {
    /// Adds `correct ln(a + i) + wrong ln(b + i) - all ln(a + b + i)`.
    fn add(&mut self, [a, b]: [f64; 2], i: f64, [correct, wrong, all]: [f64; 3]) {
        let (x, y, z) = (a + i, b + i, a + b + i);
        let [value, da, db, aa, ab, bb] = &mut self.0;
        *value += correct * x.ln() + wrong * y.ln() - all * z.ln();
        let shared = all / z;
        *da += correct / x - shared;
        *db += wrong / y - shared;
        let bend = shared / z;
        *aa += bend - correct / (x * x);
        *ab += bend;
        *bb += bend - wrong / (y * y);
    }
}

/// The most likely share of zeros, and the negative mean log-likelihood by log-odds and log-size.
fn surface(sums: &Sums, [log_odds, log_size]: [f64; 2]) -> (f64, Surface) {
    let size = log_size.exp();
    let (mean, rest) = (sigmoid(log_odds), sigmoid(-log_odds));
    let beta = [size * mean, size * rest];
    let mut sum = Jet::default();
    for i in 0..sums.above[2].len() {
        let counts = [0, 1, 2].map(|of| sums.above[of][i]);
        if counts[2] == 0.0 {
            break;
        }
        sum.add(beta, i as f64, counts);
    }
    let mut chances = Vec::with_capacity(sums.zeros.len());
    let (mut chance, mut reached) = (Jet::default(), 0);
    for &(n, weight) in &sums.zeros {
        for i in reached..n {
            chance.add(beta, i as f64, [0.0, 1.0, 1.0]);
        }
        reached = n;
        chances.push((chance, weight));
    }
    let zeros = share_of_zeros(sums.others, &chances);
    let mut mixed = [0.0; 2];
    let mut curvature = sums.others / ((1.0 - zeros) * (1.0 - zeros));
    sum.0[0] += sums.others * (1.0 - zeros).ln();
    for &(Jet([log, da, db, aa, ab, bb]), weight) in &chances {
        let by_chance = log.exp();
        let all = zeros + (1.0 - zeros) * by_chance;
        let share = (1.0 - zeros) * by_chance / all;
        let spread = share * (1.0 - share);
        sum.0[0] += weight * all.ln();
        sum.0[1] += weight * share * da;
        sum.0[2] += weight * share * db;
        sum.0[3] += weight * (share * aa + spread * da * da);
        sum.0[4] += weight * (share * ab + spread * da * db);
        sum.0[5] += weight * (share * bb + spread * db * db);
        let change = by_chance / (all * all);
        mixed[0] -= weight * change * da;
        mixed[1] -= weight * change * db;
        curvature += weight * ((1.0 - by_chance) / all).powi(2);
    }
    if zeros > 0.0 && curvature > 0.0 {
        // The share follows along: what it gives way is no resistance.
        sum.0[3] += mixed[0] * mixed[0] / curvature;
        sum.0[4] += mixed[0] * mixed[1] / curvature;
        sum.0[5] += mixed[1] * mixed[1] / curvature;
    }
    (
        zeros,
        by_log_odds_and_size(sum, beta, mean, rest, sums.total),
    )
}

/// The chain rule from `a` and `b`, with the sign turned and divided by the number of questions.
fn by_log_odds_and_size(sum: Jet, [a, b]: [f64; 2], mean: f64, rest: f64, total: f64) -> Surface {
    let [value, da, db, aa, ab, bb] = sum.0.map(|x| -x / total);
    let v = (a + b) * mean * rest;
    let bent = v * (rest - mean);
    let gradient = [v * (da - db), a * da + b * db];
    let hessian = [
        v * v * (aa - 2.0 * ab + bb) + bent * (da - db),
        v * (a * aa + (b - a) * ab - b * bb) + v * (da - db),
        a * a * aa + 2.0 * a * b * ab + b * b * bb + gradient[1],
    ];
    let off = hessian[1].abs();
    Surface {
        value,
        gradient,
        hessian,
        convex: [
            hessian[0].abs() + off + 1e-12,
            0.0,
            hessian[2].abs() + off + 1e-12,
        ],
    }
}

/// The share of zeros of highest likelihood, given the chance of no correct sample without it.
fn share_of_zeros(others: f64, chances: &[(Jet, f64)]) -> f64 {
    // The derivative by the share falls all the way.
    let slope = |share: f64| {
        let gain: f64 = chances
            .iter()
            .map(|(chance, weight)| {
                // By expm1 where questions are all but never solved by chance.
                let log = chance.0[0];
                weight * -log.exp_m1() / (share + (1.0 - share) * log.exp())
            })
            .sum();
        gain - others / (1.0 - share)
    };
    let zeros: f64 = chances.iter().map(|(_, weight)| weight).sum();
    // Where nothing is solved a share of zeros says no more than chances near zero.
    if zeros == 0.0 || others == 0.0 || slope(0.0) <= 0.0 {
        return 0.0;
    }
    // Chance only helps: the share is at most that of the questions without a correct sample.
    let (mut low, mut high) = (0.0, zeros / (zeros + others));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-16 {
            break;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Cells {
        Cells::new(&[0, 0, 1, 3, 7, 9], &[4, 9, 6, 8, 9, 9]).unwrap()
    }

    const WEIGHTS: [f64; 6] = [9.0, 7.0, 4.0, 5.0, 6.0, 8.0];

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        for zero_inflated in [false, true] {
            let sums = Sums::new(&cells(), &WEIGHTS, zero_inflated);
            let at = |x: f64, y: f64| surface(&sums, [x, y]).1;
            let (x, y, h) = (0.3, 0.9, 1e-5);
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
                assert!((exact - difference).abs() < 1e-8, "{exact} {difference}");
            }
            for (exact, difference) in here.hessian.iter().zip(bends) {
                assert!((exact - difference).abs() < 1e-8, "{exact} {difference}");
            }
        }
    }

    #[test]
    fn the_share_of_zeros_is_the_likeliest() {
        let cells = Cells::new(&[0, 0, 3, 5, 7], &[9, 5, 9, 9, 9]).unwrap();
        let weights = [9.0, 3.0, 4.0, 6.0, 2.0];
        let found = fit(&Sums::new(&cells, &weights, true));
        assert!(found.zeros > 0.4 && found.zeros < 0.5, "{found:?}");
        let plain = fit(&Sums::new(&cells, &weights, false));
        assert!(found.log_likelihood > plain.log_likelihood + 0.1);
    }
}
