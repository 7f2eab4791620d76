//! The special functions: numpy arrays in, a numpy array out. Arguments of length 1 stand for many.

use crate::run::run;
use kcurve_core::binary::{self, EvenSplit};
use kcurve_core::error::Error;
use kcurve_core::special::beta::{self, Tail};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// As many values as the longest argument has, computed off the interpreter.
fn computed<'py>(
    py: Python<'py>,
    lengths: &[usize],
    fill: impl FnOnce(&mut [f64]) + Send,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let length = if lengths.contains(&0) {
        0
    } else {
        lengths.iter().copied().max().unwrap_or(0)
    };
    let values = run(py, None, |_| {
        let mut out = vec![0.0; length];
        fill(&mut out);
        Ok::<_, Error>(out)
    })?;
    Ok(PyArray1::from_vec(py, values))
}

fn tail(upper: bool) -> Tail {
    if upper { Tail::Upper } else { Tail::Lower }
}

/// The regularised incomplete beta function, or its complement.
#[pyfunction]
pub(crate) fn betainc<'py>(
    py: Python<'py>,
    a: PyReadonlyArray1<'py, f64>,
    b: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    upper: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (a, b, x) = (a.as_slice()?, b.as_slice()?, x.as_slice()?);
    computed(py, &[a.len(), b.len(), x.len()], |out| {
        beta::incomplete(a, b, x, tail(upper), out);
    })
}

/// The inverse of `betainc` in its third argument.
#[pyfunction]
pub(crate) fn betaincinv<'py>(
    py: Python<'py>,
    a: PyReadonlyArray1<'py, f64>,
    b: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    upper: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (a, b, y) = (a.as_slice()?, b.as_slice()?, y.as_slice()?);
    computed(py, &[a.len(), b.len(), y.len()], |out| {
        beta::inverse(a, b, y, tail(upper), out);
    })
}

/// The logarithm of the beta function.
#[pyfunction]
pub(crate) fn betaln<'py>(
    py: Python<'py>,
    a: PyReadonlyArray1<'py, f64>,
    b: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (a, b) = (a.as_slice()?, b.as_slice()?);
    computed(py, &[a.len(), b.len()], |out| beta::log_beta(a, b, out))
}

/// The chance that a vote between two answers is right.
#[pyfunction]
pub(crate) fn binary_vote<'py>(
    py: Python<'py>,
    p: PyReadonlyArray1<'py, f64>,
    k: PyReadonlyArray1<'py, u64>,
    ties: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let ties = match ties {
        "split" => EvenSplit::Split,
        "wrong" => EvenSplit::Wrong,
        "right" => EvenSplit::Right,
        _ => return Err(PyValueError::new_err(format!("unknown ties {ties:?}"))),
    };
    let (p, k) = (p.as_slice()?, k.as_slice()?);
    computed(py, &[p.len(), k.len()], |out| {
        binary::binary_vote(p, k, ties, out);
    })
}

/// What two more calls add to that chance.
#[pyfunction]
pub(crate) fn binary_vote_increment<'py>(
    py: Python<'py>,
    p: PyReadonlyArray1<'py, f64>,
    m: PyReadonlyArray1<'py, u64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (p, m) = (p.as_slice()?, m.as_slice()?);
    computed(py, &[p.len(), m.len()], |out| {
        binary::increment(p, m, out);
    })
}
