//! Filter-Vote: a vote among the candidates that a filter keeps, or among all if it keeps none.

use super::plurality::correct_shares;
use super::{Design, Estimator, FilterPoll, Poll};
use crate::error::Result;
use crate::log::{Ragged, check_length};
use crate::special::binomial_log_mass;
use crate::tally::{Counter, Tally};
use crate::vote::{NoAnswer, Ties};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Filter-Vote over `m` candidates, where `m` follows from the number of calls.
///
/// Among the draws with at least one kept sample the dropped ones never win: they are inert. The
/// draws without any are the vote over the dropped samples alone, weighted by their probability:
///
/// ```text
/// F(m) = share(kept; dropped inert)(m) + P(no kept sample in m) share(dropped)(m)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterVote {
    /// How a tie for first place is scored.
    pub ties: Ties,
    /// LLM calls per candidate: two if the filter call is counted, one if not. `m = k / calls`.
    pub calls_per_candidate: usize,
}

/// The samples of one question, split by the filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FilterTally {
    /// Samples the filter keeps; those that never win are in its inert part.
    pub kept: Tally,
    /// Samples the filter drops.
    pub dropped: Tally,
}

/// The tally of every question of a log, split by the keep flags.
pub fn filter_tallies(
    questions: Ragged<'_>,
    codes: &[i32],
    correct: &[bool],
    keep: &[bool],
    no_answer: NoAnswer,
) -> Result<Vec<FilterTally>> {
    check_length("codes", codes.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    check_length("keep", keep.len(), questions.n_samples())?;
    (0..questions.len())
        .into_par_iter()
        .map_init(
            || Counter::new(questions, codes, correct, no_answer),
            |counter, q| {
                // The whole question first: an answer may not change its verdict across the filter.
                counter.tally(q, |_| true)?;
                Ok(FilterTally {
                    kept: counter.tally(q, |sample| keep[sample])?,
                    dropped: counter.tally(q, |sample| !keep[sample])?,
                })
            },
        )
        .collect()
}

impl Estimator for FilterVote {
    type Counts = FilterTally;

    fn n(&self, tally: &FilterTally) -> usize {
        tally.kept.n() + tally.dropped.n()
    }

    fn least_calls(&self) -> usize {
        self.calls_per_candidate
    }

    fn most_calls(&self, n: usize) -> usize {
        // A remainder of calls buys no further candidate.
        (n + 1) * self.calls_per_candidate - 1
    }

    fn curve(
        &self,
        tally: &FilterTally,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> std::result::Result<(), Interrupted> {
        let poll = FilterPoll {
            kept: (&tally.kept).into(),
            dropped: (&tally.dropped).into(),
        };
        self.poll_curve(&poll, k, design, watch, scores)
    }

    fn deletions(&self, tally: &FilterTally) -> Vec<(usize, FilterTally)> {
        let kept = tally.kept.deletions().into_iter().map(|(samples, kept)| {
            let dropped = tally.dropped.clone();
            (samples, FilterTally { kept, dropped })
        });
        let dropped = tally
            .dropped
            .deletions()
            .into_iter()
            .map(|(samples, dropped)| {
                let kept = tally.kept.clone();
                (samples, FilterTally { kept, dropped })
            });
        kept.chain(dropped).collect()
    }
}

impl FilterVote {
    pub(super) fn poll_curve(
        &self,
        poll: &FilterPoll,
        k: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> std::result::Result<(), Interrupted> {
        let mut candidates: Vec<usize> = k.iter().map(|k| k / self.calls_per_candidate).collect();
        candidates.dedup();
        let mut values = vec![0.0; candidates.len()];
        self.candidate_curve(poll, &candidates, design, watch, &mut values)?;
        let mut position = 0;
        for (score, k) in scores.iter_mut().zip(k) {
            while candidates[position] != k / self.calls_per_candidate {
                position += 1;
            }
            *score = values[position];
        }
        Ok(())
    }

    fn candidate_curve(
        &self,
        poll: &FilterPoll,
        candidates: &[usize],
        design: Design,
        watch: &Watch,
        scores: &mut [f64],
    ) -> std::result::Result<(), Interrupted> {
        let (kept, dropped) = (poll.kept.total(), poll.dropped.total());
        let with_dropped_inert = Poll {
            inert: poll.kept.inert + dropped,
            ..poll.kept.clone()
        };
        correct_shares(
            &with_dropped_inert,
            candidates,
            design,
            self.ties,
            watch,
            scores,
        )?;

        // Numbers of candidates that may all be dropped.
        let exposed: Vec<usize> = match design {
            Design::WithReplacement if dropped > 0.0 => candidates.to_vec(),
            Design::WithReplacement => Vec::new(),
            Design::WithoutReplacement => candidates
                .iter()
                .copied()
                .filter(|&m| m as f64 <= dropped)
                .collect(),
        };
        if exposed.is_empty() {
            return Ok(());
        }
        let mut fall_back = vec![0.0; exposed.len()];
        correct_shares(
            &poll.dropped,
            &exposed,
            design,
            self.ties,
            watch,
            &mut fall_back,
        )?;
        let mut fall_back = exposed.iter().zip(fall_back);
        for (score, &m) in scores.iter_mut().zip(candidates) {
            if design == Design::WithReplacement || m as f64 <= dropped {
                let (_, share) = fall_back.next().unwrap_or((&0, 0.0));
                *score += none_kept(kept, dropped, m, design) * share;
            }
        }
        Ok(())
    }
}

/// The probability that `m` draws all come from the `dropped` mass.
fn none_kept(kept: f64, dropped: f64, m: usize, design: Design) -> f64 {
    let n = kept + dropped;
    match design {
        Design::WithReplacement => (m as f64 * -(kept / dropped).ln_1p()).exp(),
        Design::WithoutReplacement if m < 512 => (0..m)
            .map(|i| (dropped - i as f64) / (n - i as f64))
            .product(),
        // C(dropped, m) / C(n, m), as a ratio of binomial masses at the same odds.
        Design::WithoutReplacement => {
            let odds = m as f64 / (n - m as f64);
            let log_ratio = binomial_log_mass(m as u64, dropped as u64, odds)
                - binomial_log_mass(m as u64, n as u64, odds);
            (log_ratio - kept * odds.ln_1p()).exp()
        }
    }
}
