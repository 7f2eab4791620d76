//! Laws: numpy arrays in, coefficients and values out.

use crate::run::{in_pool, run};
use kcurve_core::law::exponential;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// The exponential law of each question: coefficients [Q, 3] and sums of squared residuals [Q].
#[pyfunction]
pub(crate) fn fit_exponential<'py>(
    py: Python<'py>,
    k: PyReadonlyArray1<'py, f64>,
    curves: PyReadonlyArray2<'py, f64>,
    limits: PyReadonlyArray1<'py, f64>,
    least_rate: f64,
    threads: Option<usize>,
) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>)> {
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
