//! How often each component of a library occurs: expectation maximisation with a prior.

use crate::work::{Interrupted, Watch};

/// Steps of the maximisation. Few on purpose: what an estimate has not settled after so many steps is
/// noise, and stopping there keeps the population smooth.
const STEPS: usize = 10;

/// The likelihood of each question under pairs of components, as the product of two factors; each
/// row is scaled to a maximum of one.
#[derive(Debug, Clone)]
pub(super) struct Likelihoods {
    first: Vec<f64>,
    second: Vec<f64>,
    firsts: usize,
    seconds: usize,
}

impl Likelihoods {
    /// From the log-likelihoods of each row under `firsts` and `seconds` components.
    pub(super) fn new(
        mut first: Vec<f64>,
        firsts: usize,
        mut second: Vec<f64>,
        seconds: usize,
    ) -> Self {
        for (values, width) in [(&mut first, firsts), (&mut second, seconds)] {
            for row in values.chunks_exact_mut(width) {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for value in row {
                    *value = libm::exp(*value - most);
                }
            }
        }
        Self {
            first,
            second,
            firsts,
            seconds,
        }
    }

    /// Of one factor alone.
    pub(super) fn single(values: Vec<f64>, width: usize) -> Self {
        let rows = values.len() / width;
        Self::new(values, width, vec![0.0; rows], 1)
    }

    fn rows(&self) -> usize {
        self.first.len() / self.firsts
    }

    fn row(&self, row: usize) -> (&[f64], &[f64]) {
        (
            &self.first[row * self.firsts..][..self.firsts],
            &self.second[row * self.seconds..][..self.seconds],
        )
    }

    /// The weights of the pairs, row by row, when row `i` counts `counts[i]` times and the prior is
    /// worth `prior` questions of each pair. The search starts in proportion to `start`.
    pub(super) fn weights(
        &self,
        counts: &[f64],
        start: &[f64],
        prior: &[f64],
        watch: &Watch,
    ) -> Result<Vec<f64>, Interrupted> {
        let total: f64 = start.iter().sum();
        let start: Vec<f64> = start.iter().map(|weight| weight / total).collect();
        // One second component after the other: all firsts are then worked on at once.
        let mut weights = transposed(&start, self.seconds);
        let prior = transposed(prior, self.seconds);
        let mut expected = vec![0.0; prior.len()];
        let mut room = vec![0.0; self.firsts];
        for _ in 0..STEPS {
            expected.copy_from_slice(&prior);
            for (row, &count) in (0..self.rows()).zip(counts) {
                if row.is_multiple_of(256) {
                    watch.check()?;
                }
                self.add_expected(row, count, &weights, &mut expected, &mut room);
            }
            let total: f64 = transposed(&expected, self.firsts).iter().sum();
            for (weight, expected) in weights.iter_mut().zip(&expected) {
                *weight = expected / total;
            }
        }
        Ok(transposed(&weights, self.firsts))
    }

    /// Adds how often each pair is expected behind a row; tables are by second component.
    fn add_expected(
        &self,
        row: usize,
        count: f64,
        weights: &[f64],
        expected: &mut [f64],
        room: &mut [f64],
    ) {
        let (first, second) = self.row(row);
        room.fill(0.0);
        for (weights, second) in weights.chunks_exact(self.firsts).zip(second) {
            for (sum, weight) in room.iter_mut().zip(weights) {
                *sum += second * weight;
            }
        }
        let sum: f64 = first.iter().zip(&*room).map(|(a, b)| a * b).sum();
        let scale = count / sum;
        for (scaled, first) in room.iter_mut().zip(first) {
            *scaled = scale * first;
        }
        let columns = weights
            .chunks_exact(self.firsts)
            .zip(expected.chunks_exact_mut(self.firsts));
        for (second, (weights, expected)) in second.iter().zip(columns) {
            for ((expected, weight), scaled) in expected.iter_mut().zip(weights).zip(&*room) {
                *expected += scaled * weight * second;
            }
        }
    }

    /// The expectation of a value of the pair of components that this row is of.
    pub(super) fn expectation(
        &self,
        row: usize,
        weights: &[f64],
        value: impl Fn(usize, usize) -> f64,
    ) -> f64 {
        let (first, second) = self.row(row);
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, (first, weights)) in first
            .iter()
            .zip(weights.chunks_exact(self.seconds))
            .enumerate()
        {
            for (j, (second, weight)) in second.iter().zip(weights).enumerate() {
                let mass = first * second * weight;
                if mass > 0.0 {
                    sum += mass * value(i, j);
                    total += mass;
                }
            }
        }
        sum / total
    }

    /// How probable each first component is for this row, up to a common factor.
    pub(super) fn masses(&self, row: usize, weights: &[f64]) -> Vec<f64> {
        let (first, second) = self.row(row);
        let mut masses = Vec::with_capacity(self.firsts);
        // Four sums at a time: one alone waits for each of its additions.
        for (first, weights) in first.chunks(4).zip(weights.chunks(4 * self.seconds)) {
            let mut sums = [0.0; 4];
            for (j, second) in second.iter().enumerate() {
                for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(self.seconds)) {
                    *sum += second * weights[j];
                }
            }
            masses.extend(first.iter().zip(sums).map(|(first, sum)| first * sum));
        }
        masses
    }

    /// The pair of components of which `unit`, uniform between 0 and 1, makes a draw for this row, whose
    /// `masses` are given.
    pub(super) fn pick(
        &self,
        row: usize,
        weights: &[f64],
        masses: &[f64],
        unit: f64,
    ) -> (usize, usize) {
        let (first, second) = self.row(row);
        let mut left = unit * masses.iter().sum::<f64>();
        for (i, &mass) in masses.iter().enumerate() {
            if left < mass || i + 1 == self.firsts {
                let rest = left.min(mass) / first[i].max(f64::MIN_POSITIVE);
                return (
                    i,
                    self.pick_second(second, &weights[i * self.seconds..], rest),
                );
            }
            left -= mass;
        }
        (0, 0)
    }

    fn pick_second(&self, second: &[f64], weights: &[f64], mut left: f64) -> usize {
        for (j, (likelihood, weight)) in second.iter().zip(weights).enumerate() {
            left -= likelihood * weight;
            if left < 0.0 {
                return j;
            }
        }
        self.seconds - 1
    }
}

/// A table of `columns` columns, row by row, as one of its columns after the other.
fn transposed(table: &[f64], columns: usize) -> Vec<f64> {
    let column = |column| table[column..].iter().step_by(columns).copied();
    (0..columns).flat_map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that say clearly which of 2 x 2 pairs they are of.
    fn clear() -> Likelihoods {
        let log = |near: bool| if near { 0.0 } else { -30.0 };
        let rows = [(0, 0), (0, 0), (0, 1), (1, 1)];
        let first = rows.iter().flat_map(|&(i, _)| [log(i == 0), log(i == 1)]);
        let second = rows.iter().flat_map(|&(_, j)| [log(j == 0), log(j == 1)]);
        Likelihoods::new(first.collect(), 2, second.collect(), 2)
    }

    #[test]
    fn weights_are_the_shares_of_the_rows_and_of_the_prior() {
        let weights = clear()
            .weights(
                &[1.0, 1.0, 1.0, 3.0],
                &[1.0; 4],
                &[1.0; 4],
                &Watch::default(),
            )
            .unwrap();
        for (found, expected) in weights.iter().zip([0.3, 0.2, 0.1, 0.4]) {
            assert!((found - expected).abs() < 1e-9, "{weights:?}");
        }
    }

    #[test]
    fn picks_follow_weight_times_likelihood() {
        let log = |x: f64| x.ln();
        let likelihoods = Likelihoods::new(
            vec![log(0.5), log(1.0)],
            2,
            vec![log(1.0), log(0.25), log(0.5)],
            3,
        );
        let weights = [0.1, 0.2, 0.1, 0.3, 0.2, 0.1];
        let mass = |i: usize, j: usize| [0.5, 1.0][i] * [1.0, 0.25, 0.5][j] * weights[i * 3 + j];
        let total: f64 = (0..6).map(|z| mass(z / 3, z % 3)).sum();
        let masses = likelihoods.masses(0, &weights);
        let mut seen = [0.0; 6];
        for step in 0..6000 {
            let unit = (f64::from(step) + 0.5) / 6000.0;
            let (i, j) = likelihoods.pick(0, &weights, &masses, unit);
            seen[i * 3 + j] += 1.0 / 6000.0;
        }
        for (z, seen) in seen.iter().enumerate() {
            assert!((seen - mass(z / 3, z % 3) / total).abs() < 1e-3, "{z}");
        }
    }
}
