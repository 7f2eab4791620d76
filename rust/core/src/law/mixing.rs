//! The most likely distribution of a question's probability of a correct answer, of any form.
//!
//! The maximum over all distributions on a grid of probabilities is reached by one with few atoms.
//! They are found by the constrained Newton method (Wang, "On fast computation of the
//! non-parametric maximum likelihood estimate of a mixing distribution", 2007): candidates are the
//! peaks of the gradient, and a least-squares problem with weights that are not negative says which
//! of them to keep.

mod least_squares;

use super::cells::{Cells, relative_log_likelihood};
use crate::error::{Error, Result};
use crate::work::{Interrupted, Watch};
use least_squares::nonnegative;
use rayon::prelude::*;

/// No distribution's mean log-likelihood is higher than the one found by more than this.
const GAP: f64 = 1e-9;
const MOST_ROUNDS: usize = 300;
/// Every this many-th atom is there from the beginning.
const STRIDE: usize = 10;

/// Distributions on `atoms`, one for each row of `weights`; row-major: rows x atoms.
///
/// # Errors
///
/// [`Error::Shape`] if an atom is not in [0, 1], there are fewer than two, or there is not a weight
/// for every cell.
pub fn fits(cells: &Cells, weights: &[f64], atoms: &[f64], watch: &Watch) -> Result<Vec<f64>> {
    if atoms.len() < 2 || !atoms.iter().all(|p| (0.0..=1.0).contains(p)) {
        return Err(Error::Shape("there must be two atoms in [0, 1]".into()));
    }
    let likelihoods: Vec<Vec<f64>> = cells
        .pairs
        .iter()
        .map(|&pair| {
            atoms
                .iter()
                .map(|&p| relative_log_likelihood(pair, p).exp())
                .collect()
        })
        .collect();
    let rows: Vec<&[f64]> = cells.rows(weights)?.collect();
    let fits = rows
        .par_iter()
        .map(|row| fit(&likelihoods, row, atoms.len(), watch))
        .collect::<std::result::Result<Vec<_>, Interrupted>>()?;
    Ok(fits.concat())
}

fn fit(
    likelihoods: &[Vec<f64>],
    weights: &[f64],
    atoms: usize,
    watch: &Watch,
) -> std::result::Result<Vec<f64>, Interrupted> {
    let total: f64 = weights.iter().sum();
    let present: Vec<(&[f64], f64)> = likelihoods
        .iter()
        .zip(weights)
        .filter(|&(_, &weight)| weight > 0.0)
        .map(|(row, &weight)| (row.as_slice(), weight / total))
        .collect();
    if present.is_empty() {
        return Ok(vec![f64::NAN; atoms]);
    }
    let mut masses = vec![0.0; atoms];
    let mut support: Vec<usize> = (0..atoms).step_by(STRIDE).chain([atoms - 1]).collect();
    support.dedup();
    for &atom in &support {
        masses[atom] = 1.0 / support.len() as f64;
    }
    let mut gradient = vec![0.0; atoms];
    for _ in 0..MOST_ROUNDS {
        watch.check()?;
        let mixture = mixtures(&present, &masses);
        gradient.fill(-1.0);
        for (&(row, weight), mixture) in present.iter().zip(&mixture) {
            let factor = weight / mixture;
            for (slope, likelihood) in gradient.iter_mut().zip(row) {
                *slope += factor * likelihood;
            }
        }
        if gradient.iter().copied().fold(f64::NEG_INFINITY, f64::max) < GAP {
            break;
        }
        let candidates = candidates(&gradient, &masses);
        let wanted = newton(&present, &mixture, &candidates);
        let gained =
            wanted.and_then(|wanted| improved(&present, &masses, &mixture, &candidates, &wanted));
        masses = gained.unwrap_or_else(|| {
            // One step of expectation and maximisation never loses.
            let mut next: Vec<f64> = masses
                .iter()
                .zip(&gradient)
                .map(|(m, g)| m * (1.0 + g))
                .collect();
            let best = (0..atoms).max_by(|&i, &j| gradient[i].total_cmp(&gradient[j]));
            let best = best.unwrap_or(0);
            if next[best] == 0.0 {
                for mass in &mut next {
                    *mass *= 0.999;
                }
                next[best] = 0.001;
            }
            next
        });
    }
    Ok(masses)
}

/// The likelihood of each cell.
fn mixtures(present: &[(&[f64], f64)], masses: &[f64]) -> Vec<f64> {
    present
        .iter()
        .map(|(row, _)| row.iter().zip(masses).map(|(l, m)| l * m).sum())
        .collect()
}

fn log_likelihood(present: &[(&[f64], f64)], mixture: &[f64]) -> f64 {
    present
        .iter()
        .zip(mixture)
        .map(|((_, weight), mixture)| weight * mixture.ln())
        .sum()
}

/// Atoms with mass, and the peaks of the gradient above zero.
fn candidates(gradient: &[f64], masses: &[f64]) -> Vec<usize> {
    let last = gradient.len() - 1;
    let is_peak = |i: usize| {
        gradient[i] > 0.0
            && (i == 0 || gradient[i] >= gradient[i - 1])
            && (i == last || gradient[i] >= gradient[i + 1])
    };
    (0..=last)
        .filter(|&i| masses[i] > 0.0 || is_peak(i))
        .collect()
}

/// The masses of the candidates that maximise the likelihood to second order.
///
/// With `S` the likelihoods over the mixture's, that is least `|S y - 2|^2` with `sum y = 1`; its
/// solution is that of `|(S - 2) y|^2 + (sum y - 1)^2`, divided by its sum.
fn newton(present: &[(&[f64], f64)], mixture: &[f64], candidates: &[usize]) -> Option<Vec<f64>> {
    let size = candidates.len();
    let mut matrix = vec![1.0; size * size];
    let mut row = vec![0.0; size];
    for (&(likelihoods, weight), mixture) in present.iter().zip(mixture) {
        for (entry, &atom) in row.iter_mut().zip(candidates) {
            *entry = likelihoods[atom] / mixture - 2.0;
        }
        for (i, line) in matrix.chunks_mut(size).enumerate() {
            for (entry, other) in line.iter_mut().zip(&row) {
                *entry += weight * row[i] * other;
            }
        }
    }
    let mut wanted = nonnegative(&matrix, &vec![1.0; size]);
    let sum: f64 = wanted.iter().sum();
    if !(sum > 0.0 && sum.is_finite()) {
        return None;
    }
    for mass in &mut wanted {
        *mass /= sum;
    }
    Some(wanted)
}

/// The masses moved as far towards the wanted ones as the likelihood grows, if it does.
fn improved(
    present: &[(&[f64], f64)],
    masses: &[f64],
    mixture: &[f64],
    candidates: &[usize],
    wanted: &[f64],
) -> Option<Vec<f64>> {
    let mut goal = vec![0.0; masses.len()];
    for (&atom, &mass) in candidates.iter().zip(wanted) {
        goal[atom] = mass;
    }
    let there = mixtures(present, &goal);
    let before = log_likelihood(present, mixture);
    let mut share = 1.0;
    for _ in 0..40 {
        let moved: Vec<f64> = mixture
            .iter()
            .zip(&there)
            .map(|(from, to)| from + share * (to - from))
            .collect();
        if log_likelihood(present, &moved) > before {
            let next = masses
                .iter()
                .zip(&goal)
                .map(|(from, to)| from + share * (to - from))
                .collect();
            return Some(next);
        }
        share *= 0.5;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_frequencies_are_met() {
        // One sample of each question: any distribution of the right mean is most likely.
        let cells = Cells::new(&[0, 1], &[1, 1]).unwrap();
        let atoms: Vec<f64> = (0..=50).map(|i| f64::from(i) / 50.0).collect();
        let masses = fits(&cells, &[3.0, 7.0], &atoms, &Watch::new()).unwrap();
        let mean: f64 = masses.iter().zip(&atoms).map(|(mass, p)| mass * p).sum();
        assert!((mean - 0.7).abs() < 1e-4, "{mean}");
    }

    #[test]
    fn wrong_grids_are_errors() {
        let cells = Cells::new(&[0], &[1]).unwrap();
        assert!(fits(&cells, &[1.0], &[0.5], &Watch::new()).is_err());
        assert!(fits(&cells, &[1.0], &[0.5, 1.5], &Watch::new()).is_err());
        assert!(fits(&cells, &[1.0, 2.0, -1.0], &[0.0, 1.0], &Watch::new()).is_err());
    }
}
