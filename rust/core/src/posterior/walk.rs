//! Samples of known categories, counted on the way through a grid of k.

use crate::rng::Streams;
use crate::variates::{Binomial, Chance};
use std::cell::OnceCell;

/// An interval of the grid is drawn sample by sample unless it is this much longer than the list of
/// categories; beyond, a binomial for each of them costs less.
const SAMPLES_PER_CATEGORY: usize = 8;

/// Draws samples, each of one of the categories or of none of them.
pub(super) struct Walk<'a> {
    probabilities: &'a [f64],
    /// Sums of the probabilities.
    sums: Vec<f64>,
    /// The category, and its chance among those that were not drawn yet: the likeliest first. It takes
    /// longer to make than a short walk.
    chain: OnceCell<Vec<(usize, Chance)>>,
}

impl<'a> Walk<'a> {
    /// Over categories with these probabilities.
    pub(super) fn new(probabilities: &'a [f64]) -> Self {
        let mut sum = 0.0;
        let sums = probabilities.iter().map(|probability| {
            sum += probability;
            sum
        });
        Self {
            probabilities,
            sums: sums.collect(),
            chain: OnceCell::new(),
        }
    }

    fn chain(&self) -> &[(usize, Chance)] {
        self.chain.get_or_init(|| {
            let mut order: Vec<usize> = (0..self.probabilities.len()).collect();
            order.sort_by(|&a, &b| self.probabilities[b].total_cmp(&self.probabilities[a]));
            let mut left = 1.0;
            let chances = order.into_iter().map(|category| {
                let probability = self.probabilities[category];
                let share = if probability < left {
                    probability / left
                } else {
                    1.0
                };
                left -= probability;
                (category, Chance::new(share))
            });
            chances.collect()
        })
    }

    /// Whether so many samples are drawn one by one.
    pub(super) fn is_short(&self, samples: usize) -> bool {
        samples <= SAMPLES_PER_CATEGORY * self.sums.len()
    }

    /// The category of one more sample; their number stands for none of them.
    pub(super) fn sample(&self, stream: &mut Streams<1>) -> usize {
        let unit = stream.unit();
        if self.sums.len() <= 16 {
            // Without a branch that nobody can foretell.
            self.sums.iter().filter(|&&sum| sum <= unit).count()
        } else {
            self.sums.partition_point(|&sum| sum <= unit)
        }
    }

    /// Adds `samples` more to the counts of the categories.
    pub(super) fn advance(&self, samples: usize, counts: &mut [u32], stream: &mut Streams<1>) {
        if self.is_short(samples) {
            for _ in 0..samples {
                if let Some(count) = counts.get_mut(self.sample(stream)) {
                    *count += 1;
                }
            }
            return;
        }
        let mut left = samples as u32;
        for &(category, chance) in self.chain() {
            if left == 0 {
                break;
            }
            let count = Binomial::new(left, chance).draw(stream);
            counts[category] += count;
            left -= count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    #[test]
    fn short_and_long_intervals_have_the_same_moments() {
        let probabilities = [0.2, 0.5, 0.05];
        let walk = Walk::new(&probabilities);
        for (samples, steps) in [(20, 1), (400, 1), (20, 20)] {
            let mut sums = [0.0; 3];
            let mut squares = [0.0; 3];
            for replicate in 0..20_000 {
                let key = Key::new(1, samples as u64, Purpose::Posterior);
                let mut stream = Streams::<1>::new(key, replicate);
                let mut counts = [0; 3];
                for _ in 0..steps {
                    walk.advance(samples / steps, &mut counts, &mut stream);
                }
                for (i, &count) in counts.iter().enumerate() {
                    sums[i] += f64::from(count);
                    squares[i] += f64::from(count).powi(2);
                }
            }
            for (i, p) in probabilities.into_iter().enumerate() {
                let mean = sums[i] / 20_000.0;
                let variance = squares[i] / 20_000.0 - mean * mean;
                let expected = samples as f64 * p * (1.0 - p);
                let error = (expected / 20_000.0).sqrt();
                assert!(
                    (mean - samples as f64 * p).abs() < 4.0 * error,
                    "{samples} {i}"
                );
                assert!((variance / expected - 1.0).abs() < 0.06, "{samples} {i}");
            }
        }
    }
}
