//! The special functions: numpy arrays in, a numpy array out.

use crate::run::run;
use kcurve_core::error::Error;
use kcurve_core::special::beta::{self, Tail};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

/// The regularised incomplete beta function, or its complement; arguments of length 1 stand for many.
#[pyfunction]
pub(crate) fn betainc<'py>(
    py: Python<'py>,
    a: PyReadonlyArray1<'py, f64>,
    b: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    upper: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (a, b, x) = (a.as_slice()?, b.as_slice()?, x.as_slice()?);
    let tail = if upper { Tail::Upper } else { Tail::Lower };
    let values = run(py, None, |_| {
        let mut out = vec![0.0; a.len().max(b.len()).max(x.len())];
        beta::incomplete(a, b, x, tail, &mut out);
        Ok::<_, Error>(out)
    })?;
    Ok(PyArray1::from_vec(py, values))
}
