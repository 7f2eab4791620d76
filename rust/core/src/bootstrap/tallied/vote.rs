//! The plurality vote on drawn counts.

use super::{GROUP, Score, Tallied};
use crate::bootstrap::credit::{UNIT, quick_share};
use crate::bootstrap::{Question, Replay};
use crate::exact::{Estimator, Vote};
use crate::tally::{Group, Tally};
use crate::vote::Ties;

/// A vote among the answers of a tally: the correct ones first, then the wrong ones, then, as one
/// category, the samples that never win.
#[derive(Debug, Clone)]
pub(super) struct Ballot {
    pub(super) categories: Vec<u32>,
    correct: usize,
    answers: usize,
    ties: Ties,
}

impl Ballot {
    pub(super) fn new(tally: &Tally, ties: Ties) -> Self {
        let mut categories = Vec::new();
        let mut list = |groups: &[Group]| {
            for group in groups {
                categories.extend(std::iter::repeat_n(
                    group.count,
                    group.multiplicity as usize,
                ));
            }
            categories.len()
        };
        let correct = list(&tally.correct);
        let answers = list(&tally.wrong);
        categories.extend((tally.inert > 0).then_some(tally.inert));
        Self {
            categories,
            correct,
            answers,
            ties,
        }
    }

    #[inline(always)]
    pub(super) fn credits(&self, counts: &[[u32; GROUP]]) -> [u32; GROUP] {
        let answers = &counts[..self.answers];
        let mut top = [0; GROUP];
        for counts in answers {
            for lane in 0..GROUP {
                top[lane] = top[lane].max(counts[lane]);
            }
        }
        let (mut tied, mut right) = ([0_u32; GROUP], [0_u32; GROUP]);
        for (answer, counts) in answers.iter().enumerate() {
            let is_right = u32::from(answer < self.correct);
            for lane in 0..GROUP {
                let leads = u32::from(counts[lane] == top[lane]);
                tied[lane] += leads;
                right[lane] += leads & is_right;
            }
        }
        let mut credits = [0; GROUP];
        for lane in 0..GROUP {
            let credit = match self.ties {
                Ties::Split | Ties::First => quick_share(right[lane], tied[lane]),
                Ties::Wrong if tied[lane] == 1 => right[lane] * UNIT,
                Ties::Wrong => 0,
            };
            // Without any vote all answers are level at zero.
            credits[lane] = if top[lane] > 0 { credit } else { 0 };
        }
        credits
    }
}

impl Score for Ballot {
    fn categories(&self) -> &[u32] {
        &self.categories
    }

    #[inline(always)]
    fn credits(&self, _draws: usize, counts: &[[u32; GROUP]]) -> [u32; GROUP] {
        Ballot::credits(self, counts)
    }
}

impl Replay for Vote {
    type Counts = Tally;

    fn n(&self, tally: &Tally) -> usize {
        Estimator::n(self, tally)
    }

    fn question<'a>(&'a self, tally: &'a Tally) -> Box<dyn Question + 'a> {
        Box::new(Tallied::new(Ballot::new(tally, self.ties)))
    }
}
