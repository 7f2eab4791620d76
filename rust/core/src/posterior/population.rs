//! The population that the questions of a log come from, estimated from all of them together.

use super::evidence::{Answer, Evidence, total};
use super::library::{Library, PRIOR_KEPT, PRIOR_SILENCES, PRIOR_SPLITS};
use super::weights::Likelihoods;
use crate::rng::{Key, Purpose, Streams};
use crate::variates::{exponential, log_gamma};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;
use std::collections::HashMap;

/// How often the population is estimated, each time with other weights of the questions.
///
/// The estimates differ as much as a log of so many questions leaves open (the weighted likelihood
/// bootstrap of Newton and Raftery, 1994).
pub const ESTIMATES: usize = 16;

/// The identity of the prior, as that of a question.
const PRIOR: u64 = 0;

/// One estimate: the weight of every component.
#[derive(Debug, Clone)]
pub(super) struct Estimate {
    /// Of the pairs of success and rivalry.
    pub(super) answers: Vec<f64>,
    pub(super) split: Vec<f64>,
    pub(super) silence: Vec<f64>,
    /// Of the shares of right and of wrong answers, and of samples without one, that are kept.
    pub(super) kept: [Vec<f64>; 3],
}

/// The questions of a log and the population they come from.
#[derive(Debug, Clone)]
pub struct Population {
    pub(super) library: Library,
    pub(super) evidence: Vec<Evidence>,
    pub(super) identities: Vec<u64>,
    pub(super) seed: u64,
    pub(super) estimates: Vec<Estimate>,
    pub(super) answers: Likelihoods,
    pub(super) split: Likelihoods,
    pub(super) silence: Likelihoods,
    /// The questions by identity: sums over them in this order do not depend on that of the log.
    pub(super) order: Vec<usize>,
    /// For each question, its row in the tables of likelihoods: alike questions share one.
    pub(super) row_of: Vec<usize>,
    /// Whether some question has several correct answers.
    pub(super) several: bool,
    /// Whether some sample has no answer.
    pub(super) silent: bool,
}

impl Population {
    /// Estimates the population behind `evidence`; question `q` is known as `identities[q]`.
    ///
    /// # Cost
    ///
    /// About 0.1 ms for each distinct set of counts and estimate.
    pub fn new(
        evidence: Vec<Evidence>,
        identities: Vec<u64>,
        seed: u64,
        watch: &Watch,
    ) -> Result<Self, Interrupted> {
        let library = Library::new();
        let mut order: Vec<usize> = (0..evidence.len()).collect();
        order.sort_by_key(|&question| identities[question]);
        let (distinct, row_of) = distinct_counts(&evidence, &order);
        let several = distinct.iter().any(|counts| counts.right.len() > 1);
        let silent = distinct.iter().any(|counts| counts.none.count > 0);
        let success = table(&distinct, library.success.len(), |counts, i| {
            library.success[i].log_likelihood(total(&counts.right), total(&counts.wrong))
        });
        let rivalry = table(&distinct, library.rivalry.len(), |counts, i| {
            library.rivalry[i].log_likelihood(&counts.wrong)
        });
        let split = table(&distinct, library.split.len(), |counts, i| {
            library.split[i].log_likelihood(&counts.right)
        });
        let silence = table(&distinct, library.silence.len(), |counts, i| {
            let answered = total(&counts.right) + total(&counts.wrong);
            library.silence[i].log_likelihood(counts.none.count, answered)
        });
        let rows = distinct.len();
        let mut population = Self {
            answers: Likelihoods::new(
                success,
                library.success.len(),
                rivalry,
                library.rivalry.len(),
            ),
            split: Likelihoods::single(split, library.split.len()),
            silence: Likelihoods::single(silence, library.silence.len()),
            library,
            evidence: Vec::new(),
            identities,
            seed,
            estimates: Vec::new(),
            order,
            row_of,
            several,
            silent,
        };
        population.evidence = evidence;
        population.estimates = (0..ESTIMATES)
            .into_par_iter()
            .map(|estimate| population.estimate(estimate, rows, watch))
            .collect::<Result<_, _>>()?;
        Ok(population)
    }

    /// The number of questions.
    pub fn len(&self) -> usize {
        self.evidence.len()
    }

    /// Whether there are no questions.
    pub fn is_empty(&self) -> bool {
        self.evidence.is_empty()
    }

    fn estimate(
        &self,
        estimate: usize,
        rows: usize,
        watch: &Watch,
    ) -> Result<Estimate, Interrupted> {
        let by_question = self.question_weights(estimate);
        let mut by_row = vec![0.0; rows];
        for &question in &self.order {
            by_row[self.row_of[question]] += by_question[question];
        }
        let flat = |total: f64, components: usize| vec![total / components as f64; components];
        let library = &self.library;
        let key = Key::new(self.seed, PRIOR, Purpose::Population);
        let mut stream = Streams::<1>::new(key, estimate as u64);
        // The questions that the prior stands for are as uncertain as those of the log.
        let mut weights = |likelihoods: &Likelihoods, counts: &[f64], prior: Vec<f64>| {
            let drawn = |&shape: &f64| libm::exp(log_gamma(shape, &mut stream));
            let random: Vec<f64> = prior.iter().map(drawn).collect();
            likelihoods.weights(counts, &prior, &random, watch)
        };
        let mut kept = |answers: fn(&Evidence) -> &[Answer]| {
            let (table, counts) = self.kept_counts(&by_question, answers);
            weights(&table, &counts, flat(PRIOR_KEPT, library.kept.len()))
        };
        let kept = [
            kept(|counts| &counts.right)?,
            kept(|counts| &counts.wrong)?,
            kept(|counts| std::slice::from_ref(&counts.none))?,
        ];
        Ok(Estimate {
            answers: weights(&self.answers, &by_row, library.prior())?,
            split: weights(
                &self.split,
                &by_row,
                flat(PRIOR_SPLITS, library.split.len()),
            )?,
            silence: weights(
                &self.silence,
                &by_row,
                flat(PRIOR_SILENCES, library.silence.len()),
            )?,
            kept,
        })
    }

    /// How much each question counts in an estimate; the mean is one.
    fn question_weights(&self, estimate: usize) -> Vec<f64> {
        let drawn = |&identity: &u64| {
            let key = Key::new(self.seed, identity, Purpose::Population);
            exponential(&mut Streams::<1>::new(key, estimate as u64))
        };
        let weights: Vec<f64> = self.identities.iter().map(drawn).collect();
        let sum: f64 = self.order.iter().map(|&question| weights[question]).sum();
        let scale = weights.len() as f64 / sum;
        weights.into_iter().map(|weight| weight * scale).collect()
    }

    /// The likelihoods of the shares that are kept of some answers of each question, and how much
    /// each row counts.
    fn kept_counts(
        &self,
        by_question: &[f64],
        answers: impl Fn(&Evidence) -> &[Answer],
    ) -> (Likelihoods, Vec<f64>) {
        let mut row_of: HashMap<Answer, usize> = HashMap::new();
        let (mut distinct, mut counts) = (Vec::new(), Vec::new());
        for &question in &self.order {
            let answers = answers(&self.evidence[question]).iter();
            for &answer in answers.filter(|answer| answer.count > 0) {
                let row = *row_of.entry(answer).or_insert(distinct.len());
                if row == distinct.len() {
                    distinct.push(answer);
                    counts.push(0.0);
                }
                counts[row] += by_question[question];
            }
        }
        let shares = &self.library.kept;
        let table = table(&distinct, shares.len(), |answer, i| {
            shares[i].log_likelihood(answer.kept, answer.count - answer.kept)
        });
        (Likelihoods::single(table, shares.len()), counts)
    }
}

/// Each distinct set of counts, whatever is kept of them, and for each question which one is its own.
fn distinct_counts<'a>(
    evidence: &'a [Evidence],
    order: &[usize],
) -> (Vec<&'a Evidence>, Vec<usize>) {
    let counts = |answers: &[Answer]| answers.iter().map(|a| a.count).collect::<Vec<_>>();
    let mut position_of = HashMap::new();
    let mut distinct = Vec::new();
    let mut row_of = vec![0; evidence.len()];
    for &position in order {
        let question = &evidence[position];
        let key = (
            counts(&question.right),
            counts(&question.wrong),
            question.none.count,
        );
        row_of[position] = *position_of.entry(key).or_insert_with(|| {
            distinct.push(question);
            distinct.len() - 1
        });
    }
    (distinct, row_of)
}

fn table<T: Sync>(rows: &[T], columns: usize, value: impl Fn(&T, usize) -> f64 + Sync) -> Vec<f64> {
    let value = &value;
    rows.par_iter()
        .flat_map_iter(|row| (0..columns).map(move |column| value(row, column)))
        .collect()
}
