//! Best-of-n: the sample with the top score is the system's answer.

use super::{Design, Estimator};
use crate::error::Result;
use crate::log::{Ragged, check_length};
use crate::vote::Ties;
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// The samples of a question in order of score: best-of-n depends on nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Ranking {
    /// Samples that share a score, lowest score first.
    pub levels: Vec<Level>,
}

/// The samples that share one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Level {
    /// How many.
    pub samples: u32,
    /// How many of them are correct.
    pub correct: u32,
}

impl Ranking {
    /// Ranks samples by score, where sample `i` stands for `count(i)` alike; missing scores (NaN)
    /// share the lowest level.
    pub fn new(scores: &[f64], correct: &[bool], count: impl Fn(usize) -> u32) -> Self {
        let key = |i: usize| {
            if scores[i].is_nan() {
                f64::NEG_INFINITY
            } else {
                scores[i]
            }
        };
        let missing = |i: usize| scores[i].is_nan();
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order
            .sort_unstable_by(|&a, &b| key(a).total_cmp(&key(b)).then(missing(b).cmp(&missing(a))));
        let mut levels: Vec<Level> = Vec::new();
        let mut previous = None;
        for i in order {
            // Zero and minus zero are one score.
            let score = (missing(i), (key(i) + 0.0).to_bits());
            if previous != Some(score) {
                levels.push(Level {
                    samples: 0,
                    correct: 0,
                });
                previous = Some(score);
            }
            if let Some(level) = levels.last_mut() {
                level.samples += count(i);
                level.correct += count(i) * u32::from(correct[i]);
            }
        }
        Self { levels }
    }

    fn n(&self) -> usize {
        self.levels.iter().map(|level| level.samples as usize).sum()
    }
}

/// The ranking of every question of a log.
pub fn rankings(questions: Ragged<'_>, scores: &[f64], correct: &[bool]) -> Result<Vec<Ranking>> {
    check_length("score", scores.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    Ok((0..questions.len())
        .into_par_iter()
        .map(|q| {
            let range = questions.range(q);
            let start = range.start;
            Ranking::new(&scores[range.clone()], &correct[range], |sample| {
                questions.count(start + sample)
            })
        })
        .collect())
}

/// Best-of-n by score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BestOfN {
    /// How a tie for the top score is scored: by the share of the tied samples that is correct, or,
    /// with [`Ties::Wrong`], as wrong unless all of them are.
    pub ties: Ties,
}

impl Estimator for BestOfN {
    type Counts = Ranking;

    fn n(&self, ranking: &Ranking) -> usize {
        ranking.n()
    }

    /// The sum over ranks of (probability that the rank is the top one drawn) x (its credit).
    fn curve(
        &self,
        ranking: &Ranking,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> std::result::Result<(), Interrupted> {
        let credits = self.credits(ranking);
        for (score, &k) in scores.iter_mut().zip(k) {
            watch.check()?;
            *score = match design {
                Design::WithoutReplacement => top_of_subset(&credits, k),
                Design::WithReplacement => top_of_draws(&credits, k),
            };
        }
        Ok(())
    }

    fn deletions(&self, ranking: &Ranking) -> Vec<(usize, Ranking)> {
        let mut deletions = Vec::new();
        for (i, level) in ranking.levels.iter().enumerate() {
            for (samples, correct) in [(level.correct, 1), (level.samples - level.correct, 0)] {
                if samples == 0 {
                    continue;
                }
                let mut rest = ranking.clone();
                rest.levels[i].samples -= 1;
                rest.levels[i].correct -= correct;
                if rest.levels[i].samples == 0 {
                    rest.levels.remove(i);
                }
                deletions.push((samples as usize, rest));
            }
        }
        deletions
    }
}

impl BestOfN {
    /// The credit of each rank, lowest first. The top rank drawn decides: its level is the top
    /// level drawn. The drawn samples of that level are exchangeable, so under a fair tie every rank
    /// has the level's share of correct samples. Under [`Ties::Wrong`] the wrong samples take the
    /// upper ranks of their level, so that one of them drawn is enough to decide.
    fn credits(self, ranking: &Ranking) -> Vec<f64> {
        let mut credits = Vec::with_capacity(ranking.n());
        for &Level { samples, correct } in &ranking.levels {
            match self.ties {
                Ties::Split | Ties::First => {
                    let share = f64::from(correct) / f64::from(samples);
                    credits.extend(std::iter::repeat_n(share, samples as usize));
                }
                Ties::Wrong => {
                    credits.extend(std::iter::repeat_n(1.0, correct as usize));
                    credits.extend(std::iter::repeat_n(0.0, (samples - correct) as usize));
                }
            }
        }
        credits
    }
}

/// Without replacement rank `r` of `n` is on top of `k` with probability `C(r-1, k-1) / C(n, k)`.
fn top_of_subset(credits: &[f64], k: usize) -> f64 {
    let n = credits.len();
    let mut sum = 0.0;
    let mut probability = k as f64 / n as f64;
    for rank in (k..=n).rev() {
        sum += probability * credits[rank - 1];
        // What the lower ranks can still add.
        let rest = probability * (rank - k) as f64 / k as f64;
        if rest < 1e-18 * sum {
            break;
        }
        probability *= (rank - k) as f64 / (rank as f64 - 1.0).max(1.0);
    }
    sum
}

/// With replacement rank `r` of `n` is on top of `k` with probability `(r/n)^k - ((r-1)/n)^k`.
fn top_of_draws(credits: &[f64], k: usize) -> f64 {
    let (n, calls) = (credits.len() as f64, k as f64);
    let mut sum = 0.0;
    for (i, &credit) in credits.iter().enumerate().rev() {
        let rank = i as f64 + 1.0;
        // ln(rank / n) through the distance from the top, which is exact.
        let at_most = (calls * (-(n - rank) / n).ln_1p()).exp();
        let log_below = calls * (-1.0 / rank).ln_1p();
        sum += at_most * credit * -log_below.exp_m1();
        // What the lower ranks can still add.
        if at_most * log_below.exp() < 1e-18 * sum {
            break;
        }
    }
    sum
}
