//! Weighted votes that depend on the ranks of the samples drawn: a top share that votes, or Borda.

use super::super::{Draws, GROUP};
use super::ballots::NOBODY;
use super::{Ballots, Claim, FULL_WEIGHT, WeightedVote, Weighting};

/// A question whose samples have to be ranked before they vote.
pub(super) struct Ranked<'a> {
    rule: &'a WeightedVote,
    ballots: &'a Ballots,
}

/// How often each sample was drawn, by replicate, and room for the count.
pub(super) struct Drawn {
    times: Vec<u32>,
    /// Claim and ballots by answer.
    claims: Vec<(i64, u32)>,
    rank_sums: RankSums,
}

impl<'a> Ranked<'a> {
    pub(super) fn new(rule: &'a WeightedVote, ballots: &'a Ballots) -> Self {
        Self { rule, ballots }
    }

    /// The samples, from the top, of the levels that vote, and how many draws they are.
    fn electorate(&self, times: &[u32], draws: usize) -> (usize, u64) {
        let (numerator, denominator) = self.rule.top;
        let wanted = (draws as u64 * numerator).div_ceil(denominator).max(1);
        let (mut start, mut voters) = (0, 0);
        for &end in &self.ballots.level_ends {
            voters += total(&times[start..end as usize]);
            start = end as usize;
            if voters >= wanted {
                break;
            }
        }
        (start, voters)
    }
}

fn total(times: &[u32]) -> u64 {
    times.iter().map(|&times| u64::from(times)).sum()
}

impl Draws for Ranked<'_> {
    type Drawn = Drawn;

    fn n(&self) -> usize {
        self.ballots.n()
    }

    fn nothing(&self) -> Drawn {
        let answers = self.ballots.correct.len();
        Drawn {
            times: vec![0; GROUP * self.n()],
            claims: vec![(0, 0); answers],
            rank_sums: RankSums::default(),
        }
    }

    #[inline(always)]
    fn add(&self, drawn: &mut Drawn, lane: usize, sample: u32) {
        drawn.times[lane * self.n() + sample as usize] += 1;
    }

    fn credit(&self, drawn: &mut Drawn, lane: usize, draws: usize) -> u32 {
        let Drawn {
            times,
            claims,
            rank_sums,
        } = drawn;
        let times = &times[lane * self.n()..(lane + 1) * self.n()];
        let (end, voters) = self.electorate(times, draws);
        claims.fill((0, 0));
        let borda = match (self.rule.claim, self.rule.weighting) {
            (Claim::Borda, Weighting::Power(power)) => Some(rank_sums.of(voters, power)),
            _ => None,
        };
        let (mut start, mut rank) = (0, 0);
        for &level_end in &self.ballots.level_ends {
            let level = start..level_end as usize;
            start = level.end;
            if level.end > end {
                break;
            }
            let drawn_of_level = total(&times[level.clone()]);
            let level_weight =
                borda.map(|sums| sums[(rank + drawn_of_level) as usize] - sums[rank as usize]);
            rank += drawn_of_level;
            for sample in level {
                let (answer, times) = (self.ballots.answer[sample], times[sample]);
                if answer == NOBODY || times == 0 {
                    continue;
                }
                let (claim, votes) = &mut claims[answer as usize];
                *claim += match level_weight {
                    // Samples of equal score share the mean of their ranks' weights.
                    Some(weight) => {
                        (i128::from(weight) * i128::from(times) / i128::from(drawn_of_level)) as i64
                    }
                    None => i64::from(times) * self.ballots.weight[sample],
                };
                *votes += times;
            }
        }
        self.rule
            .decide(claims.iter().copied(), &self.ballots.correct, draws)
    }
}

/// Sums of rank weights `((v - r + 1) / v)^power` over the best ranks, kept for the last `v`.
#[derive(Debug, Default)]
struct RankSums {
    voters: u64,
    sums: Vec<i64>,
}

impl RankSums {
    fn of(&mut self, voters: u64, power: f64) -> &[i64] {
        if self.voters != voters {
            self.voters = voters;
            self.sums.clear();
            self.sums.push(0);
            let mut sum = 0;
            for place in (1..=voters).rev() {
                let share = place as f64 / voters as f64;
                sum += (libm::pow(share, power) * FULL_WEIGHT).round() as i64;
                self.sums.push(sum);
            }
        }
        &self.sums
    }
}
