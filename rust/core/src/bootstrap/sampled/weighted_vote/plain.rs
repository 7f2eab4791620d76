//! Weighted votes in which every sample votes: claims grow draw by draw.

use super::super::{Draws, GROUP};
use super::ballots::NOBODY;
use super::{Ballots, WeightedVote};

/// A question whose claims are sums over all draws.
pub(super) struct Plain<'a> {
    rule: &'a WeightedVote,
    correct: &'a [bool],
    /// The place of each sample's answer, and its weight. Samples that cast no ballot share a place
    /// behind the answers.
    ballots: Vec<(u32, i64)>,
}

/// Claim and ballots, by answer and replicate.
pub(super) struct Claims(Vec<[(i64, u32); GROUP]>);

impl<'a> Plain<'a> {
    pub(super) fn new(rule: &'a WeightedVote, ballots: &'a Ballots) -> Self {
        let answers = ballots.correct.len() as u32;
        let pairs = ballots.answer.iter().zip(&ballots.weight);
        Self {
            rule,
            correct: &ballots.correct,
            ballots: pairs
                .map(|(&answer, &weight)| {
                    let place = if answer == NOBODY { answers } else { answer };
                    (place, weight)
                })
                .collect(),
        }
    }
}

impl Draws for Plain<'_> {
    type Drawn = Claims;

    fn n(&self) -> usize {
        self.ballots.len()
    }

    fn nothing(&self) -> Claims {
        Claims(vec![[(0, 0); GROUP]; self.correct.len() + 1])
    }

    #[inline(always)]
    fn add(&self, drawn: &mut Claims, lane: usize, sample: u32) {
        let (place, weight) = self.ballots[sample as usize];
        let (claim, votes) = &mut drawn.0[place as usize][lane];
        *claim += weight;
        *votes += 1;
    }

    fn credit(&self, drawn: &mut Claims, lane: usize, draws: usize) -> u32 {
        let claims = drawn.0.iter().map(|claims| claims[lane]);
        self.rule.decide(claims, self.correct, draws)
    }
}
