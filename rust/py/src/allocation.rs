//! Options for questions within a budget.

use crate::run::{in_pool, run};
use kcurve_core::allocation::{Allocation, Offers, allocation as best_options};
use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// The option of each question, what all cost and are worth, the bound, the price, and each question's
/// next slope.
type Parts<'py> = (
    Bound<'py, PyArray1<i64>>,
    f64,
    f64,
    f64,
    f64,
    Bound<'py, PyArray1<f64>>,
);

/// The best options within a budget.
#[pyfunction]
pub(crate) fn allocation<'py>(
    py: Python<'py>,
    values: PyReadonlyArray2<'py, f64>,
    costs: PyReadonlyArray1<'py, f64>,
    start: Option<PyReadonlyArray1<'py, f64>>,
    budget: f64,
    threads: Option<usize>,
) -> PyResult<Parts<'py>> {
    let options = values.shape()[1];
    let (values, costs) = (values.as_slice()?, costs.as_slice()?);
    let start = start.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let offers = Offers {
        values,
        costs,
        options,
        start,
    };
    let Allocation {
        chosen,
        spent,
        value,
        bound,
        price,
        next,
    } = run(py, None, |watch| {
        in_pool(threads, || best_options(offers, budget, watch))
    })?;
    let (chosen, next) = (PyArray1::from_vec(py, chosen), PyArray1::from_vec(py, next));
    Ok((chosen, spent, value, bound, price, next))
}
