//! Resampled questions: independent Poisson weights instead of draws from a list.
//!
//! How often a question is in a resample of all of them is binomial with mean one, for many questions
//! Poisson. With independent Poisson weights a question needs to know nothing of the others, so that
//! parts of a data set can be resampled apart; given their sum they are an ordinary resample of that
//! many questions (Chamandy et al., "Estimating uncertainty for massive data streams", 2012).

use super::replicates::{append_columns, lanes};
use super::{BLOCK, UNIT};
use crate::error::{Error, Result};
use crate::rng::{Key, Purpose, Streams};
use crate::work::{Interrupted, Watch};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// `P(Poisson(1) <= i)` in units of `2^-32`, up to where it is one.
const CUMULATIVE: [u32; 13] = [
    1_580_030_168,
    3_160_060_337,
    3_950_075_421,
    4_213_413_783,
    4_279_248_373,
    4_292_415_291,
    4_294_609_777,
    4_294_923_276,
    4_294_962_463,
    4_294_966_817,
    4_294_967_252,
    4_294_967_292,
    4_294_967_295,
];

/// How often a unit is in each replicate of a block.
pub(super) fn weights_of(seed: u64, unit: u64, number: u64) -> [u32; BLOCK] {
    let mut weights = [0; BLOCK];
    Arch::new().dispatch(Weigh {
        key: Key::new(seed, unit, Purpose::Weights),
        first: number * BLOCK as u64,
        weights: &mut weights,
    });
    weights
}

struct Weigh<'a> {
    key: Key,
    first: u64,
    weights: &'a mut [u32; BLOCK],
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let bits = Streams::<BLOCK>::new(self.key, self.first).bits();
        for bound in CUMULATIVE {
            for (weight, &bits) in self.weights.iter_mut().zip(&bits) {
                *weight += u32::from(bits >= bound);
            }
        }
    }
}

/// Sums over the questions of each resample.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuestionSums {
    /// Weighted credit: replicates x numbers of calls.
    pub credit: Vec<u64>,
    /// Weighted squares of the units' credit, in [`UNIT`]s: replicates x numbers of calls.
    pub squares: Vec<u64>,
    /// Weighted products of a unit's credit and its number of questions: replicates x numbers of calls.
    pub products: Vec<u64>,
    /// Questions of each resample.
    pub questions: Vec<u64>,
    /// Weighted squares of the units' numbers of questions.
    pub square_questions: Vec<u64>,
}

/// Resamples units: questions, or clusters of them.
///
/// `credit` is units x numbers of calls, the sum over the questions of the unit; `questions` is how
/// many there are in each.
///
/// # Errors
///
/// [`Error::Shape`] unless all arrays describe the same units.
pub fn resampled_questions(
    credit: &[u64],
    questions: &[u64],
    identities: &[u64],
    seed: u64,
    replicates: Range<u64>,
    watch: &Watch,
) -> Result<QuestionSums> {
    let units = identities.len();
    if questions.len() != units || units == 0 || !credit.len().is_multiple_of(units) {
        return Err(Error::Shape(
            "credit, questions and identities must be of the same units".into(),
        ));
    }
    let calls = credit.len() / units;
    let size = BLOCK as u64;
    let numbers = replicates.start / size..replicates.end.div_ceil(size);
    let mut result = QuestionSums::default();
    for number in numbers {
        let chunk = (units / (4 * rayon::current_num_threads())).clamp(16, 4096);
        let sums = (0..units.div_ceil(chunk))
            .into_par_iter()
            .map(|chunk_number| {
                watch.check()?;
                let mut sums = Sums::new(calls);
                let first = chunk_number * chunk;
                for unit in first..(first + chunk).min(units) {
                    Arch::new().dispatch(Add {
                        weights: &weights_of(seed, identities[unit], number),
                        credit: &credit[unit * calls..(unit + 1) * calls],
                        questions: questions[unit],
                        sums: &mut sums,
                    });
                }
                Ok(sums)
            })
            .try_reduce(|| Sums::new(calls), |a, b| Ok::<_, Interrupted>(a.plus(&b)))?;
        let wanted = lanes(&replicates, number);
        append_columns(&mut result.credit, &sums.credit, wanted.clone());
        append_columns(&mut result.squares, &sums.squares, wanted.clone());
        append_columns(&mut result.products, &sums.products, wanted.clone());
        result
            .questions
            .extend_from_slice(&sums.questions[0][wanted.clone()]);
        result
            .square_questions
            .extend_from_slice(&sums.questions[1][wanted]);
    }
    Ok(result)
}

struct Sums {
    credit: Vec<[u64; BLOCK]>,
    squares: Vec<[u64; BLOCK]>,
    products: Vec<[u64; BLOCK]>,
    /// Numbers of questions, and their squares.
    questions: [[u64; BLOCK]; 2],
}

impl Sums {
    fn new(calls: usize) -> Self {
        let zeros = || vec![[0; BLOCK]; calls];
        Self {
            credit: zeros(),
            squares: zeros(),
            products: zeros(),
            questions: [[0; BLOCK]; 2],
        }
    }

    fn plus(mut self, other: &Self) -> Self {
        let add = |sums: &mut [[u64; BLOCK]], other: &[[u64; BLOCK]]| {
            let others = other.as_flattened();
            for (sum, other) in sums.as_flattened_mut().iter_mut().zip(others) {
                *sum += other;
            }
        };
        add(&mut self.credit, &other.credit);
        add(&mut self.squares, &other.squares);
        add(&mut self.products, &other.products);
        add(&mut self.questions, &other.questions);
        self
    }
}

/// Adds a unit to the resamples that it is in.
struct Add<'a> {
    weights: &'a [u32; BLOCK],
    credit: &'a [u64],
    questions: u64,
    sums: &'a mut Sums,
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Sums {
            credit,
            squares,
            products,
            questions,
        } = self.sums;
        for (call, &value) in self.credit.iter().enumerate() {
            let square = u128::from(value) * u128::from(value) / u128::from(UNIT);
            add(&mut credit[call], self.weights, value);
            add(&mut squares[call], self.weights, square as u64);
            add(&mut products[call], self.weights, value * self.questions);
        }
        add(&mut questions[0], self.weights, self.questions);
        add(
            &mut questions[1],
            self.weights,
            self.questions * self.questions,
        );
    }
}

#[inline(always)]
fn add(sums: &mut [u64; BLOCK], weights: &[u32; BLOCK], value: u64) {
    for (sum, &weight) in sums.iter_mut().zip(weights) {
        *sum += u64::from(weight) * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cumulative_table_is_poisson() {
        let (mut mass, mut sum) = ((-1.0_f64).exp(), 0.0);
        for (i, &bound) in CUMULATIVE.iter().enumerate() {
            sum += mass;
            let exact = sum * 4_294_967_296.0;
            assert!(
                (f64::from(bound) - exact).abs() <= 1.0,
                "{i}: {bound} {exact}"
            );
            mass /= i as f64 + 1.0;
        }
    }

    #[test]
    fn weights_have_mean_and_variance_one() {
        const UNITS: u64 = 1000;
        let (mut sum, mut squares) = (0_u64, 0_u64);
        for unit in 0..UNITS {
            for weight in weights_of(3, unit, 1) {
                sum += u64::from(weight);
                squares += u64::from(weight * weight);
            }
        }
        let draws = (UNITS * BLOCK as u64) as f64;
        let mean = sum as f64 / draws;
        let variance = squares as f64 / draws - mean * mean;
        assert!((mean - 1.0).abs() < 5.0 / draws.sqrt(), "{mean}");
        assert!((variance - 1.0).abs() < 10.0 / draws.sqrt(), "{variance}");
    }
}
