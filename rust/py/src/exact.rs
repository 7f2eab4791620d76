//! Exact curves: numpy arrays in, numpy arrays out.

use crate::error::question_error;
use crate::run::{in_pool, run};
use kcurve_core::error::Error;
use kcurve_core::exact::{
    self, BestOfN, Curves, Design, Estimator, FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK,
    Vote,
};
use kcurve_core::log::Ragged;
use kcurve_core::tally::tallies;
use kcurve_core::vote::{NoAnswer, Ties};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Scores and, if asked for, jackknife variances; both questions x numbers of calls.
type Tables<'py> = (
    Bound<'py, PyArray2<f64>>,
    Option<Bound<'py, PyArray2<f64>>>,
);

/// What every exact curve is asked with.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Request {
    k: Vec<usize>,
    replacement: bool,
    jackknife: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

impl Request {
    /// Evaluates `estimator` on the counts that `count` gathers, off the interpreter.
    fn answer<'py, E: Estimator>(
        &self,
        py: Python<'py>,
        estimator: &E,
        count: impl FnOnce() -> Result<Vec<E::Counts>, Error> + Send,
    ) -> PyResult<Tables<'py>> {
        let design = if self.replacement {
            Design::WithReplacement
        } else {
            Design::WithoutReplacement
        };
        let curves = run(py, self.progress.as_ref(), |watch| {
            in_pool(self.threads, || {
                exact::curves(estimator, &count()?, &self.k, design, self.jackknife, watch)
            })
        });
        let Curves { scores, variances } = curves.map_err(question_error)?;
        let table = |values: Vec<f64>| {
            let rows = values.len().checked_div(self.k.len()).unwrap_or(0);
            PyArray1::from_vec(py, values).reshape([rows, self.k.len()])
        };
        Ok((table(scores)?, variances.map(table).transpose()?))
    }
}

fn ties(name: &str) -> PyResult<Ties> {
    match name {
        "split" => Ok(Ties::Split),
        "first" => Ok(Ties::First),
        "wrong" => Ok(Ties::Wrong),
        _ => Err(PyValueError::new_err(format!("unknown ties {name:?}"))),
    }
}

fn no_answer(name: &str) -> PyResult<NoAnswer> {
    match name {
        "ignore" => Ok(NoAnswer::Ignore),
        "vote" => Ok(NoAnswer::Vote),
        _ => Err(PyValueError::new_err(format!("unknown no_answer {name:?}"))),
    }
}
