//! Prediction: the score of a rule after k calls, over what the questions may be like.

use super::answers::{Draw, QuestionPosterior};
use super::population::{ESTIMATES, Population};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;
use std::ops::Range;

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
    /// The posterior covariance of that mean between numbers of calls, row by row: K x K. None if it was
    /// not asked for.
    pub covariance: Option<Vec<f64>>,
    /// The expected score of each question, row by row: Q x K.
    pub per_question: Vec<f64>,
    /// The expectation of the square of each question's score: Q x K.
    pub squares: Vec<f64>,
}

/// Questions whose sums are taken together: a part of the result, because it orders the sums.
const BLOCK: usize = 32;
/// Blocks that are held at a time.
const WAVE: usize = 64;
/// The longest grid whose covariances are taken from every draw.
const FULL_GRID: usize = 128;

/// Sums over questions.
#[derive(Clone)]
struct Sums {
    /// For each estimate of the population, the two scores after every k, summed over its draws.
    estimates: Vec<[Vec<f64>; 2]>,
    /// The posterior covariances of the questions given the population: K x K.
    within: Vec<f64>,
}

impl Sums {
    fn new(columns: usize, joint: bool) -> Self {
        Self {
            estimates: vec![[vec![0.0; columns], vec![0.0; columns]]; ESTIMATES],
            within: vec![0.0; if joint { columns * columns } else { 0 }],
        }
    }

    fn add(&mut self, other: &Self) {
        for (sums, others) in self.estimates.iter_mut().zip(&other.estimates) {
            add(&mut sums[0], &others[0]);
            add(&mut sums[1], &others[1]);
        }
        add(&mut self.within, &other.within);
    }
}

fn add(sum: &mut [f64], part: &[f64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// What a rule is asked for.
struct Plan<'a, F> {
    population: &'a Population,
    rule: &'a F,
    k: &'a [usize],
    draws: Range<usize>,
    /// Every so many draws are used for covariances, none if they are not asked for.
    stride: Option<usize>,
    watch: &'a Watch,
}

/// Predicts the score of a rule after each number of calls in `k` from these draws, which are a multiple
/// of [`ESTIMATES`] or a few more are taken; with covariances between them if it is to be `joint`.
///
/// The result has the same bits on any number of threads. `watch` counts questions.
///
/// # Cost
///
/// For each question and draw about 2 microseconds, twice the samples drawn (15 ns each, or 20 ns
/// per answer where the grid leaves wide gaps), and for covariances the square of the length of the
/// grid up to 128.
pub fn prediction(
    population: &Population,
    rule: &impl Forecast,
    k: &[usize],
    draws: Range<usize>,
    joint: bool,
    watch: &Watch,
) -> Result<Prediction, Interrupted> {
    let columns = k.len();
    let first = draws.start;
    let draws = draws.len().next_multiple_of(ESTIMATES).max(2 * ESTIMATES);
    let squared = columns * columns;
    let stride = squared.div_ceil(FULL_GRID * FULL_GRID).clamp(1, draws / 2);
    let plan = Plan {
        population,
        rule,
        k,
        draws: first..first + draws,
        stride: joint.then_some(stride),
        watch,
    };
    let mut sums = Sums::new(columns, joint);
    let mut per_question = vec![0.0; population.len() * columns];
    let mut squares = per_question.clone();
    let wave = WAVE * BLOCK * columns;
    let waves = per_question
        .chunks_mut(wave)
        .zip(squares.chunks_mut(wave))
        .zip(population.order.chunks(WAVE * BLOCK));
    for ((means, squares), questions) in waves {
        let parts: Vec<Sums> = means
            .par_chunks_mut(BLOCK * columns)
            .zip(squares.par_chunks_mut(BLOCK * columns))
            .zip(questions.par_chunks(BLOCK))
            .map(|((means, squares), questions)| plan.block(questions, means, squares))
            .collect::<Result<_, _>>()?;
        for part in &parts {
            sums.add(part);
        }
    }
    let (mean, covariance) = moments(&sums, population.len(), draws, joint);
    Ok(Prediction {
        mean,
        covariance,
        per_question: in_order_of_log(&per_question, &population.order, columns),
        squares: in_order_of_log(&squares, &population.order, columns),
    })
}

impl<F: Forecast> Plan<'_, F> {
    /// Writes the means and mean squares of some questions; returns their sums.
    fn block(
        &self,
        questions: &[usize],
        means: &mut [f64],
        squares: &mut [f64],
    ) -> Result<Sums, Interrupted> {
        let columns = self.k.len();
        let mut sums = Sums::new(columns, self.stride.is_some());
        let rows = means
            .chunks_exact_mut(columns)
            .zip(squares.chunks_exact_mut(columns));
        for (&question, (means, squares)) in questions.iter().zip(rows) {
            self.question(question, means, squares, &mut sums)?;
            self.watch.advance(1);
        }
        Ok(sums)
    }

    fn question(
        &self,
        question: usize,
        means: &mut [f64],
        squares: &mut [f64],
        sums: &mut Sums,
    ) -> Result<(), Interrupted> {
        let columns = self.k.len();
        let draws = self.draws.len() as f64;
        let (mut one, mut other) = (vec![0.0; columns], vec![0.0; columns]);
        let mut of_one = vec![0.0; columns];
        let mut products = self.stride.map(|_| Products::new(columns));
        let posterior = QuestionPosterior::new(self.population, question);
        for draw in self.draws.clone() {
            self.watch.check()?;
            let mut drawn = posterior.draw(draw);
            self.rule
                .scores(question, Drawn(&mut drawn), self.k, [&mut one, &mut other]);
            let [sum_of_one, sum_of_other] = &mut sums.estimates[draw % ESTIMATES];
            add(sum_of_one, &one);
            add(sum_of_other, &other);
            for (i, (one, other)) in one.iter().zip(&other).enumerate() {
                of_one[i] += one / draws;
                means[i] += (one + other) / (2.0 * draws);
                squares[i] += one * other / draws;
            }
            if let (Some(stride), Some(products)) = (self.stride, &mut products)
                && draw.is_multiple_of(stride)
            {
                products.add(&one, &other);
            }
        }
        let (Some(stride), Some(products)) = (self.stride, products) else {
            return Ok(());
        };
        products.add_covariance(&mut sums.within);
        if stride > 1 {
            for i in 0..columns {
                let of_other = 2.0 * means[i] - of_one[i];
                let variance = (squares[i] - of_one[i] * of_other) * draws / (draws - 1.0);
                sums.within[i * columns + i] += variance - products.covariance(i, i);
            }
        }
        Ok(())
    }
}

/// Sums of the products of two independent estimates: their noise leaves no trace in them.
struct Products {
    draws: f64,
    one: Vec<f64>,
    other: Vec<f64>,
    table: Vec<f64>,
}

impl Products {
    fn new(columns: usize) -> Self {
        Self {
            draws: 0.0,
            one: vec![0.0; columns],
            other: vec![0.0; columns],
            table: vec![0.0; columns * columns],
        }
    }

    fn add(&mut self, one: &[f64], other: &[f64]) {
        self.draws += 1.0;
        add(&mut self.one, one);
        add(&mut self.other, other);
        for (one, products) in one.iter().zip(self.table.chunks_exact_mut(other.len())) {
            // Many scores are 0, 1 or equal: most products of a vote are skipped.
            if *one != 0.0 {
                for (product, other) in products.iter_mut().zip(other) {
                    *product += one * other;
                }
            }
        }
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        let columns = self.one.len();
        let of = |i: usize, j: usize| {
            self.table[i * columns + j] - self.one[i] * self.other[j] / self.draws
        };
        (of(i, j) + of(j, i)) / (2.0 * (self.draws - 1.0))
    }

    fn add_covariance(&self, sum: &mut [f64]) {
        let columns = self.one.len();
        for i in 0..columns {
            for j in 0..columns {
                sum[i * columns + j] += self.covariance(i, j);
            }
        }
    }
}

/// Mean and covariance of the mean score.
///
/// Given the population the questions are independent, and their covariances add up. The population
/// adds the covariance between its estimates, less what the questions leave in the mean over one
/// estimate's draws.
fn moments(
    sums: &Sums,
    questions: usize,
    draws: usize,
    joint: bool,
) -> (Vec<f64>, Option<Vec<f64>>) {
    let columns = sums.estimates[0][0].len();
    let (n, each) = (questions as f64, (draws / ESTIMATES) as f64);
    let mut between = Products::new(columns);
    for [one, other] in &sums.estimates {
        let scaled = |sums: &[f64]| sums.iter().map(|sum| sum / (each * n)).collect::<Vec<_>>();
        between.add(&scaled(one), &scaled(other));
    }
    let halves = between.one.iter().zip(&between.other);
    let mean = halves
        .map(|(one, other)| (one + other) / (2 * ESTIMATES) as f64)
        .collect();
    let covariance = joint.then(|| {
        let scaled = |within: &f64| within * (1.0 - 1.0 / each) / (n * n);
        let mut covariance: Vec<f64> = sums.within.iter().map(scaled).collect();
        between.add_covariance(&mut covariance);
        covariance
    });
    (mean, covariance)
}

/// Puts rows that are in the order of identities where their questions are.
fn in_order_of_log(rows: &[f64], order: &[usize], columns: usize) -> Vec<f64> {
    let mut table = vec![0.0; rows.len()];
    for (row, &question) in rows.chunks_exact(columns).zip(order) {
        table[question * columns..][..columns].copy_from_slice(row);
    }
    table
}
