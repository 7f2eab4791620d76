//! Certificates that the leader is the mode, valid whenever one looks.
//!
//! A bettor on answer `a` against answer `b` looks only at draws of these two, and has the mean, over
//! `t` uniform between 1/2 and 1, of `(2 t)^i (2 (1 - t))^j` after `i` and `j` of them: a
//! supermartingale unless `a` is the more frequent of the two.

use super::SLACK;
use super::leads::Leads;
use super::standings::Standings;
use crate::special::beta::{Tail, incomplete, log_beta};
use std::f64::consts::LN_2;
use std::sync::OnceLock;

/// The logarithm of `2^(n + 1) B(i + 1, j + 1) (1 - I_{1/2}(i + 1, j + 1))`, where `n = i + j`.
fn log_wealth(wins: u32, losses: u32) -> f64 {
    let (a, b) = (f64::from(wins) + 1.0, f64::from(losses) + 1.0);
    let (mut tail, mut beta) = ([0.0], [0.0]);
    incomplete(&[a], &[b], &[0.5], Tail::Upper, &mut tail);
    log_beta(&[a], &[b], &mut beta);
    (a + b - 1.0) * LN_2 + beta[0] + libm::log(tail[0])
}

/// By the place of the leader, the leads that certify it; filled in as they are asked for.
#[derive(Debug)]
pub(super) struct Certificates {
    error: f64,
    most: usize,
    by_place: Vec<OnceLock<Leads>>,
}

impl Certificates {
    /// Certificates for up to `most` answers.
    pub(super) fn new(error: f64, most: usize) -> Self {
        Self {
            error,
            most,
            by_place: (0..most).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether the leader is certified.
    #[inline]
    pub(super) fn reached(&self, standings: &Standings) -> bool {
        if standings.first() == standings.second() {
            return false;
        }
        let place = standings.place();
        let leads = self.by_place[place as usize - 1].get_or_init(|| {
            // The leader's first sample only names it: the errors of the first, second, ... answer
            // to appear are 1/2, 1/6, ... of the whole.
            let place = f64::from(place);
            let bound = libm::log(place * (place + 1.0) / self.error) - SLACK;
            Leads::new(self.most, |first, second| {
                log_wealth(first - 1, second) >= bound
            })
        });
        leads.clear(standings.first(), standings.second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wealth_is_what_betting_call_by_call_gives() {
        // Without losses the mean of (2 t)^i is (2^(i + 1) - 1) / (i + 1).
        for wins in 0..40 {
            let exact = ((1_u64 << (wins + 1)) - 1) as f64 / f64::from(wins + 1);
            assert!((log_wealth(wins, 0) - exact.ln()).abs() < 1e-13, "{wins}");
        }
        // Whatever comes next, fair chances of the two keep the mean.
        for (wins, losses) in [(0, 0), (3, 1), (10, 12), (200, 150)] {
            let next =
                f64::exp(log_wealth(wins + 1, losses)) + f64::exp(log_wealth(wins, losses + 1));
            let now = f64::exp(log_wealth(wins, losses));
            assert!((next / 2.0 / now - 1.0).abs() < 1e-11, "{wins} {losses}");
        }
    }
}
