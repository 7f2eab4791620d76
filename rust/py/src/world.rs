//! Searches in a simulated world.

use kcurve_core::search::world::{Outcome, Plan, World};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::run::{in_pool, run};
use crate::search::{PySearch, aggregation};

/// A simulated world of step-by-step reasoning.
#[pyclass(module = "kcurve._core", name = "World", frozen)]
pub(crate) struct PyWorld(World);

#[pymethods]
impl PyWorld {
    #[new]
    fn new(
        steps: u32,
        recovery: f64,
        mistakes: Vec<f64>,
        tokens: f64,
        tokens_spread: f64,
        shift: f64,
    ) -> Self {
        Self(World {
            steps,
            recovery,
            mistakes,
            tokens,
            tokens_spread,
            shift,
        })
    }

    /// The outcomes of a search that has not begun, run after run of each question: a column for each number.
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per column and setting"
    )]
    fn searched<'py>(
        &self,
        py: Python<'py>,
        accuracies: PyReadonlyArray1<'py, f64>,
        search: &PySearch,
        aggregation: &str,
        runs: usize,
        seed: u64,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let plan = Plan {
            method: *search.core().method(),
            limits: *search.core().limits(),
            aggregation: self::aggregation(aggregation)?,
            runs,
            seed,
        };
        let accuracies = accuracies.as_slice()?;
        let outcomes = run(py, progress.as_ref(), |watch| {
            in_pool(threads, || self.0.searched(accuracies, &plan, watch))
        })?;
        columns(py, &outcomes)
    }
}

fn columns<'py>(py: Python<'py>, outcomes: &[Outcome]) -> PyResult<Bound<'py, PyDict>> {
    let columns = PyDict::new(py);
    let numbers =
        |number: fn(&Outcome) -> f64| PyArray1::from_iter(py, outcomes.iter().map(number));
    let counts = |count: fn(&Outcome) -> i64| PyArray1::from_iter(py, outcomes.iter().map(count));
    columns.set_item("vote", numbers(|one| one.vote))?;
    columns.set_item("weighted_vote", numbers(|one| one.weighted_vote))?;
    columns.set_item("best_of_n", numbers(|one| one.best_of_n))?;
    columns.set_item("any_right", numbers(|one| one.any_right))?;
    columns.set_item("share_right", numbers(|one| one.share_right))?;
    columns.set_item("solutions", counts(|one| i64::from(one.solutions)))?;
    columns.set_item("cut", counts(|one| i64::from(one.cut)))?;
    columns.set_item("steps", counts(|one| i64::from(one.steps)))?;
    columns.set_item("tokens", counts(|one| one.tokens as i64))?;
    Ok(columns)
}
