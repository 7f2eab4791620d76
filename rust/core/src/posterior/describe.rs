//! What a population says of itself and of its questions, apart from any rule.

use super::answers::QuestionPosterior;
use super::evidence::total;
use super::population::Population;

/// A component of the population: its two parameters, and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// `a` of a beta distribution, or the discount of a partition.
    pub first: f64,
    /// `b` of a beta distribution, or the strength of a partition.
    pub second: f64,
    /// The share of questions that are of this kind.
    pub weight: f64,
}

/// The components of the share of correct samples and those of the competition of wrong answers, with
/// their weights, means over the estimates.
pub fn components(population: &Population) -> (Vec<Component>, Vec<Component>) {
    let library = &population.library;
    let (rows, columns) = (library.success.len(), library.rivalry.len());
    let estimates = population.estimates.len() as f64;
    let (mut success, mut rivalry) = (vec![0.0; rows], vec![0.0; columns]);
    for estimate in &population.estimates {
        for (i, row) in estimate.answers.chunks_exact(columns).enumerate() {
            for (j, weight) in row.iter().enumerate() {
                success[i] += weight / estimates;
                rivalry[j] += weight / estimates;
            }
        }
    }
    let shares = library.success.iter().zip(success);
    let partitions = library.rivalry.iter().zip(rivalry);
    (
        shares
            .map(|(share, weight)| Component {
                first: share.a,
                second: share.b,
                weight,
            })
            .collect(),
        partitions
            .map(|(partition, weight)| Component {
                first: partition.discount,
                second: partition.strength,
                weight,
            })
            .collect(),
    )
}

/// Draws of the answer probabilities of a question, row by row: every correct answer that was given,
/// every wrong one, both largest first; then correct answers not given yet together, wrong ones
/// together, and no answer.
pub fn answer_draws(population: &Population, question: usize, draws: usize) -> Vec<f64> {
    let evidence = &population.evidence[question];
    let (right, wrong) = (evidence.right.len(), evidence.wrong.len());
    let posterior = QuestionPosterior::new(population, question);
    let mut table = Vec::with_capacity(draws * (right + wrong + 3));
    for draw in 0..draws {
        let answers = posterior.draw(draw).answers();
        table.extend_from_slice(&answers.right[..right]);
        table.extend_from_slice(&answers.wrong[..wrong]);
        let unseen_right = answers.right[right..].iter().sum::<f64>() + answers.right_dust;
        let unseen_wrong = answers.wrong[wrong..].iter().sum::<f64>() + answers.wrong_dust;
        let answered = answers.right.iter().chain(&answers.wrong).sum::<f64>();
        let silence = 1.0 - answered - answers.right_dust - answers.wrong_dust;
        table.extend([unseen_right, unseen_wrong, silence.max(0.0)]);
    }
    table
}

/// The expected probability that the next sample of each question is a wrong answer not given yet.
pub fn unseen_mass(population: &Population) -> Vec<f64> {
    let library = &population.library;
    let estimates = population.estimates.len() as f64;
    let expected = |question: usize| -> f64 {
        let evidence = &population.evidence[question];
        let (row, counts) = (population.row_of[question], &evidence.wrong);
        let (right, wrong) = (f64::from(total(&evidence.right)), f64::from(total(counts)));
        let of_estimate = |estimate: &super::population::Estimate| {
            population
                .answers
                .expectation(row, &estimate.answers, |success, rivalry| {
                    let share = library.success[success];
                    let partition = library.rivalry[rivalry];
                    let rest = partition.strength + counts.len() as f64 * partition.discount;
                    (share.b + wrong) / (share.a + share.b + right + wrong) * rest.max(0.0)
                        / (wrong + partition.strength)
                })
        };
        let answered = 1.0 - silence(population, question);
        answered * population.estimates.iter().map(of_estimate).sum::<f64>() / estimates
    };
    (0..population.len()).map(expected).collect()
}

/// The expected share of samples without an answer.
fn silence(population: &Population, question: usize) -> f64 {
    if !population.silent {
        return 0.0;
    }
    let evidence = &population.evidence[question];
    let none = f64::from(evidence.none.count);
    let n = f64::from(evidence.n());
    let shares = &population.library.silence;
    let row = population.row_of[question];
    let of_estimate = |estimate: &super::population::Estimate| {
        population
            .silence
            .expectation(row, &estimate.silence, |share, _| {
                (shares[share].a + none) / (shares[share].a + shares[share].b + n)
            })
    };
    let sum: f64 = population.estimates.iter().map(of_estimate).sum();
    sum / population.estimates.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::{Answer, Evidence};
    use crate::work::Watch;

    fn population() -> Population {
        let answer = |count| Answer { count, kept: 0 };
        let questions = [(3, vec![2, 1], 1), (0, vec![4, 1, 1], 0), (5, vec![], 2)];
        let evidence = questions.map(|(right, wrong, none)| Evidence {
            right: (right > 0).then(|| answer(right)).into_iter().collect(),
            wrong: wrong.into_iter().map(answer).collect(),
            none: answer(none),
        });
        Population::new(evidence.to_vec(), vec![5, 6, 7], 1, &Watch::default()).unwrap()
    }

    #[test]
    fn weights_sum_to_one() {
        let (success, rivalry) = components(&population());
        for components in [success, rivalry] {
            let sum: f64 = components.iter().map(|component| component.weight).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn draws_are_distributions_and_their_mean_is_the_expectation() {
        let population = population();
        let expected = unseen_mass(&population);
        for (question, columns) in [(0, 6), (1, 6), (2, 4)] {
            let draws = answer_draws(&population, question, 16_000);
            let mut unseen = 0.0;
            for row in draws.chunks_exact(columns) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                unseen += row[columns - 2] / 16_000.0;
            }
            assert!((unseen - expected[question]).abs() < 0.01, "{question}");
        }
    }
}
