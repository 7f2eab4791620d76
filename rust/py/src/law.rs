//! Laws: numpy arrays in, coefficients and values out.

use crate::error::raise;
use crate::request::calls;
use crate::run::{in_pool, run};
use kcurve_core::bootstrap;
use kcurve_core::law::{Cells, beta_binomial, bilevel, exponential, mixing};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// Coefficients and sums of squares.
type Fits<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>);

/// The exponential law of each question: coefficients [Q, 3] and sums of squared residuals [Q].
#[pyfunction]
pub(crate) fn fit_exponential<'py>(
    py: Python<'py>,
    k: PyReadonlyArray1<'py, f64>,
    curves: PyReadonlyArray2<'py, f64>,
    limits: PyReadonlyArray1<'py, f64>,
    least_rate: f64,
    threads: Option<usize>,
) -> PyResult<Fits<'py>> {
    let (k, curves, limits) = (k.as_slice()?, curves.as_slice()?, limits.as_slice()?);
    let fits = run(py, None, |watch| {
        in_pool(threads, || {
            exponential::fits(k, curves, limits, least_rate, watch)
        })
    })?;
    Ok((
        PyArray1::from_vec(py, fits.coefficients).reshape([limits.len(), 3])?,
        PyArray1::from_vec(py, fits.squares),
    ))
}

/// The exponential law's values [Q, K].
#[pyfunction]
pub(crate) fn exponential_values<'py>(
    py: Python<'py>,
    coefficients: PyReadonlyArray2<'py, f64>,
    limits: PyReadonlyArray1<'py, f64>,
    k: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (coefficients, limits, k) = (coefficients.as_slice()?, limits.as_slice()?, k.as_slice()?);
    let values = run(py, None, |watch| {
        exponential::values(coefficients, limits, k, watch)
    })?;
    PyArray1::from_vec(py, values).reshape([limits.len(), k.len()])
}

/// The exponential law's mean over questions [K].
#[pyfunction]
pub(crate) fn exponential_means<'py>(
    py: Python<'py>,
    coefficients: PyReadonlyArray2<'py, f64>,
    limits: PyReadonlyArray1<'py, f64>,
    k: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (coefficients, limits, k) = (coefficients.as_slice()?, limits.as_slice()?, k.as_slice()?);
    let means = run(py, None, |watch| {
        exponential::means(coefficients, limits, k, watch)
    })?;
    Ok(PyArray1::from_vec(py, means))
}

/// Rows of the four numbers of each fit.
fn rows(
    py: Python<'_>,
    fits: impl IntoIterator<Item = [f64; 4]>,
) -> PyResult<Bound<'_, PyArray2<f64>>> {
    let values: Vec<f64> = fits.into_iter().flatten().collect();
    let rows = values.len() / 4;
    PyArray1::from_vec(py, values).reshape([rows, 4])
}

/// Two kinds of questions from curves [R, K]: alpha, p1, p2 and the sum of squares, by row.
#[pyfunction]
pub(crate) fn fit_bilevel_curves<'py>(
    py: Python<'py>,
    k: PyReadonlyArray1<'py, i64>,
    curves: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (k, curves) = (calls(&k)?, curves.as_slice()?);
    let fits = run(py, None, |watch| bilevel::fits_of_curves(&k, curves, watch))?;
    rows(
        py,
        fits.into_iter()
            .map(|fit| [fit.alpha, fit.high, fit.low, fit.objective]),
    )
}

/// Two kinds of questions from counts: alpha, p1, p2 and the log-likelihood, by row of weights.
#[pyfunction]
pub(crate) fn fit_bilevel_counts<'py>(
    py: Python<'py>,
    correct: PyReadonlyArray1<'py, i64>,
    samples: PyReadonlyArray1<'py, i64>,
    weights: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cells = Cells::new(correct.as_slice()?, samples.as_slice()?).map_err(raise)?;
    let weights = weights.as_slice()?;
    let fits = run(py, None, |watch| {
        bilevel::fits_of_counts(&cells, weights, watch)
    })?;
    rows(
        py,
        fits.into_iter()
            .map(|fit| [fit.alpha, fit.high, fit.low, fit.objective]),
    )
}

/// The beta-binomial law: a, b, the share of zeros and the log-likelihood, by row of weights.
#[pyfunction]
pub(crate) fn fit_beta_binomial<'py>(
    py: Python<'py>,
    correct: PyReadonlyArray1<'py, i64>,
    samples: PyReadonlyArray1<'py, i64>,
    weights: PyReadonlyArray2<'py, f64>,
    zero_inflated: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cells = Cells::new(correct.as_slice()?, samples.as_slice()?).map_err(raise)?;
    let weights = weights.as_slice()?;
    let fits = run(py, None, |watch| {
        beta_binomial::fits(&cells, weights, zero_inflated, watch)
    })?;
    rows(
        py,
        fits.into_iter()
            .map(|fit| [fit.a, fit.b, fit.zeros, fit.log_likelihood]),
    )
}

/// Mixing distributions on the atoms, by row of weights [R, atoms].
#[pyfunction]
pub(crate) fn fit_mixing<'py>(
    py: Python<'py>,
    correct: PyReadonlyArray1<'py, i64>,
    samples: PyReadonlyArray1<'py, i64>,
    weights: PyReadonlyArray2<'py, f64>,
    atoms: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cells = Cells::new(correct.as_slice()?, samples.as_slice()?).map_err(raise)?;
    let (weights, atoms) = (weights.as_slice()?, atoms.as_slice()?);
    let fits = run(py, None, |watch| {
        mixing::fits(&cells, weights, atoms, watch)
    })?;
    let rows = fits.len() / atoms.len();
    PyArray1::from_vec(py, fits).reshape([rows, atoms.len()])
}

/// The means of columns [Q, C] over resampled questions [R, C].
#[pyfunction]
pub(crate) fn resampled_means<'py>(
    py: Python<'py>,
    values: PyReadonlyArray2<'py, f64>,
    units: PyReadonlyArray1<'py, u64>,
    seed: u64,
    replicates: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let columns = values.as_array().ncols();
    let (values, units) = (values.as_slice()?, units.as_slice()?);
    let means = run(py, None, |watch| {
        bootstrap::resampled_means(values, units, seed, replicates, watch)
    })?;
    PyArray1::from_vec(py, means).reshape([replicates, columns])
}

/// How many questions of each kind every resample has [R, kinds].
#[pyfunction]
pub(crate) fn resampled_kinds<'py>(
    py: Python<'py>,
    kind: PyReadonlyArray1<'py, i64>,
    kinds: usize,
    units: PyReadonlyArray1<'py, u64>,
    seed: u64,
    replicates: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (kind, units) = (calls(&kind)?, units.as_slice()?);
    let weights = run(py, None, |watch| {
        bootstrap::resampled_kinds(&kind, kinds, units, seed, replicates, watch)
    })?;
    PyArray1::from_vec(py, weights).reshape([replicates, kinds])
}
