//! The plurality vote on drawn counts.

use super::{GROUP, Score, Tallied};
use crate::bootstrap::credit::{UNIT, quick_share};
use crate::bootstrap::{Question, Replay};
use crate::exact::{Estimator, Vote};
use crate::tally::{Group, Tally};
use crate::vote::Ties;
use std::array::from_fn;

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
        let (correct, wrong) = counts[..self.answers].split_at(self.correct);
        let top = highest(wrong, highest(correct, [0; GROUP]));
        let right = level(correct, &top);
        let tied_wrong = level(wrong, &top);
        let tied: [u32; GROUP] = from_fn(|lane| right[lane] + tied_wrong[lane]);
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

/// The largest of `top` and the counts, by replicate.
#[inline(always)]
fn highest(counts: &[[u32; GROUP]], mut top: [u32; GROUP]) -> [u32; GROUP] {
    for counts in counts {
        for lane in 0..GROUP {
            top[lane] = top[lane].max(counts[lane]);
        }
    }
    top
}

/// How many of the counts are `top`, by replicate.
#[inline(always)]
fn level(counts: &[[u32; GROUP]], top: &[u32; GROUP]) -> [u32; GROUP] {
    let mut level = [0; GROUP];
    for counts in counts {
        for lane in 0..GROUP {
            level[lane] += u32::from(counts[lane] == top[lane]);
        }
    }
    level
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
