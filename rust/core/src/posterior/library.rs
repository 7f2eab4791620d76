//! The kinds of questions a log may hold: the components of the population.
//!
//! A question is described by four things, each of which has a small library of distributions that it
//! may come from:
//!
//! - the share of its answered samples that is correct: beta distributions;
//! - how its wrong answers compete: partitions of the Pitman-Yor family;
//! - how its correct answers split, where several are correct: partitions of the same family;
//! - the share of samples without an answer, and the share that a filter keeps: beta distributions.
//!
//! The libraries are fixed and wide; what is learnt from a log is how often each component occurs.

use super::evidence::Answer;

/// A beta distribution of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Share {
    fn new(mean: f64, size: f64) -> Self {
        Self {
            a: mean * size,
            b: (1.0 - mean) * size,
        }
    }

    /// The log-probability of a sequence with so many samples inside the share and outside of it.
    pub(super) fn log_likelihood(self, inside: u32, outside: u32) -> f64 {
        log_beta(self.a + f64::from(inside), self.b + f64::from(outside)) - log_beta(self.a, self.b)
    }
}

/// A distribution over how samples fall on unnamed answers (Pitman and Yor, 1997).
///
/// After `w` samples of `m` answers the next one repeats answer `j` with probability
/// `(c_j - discount) / (w + strength)` and is new with `(strength + m discount) / (w + strength)`. A
/// negative discount `-s` with strength `m s` is a symmetric Dirichlet distribution over `m` answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Partition {
    pub(super) discount: f64,
    pub(super) strength: f64,
    /// The share of the prior's weight, relative to the others.
    weight: f64,
}

impl Partition {
    const fn new(discount: f64, strength: f64) -> Self {
        Self {
            discount,
            strength,
            weight: 1.0,
        }
    }

    /// The log-probability of the partition of the samples by their answers.
    pub(super) fn log_likelihood(self, answers: &[Answer]) -> f64 {
        let Self {
            discount, strength, ..
        } = self;
        let samples: u32 = answers.iter().map(|answer| answer.count).sum();
        if samples == 0 {
            return 0.0;
        }
        // There may be no room for so many answers.
        let last = strength + (answers.len() - 1) as f64 * discount;
        if answers.len() > 1 && last < 1e-9 {
            return f64::NEG_INFINITY;
        }
        let new: f64 = (1..answers.len())
            .map(|m| libm::log(strength + m as f64 * discount))
            .sum();
        let repeated: f64 = answers
            .iter()
            .map(|answer| libm::lgamma(f64::from(answer.count) - discount))
            .sum();
        new + repeated
            - answers.len() as f64 * libm::lgamma(1.0 - discount)
            - (libm::lgamma(strength + f64::from(samples)) - libm::lgamma(strength + 1.0))
    }
}

/// The libraries, and how many questions' worth of weight each prior has.
#[derive(Debug, Clone)]
pub(super) struct Library {
    /// Of the share of correct samples.
    pub(super) success: Vec<Share>,
    /// Of how the wrong answers compete.
    pub(super) rivalry: Vec<Partition>,
    /// Of how the correct answers split.
    pub(super) split: Vec<Partition>,
    /// Of the share of samples without an answer.
    pub(super) silence: Vec<Share>,
    /// Of the share of an answer's samples that a filter keeps.
    pub(super) kept: Vec<Share>,
}

/// How many questions the prior weighs: those of the shipped default for each factor.
pub(super) const PRIOR_QUESTIONS: f64 = 20.0;
pub(super) const PRIOR_SPLITS: f64 = 2.0;
pub(super) const PRIOR_SILENCES: f64 = 1.0;
pub(super) const PRIOR_KEPT: f64 = 2.0;

/// The prior weight of a population of answers that hardly compete, relative to one whose do.
///
/// Where each sample gives another wrong answer any correct one wins in the end; that is rare.
const SCATTERED: f64 = 0.03;

impl Library {
    pub(super) fn new() -> Self {
        let shares = |means: &[f64], sizes: &[f64]| {
            let pairs = means
                .iter()
                .flat_map(|&mean| sizes.iter().map(move |&size| Share::new(mean, size)));
            pairs.collect::<Vec<_>>()
        };
        // From 1 in 91 to 90 in 91, evenly spaced in log-odds.
        let means: Vec<f64> = (-6..=6)
            .map(|i| 1.0 / (1.0 + libm::exp(-0.75 * f64::from(i))))
            .collect();
        let mut rivalry = Vec::new();
        for discount in [0.0, 0.4, 0.75] {
            for strength in [0.3, 1.0, 3.0, 10.0] {
                rivalry.push(Partition::new(discount, strength));
            }
        }
        rivalry.push(Partition::new(-1.0, 1.0));
        for answers in [2.0, 4.0, 10.0] {
            for size in [0.3, 1.0, 4.0] {
                rivalry.push(Partition::new(-size, size * answers));
            }
        }
        for partition in &mut rivalry {
            if partition.discount > 0.5 || partition.strength > 3.0 {
                partition.weight = SCATTERED;
            }
        }
        Self {
            success: shares(&means, &[1.0, 4.0, 16.0, 64.0]),
            rivalry,
            split: [
                (0.0, 1e-6),
                (0.0, 0.1),
                (0.0, 0.3),
                (0.0, 1.0),
                (0.0, 3.0),
                (0.4, 0.3),
                (0.4, 1.0),
                (0.4, 3.0),
                (0.7, 1.0),
            ]
            .map(|(discount, strength)| Partition::new(discount, strength))
            .to_vec(),
            silence: shares(
                &[0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95],
                &[1.0, 10.0, 100.0],
            ),
            kept: shares(&[0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98], &[1.0, 4.0, 16.0]),
        }
    }

    /// The prior weights of the pairs of success and rivalry, row by row; they sum to
    /// [`PRIOR_QUESTIONS`].
    pub(super) fn prior(&self) -> Vec<f64> {
        let sum: f64 = self.rivalry.iter().map(|partition| partition.weight).sum();
        let scale = PRIOR_QUESTIONS / (sum * self.success.len() as f64);
        let row: Vec<f64> = self
            .rivalry
            .iter()
            .map(|partition| partition.weight * scale)
            .collect();
        row.repeat(self.success.len())
    }
}

fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(counts: &[u32]) -> Vec<Answer> {
        let answer = |&count: &u32| Answer { count, kept: 0 };
        counts.iter().map(answer).collect()
    }

    /// The probability that sampling one by one gives these runs of answers.
    fn by_urn(partition: Partition, counts: &[u32]) -> f64 {
        let Partition {
            discount, strength, ..
        } = partition;
        let (mut probability, mut drawn, mut known) = (1.0, 0.0, 0.0);
        for &count in counts {
            if drawn > 0.0 {
                probability *= (strength + known * discount) / (strength + drawn);
            }
            drawn += 1.0;
            known += 1.0;
            for again in 1..count {
                probability *= (f64::from(again) - discount) / (strength + drawn);
                drawn += 1.0;
            }
        }
        probability
    }

    #[test]
    fn a_partition_is_as_likely_as_its_urn_makes_it() {
        for partition in Library::new().rivalry {
            for counts in [&[1_u32][..], &[3], &[2, 1], &[4, 2, 2, 1]] {
                let expected = by_urn(partition, counts);
                let found = partition.log_likelihood(&answers(counts)).exp();
                assert!(
                    (found - expected).abs() <= 1e-12 * expected,
                    "{partition:?} {counts:?}"
                );
            }
        }
    }

    #[test]
    fn a_share_is_as_likely_as_its_urn_makes_it() {
        let share = Share::new(0.25, 4.0);
        // Inside, inside, outside.
        let expected = (1.0 / 4.0) * (2.0 / 5.0) * (3.0 / 6.0);
        assert!((share.log_likelihood(2, 1).exp() - expected).abs() < 1e-15);
    }

    #[test]
    fn the_prior_has_the_weight_it_says() {
        let sum: f64 = Library::new().prior().iter().sum();
        assert!((sum - PRIOR_QUESTIONS).abs() < 1e-12);
    }
}
