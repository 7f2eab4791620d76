//! Best-of-n: what the scores of more samples would be.

use super::super::answers::Draw;
use super::super::forecast::{Drawn, Forecast, Pair};
use super::super::walk::Walk;
use crate::error::Result;
use crate::log::{Ragged, check_length};
use crate::variates::log_gamma;
use crate::vote::Ties;

/// How many samples' worth of trust the scores of other questions get, for right samples and for
/// wrong ones.
const BORROWED: f64 = 2.0;
/// How many scores are borrowed at a time.
const ATOMS: usize = 8;

/// The scores of one question's samples, by verdict.
#[derive(Debug, Clone, PartialEq, Default)]
struct Question {
    /// Scores with their numbers of samples: of wrong samples, then of right ones.
    scores: [Vec<(f64, u32)>; 2],
    /// What the question adds to every score.
    offset: f64,
    scale: f64,
}

/// The scores of a log: `mean of the verdict + offset of the question + scale of it x residual`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    questions: Vec<Question>,
    /// Of wrong samples, and of right ones.
    means: [f64; 2],
    /// Of wrong samples, and of right ones.
    residuals: [Vec<f64>; 2],
    /// Every finite score of the log, in order.
    values: Vec<f64>,
}

impl Question {
    /// Its finite scores, with their verdicts and numbers of samples.
    fn finite(&self) -> impl Iterator<Item = (usize, f64, f64)> {
        let verdicts = self.scores.iter().enumerate();
        verdicts
            .flat_map(|(verdict, scores)| {
                let scores = scores.iter();
                scores.map(move |&(score, count)| (verdict, score, f64::from(count)))
            })
            .filter(|(_, score, _)| score.is_finite())
    }

    fn samples(&self) -> f64 {
        self.finite().map(|(_, _, count)| count).sum()
    }

    /// Sets the offset; returns the squares that it leaves.
    fn squares(&mut self, means: [f64; 2]) -> f64 {
        let excess = self
            .finite()
            .map(|(verdict, score, count)| count * (score - means[verdict]));
        let offset = excess.sum::<f64>() / (self.samples() + BORROWED);
        self.offset = offset;
        let rest = |(verdict, score, count): (usize, f64, f64)| {
            count * (score - means[verdict] - offset).powi(2)
        };
        self.finite().map(rest).sum()
    }
}

/// A sum that does not depend on the order of the values.
fn ordered_sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.into_iter().sum()
}

/// The scores of a log; missing ones (NaN) rank below every other.
pub fn scores(questions: Ragged<'_>, scores: &[f64], correct: &[bool]) -> Result<Scores> {
    check_length("score", scores.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    let ranked = |sample: usize| match scores[sample] {
        score if score.is_nan() => f64::NEG_INFINITY,
        // Zero and minus zero are one score.
        score => score + 0.0,
    };
    let mut found: Vec<Question> = (0..questions.len())
        .map(|question| {
            let mut of = Question::default();
            for sample in questions.range(question) {
                let verdict = usize::from(correct[sample]);
                of.scores[verdict].push((ranked(sample), questions.count(sample)));
            }
            for scores in &mut of.scores {
                scores.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                // Samples that share a score may have come one by one or counted.
                scores.dedup_by(|next, kept| {
                    let same = next.0.to_bits() == kept.0.to_bits();
                    kept.1 += if same { next.1 } else { 0 };
                    same
                });
            }
            of
        })
        .collect();
    let means = [0, 1].map(|of| {
        let finite = || {
            let all = found.iter().flat_map(Question::finite);
            all.filter(move |&(verdict, _, _)| verdict == of)
        };
        let samples = ordered_sum(finite().map(|(_, _, count)| count));
        ordered_sum(finite().map(|(_, score, count)| score * count)) / samples.max(1.0)
    });
    let squares: Vec<f64> = found
        .iter_mut()
        .map(|question| question.squares(means))
        .collect();
    let samples = ordered_sum(found.iter().map(Question::samples));
    let variance = ordered_sum(squares.iter().copied()) / samples.max(1.0);
    let mut residuals = [Vec::new(), Vec::new()];
    let mut values = Vec::new();
    for (question, squares) in found.iter_mut().zip(squares) {
        // A few samples say little about their spread: two of the log's spread are added.
        let spread = (squares + BORROWED * variance) / (question.samples() + BORROWED);
        question.scale = if spread > 0.0 { spread.sqrt() } else { 1.0 };
        for (verdict, score, count) in question.finite() {
            let residual = (score - means[verdict] - question.offset) / question.scale;
            residuals[verdict].extend(std::iter::repeat_n(residual, count as usize));
            values.push(score);
        }
    }
    for values in residuals.iter_mut().chain([&mut values]) {
        values.sort_unstable_by(f64::total_cmp);
    }
    values.dedup();
    Ok(Scores {
        questions: found,
        means,
        residuals,
        values,
    })
}

/// Best-of-n over the scores of a log.
#[derive(Debug, Clone)]
pub struct BestOfN<'a> {
    /// The scores of the log.
    pub scores: &'a Scores,
    /// How a tie for the top score is scored: see [`crate::exact::BestOfN`].
    pub ties: Ties,
}

impl Scores {
    /// The nearest score of the log: where scores are few, borrowed ones tie with a question's own.
    fn nearest(&self, score: f64) -> f64 {
        let above = self.values.partition_point(|&value| value < score);
        let next = self.values.get(above).copied();
        let last = above.checked_sub(1).map(|below| self.values[below]);
        match (last, next) {
            (Some(last), Some(next)) if score - last < next - score => last,
            (_, Some(next)) => next,
            (Some(last), None) => last,
            (None, None) => score,
        }
    }

    /// Adds the scores that samples of a verdict may have, which occur with probability `mass`
    /// together: a draw from a Dirichlet process around those of other questions.
    fn add(
        &self,
        question: &Question,
        verdict: usize,
        mass: f64,
        draw: &mut Draw<'_>,
        to: &mut Vec<(f64, usize, f64)>,
    ) {
        let own = &question.scores[verdict];
        let pool = match &self.residuals[verdict] {
            pool if pool.is_empty() => &self.residuals[1 - verdict],
            pool => pool,
        };
        let mut logs: Vec<(f64, f64)> = own
            .iter()
            .map(|&(score, count)| (score, log_gamma(f64::from(count), &mut draw.stream)))
            .collect();
        for _ in 0..ATOMS {
            let place = draw.stream.unit() * pool.len() as f64;
            let residual = pool.get(place as usize).copied().unwrap_or(0.0);
            let centre = self.means[verdict] + question.offset;
            let score = self.nearest(centre + question.scale * residual);
            logs.push((score, log_gamma(BORROWED / ATOMS as f64, &mut draw.stream)));
        }
        let most = logs
            .iter()
            .map(|&(_, log)| log)
            .fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|&(_, log)| libm::exp(log - most)).sum();
        let shares = logs.into_iter().map(|(score, log)| {
            let share = mass * libm::exp(log - most) / sum;
            (score, verdict, share)
        });
        to.extend(shares);
    }
}

impl Forecast for BestOfN<'_> {
    fn scores(&self, question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        let draw = draw.0;
        let of = &self.scores.questions[question];
        let correct = draw.correct();
        let mut categories = Vec::new();
        self.scores.add(of, 0, 1.0 - correct, draw, &mut categories);
        self.scores.add(of, 1, correct, draw, &mut categories);
        categories.sort_by(|a, b| b.0.total_cmp(&a.0));
        let probabilities: Vec<f64> = categories.iter().map(|&(_, _, share)| share).collect();
        let walk = Walk::new(&probabilities);
        for scores in scores {
            let mut counts = vec![0; categories.len()];
            let mut drawn = 0;
            for (&k, score) in k.iter().zip(scores) {
                walk.advance(k - drawn, &mut counts, &mut draw.stream);
                drawn = k;
                *score = self.credit(&categories, &counts);
            }
        }
    }
}

impl BestOfN<'_> {
    /// The credit of the highest score that was drawn.
    fn credit(&self, categories: &[(f64, usize, f64)], counts: &[u32]) -> f64 {
        let Some(top) = counts.iter().position(|&count| count > 0) else {
            return 0.0;
        };
        let mut level = [0, 0];
        for (category, count) in categories.iter().zip(counts).skip(top) {
            if category.0 < categories[top].0 {
                break;
            }
            level[category.1] += count;
        }
        match self.ties {
            Ties::Wrong => f64::from(level[0] == 0),
            Ties::Split | Ties::First => f64::from(level[1]) / f64::from(level[0] + level[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_score_decides_and_ties_are_shared() {
        let questions = Ragged::new(&[0, 2], 2).unwrap();
        let scores = scores(questions, &[0.5, f64::NAN], &[true, false]).unwrap();
        let categories = [(0.9, 1, 0.2), (0.9, 0, 0.3), (0.1, 1, 0.5)];
        let of = |ties, counts| {
            let rule = BestOfN {
                scores: &scores,
                ties,
            };
            rule.credit(&categories, counts).to_bits()
        };
        assert_eq!(of(Ties::Split, &[1, 3, 7]), 0.25_f64.to_bits());
        assert_eq!(of(Ties::Wrong, &[1, 3, 7]), 0.0_f64.to_bits());
        assert_eq!(of(Ties::Split, &[0, 0, 1]), 1.0_f64.to_bits());
    }

    #[test]
    fn borrowed_scores_are_scores_of_the_log() {
        let questions = Ragged::new(&[0, 4], 4).unwrap();
        let scores = scores(
            questions,
            &[0.0, 1.0, 1.0, 3.0],
            &[false, true, true, false],
        )
        .unwrap();
        assert_eq!(scores.values, [0.0, 1.0, 3.0]);
        for (score, nearest) in [(-5.0, 0.0), (0.4, 0.0), (0.6, 1.0), (2.1, 3.0), (9.0, 3.0)] {
            assert_eq!(
                scores.nearest(score).to_bits(),
                f64::to_bits(nearest),
                "{score}"
            );
        }
    }
}
