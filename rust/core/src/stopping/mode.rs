//! How likely the leader is the mode, under a Dirichlet posterior of the shares.

use super::standings::Standings;
use super::{Memory, SLACK};
use crate::special::beta::{Tail, incomplete};
use crate::special::gamma_tail;

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
        let favoured = other_mode(&counts, self.concentration) <= bound;
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
///
/// Shares are gamma variables over their sum, so that this is the integral of
/// `1 - prod_j P(X_j < x)` over the density of the first. In `ln x` it is smooth and falls off
/// exponentially: the trapezoidal rule converges geometrically. The error is below `1e-9` of the value
/// or `1e-24`.
pub fn other_mode(counts: &[u32], concentration: f64) -> f64 {
    /// Where the density is this small, in logarithms, the integral ends.
    const NEGLIGIBLE: f64 = -60.0;
    let first = f64::from(counts[0]);
    let log_gamma = libm::lgamma(first);
    let log_density = |log: f64| first * log - libm::exp(log) - log_gamma;
    let step = 0.25_f64.min(0.35 / first.sqrt());
    let middle = libm::log(first);
    let mass = |log: f64| {
        libm::exp(log_density(log)) * some_above(&counts[1..], concentration, libm::exp(log))
    };
    let mut sum = mass(middle);
    for direction in [-1.0, 1.0] {
        let mut log = middle + direction * step;
        while log_density(log) > NEGLIGIBLE {
            sum += mass(log);
            log += direction * step;
        }
    }
    sum * step
}

/// The probability that some of gamma variables of these shapes exceeds `x`; equal counts adjoin.
fn some_above(counts: &[u32], concentration: f64, x: f64) -> f64 {
    let mut log_none = libm::log1p(-gamma_tail(concentration, x).min(1.0));
    let mut rest = counts;
    while let Some(&count) = rest.first() {
        let equal = rest.iter().take_while(|&&other| other == count).count();
        let above = gamma_tail(f64::from(count), x).min(1.0);
        log_none += equal as f64 * libm::log1p(-above);
        rest = &rest[equal..];
    }
    -libm::expm1(log_none)
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
                    (integral - exact).abs() < 1e-9 * exact + 1e-24,
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
