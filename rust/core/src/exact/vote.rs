//! The plurality vote of `k` calls: maj@k.

use super::plurality::correct_shares;
use super::{Design, Estimator, Poll};
use crate::tally::Tally;
use crate::vote::Ties;
use crate::work::{Interrupted, Watch};

/// maj@k: the most frequent of the drawn answers is the system's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vote {
    /// How a tie for first place is scored.
    pub ties: Ties,
}

impl Estimator for Vote {
    type Counts = Tally;

    fn n(&self, tally: &Tally) -> usize {
        tally.n()
    }

    fn curve(
        &self,
        tally: &Tally,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> Result<(), Interrupted> {
        self.poll_curve(&tally.into(), k, design, watch, scores)
    }

    fn deletions(&self, tally: &Tally) -> Vec<(usize, Tally)> {
        tally.deletions()
    }
}

impl Vote {
    pub(super) fn poll_curve(
        self,
        poll: &Poll,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> Result<(), Interrupted> {
        correct_shares(poll, k, design, self.ties, watch, scores)
    }
}
