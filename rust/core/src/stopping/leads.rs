//! How many samples the leader needs, for each count of the runner-up.

use super::SLACK;
use crate::special::beta::{Tail, incomplete};

/// By the runner-up's count, the least count with which the leader is clear.
#[derive(Debug)]
pub(super) struct Leads(Vec<u32>);

impl Leads {
    /// The table for up to `most` answers of a criterion that more votes for the leader help and more
    /// for the runner-up hurt.
    pub(super) fn new(most: usize, clear: impl Fn(u32, u32) -> bool) -> Self {
        let most = most.min(u32::MAX as usize / 2) as u32;
        let mut least = Vec::with_capacity(most as usize / 2 + 1);
        let mut first = 1;
        for second in 0..=most / 2 {
            first = first.max(second + 1);
            while first + second <= most && !clear(first, second) {
                first += 1;
            }
            if first + second > most {
                break;
            }
            least.push(first);
        }
        Self(least)
    }

    /// The leads with which `P(p1 > p2) = 1 - I_{1/2}(v1 + 1, v2 + 1)` is at least `confidence`.
    pub(super) fn of_confidence(confidence: f64, most: usize) -> Self {
        let bound = (1.0 - confidence) * (1.0 + SLACK);
        Self::new(most, |first, second| {
            let mut tail = [0.0];
            let (a, b) = (f64::from(first) + 1.0, f64::from(second) + 1.0);
            incomplete(&[a], &[b], &[0.5], Tail::Lower, &mut tail);
            tail[0] <= bound
        })
    }

    /// Whether the leader is clear with these counts.
    #[inline(always)]
    pub(super) fn clear(&self, first: u32, second: u32) -> bool {
        self.0
            .get(second as usize)
            .is_some_and(|&least| first >= least)
    }
}
