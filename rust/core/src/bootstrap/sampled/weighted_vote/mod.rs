//! Weighted votes: each ballot weighs what a verifier's score says.
//!
//! Weights are kept as integers, in units of `2^-40` of the question's largest: sums are exact in any
//! order, and whether two answers are level does not hang on rounding. Answers within the rounding
//! of the weights, three units per draw, of the highest claim share the first place.

mod ballots;
mod plain;
mod ranked;

pub use ballots::{Ballots, ballots};

use super::Sampled;
use crate::bootstrap::credit::{UNIT, quick_share, share};
use crate::bootstrap::{Question, Replay};
use crate::vote::Ties;
use plain::Plain;
use ranked::Ranked;

/// The weight that a question's largest is scaled to.
const FULL_WEIGHT: f64 = (1_u64 << 40) as f64;

/// The most draws whose weights can be summed.
const MOST_DRAWS: usize = 1 << 22;

/// What an answer's claim to the first place is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The sum of the weights of its ballots.
    Sum,
    /// Their mean.
    Mean,
    /// The sum of `(v - r + 1)^power` over its ballots' ranks `r` by score among the `v` that vote.
    Borda,
}

/// From a score to a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weighting {
    /// `score^power`; the power of the rank weights for [`Claim::Borda`].
    Power(f64),
    /// `exp(score / temperature)`.
    Softmax {
        /// The temperature, above zero.
        temperature: f64,
    },
}

/// A vote in which ballots have weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedVote {
    /// What is compared.
    pub claim: Claim,
    /// How scores become weights.
    pub weighting: Weighting,
    /// Only the `ceil(top k)` samples of highest score vote, and those level with the last of them;
    /// a ratio.
    pub top: (u64, u64),
    /// How a tie for the first place is scored.
    pub ties: Ties,
}

impl Replay for WeightedVote {
    type Counts = Ballots;

    fn n(&self, ballots: &Ballots) -> usize {
        ballots.n()
    }

    fn most_draws(&self) -> usize {
        MOST_DRAWS
    }

    fn question<'a>(&'a self, ballots: &'a Ballots) -> Box<dyn Question + 'a> {
        let everyone = self.top.0 >= self.top.1;
        match self.claim {
            Claim::Sum | Claim::Mean if everyone => Box::new(Sampled(Plain::new(self, ballots))),
            _ => Box::new(Sampled(Ranked::new(self, ballots))),
        }
    }
}

impl WeightedVote {
    /// The credit of answers with these claims, in units of weight, and numbers of ballots.
    ///
    /// Claims beyond the answers that have a verdict are not counted.
    fn decide(
        &self,
        claims: impl Iterator<Item = (i64, u32)> + Clone,
        correct: &[bool],
        draws: usize,
    ) -> u32 {
        let claims = claims.take(correct.len());
        match self.claim {
            Claim::Mean => self.credit(claims, correct, 3.0, |(claim, votes)| {
                claim as f64 / f64::from(votes)
            }),
            Claim::Sum | Claim::Borda => {
                self.credit(claims, correct, 3.0 * draws as f64, |(claim, _)| {
                    claim as f64
                })
            }
        }
    }

    /// The credit if claims are compared by `value`.
    #[inline(always)]
    fn credit(
        &self,
        claims: impl Iterator<Item = (i64, u32)> + Clone,
        correct: &[bool],
        tolerance: f64,
        value: impl Fn((i64, u32)) -> f64,
    ) -> u32 {
        let value = |claim: (i64, u32)| match claim {
            (_, 0) => f64::NEG_INFINITY,
            claim => value(claim),
        };
        let top = claims
            .clone()
            .fold(f64::NEG_INFINITY, |top, claim| top.max(value(claim)));
        let level = top - tolerance;
        let (mut tied, mut right) = ((0_u32, 0), (0_u32, 0));
        for (claim, &correct) in claims.zip(correct) {
            if claim.1 > 0 && value(claim) >= level {
                tied = (tied.0 + 1, tied.1 + claim.1);
                if correct {
                    right = (right.0 + 1, right.1 + claim.1);
                }
            }
        }
        match self.ties {
            _ if tied.0 == 0 => 0,
            Ties::Split => quick_share(right.0, tied.0),
            // Whose ballot came first: every ballot of the tied answers is as likely.
            Ties::First => share(right.1.into(), tied.1.into()),
            Ties::Wrong if tied.0 == 1 && right.0 == 1 => UNIT,
            Ties::Wrong => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(claim: Claim, ties: Ties) -> WeightedVote {
        WeightedVote {
            claim,
            weighting: Weighting::Power(1.0),
            top: (1, 1),
            ties,
        }
    }

    #[test]
    fn claims_within_the_rounding_are_level() {
        let sum = vote(Claim::Sum, Ties::Split);
        assert_eq!(
            sum.decide([(100, 1), (102, 1)].into_iter(), &[true, false], 2),
            UNIT / 2
        );
        assert_eq!(
            sum.decide([(100, 1), (107, 1)].into_iter(), &[true, false], 2),
            0
        );
        assert_eq!(
            sum.decide([(0, 0), (-50, 3)].into_iter(), &[true, false], 3),
            0
        );
        assert_eq!(
            sum.decide([(0, 0), (0, 0)].into_iter(), &[true, false], 3),
            0
        );
    }

    #[test]
    fn the_first_of_tied_answers_is_likelier_the_one_with_more_ballots() {
        let first = vote(Claim::Mean, Ties::First);
        assert_eq!(
            first.decide([(100, 1), (300, 3)].into_iter(), &[true, false], 4),
            UNIT / 4
        );
        let wrong = vote(Claim::Mean, Ties::Wrong);
        assert_eq!(
            wrong.decide([(100, 1), (300, 3)].into_iter(), &[true, false], 4),
            0
        );
        assert_eq!(
            wrong.decide([(400, 1), (300, 3)].into_iter(), &[true, false], 4),
            UNIT
        );
    }
}
