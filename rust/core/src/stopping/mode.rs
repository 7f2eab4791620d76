//! How likely the leader is the mode, under a Dirichlet posterior of the shares.

use super::standings::Standings;
use super::{Memory, SLACK};
use crate::special::beta::{Tail, incomplete};
use crate::special::gamma_tail;
use std::sync::OnceLock;

/// Answers up to which chances of two are tabulated.
const TABULATED: usize = 512;

/// Judgements kept at most.
const KEPT: usize = 1 << 16;

/// The rule `m P / (1 - P) >= B`: P is the posterior probability that the leader's share is the
/// largest, m the number of different answers so far.
#[derive(Debug)]
pub struct Mode {
    factor: f64,
    concentration: f64,
    /// The largest counts in the table add up to this.
    tabulated: usize,
    /// `P(share 1 < share 2)` by first and second count, rows of `tabulated / 2 + 1`.
    pairs: Vec<f64>,
    /// The same against everything unseen, by first count.
    unseen: Vec<f64>,
    /// By first count from 1, as they are asked for.
    nodes: Vec<OnceLock<Nodes>>,
}

impl Mode {
    /// The rule, with tables for up to `most` answers.
    pub fn new(factor: f64, concentration: f64, most: usize) -> Self {
        let tabulated = most.min(TABULATED);
        let columns = tabulated / 2 + 1;
        let cells = (tabulated + 1) * columns;
        let first: Vec<f64> = (0..cells)
            .map(|cell| ((cell / columns) as f64).max(1.0))
            .collect();
        let second: Vec<f64> = (0..cells)
            .map(|cell| ((cell % columns) as f64).max(1.0))
            .collect();
        let mut pairs = vec![0.0; cells];
        incomplete(&first, &second, &[0.5], Tail::Lower, &mut pairs);
        let counts: Vec<f64> = (0..=tabulated)
            .map(|count| (count as f64).max(1.0))
            .collect();
        let mut unseen = vec![0.0; counts.len()];
        incomplete(&counts, &[concentration], &[0.5], Tail::Lower, &mut unseen);
        Self {
            factor,
            concentration,
            tabulated,
            pairs,
            unseen,
            nodes: (0..tabulated).map(|_| OnceLock::new()).collect(),
        }
    }

    fn pair(&self, first: u32, second: u32) -> f64 {
        let (row, column) = (first as usize, second as usize);
        if row + column <= self.tabulated {
            self.pairs[row * (self.tabulated / 2 + 1) + column]
        } else {
            chance(f64::from(first), f64::from(second))
        }
    }

    fn unseen(&self, first: u32) -> f64 {
        match self.unseen.get(first as usize) {
            Some(&tail) => tail,
            None => chance(f64::from(first), self.concentration),
        }
    }

    /// Whether the leader is favoured enough. A tie for the lead never is.
    #[inline]
    pub(super) fn favoured(&self, standings: &Standings, memory: &mut Memory) -> bool {
        let (first, second) = (standings.first(), standings.second());
        if first == second {
            return false;
        }
        // m P / (1 - P) >= B where 1 - P <= m / (m + B).
        let different = f64::from(standings.distinct());
        let bound = different / (different + self.factor) * (1.0 + SLACK);
        let unseen = self.unseen(first);
        if second == 0 {
            return unseen <= bound;
        }
        // Another mode is at least as likely as any one rival,
        if self.pair(first, second) > bound || unseen > bound {
            return false;
        }
        self.weighed(standings, unseen, bound, memory)
    }

    fn weighed(&self, standings: &Standings, unseen: f64, bound: f64, memory: &mut Memory) -> bool {
        let first = standings.first();
        let mut counts: Vec<u32> = standings.counts().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        // and at most as likely as all of them together.
        let together: f64 = counts[1..]
            .iter()
            .map(|&count| self.pair(first, count))
            .sum();
        if together + unseen <= bound {
            return true;
        }
        if let Some(&known) = memory.0.get(counts.as_slice()) {
            return known;
        }
        let other = match self.nodes.get(first as usize - 1) {
            Some(nodes) => nodes
                .get_or_init(|| Nodes::new(first, self.concentration))
                .other_mode(&counts[1..]),
            None => other_mode(&counts, self.concentration),
        };
        let favoured = other <= bound;
        if memory.0.len() >= KEPT {
            memory.0.clear();
        }
        memory.0.insert(counts.into_boxed_slice(), favoured);
        favoured
    }
}

/// `P(X < Y)` for gamma variables of these shapes.
fn chance(first: f64, second: f64) -> f64 {
    let mut tail = [0.0];
    incomplete(&[first], &[second], &[0.5], Tail::Lower, &mut tail);
    tail[0]
}

/// The probability that the first share is not the largest, under `Dirichlet(counts, concentration)`.
pub fn other_mode(counts: &[u32], concentration: f64) -> f64 {
    Nodes::new(counts[0], concentration).other_mode(&counts[1..])
}

/// The integral over the share of a leader with so many samples.
///
/// Shares are gamma variables over their sum, so that the probability of another mode is the integral
/// of `1 - prod_j P(X_j < x)` over the density of the leader's. In `ln x` it is smooth and falls off
/// exponentially: the trapezoidal rule converges geometrically. The error is below `1e-9` of the value
/// or `1e-18`.
#[derive(Debug)]
struct Nodes {
    x: Vec<f64>,
    mass: Vec<f64>,
    /// Logarithms of the chance that everything unseen is below each node.
    unseen: Vec<f64>,
    /// By count from 1, the same of an answer with so many samples.
    rivals: Vec<OnceLock<Vec<f64>>>,
}

impl Nodes {
    fn new(first: u32, concentration: f64) -> Self {
        /// Where the density is this small, in logarithms, the integral ends.
        const NEGLIGIBLE: f64 = -45.0;
        let count = f64::from(first);
        let log_gamma = libm::lgamma(count);
        let log_density = |log: f64| count * log - libm::exp(log) - log_gamma;
        let step = 0.3_f64.min(0.4 / count.sqrt());
        let middle = libm::log(count);
        let side = |direction: f64| {
            (0..)
                .map(move |i| middle + direction * step * f64::from(i))
                .take_while(|&log| log_density(log) > NEGLIGIBLE)
        };
        let logs: Vec<f64> = side(-1.0).chain(side(1.0).skip(1)).collect();
        let x: Vec<f64> = logs.iter().map(|&log| libm::exp(log)).collect();
        Self {
            mass: logs
                .iter()
                .map(|&log| libm::exp(log_density(log)) * step)
                .collect(),
            unseen: log_below(concentration, &x),
            rivals: (0..first).map(|_| OnceLock::new()).collect(),
            x,
        }
    }

    /// The probability of another mode against rivals with these counts, none above the leader's.
    fn other_mode(&self, rivals: &[u32]) -> f64 {
        let mut log_none = self.unseen.clone();
        for &count in rivals {
            let below = self.rivals[count as usize - 1]
                .get_or_init(|| log_below(f64::from(count), &self.x));
            for (sum, log) in log_none.iter_mut().zip(below) {
                *sum += log;
            }
        }
        let terms = self.mass.iter().zip(&log_none);
        terms.map(|(mass, &log)| -mass * libm::expm1(log)).sum()
    }
}

/// Logarithms of `P(X < x)` for a gamma variable of this shape.
fn log_below(shape: f64, x: &[f64]) -> Vec<f64> {
    x.iter()
        .map(|&x| libm::log1p(-gamma_tail(shape, x).min(1.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn against_the_unseen_alone_it_is_a_beta_tail() {
        for first in [1, 2, 5, 40, 1000] {
            for concentration in [0.01, 0.3, 2.0, 30.0] {
                let exact = chance(f64::from(first), concentration);
                let integral = other_mode(&[first], concentration);
                assert!(
                    (integral - exact).abs() < 1e-9 * exact + 1e-18,
                    "{first} {concentration}: {integral} {exact}"
                );
            }
        }
    }

    #[test]
    fn three_equal_shares_are_the_largest_equally_often() {
        for count in [1, 3, 50, 400] {
            let other = other_mode(&[count, count], f64::from(count));
            assert!((other - 2.0 / 3.0).abs() < 1e-10, "{count}: {other}");
        }
    }
}
