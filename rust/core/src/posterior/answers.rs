//! One draw from the posterior of a question: what its next sample will be, and how likely.

use super::evidence::{Answer, Evidence, total};
use super::library::Partition;
use super::population::{Estimate, Population};
use super::weights::Likelihoods;
use crate::rng::{Key, Purpose, Streams};
use crate::variates::{beta, log_gamma};

/// The mass of answers not seen yet that is not worth telling apart: each of its draws counts as an
/// answer of its own.
const DUST: f64 = 2e-3;
/// The most answers not seen yet that are told apart.
const MOST_UNSEEN: usize = 30;

/// Probabilities of the answers of a question. What is missing to one is no answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Answers {
    /// Of each correct answer, those that were given first.
    pub(super) right: Vec<f64>,
    /// Of each wrong answer, those that were given first.
    pub(super) wrong: Vec<f64>,
    /// Of a correct answer that will not be given twice.
    pub(super) right_dust: f64,
    /// Of a wrong answer that will not be given twice.
    pub(super) wrong_dust: f64,
}

/// A question, and how probable each component is for it: the same for all of its draws.
pub(super) struct QuestionPosterior<'a> {
    population: &'a Population,
    question: usize,
    /// By estimate.
    answers: Vec<Vec<f64>>,
    /// By estimate; empty where no question has several correct answers.
    split: Vec<Vec<f64>>,
    /// By estimate; empty where every sample has an answer.
    silence: Vec<Vec<f64>>,
}

/// A draw of the posterior of one question.
pub(super) struct Draw<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) population: &'a Population,
    pub(super) estimate: &'a Estimate,
    split_masses: &'a [f64],
    /// The share of answered samples that is correct.
    pub(super) success: f64,
    /// The share of samples without an answer.
    pub(super) silence: f64,
    rivalry: Partition,
    row: usize,
    pub(super) stream: Streams<1>,
}

impl<'a> QuestionPosterior<'a> {
    pub(super) fn new(population: &'a Population, question: usize) -> Self {
        let row = population.row_of[question];
        let masses = |of: &Likelihoods, weights: fn(&Estimate) -> &[f64]| {
            let estimates = population.estimates.iter();
            estimates
                .map(|estimate| of.masses(row, weights(estimate)))
                .collect()
        };
        Self {
            population,
            question,
            answers: masses(&population.answers, |estimate| &estimate.answers),
            split: if population.several {
                masses(&population.split, |estimate| &estimate.split)
            } else {
                Vec::new()
            },
            silence: if population.silent {
                masses(&population.silence, |estimate| &estimate.silence)
            } else {
                Vec::new()
            },
        }
    }

    /// Draw number `draw`, from the population of one of the estimates.
    pub(super) fn draw(&self, draw: usize) -> Draw<'_> {
        let Self {
            population,
            question,
            ..
        } = *self;
        let key = Key::new(
            population.seed,
            population.identities[question],
            Purpose::Posterior,
        );
        let mut stream = Streams::<1>::new(key, draw as u64);
        let number = draw % population.estimates.len();
        let estimate = &population.estimates[number];
        let (evidence, row) = (&population.evidence[question], population.row_of[question]);
        let library = &population.library;
        let (right, wrong) = (total(&evidence.right), total(&evidence.wrong));
        let masses = &self.answers[number];
        let (success, rivalry) =
            population
                .answers
                .pick(row, &estimate.answers, masses, stream.unit());
        let success = library.success[success];
        let unit = stream.unit();
        let silence = self.silence.get(number).map_or(0, |masses| {
            let weights = &estimate.silence;
            population.silence.pick(row, weights, masses, unit).0
        });
        let silence = library.silence[silence];
        let answered = right + wrong;
        Draw {
            success: beta(
                success.a + f64::from(right),
                success.b + f64::from(wrong),
                &mut stream,
            ),
            silence: if population.silent {
                beta(
                    silence.a + f64::from(evidence.none.count),
                    silence.b + f64::from(answered),
                    &mut stream,
                )
            } else {
                0.0
            },
            rivalry: library.rivalry[rivalry],
            evidence,
            population,
            estimate,
            split_masses: self.split.get(number).map_or(&[], Vec::as_slice),
            row,
            stream,
        }
    }
}

impl Draw<'_> {
    /// The probability that a sample is correct.
    pub(super) fn correct(&self) -> f64 {
        self.success * (1.0 - self.silence)
    }

    /// The probabilities of the answers.
    pub(super) fn answers(&mut self) -> Answers {
        let correct = self.correct();
        let wrong = (1.0 - self.success) * (1.0 - self.silence);
        let mut answers = Answers::default();
        if self.population.several {
            let unit = self.stream.unit();
            let (weights, masses) = (&self.estimate.split, self.split_masses);
            let (split, _) = self.population.split.pick(self.row, weights, masses, unit);
            answers.right_dust = self.split(
                self.population.library.split[split],
                &self.evidence.right,
                correct,
                &mut answers.right,
            );
        } else {
            answers.right.push(correct);
        }
        answers.wrong_dust = self.split(
            self.rivalry,
            &self.evidence.wrong,
            wrong,
            &mut answers.wrong,
        );
        answers
    }

    /// Splits `mass` among the answers seen and those not seen yet; returns what is left as dust.
    fn split(
        &mut self,
        partition: Partition,
        seen: &[Answer],
        mass: f64,
        shares: &mut Vec<f64>,
    ) -> f64 {
        let Partition {
            discount, strength, ..
        } = partition;
        let stream = &mut self.stream;
        // Given the counts the shares are Dirichlet: c_j - discount each, and the rest together.
        let mut rest = strength + seen.len() as f64 * discount;
        let mut logs: Vec<f64> = seen
            .iter()
            .map(|answer| log_gamma(f64::from(answer.count) - discount, stream))
            .collect();
        logs.push(if rest > 1e-9 || seen.is_empty() {
            log_gamma(rest.max(1e-9), stream)
        } else {
            f64::NEG_INFINITY
        });
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for log in &mut logs {
            *log = libm::exp(*log - most);
        }
        let scale = mass / logs.iter().sum::<f64>();
        let mut unseen = scale * logs.pop().unwrap_or(0.0);
        shares.extend(logs.iter().map(|share| scale * share));
        // The rest breaks like a stick, one answer after another.
        for _ in 0..MOST_UNSEEN {
            if unseen < DUST {
                break;
            }
            rest += discount;
            let share = if rest > 1e-9 {
                beta(1.0 - discount, rest, stream)
            } else {
                1.0
            };
            shares.push(unseen * share);
            unseen *= 1.0 - share;
        }
        unseen
    }
}
