//! Means over resampled questions of any numbers, and how often each kind of question is resampled.

use super::BLOCK;
use super::questions::weights_of;
use crate::error::{Error, Result};
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// The mean of each column over the questions of every resample, row-major: replicates x columns.
///
/// `values` is questions x columns; questions with the same identity in `units` are resampled
/// together. Sums are in the order of the questions. NaN for a resample without any question.
///
/// # Errors
///
/// [`Error::Shape`] unless the values are a table of these questions.
pub fn resampled_means(
    values: &[f64],
    units: &[u64],
    seed: u64,
    replicates: usize,
    watch: &Watch,
) -> Result<Vec<f64>> {
    if units.is_empty() || !values.len().is_multiple_of(units.len()) {
        return Err(Error::Shape("values must be of the same questions".into()));
    }
    let columns = values.len() / units.len();
    in_blocks(replicates, columns, |number, rows| {
        let mut questions = [0.0; BLOCK];
        for (&unit, values) in units.iter().zip(values.chunks(columns.max(1))) {
            watch.check()?;
            let weights = weights_of(seed, unit, number).map(f64::from);
            for ((row, weight), total) in rows.iter_mut().zip(weights).zip(&mut questions) {
                *total += weight;
                for (sum, value) in row.iter_mut().zip(values) {
                    *sum += weight * value;
                }
            }
        }
        for (row, total) in rows.iter_mut().zip(questions) {
            for sum in row.iter_mut() {
                *sum /= total;
            }
        }
        Ok(())
    })
}

/// How many questions of each kind every resample has, row-major: replicates x kinds.
///
/// # Errors
///
/// [`Error::Shape`] unless every question has a kind below `kinds` and a unit.
pub fn resampled_kinds(
    kind: &[usize],
    kinds: usize,
    units: &[u64],
    seed: u64,
    replicates: usize,
    watch: &Watch,
) -> Result<Vec<f64>> {
    if kind.len() != units.len() || kind.iter().any(|&kind| kind >= kinds) {
        return Err(Error::Shape(format!(
            "{} kinds of {} questions, of {kinds} in all",
            kind.len(),
            units.len()
        )));
    }
    in_blocks(replicates, kinds, |number, rows| {
        for (&unit, &kind) in units.iter().zip(kind) {
            watch.check()?;
            let weights = weights_of(seed, unit, number);
            for (row, weight) in rows.iter_mut().zip(weights) {
                row[kind] += f64::from(weight);
            }
        }
        Ok(())
    })
}

/// A table of replicates, filled in parallel by blocks of rows.
fn in_blocks(
    replicates: usize,
    columns: usize,
    fill: impl Fn(u64, &mut [&mut [f64]]) -> std::result::Result<(), Interrupted> + Sync,
) -> Result<Vec<f64>> {
    let mut table = vec![0.0; replicates * columns];
    if columns > 0 {
        table
            .par_chunks_mut(BLOCK * columns)
            .enumerate()
            .try_for_each(|(number, block)| {
                let mut rows: Vec<&mut [f64]> = block.chunks_mut(columns).collect();
                fill(number as u64, &mut rows)
            })?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_the_weights_and_means_agree_with_them() {
        let units: Vec<u64> = (0..40).map(|i| i * 7919).collect();
        let kind: Vec<usize> = (0..40).map(|i| i % 3).collect();
        let values: Vec<f64> = kind.iter().map(|&kind| kind as f64).collect();
        let watch = Watch::new();
        let kinds = resampled_kinds(&kind, 3, &units, 5, 300, &watch).unwrap();
        let means = resampled_means(&values, &units, 5, 300, &watch).unwrap();
        for (row, mean) in kinds.chunks(3).zip(&means) {
            let expected = (row[1] + 2.0 * row[2]) / (row[0] + row[1] + row[2]);
            assert!((mean - expected).abs() < 1e-14);
        }
        let total: f64 = kinds.iter().sum();
        assert!((total / 300.0 - 40.0).abs() < 2.0, "{total}");
    }

    #[test]
    fn a_longer_table_begins_with_the_shorter_one() {
        let units = [3, 1, 4, 1, 5];
        let values = [0.1, 0.7, 0.2, 0.9, 0.4];
        let watch = Watch::new();
        let long = resampled_means(&values, &units, 9, 600, &watch).unwrap();
        let short = resampled_means(&values, &units, 9, 100, &watch).unwrap();
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&long[..100]), bits(&short));
    }
}
