//! Exact accuracy curves: the expected score of a rule after `k` calls, for each question.
//!
//! Every rule is an [`Estimator`]: what its estimate depends on (counts), the curve of given counts,
//! and the counts that deleting one sample leaves. [`curves`] evaluates the questions of a log in
//! parallel, each distinct set of counts once, with the delete-one jackknife on request.

mod best_of_n;
mod filter_vote;
mod pass;
mod plurality;
mod poll;
mod vote;

pub use best_of_n::{BestOfN, Level, Ranking, rankings};
pub use filter_vote::{FilterTally, FilterVote, filter_tallies};
pub use pass::{GPassAtK, MeanAtK, PassAtK, PassHatK, Successes, successes};
pub use poll::{FilterPoll, Peers, Poll};
pub use vote::Vote;

use crate::error::{Error, Result};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::Hash;

/// How the `k` calls are drawn from the `n` logged samples of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Design {
    /// Every subset of `k` of the `n` samples alike: unbiased for `k` fresh calls, `k <= n`.
    WithoutReplacement,
    /// `k` independent draws: the plug-in value at the logged frequencies, any `k`.
    WithReplacement,
}

/// A rule with an exact expected score.
pub trait Estimator: Sync {
    /// What the estimate of a question depends on.
    type Counts: Clone + Eq + Hash + Send + Sync;

    /// The number of samples behind `counts`.
    fn n(&self, counts: &Self::Counts) -> usize;

    /// The least number of calls for which the rule is defined.
    fn least_calls(&self) -> usize {
        1
    }

    /// The largest number of calls that `n` samples allow without replacement.
    fn most_calls(&self, n: usize) -> usize {
        n
    }

    /// The expected score after each number of calls in `k`, all of them within range.
    fn curve(
        &self,
        counts: &Self::Counts,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> std::result::Result<(), Interrupted>;

    /// Each distinct result of deleting one sample, with the number of samples that lead to it.
    fn deletions(&self, counts: &Self::Counts) -> Vec<(usize, Self::Counts)>;
}

/// Scores and jackknife variances of one question, by k.
type Row = (Vec<f64>, Vec<f64>);

/// Per-question curves, row-major: questions x numbers of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The expected scores.
    pub scores: Vec<f64>,
    /// The delete-one jackknife variance of each score, if asked for. NaN where deleting a sample
    /// leaves too few for `k`.
    pub variances: Option<Vec<f64>>,
}

/// The curves of every question of a log.
///
/// # Errors
///
/// [`Error::NoSamples`] and [`Error::CallsOutOfRange`] name the first question that cannot be
/// evaluated at some `k`.
///
/// # Cost
///
/// One evaluation per distinct `counts`; with the jackknife one more per distinct deletion. Runs on
/// the current rayon pool; `watch` counts questions.
pub fn curves<E: Estimator>(
    estimator: &E,
    counts: &[E::Counts],
    k: &[usize],
    design: Design,
    jackknife: bool,
    watch: &Watch,
) -> Result<Curves> {
    check_calls(
        counts.iter().map(|counts| estimator.n(counts)),
        k,
        design,
        estimator.least_calls(),
        |n| estimator.most_calls(n),
    )?;
    let mut position_of: HashMap<&E::Counts, usize> = HashMap::with_capacity(counts.len());
    let mut distinct: Vec<(&E::Counts, u64)> = Vec::new();
    let row_of: Vec<usize> = counts
        .iter()
        .map(|counts| {
            let row = *position_of.entry(counts).or_insert(distinct.len());
            if row == distinct.len() {
                distinct.push((counts, 0));
            }
            distinct[row].1 += 1;
            row
        })
        .collect();
    let rows: Vec<Row> = distinct
        .par_iter()
        .with_max_len(8)
        .map(|&(counts, questions)| {
            watch.check()?;
            let mut scores = vec![0.0; k.len()];
            estimator.curve(counts, k, design, watch, &mut scores)?;
            // Sums that are one may exceed it by a rounding error.
            for score in &mut scores {
                *score = score.min(1.0);
            }
            let variances = if jackknife {
                jackknife_variances(estimator, counts, k, design, watch)?
            } else {
                Vec::new()
            };
            watch.advance(questions);
            Ok((scores, variances))
        })
        .collect::<std::result::Result<_, Interrupted>>()?;
    let table = |column: fn(&Row) -> &[f64]| {
        let mut table = Vec::with_capacity(counts.len() * k.len());
        for &row in &row_of {
            table.extend_from_slice(column(&rows[row]));
        }
        table
    };
    Ok(Curves {
        scores: table(|(scores, _)| scores),
        variances: jackknife.then(|| table(|(_, variances)| variances)),
    })
}

/// Fails for the first question whose number of samples does not allow some `k`.
pub(crate) fn check_calls(
    samples: impl Iterator<Item = usize>,
    k: &[usize],
    design: Design,
    least: usize,
    most_calls: impl Fn(usize) -> usize,
) -> Result<()> {
    for (question, n) in samples.enumerate() {
        if n == 0 {
            return Err(Error::NoSamples { question });
        }
        let most = match design {
            Design::WithoutReplacement => most_calls(n),
            Design::WithReplacement => usize::MAX,
        };
        if let Some(&k) = k.iter().find(|k| !(least..=most).contains(*k)) {
            return Err(Error::CallsOutOfRange {
                question,
                k,
                least,
                most,
            });
        }
    }
    Ok(())
}

/// `(n - 1) / n sum_i (F_(-i) - mean)^2`, where `F_(-i)` is the score without sample `i`.
fn jackknife_variances<E: Estimator>(
    estimator: &E,
    counts: &E::Counts,
    k: &[usize],
    design: Design,
    watch: &Watch,
) -> std::result::Result<Vec<f64>, Interrupted> {
    let n = estimator.n(counts);
    let most = match design {
        _ if n == 1 => 0,
        Design::WithoutReplacement => estimator.most_calls(n - 1),
        Design::WithReplacement => usize::MAX,
    };
    let within: Vec<usize> = k.iter().copied().filter(|&k| k <= most).collect();
    let mut mean = vec![0.0; within.len()];
    let mut curves = Vec::new();
    if !within.is_empty() {
        for (samples, rest) in estimator.deletions(counts) {
            let weight = samples as f64 / n as f64;
            let mut scores = vec![0.0; within.len()];
            estimator.curve(&rest, &within, design, watch, &mut scores)?;
            for (mean, score) in mean.iter_mut().zip(&scores) {
                *mean += weight * score;
            }
            curves.push((weight, scores));
        }
    }
    let mut sums = vec![0.0; within.len()];
    for (weight, scores) in &curves {
        for ((sum, score), mean) in sums.iter_mut().zip(scores).zip(&mean) {
            *sum += weight * (score - mean).powi(2);
        }
    }
    let mut sums = sums.into_iter();
    let variance = |sum: f64| (n - 1) as f64 * sum;
    Ok(k.iter()
        .map(|&k| {
            if k <= most {
                sums.next().map_or(f64::NAN, variance)
            } else {
                f64::NAN
            }
        })
        .collect())
}
