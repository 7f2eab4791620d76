//! Least squares for many questions at the same numbers of calls.
//!
//! Of the three coefficients the constant is a factor of the decay, and the best factor for given
//! rates is a quotient. What remains has two variables: a coarse grid of rates finds the basins,
//! Newton steps their bottoms.

use super::grid::Grid;
use super::{Coefficients, EXPONENT};
use crate::error::{Error, Result};
use crate::law::descent::{Bounds, Surface, descend};
use crate::work::{Interrupted, Watch};
use ahash::RandomState;
use hashbrown::HashMap;
use rayon::prelude::*;

/// Gains below this share of the targets' square norm are the rounding of the sums.
const PRECISION: f64 = 1e-15;

/// The law of each question, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Fits {
    /// Three coefficients for each question.
    pub coefficients: Vec<f64>,
    /// The sum of squared residuals of each question's curve.
    pub squares: Vec<f64>,
}

/// The numbers of calls, scaled: `K` and `sqrt(K)` from their first value to their last as 0 to 1.
pub(super) struct Design {
    pub(super) x: Vec<[f64; 2]>,
    /// The least rates.
    pub(super) low: [f64; 2],
    /// The scaled distance from the first number of calls to the second.
    pub(super) first_gap: [f64; 2],
    origin: [f64; 2],
    range: [f64; 2],
}

impl Design {
    fn new(k: &[f64], least_rate: f64) -> Self {
        let pair = |k: f64| [k, k.sqrt()];
        let origin = pair(k[0]);
        let last = pair(k[k.len() - 1]);
        let range = [0, 1].map(|i| {
            let range = last[i] - origin[i];
            if range > 0.0 { range } else { 1.0 }
        });
        let x: Vec<[f64; 2]> = k
            .iter()
            .map(|&k| [0, 1].map(|i| (pair(k)[i] - origin[i]) / range[i]))
            .collect();
        Self {
            low: range.map(|range| least_rate * range),
            first_gap: x.get(1).copied().unwrap_or([1.0; 2]),
            x,
            origin,
            range,
        }
    }

    /// The coefficients for scaled rates and the height at the first number of calls.
    fn coefficients(&self, rates: [f64; 2], height: f64) -> Coefficients {
        let c = [0, 1].map(|i| rates[i] / self.range[i]);
        let offset = c[0] * self.origin[0] + c[1] * self.origin[1];
        // A decay that starts at nothing stays there: no coefficient is infinite.
        [c[0], c[1], (-height.ln()).min(EXPONENT) - offset]
    }
}

/// Fits the law to the curve of each question.
///
/// `k` increases; `curves` is questions x numbers of calls, the score after each; `limits` is what
/// each question's vote tends to, in [0, 1]; `c1` and `c2` are at least `least_rate`. Questions
/// with equal curves are fitted once.
///
/// # Errors
///
/// [`Error::Shape`] if the arrays do not agree, `k` does not increase from at least 1, or a number
/// is not finite.
///
/// # Cost
///
/// About 600 multiply-adds for each number of calls, and a dozen steps of as many exponentials as
/// there are numbers of calls, from each of up to three starts.
pub fn fits(
    k: &[f64],
    curves: &[f64],
    limits: &[f64],
    least_rate: f64,
    watch: &Watch,
) -> Result<Fits> {
    check(k, curves, limits)?;
    let design = Design::new(k, least_rate);
    let grid = Grid::new(&design);
    let rows = || curves.chunks_exact(k.len()).zip(limits);
    let mut place_of: HashMap<Vec<u64>, usize, RandomState> =
        HashMap::with_hasher(RandomState::new());
    let mut distinct = Vec::new();
    let places: Vec<usize> = rows()
        .map(|(curve, &limit)| {
            let bits = curve.iter().chain([&limit]).map(|x| x.to_bits()).collect();
            *place_of.entry(bits).or_insert_with(|| {
                distinct.push((curve, limit));
                distinct.len() - 1
            })
        })
        .collect();
    let fitted: Vec<(Coefficients, f64)> = distinct
        .par_iter()
        .with_max_len(256)
        .map_init(Vec::new, |targets, &(curve, limit)| {
            watch.check()?;
            targets.clear();
            if limit > 0.0 {
                targets.extend(curve.iter().map(|score| 1.0 - score / limit));
            } else {
                targets.extend_from_slice(curve);
            }
            let (c, squares) = fit(&design, &grid, targets);
            let scale = if limit > 0.0 { limit * limit } else { 1.0 };
            Ok::<_, Interrupted>((c, squares * scale))
        })
        .collect::<std::result::Result<_, _>>()?;
    watch.advance(limits.len() as u64);
    Ok(Fits {
        coefficients: places.iter().flat_map(|&place| fitted[place].0).collect(),
        squares: places.iter().map(|&place| fitted[place].1).collect(),
    })
}

fn check(k: &[f64], curves: &[f64], limits: &[f64]) -> Result<()> {
    let increasing = k.windows(2).all(|pair| pair[0] < pair[1]);
    if k.is_empty() || !increasing || !(k[0] >= 1.0 && k[k.len() - 1].is_finite()) {
        return Err(Error::Shape("k must increase from at least 1".into()));
    }
    if curves.len() != k.len() * limits.len() {
        return Err(Error::Shape(format!(
            "{} scores for {} questions at {} numbers of calls",
            curves.len(),
            limits.len(),
            k.len()
        )));
    }
    if !curves.iter().all(|score| score.is_finite())
        || !limits.iter().all(|limit| (0.0..=1.0).contains(limit))
    {
        return Err(Error::Shape(
            "scores must be finite, and limits in [0, 1]".into(),
        ));
    }
    Ok(())
}

/// The decay that matches `targets` best, and its sum of squared residuals.
fn fit(design: &Design, grid: &Grid, targets: &[f64]) -> (Coefficients, f64) {
    let norm: f64 = targets.iter().map(|t| t * t).sum();
    let bounds = Bounds {
        low: design.low,
        high: design
            .first_gap
            .map(|gap| (2.0 * EXPONENT / gap).max(EXPONENT)),
    };
    let mut decays = vec![0.0; targets.len()];
    let (starts, found) = grid.starts(targets);
    let mut best = (design.low, f64::INFINITY);
    for &start in &starts[..found] {
        let (rates, squares) = descend(start, bounds, PRECISION * norm, |rates| {
            surface(design, targets, rates, &mut decays).1
        });
        if squares < best.1 {
            best = (rates, squares);
        }
    }
    let height = surface(design, targets, best.0, &mut decays).0;
    (design.coefficients(best.0, height), best.1)
}

/// The best height for the rates, and the sum of squares as a function of the rates alone.
fn surface(
    design: &Design,
    targets: &[f64],
    rates: [f64; 2],
    decays: &mut [f64],
) -> (f64, Surface) {
    let (mut square, mut product) = (0.0, 0.0);
    for ((decay, x), target) in decays.iter_mut().zip(&design.x).zip(targets) {
        *decay = (-rates[0] * x[0] - rates[1] * x[1]).exp();
        square += *decay * *decay;
        product += *decay * target;
    }
    let height = (product / square).max(0.0);
    let mut value = 0.0;
    let mut gradient = [0.0; 2];
    // Half the second derivatives, exact and without the part that the residuals bend, then the
    // same of one rate and the height.
    let (mut exact, mut convex) = ([0.0; 3], [0.0; 3]);
    let (mut mixed, mut convex_mixed) = ([0.0; 2], [0.0; 2]);
    for ((&decay, &[x, y]), target) in decays.iter().zip(&design.x).zip(targets) {
        let scaled = height * decay;
        let residual = scaled - target;
        value += residual * residual;
        let slope = residual * scaled;
        gradient[0] -= slope * x;
        gradient[1] -= slope * y;
        let (with, without) = (scaled * (scaled + residual), scaled * scaled);
        for (sums, weight) in [(&mut exact, with), (&mut convex, without)] {
            sums[0] += weight * x * x;
            sums[1] += weight * x * y;
            sums[2] += weight * y * y;
        }
        let (with, without) = (decay * (scaled + residual), decay * scaled);
        mixed[0] -= with * x;
        mixed[1] -= with * y;
        convex_mixed[0] -= without * x;
        convex_mixed[1] -= without * y;
    }
    let reduced = |full: [f64; 3], mixed: [f64; 2]| {
        [
            2.0 * (full[0] - mixed[0] * mixed[0] / square),
            2.0 * (full[1] - mixed[0] * mixed[1] / square),
            2.0 * (full[2] - mixed[1] * mixed[1] / square),
        ]
    };
    let surface = Surface {
        value,
        gradient: gradient.map(|g| 2.0 * g),
        hessian: reduced(exact, mixed),
        convex: reduced(convex, convex_mixed),
    };
    (height, surface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{binary, exponential::value};

    const K: [f64; 6] = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

    /// Sums of squares that the published optimiser reaches, and for the last p the optimum.
    #[test]
    fn published_sums_of_squares() {
        for (p, squares) in [
            (0.6, 1.953e-4),
            (0.7, 1.615e-4),
            (0.55, 6.05e-5),
            (0.85, 3.1e-6),
        ] {
            let easy = binary::values(&[p], &K.map(|k| k as usize)).unwrap();
            let hard: Vec<f64> = easy.iter().map(|score| 1.0 - score).collect();
            let curves = [easy, hard].concat();
            let fits = fits(&K, &curves, &[1.0, 0.0], 1e-6, &Watch::new()).unwrap();
            for found in &fits.squares {
                assert!((found / squares - 1.0).abs() < 1e-3, "{p}: {found}");
            }
        }
    }

    #[test]
    fn curves_of_the_law_are_met() {
        for limit in [0.0, 0.5, 1.0] {
            for c in [[0.01, 0.2, 0.3], [1e-6, 0.7, -0.4], [0.3, 1e-6, 0.0]] {
                let curve = K.map(|k| value(c, limit, k));
                let fits = fits(&K, &curve, &[limit], 1e-6, &Watch::new()).unwrap();
                assert!(fits.squares[0] < 1e-18, "{c:?}: {:?}", fits.squares);
            }
        }
    }

    #[test]
    fn one_or_two_numbers_of_calls_are_met() {
        let one = fits(&K[..1], &[0.3], &[1.0], 1e-6, &Watch::new()).unwrap();
        let two = fits(&K[..2], &[0.3, 0.7], &[1.0], 1e-6, &Watch::new()).unwrap();
        assert!(
            one.squares[0] < 1e-20 && two.squares[0] < 1e-18,
            "{one:?} {two:?}"
        );
    }

    #[test]
    fn what_cannot_be_fitted_is_an_error() {
        let watch = Watch::new();
        let fails =
            |k: &[f64], curve: &[f64], limit: f64| fits(k, curve, &[limit], 1e-6, &watch).is_err();
        assert!(fails(&[], &[], 1.0));
        assert!(fails(&[2.0, 2.0], &[0.1, 0.2], 1.0));
        assert!(fails(&[0.0, 2.0], &[0.1, 0.2], 1.0));
        assert!(fails(&[1.0, 2.0], &[0.1], 1.0));
        assert!(fails(&[1.0, 2.0], &[0.1, f64::NAN], 1.0));
        assert!(fails(&[1.0, 2.0], &[0.1, 0.2], 1.5));
    }
}
