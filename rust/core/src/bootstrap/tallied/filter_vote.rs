//! Filter-Vote on drawn counts: the vote of the kept candidates, or, if none was kept, of the others.

use super::vote::Ballot;
use super::{GROUP, Score, Tallied};
use crate::bootstrap::{Question, Replay};
use crate::exact::{Estimator, FilterTally, FilterVote};

struct TwoBallots {
    kept: Ballot,
    dropped: Ballot,
    /// The kept ones first.
    categories: Vec<u32>,
}

impl Score for TwoBallots {
    fn categories(&self) -> &[u32] {
        &self.categories
    }

    #[inline(always)]
    fn credits(&self, _draws: usize, counts: &[[u32; GROUP]]) -> [u32; GROUP] {
        let (kept, dropped) = counts.split_at(self.kept.categories.len());
        let mut credits = self.kept.credits(kept);
        let fall_back = self.dropped.credits(dropped);
        let mut candidates = [0; GROUP];
        for counts in kept {
            for lane in 0..GROUP {
                candidates[lane] += counts[lane];
            }
        }
        for lane in 0..GROUP {
            if candidates[lane] == 0 {
                credits[lane] = fall_back[lane];
            }
        }
        credits
    }
}

impl Replay for FilterVote {
    type Counts = FilterTally;

    fn n(&self, tally: &FilterTally) -> usize {
        Estimator::n(self, tally)
    }

    fn least_calls(&self) -> usize {
        Estimator::least_calls(self)
    }

    fn most_calls(&self, n: usize) -> usize {
        Estimator::most_calls(self, n)
    }

    fn draws(&self, k: usize) -> usize {
        k / self.calls_per_candidate
    }

    fn question<'a>(&'a self, tally: &'a FilterTally) -> Box<dyn Question + 'a> {
        let kept = Ballot::new(&tally.kept, self.ties);
        let dropped = Ballot::new(&tally.dropped, self.ties);
        let categories = [&kept.categories[..], &dropped.categories].concat();
        Box::new(Tallied::new(TwoBallots {
            kept,
            dropped,
            categories,
        }))
    }
}
