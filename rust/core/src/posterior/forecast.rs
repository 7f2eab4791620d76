//! Prediction: the score of a rule after k calls, over what the questions may be like.

use super::answers::Draw;
use super::population::Population;
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Two estimates of the score after every k from one draw of a question, independent given the draw.
///
/// Their mean estimates the expected score, their product the square of it; a rule whose score is
/// known given the draw writes it twice.
pub(super) type Pair<'a> = [&'a mut [f64]; 2];

/// A rule that can be predicted.
pub trait Forecast: Sync {
    /// Writes the scores of a draw of question `question`.
    #[doc(hidden)]
    fn scores(&self, question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>);
}

/// A draw, in the hands of a rule.
pub struct Drawn<'a, 'b>(pub(super) &'a mut Draw<'b>);

/// What a rule is predicted to score.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The expected score after each k, the mean over questions.
    pub mean: Vec<f64>,
    /// The posterior covariance of that mean between numbers of calls, row by row: K x K.
    pub covariance: Vec<f64>,
    /// The expected score of each question, row by row: Q x K.
    pub per_question: Vec<f64>,
    /// The expectation of the square of each question's score: Q x K.
    pub squares: Vec<f64>,
}

/// Questions whose sums are taken together: a part of the result, because it orders the sums.
const BLOCK: usize = 32;
/// Blocks that are held at a time.
const WAVE: usize = 64;

/// Sums over the questions of a block, or of all: for each draw, two scores after every k.
type Sums = Vec<[Vec<f64>; 2]>;

/// Predicts the score of a rule after each number of calls in `k` from `draws` draws.
///
/// The result has the same bits on any number of threads. `watch` counts questions.
///
/// # Cost
///
/// For each question and draw about 5 microseconds, and twice the samples drawn: 10 ns each, or 20 ns
/// per answer where the grid leaves wide gaps.
pub fn prediction(
    population: &Population,
    rule: &impl Forecast,
    k: &[usize],
    draws: usize,
    watch: &Watch,
) -> Result<Prediction, Interrupted> {
    let questions = population.len();
    let mut sums: Sums = vec![[vec![0.0; k.len()], vec![0.0; k.len()]]; draws];
    let mut per_question = vec![0.0; questions * k.len()];
    let mut squares = vec![0.0; questions * k.len()];
    let wave = WAVE * BLOCK * k.len();
    let waves = per_question.chunks_mut(wave).zip(squares.chunks_mut(wave));
    for (wave, (means, squares)) in waves.enumerate() {
        let parts: Vec<Sums> = means
            .par_chunks_mut(BLOCK * k.len())
            .zip(squares.par_chunks_mut(BLOCK * k.len()))
            .enumerate()
            .map(|(block, (means, squares))| {
                let first = (wave * WAVE + block) * BLOCK;
                block_sums(population, rule, k, draws, first, means, squares, watch)
            })
            .collect::<Result<_, _>>()?;
        for part in &parts {
            for (sums, part) in sums.iter_mut().zip(part) {
                for (sum, part) in sums.iter_mut().zip(part) {
                    add(sum, part);
                }
            }
        }
    }
    let (mean, covariance) = moments(&sums, questions, k.len());
    Ok(Prediction {
        mean,
        covariance,
        per_question: in_order_of_log(&per_question, &population.order, k.len()),
        squares: in_order_of_log(&squares, &population.order, k.len()),
    })
}

/// Puts rows that are in the order of identities where their questions are.
fn in_order_of_log(rows: &[f64], order: &[usize], columns: usize) -> Vec<f64> {
    let mut table = vec![0.0; rows.len()];
    for (row, &question) in rows.chunks_exact(columns).zip(order) {
        table[question * columns..][..columns].copy_from_slice(row);
    }
    table
}

#[expect(clippy::too_many_arguments, reason = "one block of everything")]
fn block_sums(
    population: &Population,
    rule: &impl Forecast,
    k: &[usize],
    draws: usize,
    first: usize,
    means: &mut [f64],
    squares: &mut [f64],
    watch: &Watch,
) -> Result<Sums, Interrupted> {
    let mut sums: Sums = vec![[vec![0.0; k.len()], vec![0.0; k.len()]]; draws];
    let (mut one, mut other) = (vec![0.0; k.len()], vec![0.0; k.len()]);
    let rows = means
        .chunks_exact_mut(k.len())
        .zip(squares.chunks_exact_mut(k.len()));
    for (&question, (means, squares)) in population.order[first..].iter().zip(rows) {
        for (draw, sums) in sums.iter_mut().enumerate() {
            watch.check()?;
            let mut drawn = Draw::new(population, question, draw);
            rule.scores(question, Drawn(&mut drawn), k, [&mut one, &mut other]);
            add(&mut sums[0], &one);
            add(&mut sums[1], &other);
            for (i, (one, other)) in one.iter().zip(&other).enumerate() {
                means[i] += (one + other) / (2 * draws) as f64;
                squares[i] += one * other / draws as f64;
            }
        }
        watch.advance(1);
    }
    Ok(sums)
}

fn add(sum: &mut [f64], part: &[f64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Mean and covariance of the mean score over the draws.
fn moments(sums: &Sums, questions: usize, columns: usize) -> (Vec<f64>, Vec<f64>) {
    let (n, draws) = (questions as f64, sums.len() as f64);
    let mut mean = vec![0.0; columns];
    for [one, other] in sums {
        for (i, mean) in mean.iter_mut().enumerate() {
            *mean += (one[i] + other[i]) / (2.0 * draws * n);
        }
    }
    let mut covariance = vec![0.0; columns * columns];
    for [one, other] in sums {
        for i in 0..columns {
            for j in 0..columns {
                // The noise of the two is independent: it leaves no trace in their products.
                let (a, b) = (one[i] / n - mean[i], other[j] / n - mean[j]);
                let (c, d) = (other[i] / n - mean[i], one[j] / n - mean[j]);
                covariance[i * columns + j] += (a * b + c * d) / (2.0 * (draws - 1.0).max(1.0));
            }
        }
    }
    (mean, covariance)
}
