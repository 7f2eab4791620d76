//! The exponential law of a question: what a vote tends to, and how its distance from it decays.
//!
//! `G(K) = 1 - f(K)` for an easy question, `f(K)` for a hard one and `(1 - f(K)) / m` where the
//! correct answer leads together with `m - 1` others, with `f(K) = exp(-c1 K - c2 sqrt(K) - c3)`
//! and `c1, c2 >= 0` (Chen et al., "Are More LLM Calls All You Need?", 2024). The three forms are
//! one: with `s = 1`, `0` or `1 / m` for what the vote tends to, `f` is to match
//! `t = 1 - F / s`, or `t = F` for `s = 0`.

mod fit;
mod grid;

pub use fit::{Fits, fits};

use crate::error::{Error, Result};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// The decay of a hard question is computed from exponents within this much of zero.
const EXPONENT: f64 = 70.0;

/// The coefficients of one question: of `K`, of `sqrt(K)`, and the constant.
pub type Coefficients = [f64; 3];

/// `c1 K + c2 sqrt(K) + c3`.
#[inline]
fn exponent(c: Coefficients, k: f64, root: f64) -> f64 {
    c[0] * k + c[1] * root + c[2]
}

/// The law's value after `k` calls, not confined to [0, 1]; `limit` is what the vote tends to.
pub fn value(c: Coefficients, limit: f64, k: f64) -> f64 {
    let u = exponent(c, k, k.sqrt());
    if limit > 0.0 {
        limit * (1.0 - (-u).exp())
    } else {
        (-u.clamp(-EXPONENT, EXPONENT)).exp()
    }
}

/// The derivatives of [`value`] by the three coefficients.
pub fn gradient(c: Coefficients, limit: f64, k: f64) -> Coefficients {
    let root = k.sqrt();
    let decay = (-exponent(c, k, root)).exp();
    let scale = if limit > 0.0 { limit * decay } else { -decay };
    [scale * k, scale * root, scale]
}

/// The law's values of many questions, row-major: questions x numbers of calls, confined to [0, 1].
///
/// # Errors
///
/// [`Error::Shape`] unless there are three coefficients for each limit.
pub fn values(coefficients: &[f64], limits: &[f64], k: &[f64], watch: &Watch) -> Result<Vec<f64>> {
    let questions = questions(coefficients, limits)?;
    let mut table = vec![0.0; questions.len() * k.len()];
    if k.is_empty() {
        return Ok(table);
    }
    table
        .par_chunks_mut(k.len())
        .zip(questions.par_iter())
        .try_for_each(|(row, &(c, limit))| {
            watch.check()?;
            for (score, &k) in row.iter_mut().zip(k) {
                *score = value(c, limit, k).clamp(0.0, 1.0);
            }
            Ok::<_, Interrupted>(())
        })?;
    Ok(table)
}

/// The mean over questions of [`values`], for every number of calls.
///
/// # Errors
///
/// [`Error::Shape`] unless there are three coefficients for each limit.
pub fn means(coefficients: &[f64], limits: &[f64], k: &[f64], watch: &Watch) -> Result<Vec<f64>> {
    let questions = questions(coefficients, limits)?;
    let mean = |&k: &f64| {
        watch.check()?;
        let root = k.sqrt();
        let mut sum = 0.0;
        for &(c, limit) in &questions {
            let u = exponent(c, k, root);
            // Beyond, the decay is less than the rounding of the sum.
            let decay = if u > 45.0 { 0.0 } else { (-u).exp().min(1.0) };
            sum += if limit > 0.0 {
                limit * (1.0 - decay)
            } else {
                decay
            };
        }
        Ok(sum / questions.len() as f64)
    };
    let means = k
        .par_iter()
        .map(mean)
        .collect::<std::result::Result<Vec<f64>, Interrupted>>()?;
    Ok(means)
}

fn questions(coefficients: &[f64], limits: &[f64]) -> Result<Vec<(Coefficients, f64)>> {
    let (triples, rest) = coefficients.as_chunks::<3>();
    if !rest.is_empty() || triples.len() != limits.len() {
        return Err(Error::Shape(format!(
            "{} coefficients for {} questions",
            coefficients.len(),
            limits.len()
        )));
    }
    Ok(triples
        .iter()
        .copied()
        .zip(limits.iter().copied())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: Coefficients = [0.02, 0.3, -0.1];

    #[test]
    fn the_gradient_is_that_of_the_value() {
        for limit in [0.0, 0.5, 1.0] {
            for k in [1.0, 7.0, 90.0] {
                let slopes = gradient(C, limit, k);
                for (i, slope) in slopes.into_iter().enumerate() {
                    let near = |step: f64| {
                        let mut c = C;
                        c[i] += step;
                        value(c, limit, k)
                    };
                    let difference = (near(1e-6) - near(-1e-6)) / 2e-6;
                    assert!((slope - difference).abs() < 1e-7, "{limit} {k} {i}");
                }
            }
        }
    }

    #[test]
    fn means_are_those_of_the_values_confined() {
        let coefficients = [C, [1.0, 2.0, -9.0], [0.0, 0.01, 0.0]].concat();
        let (limits, k) = ([1.0, 0.0, 1.0 / 3.0], [1.0, 5.0, 1000.0]);
        let watch = Watch::new();
        let values = values(&coefficients, &limits, &k, &watch).unwrap();
        let means = means(&coefficients, &limits, &k, &watch).unwrap();
        for (column, mean) in means.iter().enumerate() {
            let sum: f64 = values.iter().skip(column).step_by(3).sum();
            assert!((mean - sum / 3.0).abs() < 1e-15);
        }
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn coefficients_must_be_triples() {
        let watch = Watch::new();
        assert!(means(&[1.0, 2.0], &[0.0], &[1.0], &watch).is_err());
        assert!(values(&[1.0; 6], &[0.0], &[1.0], &watch).is_err());
    }
}
