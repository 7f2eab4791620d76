//! Questions by what their likelihood depends on: how many of how many samples are correct.

use crate::error::{Error, Result};

/// Distinct pairs of correct samples and samples.
#[derive(Debug, Clone)]
pub struct Cells {
    pub(super) pairs: Vec<(usize, usize)>,
}

impl Cells {
    /// The cells of these pairs.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the lengths differ, or there are more correct samples than samples.
    pub fn new(correct: &[i64], samples: &[i64]) -> Result<Self> {
        let valid = correct
            .iter()
            .zip(samples)
            .all(|(&c, &n)| 0 <= c && c <= n && n > 0);
        if correct.len() != samples.len() || correct.is_empty() || !valid {
            return Err(Error::Shape(
                "each cell must have a positive number of samples, and at most as many correct"
                    .into(),
            ));
        }
        let pairs = correct
            .iter()
            .zip(samples)
            .map(|(&c, &n)| (c as usize, n as usize))
            .collect();
        Ok(Self { pairs })
    }

    /// The rows of weights, one for each set of questions to fit.
    pub(super) fn rows<'a>(&self, weights: &'a [f64]) -> Result<std::slice::Chunks<'a, f64>> {
        let valid = weights.iter().all(|&w| w >= 0.0 && w.is_finite());
        if !weights.len().is_multiple_of(self.pairs.len()) || !valid {
            return Err(Error::Shape(format!(
                "{} weights of {} cells; all must be finite and not negative",
                weights.len(),
                self.pairs.len()
            )));
        }
        Ok(weights.chunks(self.pairs.len()))
    }
}

/// Logarithm of a binomial likelihood at `p` over that at `c / n`: at most 0.
pub(super) fn relative_log_likelihood((c, n): (usize, usize), p: f64) -> f64 {
    let wrong = n - c;
    let part = |count: usize, p: f64| {
        if count == 0 {
            0.0
        } else {
            let count = count as f64;
            count * (p * n as f64 / count).ln()
        }
    };
    (part(c, p) + part(wrong, 1.0 - p)).min(0.0)
}
