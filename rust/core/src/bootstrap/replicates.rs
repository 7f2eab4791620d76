//! Replicates of a data set: credit summed over questions, and over replicates.

use super::{BLOCK, Block, Replay};
use crate::bootstrap::questions::weights_of;
use crate::error::{Error, Result};
use crate::exact::{Design, check_calls};
use crate::work::{Interrupted, Watch};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is drawn.
#[derive(Debug, Clone)]
pub struct Resampling<'a> {
    /// Numbers of calls, increasing.
    pub k: &'a [usize],
    /// Whether a sample may be drawn twice.
    pub design: Design,
    /// The seed of all streams.
    pub seed: u64,
    /// Which replicates: a curve is extended by asking for the next ones.
    pub replicates: Range<u64>,
}

/// Who the questions are, whatever their order: the addresses of their random streams.
#[derive(Debug, Clone, Copy)]
pub struct Identities<'a> {
    /// One per question.
    pub questions: &'a [u64],
    /// Who is resampled when questions are: the question, or the cluster it belongs to.
    pub units: &'a [u64],
}

/// Sums of credit, in units of [`UNIT`](super::UNIT) for a right answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replicates {
    /// Over replicates: questions x numbers of calls.
    pub per_question: Vec<u64>,
    /// Over questions: replicates x numbers of calls. One run on these questions.
    pub per_replicate: Vec<u64>,
    /// Over resampled questions: replicates x numbers of calls. One run on fresh questions.
    pub fresh: Vec<u64>,
    /// The number of questions of each replicate's resample.
    pub weights: Vec<u64>,
}

/// Replays a rule on every question of a log.
///
/// # Errors
///
/// As [`exact::curves`](crate::exact::curves) for numbers of calls out of range.
///
/// # Cost
///
/// For a vote of four answers about 0.3 ns per draw and replicate up to a few hundred draws between
/// points of the grid, and 20 ns per answer and point beyond. Runs on the current rayon pool; `watch`
/// counts questions times blocks of replicates.
pub fn replicates<R: Replay>(
    rule: &R,
    counts: &[R::Counts],
    identities: Identities<'_>,
    resampling: &Resampling<'_>,
    watch: &Watch,
) -> Result<Replicates> {
    let Resampling {
        k,
        design,
        seed,
        ref replicates,
    } = *resampling;
    check_calls(
        counts.iter().map(|counts| rule.n(counts)),
        k,
        design,
        rule.least_calls(),
        |n| rule.most_calls(n),
    )?;
    if identities.questions.len() != counts.len() || identities.units.len() != counts.len() {
        return Err(Error::Shape("one identity per question is needed".into()));
    }
    let draws: Vec<usize> = k.iter().map(|&k| rule.draws(k)).collect();
    let most = rule.most_draws();
    if let Some(&k) = k.iter().find(|&&k| rule.draws(k) > most) {
        return Err(Error::TooManyDraws { k, most });
    }
    let mut grid = draws.clone();
    grid.dedup();
    let rows: Vec<usize> = draws
        .iter()
        .map(|draws| grid.partition_point(|point| point < draws))
        .collect();

    let size = BLOCK as u64;
    let numbers = replicates.start / size..replicates.end.div_ceil(size);
    let per_question: Vec<AtomicU64> = (0..counts.len() * k.len())
        .map(|_| AtomicU64::new(0))
        .collect();
    let blocks: Vec<Mutex<Sums>> = numbers
        .clone()
        .map(|_| Mutex::new(Sums::new(k.len())))
        .collect();
    // Small enough to share out evenly, large enough that sums are rarely merged.
    let chunk = (counts.len() / (8 * rayon::current_num_threads())).clamp(1, 64);
    let chunks = counts.len().div_ceil(chunk);
    let tasks = chunks * blocks.len();
    (0..tasks)
        .into_par_iter()
        .with_max_len(1)
        .try_for_each(|task| {
            let (chunk_number, block) = (task / blocks.len(), task % blocks.len());
            let number = numbers.start + block as u64;
            let wanted = lanes(replicates, number);
            // Alone, a chunk can add to the block itself.
            let mut whole = (chunks == 1).then(|| locked(&blocks[block]));
            let mut part = if chunks == 1 {
                Sums::default()
            } else {
                Sums::new(k.len())
            };
            let sums = whole.as_deref_mut().unwrap_or(&mut part);
            let mut credits = vec![0; grid.len() * BLOCK];
            let first = chunk_number * chunk;
            for question in first..(first + chunk).min(counts.len()) {
                let block = Block {
                    seed,
                    identity: identities.questions[question],
                    number,
                };
                rule.question(&counts[question]).replay(
                    &grid,
                    design,
                    block,
                    watch,
                    &mut credits,
                )?;
                let weights = weights_of(seed, identities.units[question], number);
                Arch::new().dispatch(Add {
                    credits: &credits,
                    rows: &rows,
                    weights: &weights,
                    sums,
                });
                for (&row, total) in rows.iter().zip(&per_question[question * k.len()..]) {
                    let credits = &credits[row * BLOCK..][wanted.clone()];
                    let sum = credits.iter().map(|&credit| u64::from(credit)).sum();
                    total.fetch_add(sum, Ordering::Relaxed);
                }
                watch.advance(1);
            }
            if whole.is_none() {
                locked(&blocks[block]).merge(&part);
            }
            Ok::<(), Interrupted>(())
        })?;

    let per_question = per_question
        .into_iter()
        .map(AtomicU64::into_inner)
        .collect();
    Ok(by_replicate(per_question, numbers.zip(blocks), replicates))
}

fn locked(block: &Mutex<Sums>) -> MutexGuard<'_, Sums> {
    block.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sums of the blocks as tables with a row per replicate.
fn by_replicate(
    per_question: Vec<u64>,
    blocks: impl Iterator<Item = (u64, Mutex<Sums>)>,
    replicates: &Range<u64>,
) -> Replicates {
    let (mut per_replicate, mut fresh, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for (number, block) in blocks {
        let sums = block.into_inner().unwrap_or_else(PoisonError::into_inner);
        let wanted = lanes(replicates, number);
        append_columns(&mut per_replicate, &sums.per_replicate, wanted.clone());
        append_columns(&mut fresh, &sums.fresh, wanted.clone());
        weights.extend_from_slice(&sums.weights[wanted]);
    }
    Replicates {
        per_question,
        per_replicate,
        fresh,
        weights,
    }
}

/// Appends the columns of a table, one after another.
pub(super) fn append_columns(list: &mut Vec<u64>, rows: &[[u64; BLOCK]], columns: Range<usize>) {
    /// Columns that are gone through together: a cache line of every row.
    const TOGETHER: usize = 8;
    for start in columns.clone().step_by(TOGETHER) {
        let end = (start + TOGETHER).min(columns.end);
        let first = list.len();
        list.resize(first + (end - start) * rows.len(), 0);
        for (i, row) in rows.iter().enumerate() {
            for (column, &value) in row[start..end].iter().enumerate() {
                list[first + column * rows.len() + i] = value;
            }
        }
    }
}

/// The replicates of a block that are asked for.
pub(super) fn lanes(replicates: &Range<u64>, number: u64) -> Range<usize> {
    let first = number * BLOCK as u64;
    let within = |replicate: u64| replicate.saturating_sub(first).min(BLOCK as u64) as usize;
    within(replicates.start)..within(replicates.end)
}

/// Sums over questions for one block, by number of calls.
struct Sums {
    per_replicate: Vec<[u64; BLOCK]>,
    fresh: Vec<[u64; BLOCK]>,
    weights: [u64; BLOCK],
}

impl Default for Sums {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Sums {
    fn new(calls: usize) -> Self {
        Self {
            per_replicate: vec![[0; BLOCK]; calls],
            fresh: vec![[0; BLOCK]; calls],
            weights: [0; BLOCK],
        }
    }

    fn merge(&mut self, other: &Self) {
        let rows = |sums: &mut [[u64; BLOCK]], other: &[[u64; BLOCK]]| {
            let others = other.as_flattened();
            for (sum, other) in sums.as_flattened_mut().iter_mut().zip(others) {
                *sum += other;
            }
        };
        rows(&mut self.per_replicate, &other.per_replicate);
        rows(&mut self.fresh, &other.fresh);
        for (sum, other) in self.weights.iter_mut().zip(other.weights) {
            *sum += other;
        }
    }
}

/// Adds the credits of a question.
struct Add<'a> {
    credits: &'a [u32],
    rows: &'a [usize],
    weights: &'a [u32; BLOCK],
    sums: &'a mut Sums,
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let credits = self.credits.as_chunks::<BLOCK>().0;
        let sums = self.sums.per_replicate.iter_mut().zip(&mut self.sums.fresh);
        for (&row, (sum, fresh)) in self.rows.iter().zip(sums) {
            for lane in 0..BLOCK {
                let credit = u64::from(credits[row][lane]);
                sum[lane] += credit;
                fresh[lane] += credit * u64::from(self.weights[lane]);
            }
        }
        for (sum, &weight) in self.sums.weights.iter_mut().zip(self.weights) {
            *sum += u64::from(weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::UNIT;
    use crate::exact::{self, Vote};
    use crate::tally::Tally;
    use crate::vote::Ties;

    const RULE: Vote = Vote { ties: Ties::Split };

    fn tallies() -> Vec<Tally> {
        vec![
            Tally::from_counts(&[9], &[7, 3], 2),
            Tally::from_counts(&[2], &[1; 30], 0),
            Tally::from_counts(&[5], &[], 0),
            Tally::from_counts(&[], &[4, 4], 1),
        ]
    }

    fn resampled(k: &[usize], design: Design, replicates: Range<u64>) -> Replicates {
        let identities = [11, 22, 33, 44];
        let identities = Identities {
            questions: &identities,
            units: &identities,
        };
        let resampling = Resampling {
            k,
            design,
            seed: 7,
            replicates,
        };
        super::replicates(&RULE, &tallies(), identities, &resampling, &Watch::new())
            .expect("k within range")
    }

    #[test]
    fn means_are_the_exact_scores() {
        const REPLICATES: u64 = 20_000;
        let without: &[usize] = &[1, 2, 5];
        let with: &[usize] = &[1, 3, 4, 50, 3000];
        for (k, design) in [
            (without, Design::WithoutReplacement),
            (with, Design::WithReplacement),
        ] {
            let tallies = tallies();
            let exact = exact::curves(&RULE, &tallies, k, design, false, &Watch::new());
            let exact = exact.expect("k within range").scores;
            let sums = resampled(k, design, 0..REPLICATES);
            for (sum, exact) in sums.per_question.iter().zip(exact) {
                let mean = *sum as f64 / f64::from(UNIT) / REPLICATES as f64;
                let error = (exact * (1.0 - exact) / REPLICATES as f64).sqrt();
                assert!(
                    (mean - exact).abs() <= 4.5 * error + 1e-9,
                    "{design:?} {mean} {exact}"
                );
            }
        }
    }

    #[test]
    fn both_sums_are_of_the_same_credits() {
        let sums = resampled(&[1, 10, 700], Design::WithReplacement, 0..300);
        for call in 0..3 {
            let column = |sums: &[u64]| sums.iter().skip(call).step_by(3).sum::<u64>();
            assert_eq!(column(&sums.per_question), column(&sums.per_replicate));
        }
    }

    #[test]
    fn replicates_asked_for_apart_are_those_asked_for_together() {
        let k = [1, 2, 9, 400];
        let together = resampled(&k, Design::WithReplacement, 0..600);
        let (first, rest) = (
            resampled(&k, Design::WithReplacement, 0..250),
            resampled(&k, Design::WithReplacement, 250..600),
        );
        assert_eq!(
            together.per_replicate,
            [first.per_replicate, rest.per_replicate].concat()
        );
        assert_eq!(together.fresh, [first.fresh, rest.fresh].concat());
        assert_eq!(together.weights, [first.weights, rest.weights].concat());
        let per_question = first.per_question.iter().zip(&rest.per_question);
        assert_eq!(
            together.per_question,
            per_question.map(|(a, b)| a + b).collect::<Vec<_>>()
        );
    }
}
