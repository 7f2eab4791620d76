//! Searches over trees: numpy arrays in, numpy arrays out.

use kcurve_core::search::allocation::{Allocator, Rounding, kept};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::cell::RefCell;

/// Rewards from which on the interpreter is let go: below, that takes longer than the work.
const MANY: usize = 4096;

/// Rewards up to which the buffers are kept for the next call: new memory costs more than the work.
const MOST_KEPT: usize = 1 << 17;

thread_local! {
    static ALLOCATOR: RefCell<Allocator> = RefCell::default();
}

/// How REBASE rounds, by its name.
pub(crate) fn rounding(name: &str) -> PyResult<Rounding> {
    match name {
        "ceil" => Ok(Rounding::Ceil),
        "round" => Ok(Rounding::Round),
        _ => Err(PyValueError::new_err(format!("unknown rounding {name:?}"))),
    }
}

/// The widths of nodes with these rewards, of which only a share takes part.
#[pyfunction]
pub(crate) fn rebase_widths<'py>(
    py: Python<'py>,
    rewards: PyReadonlyArray1<'py, f64>,
    budget: u64,
    temperature: f64,
    rounding: &str,
    keep: Option<(u64, u64)>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let rounding = self::rounding(rounding)?;
    let rewards = rewards.as_slice()?;
    let work = || {
        let best = keep.map_or(rewards.len(), |share| kept(rewards.len(), share));
        let mut allocator = ALLOCATOR.take();
        let mut widths = Vec::new();
        allocator.widths(rewards, budget, temperature, rounding, best, &mut widths);
        if rewards.len() <= MOST_KEPT {
            ALLOCATOR.set(allocator);
        }
        widths.into_iter().map(|width| width as i64).collect()
    };
    let widths: Vec<i64> = if rewards.len() < MANY {
        work()
    } else {
        py.detach(work)
    };
    Ok(PyArray1::from_vec(py, widths))
}
