//! What one draw votes for: the answers of a question by mass.
//!
//! Masses are numbers of samples where a question is known by its log, and probabilities where its
//! answer distribution itself is known. The plurality vote with replacement depends on their ratios
//! alone; without replacement they are whole numbers.

use super::{Design, FilterVote, Vote};
use crate::tally::{Group, Tally};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Answers that are drawn alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peers {
    /// The mass of each answer.
    pub mass: f64,
    /// The number of answers.
    pub answers: u32,
}

impl Peers {
    pub(super) fn total(&self) -> f64 {
        self.mass * f64::from(self.answers)
    }
}

/// The answers of one question, up to relabelling.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Poll {
    /// The correct answers, largest mass first.
    pub correct: Vec<Peers>,
    /// The wrong answers, largest mass first.
    pub wrong: Vec<Peers>,
    /// The mass of draws that never win.
    pub inert: f64,
}

impl Poll {
    /// A poll from the mass of each answer, zero or more; zeros are skipped, and so are numbers so
    /// small that their digits are going (subnormal ones).
    pub fn new(masses: &[f64], correct: &[bool], inert: f64) -> Self {
        let of = |verdict: bool| {
            let answers = masses.iter().zip(correct);
            let masses: Vec<f64> = answers
                .filter(|&(&mass, &correct)| correct == verdict && mass >= f64::MIN_POSITIVE)
                .map(|(&mass, _)| mass)
                .collect();
            peers(masses)
        };
        Self {
            correct: of(true),
            wrong: of(false),
            inert,
        }
    }

    /// The mass of everything that is drawn.
    pub fn total(&self) -> f64 {
        let answers = self.correct.iter().chain(&self.wrong);
        answers.map(Peers::total).sum::<f64>() + self.inert
    }
}

impl From<&Tally> for Poll {
    fn from(tally: &Tally) -> Self {
        let of = |groups: &[Group]| {
            let peers = groups.iter().map(|group| Peers {
                mass: f64::from(group.count),
                answers: group.multiplicity,
            });
            peers.collect()
        };
        Self {
            correct: of(&tally.correct),
            wrong: of(&tally.wrong),
            inert: f64::from(tally.inert),
        }
    }
}

/// Groups equal masses, largest first.
#[expect(
    clippy::float_cmp,
    reason = "unequal masses, however close, are unequal"
)]
fn peers(mut masses: Vec<f64>) -> Vec<Peers> {
    masses.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut groups: Vec<Peers> = Vec::new();
    for mass in masses {
        match groups.last_mut() {
            Some(last) if last.mass == mass => last.answers += 1,
            _ => groups.push(Peers { mass, answers: 1 }),
        }
    }
    groups
}

impl Vote {
    /// The expected score of each poll after each of its numbers of independent draws, at least one
    /// each: `k` holds `columns` of them for every poll, row by row, or one row for all. The scores
    /// are row-major, polls x columns.
    pub fn accuracies(
        &self,
        polls: &[Poll],
        k: &[usize],
        columns: usize,
        watch: &Watch,
    ) -> Result<Vec<f64>, Interrupted> {
        rows(polls, k, columns, watch, |poll, k, scores| {
            self.poll_curve(poll, k, Design::WithReplacement, watch, scores)
        })
    }
}

/// The answers of one question, split by a filter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FilterPoll {
    /// What is drawn and kept.
    pub kept: Poll,
    /// What is drawn and dropped.
    pub dropped: Poll,
}

impl FilterVote {
    /// The expected score of each poll after each number of calls in `k`, at least
    /// [`FilterVote::calls_per_candidate`] each; row-major, polls x numbers of calls.
    pub fn accuracies(
        &self,
        polls: &[FilterPoll],
        k: &[usize],
        watch: &Watch,
    ) -> Result<Vec<f64>, Interrupted> {
        rows(polls, k, k.len(), watch, |poll, k, scores| {
            self.poll_curve(poll, k, Design::WithReplacement, watch, scores)
        })
    }
}

/// The rows of all polls, in parallel.
fn rows<P: Sync>(
    polls: &[P],
    k: &[usize],
    columns: usize,
    watch: &Watch,
    curve: impl Fn(&P, &[usize], &mut [f64]) -> Result<(), Interrupted> + Sync,
) -> Result<Vec<f64>, Interrupted> {
    let mut scores = vec![0.0; polls.len() * columns];
    scores
        .par_chunks_mut(columns.max(1))
        .zip(polls)
        .enumerate()
        .with_max_len(8)
        .try_for_each(|(row, (scores, poll))| {
            watch.check()?;
            let start = if k.len() == columns { 0 } else { row * columns };
            curve(poll, &k[start..start + columns], scores)?;
            // Sums that are one may exceed it by a rounding error.
            for score in scores {
                *score = score.min(1.0);
            }
            watch.advance(1);
            Ok(())
        })?;
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_and_counts_of_the_same_ratios_agree() {
        let tally = Tally::from_counts(&[8], &[7, 5], 0);
        let by_count = Poll::from(&tally);
        let by_mass = Poll::new(&[0.4, 0.35, 0.25], &[true, false, false], 0.0);
        let k: Vec<usize> = (1..200).collect();
        let scores = Vote::default()
            .accuracies(&[by_count, by_mass], &k, k.len(), &Watch::new())
            .unwrap();
        for (a, b) in scores[..k.len()].iter().zip(&scores[k.len()..]) {
            assert!((a - b).abs() < 1e-13, "{a} {b}");
        }
        assert!((scores[3] - 0.436).abs() < 1e-15);
    }

    #[test]
    fn the_smallest_masses_win_next_to_never() {
        for tiny in [1e-300, 2.3e-308, 1e-310, 5e-324] {
            let poll = Poll::new(&[tiny, 0.5, 0.25], &[true, false, false], 0.25);
            let k = [1, 40, 300, 5000];
            let scores = Vote::default()
                .accuracies(&[poll], &k, k.len(), &Watch::new())
                .unwrap();
            assert!(scores.iter().all(|&score| score <= tiny), "{scores:?}");
        }
    }

    #[test]
    fn every_poll_may_have_its_own_k() {
        let polls = [0.6, 0.3].map(|p| Poll::new(&[p, 1.0 - p], &[true, false], 0.0));
        let watch = Watch::new();
        let of = |k: &[usize], columns| Vote::default().accuracies(&polls, k, columns, &watch);
        let own = of(&[5, 7, 9, 40], 2).unwrap();
        let all = of(&[5, 7, 9, 40], 4).unwrap();
        // The k asked for together are evaluated together, to the same value but for rounding.
        for (one, other) in own.iter().zip(all[..2].iter().chain(&all[6..])) {
            assert!((one / other - 1.0).abs() < 1e-13, "{one} {other}");
        }
    }

    #[test]
    fn equal_masses_are_peers() {
        let poll = Poll::new(&[0.1, 0.0, 0.3, 0.1], &[false; 4], 0.5);
        let wrong = [(0.3, 1), (0.1, 2)].map(|(mass, answers)| Peers { mass, answers });
        assert_eq!(poll.wrong, wrong);
        assert!(poll.correct.is_empty());
        assert!((poll.total() - 1.0).abs() < 1e-15);
    }
}
