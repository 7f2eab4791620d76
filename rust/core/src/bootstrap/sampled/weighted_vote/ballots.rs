//! The samples of a question as a weighted vote sees them.

use super::{Claim, FULL_WEIGHT, WeightedVote, Weighting};
use crate::error::{Error, Result};
use crate::log::{NO_ANSWER, Ragged, check_length};
use crate::vote::NoAnswer;
use rayon::prelude::*;
use std::cmp::Ordering;

/// The answer of a ballot that is not cast.
pub(super) const NOBODY: u32 = u32::MAX;

/// The samples of one question, highest score first.
///
/// Their order, and the numbering of the answers, depend on the scores and answers alone, not on the
/// order of the log: equal samples are drawn by equal numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ballots {
    /// The answer of each sample, or [`NOBODY`].
    pub(super) answer: Vec<u32>,
    /// The weight of each sample, in units of its claim.
    pub(super) weight: Vec<i64>,
    /// Where each level of equal scores ends.
    pub(super) level_ends: Vec<u32>,
    /// Whether each answer is correct.
    pub(super) correct: Vec<bool>,
}

impl Ballots {
    /// The number of samples.
    pub fn n(&self) -> usize {
        self.answer.len()
    }
}

/// The ballots of every question of a log.
///
/// # Errors
///
/// [`Error::Weight`] for a score whose weight is no finite number; [`Error::MixedVerdict`] and
/// [`Error::CorrectWithoutAnswer`] as for any vote.
pub fn ballots(
    questions: Ragged<'_>,
    codes: &[i32],
    correct: &[bool],
    scores: &[f64],
    no_answer: NoAnswer,
    rule: &WeightedVote,
) -> Result<Vec<Ballots>> {
    check_length("codes", codes.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    check_length("score", scores.len(), questions.n_samples())?;
    (0..questions.len())
        .into_par_iter()
        .map(|question| {
            // An entry that stands for several samples is as many ballots.
            let samples: Vec<usize> = questions
                .range(question)
                .flat_map(|entry| std::iter::repeat_n(entry, questions.count(entry) as usize))
                .collect();
            let codes: Vec<i32> = samples.iter().map(|&sample| codes[sample]).collect();
            let correct: Vec<bool> = samples.iter().map(|&sample| correct[sample]).collect();
            let scores: Vec<f64> = samples.iter().map(|&sample| scores[sample]).collect();
            check_verdicts(question, &samples, &codes, &correct)?;
            arranged(&codes, &correct, &scores, no_answer, rule).map_err(|sample| Error::Weight {
                question,
                sample: samples[sample],
            })
        })
        .collect()
}

fn check_verdicts(
    question: usize,
    samples: &[usize],
    codes: &[i32],
    correct: &[bool],
) -> Result<()> {
    let mut verdicts: Vec<Option<bool>> = Vec::new();
    for ((&code, &correct), &sample) in codes.iter().zip(correct).zip(samples) {
        if code == NO_ANSWER {
            if correct {
                return Err(Error::CorrectWithoutAnswer { question, sample });
            }
            continue;
        }
        let code = code as usize;
        if code >= verdicts.len() {
            verdicts.resize(code + 1, None);
        }
        if *verdicts[code].get_or_insert(correct) != correct {
            return Err(Error::MixedVerdict { question, sample });
        }
    }
    Ok(())
}

/// Highest score first; missing ones, which rank below all others, last.
fn by_score(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        // Zero and minus zero are one score.
        (false, false) => (b + 0.0).total_cmp(&(a + 0.0)),
    }
}

/// The ballots of one question, or the sample whose score has no weight.
fn arranged(
    codes: &[i32],
    correct: &[bool],
    scores: &[f64],
    no_answer: NoAnswer,
    rule: &WeightedVote,
) -> std::result::Result<Ballots, usize> {
    let weights = weights(scores, rule)?;
    let mut order: Vec<usize> = (0..codes.len()).collect();
    order.sort_by(|&a, &b| by_score(scores[a], scores[b]));

    // The samples of each answer, highest score first; those without an answer in front.
    let answers = codes.iter().max().map_or(0, |&most| most + 1) as usize;
    let mut samples: Vec<Vec<usize>> = vec![Vec::new(); answers + 1];
    for &sample in &order {
        samples[(codes[sample] + 1).max(0) as usize].push(sample);
    }
    if no_answer == NoAnswer::Ignore {
        samples[0].clear();
    }
    samples.retain(|samples| !samples.is_empty());
    let compared = |a: &[usize], b: &[usize]| {
        let scores = || {
            a.iter()
                .zip(b)
                .map(|(&a, &b)| by_score(scores[a], scores[b]))
        };
        correct[b[0]]
            .cmp(&correct[a[0]])
            .then(b.len().cmp(&a.len()))
            .then_with(|| {
                scores()
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
    };
    samples.sort_by(|a, b| compared(a, b));

    let mut answer_of = vec![NOBODY; codes.len()];
    for (answer, samples) in samples.iter().enumerate() {
        for &sample in samples {
            answer_of[sample] = answer as u32;
        }
    }
    order.sort_by(|&a, &b| by_score(scores[a], scores[b]).then(answer_of[a].cmp(&answer_of[b])));
    let level_ends = (1..=order.len())
        .filter(|&end| {
            end == order.len() || by_score(scores[order[end - 1]], scores[order[end]]).is_ne()
        })
        .map(|end| end as u32)
        .collect();
    Ok(Ballots {
        answer: order.iter().map(|&sample| answer_of[sample]).collect(),
        weight: order.iter().map(|&sample| weights[sample]).collect(),
        level_ends,
        correct: samples.iter().map(|samples| correct[samples[0]]).collect(),
    })
}

/// The weights of the samples in units, or the first sample that has none.
fn weights(scores: &[f64], rule: &WeightedVote) -> std::result::Result<Vec<i64>, usize> {
    if rule.claim == Claim::Borda {
        return Ok(vec![0; scores.len()]);
    }
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weight = |score: f64| match rule.weighting {
        _ if score.is_nan() => 0.0,
        Weighting::Power(power) => libm::pow(score, power),
        // Relative to the highest score: a common factor changes nothing.
        Weighting::Softmax { temperature } => libm::exp((score - highest) / temperature),
    };
    let weights: Vec<f64> = scores.iter().map(|&score| weight(score)).collect();
    if let Some(sample) = weights.iter().position(|weight| !weight.is_finite()) {
        return Err(sample);
    }
    let largest = weights
        .iter()
        .fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let scaled = |weight: f64| {
        if largest > 0.0 {
            // Division first: the scale of tiny weights would overflow.
            (weight / largest * FULL_WEIGHT).round() as i64
        } else {
            0
        }
    };
    Ok(weights.into_iter().map(scaled).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vote::Ties;

    const SUM: WeightedVote = WeightedVote {
        claim: Claim::Sum,
        weighting: Weighting::Power(1.0),
        top: (1, 1),
        ties: Ties::Split,
    };

    fn of(codes: &[i32], correct: &[bool], scores: &[f64]) -> Ballots {
        arranged(codes, correct, scores, NoAnswer::Ignore, &SUM).expect("finite")
    }

    #[test]
    fn the_order_of_the_log_and_the_codes_do_not_matter() {
        let nan = f64::NAN;
        let a = of(
            &[0, 1, 1, 2, NO_ANSWER, 2],
            &[true, false, false, false, false, false],
            &[0.5, 0.5, 0.25, 0.5, nan, 1.0],
        );
        let b = of(
            &[0, 2, NO_ANSWER, 1, 0, 1],
            &[false, true, false, false, false, false],
            &[1.0, 0.5, nan, 0.25, 0.5, 0.5],
        );
        assert_eq!(a, b);
        assert_eq!(a.answer, [1, 0, 1, 2, 2, NOBODY]);
        assert_eq!(a.level_ends, [1, 4, 5, 6]);
        assert_eq!(a.weight[0], FULL_WEIGHT as i64);
    }

    #[test]
    fn a_score_without_weight_is_found() {
        let rule = WeightedVote {
            weighting: Weighting::Power(0.5),
            ..SUM
        };
        assert_eq!(weights(&[1.0, f64::NAN, -1.0], &rule), Err(2));
        assert_eq!(weights(&[0.0, f64::NAN], &rule), Ok(vec![0, 0]));
    }
}
