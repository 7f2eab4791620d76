//! What a curve is asked with: exactly, or by replaying draws. Every rule answers both.

use crate::error::raise;
use crate::run::{in_pool, run};
use kcurve_core::bootstrap::{self, Identities, Replay, Replicates, Resampling};
use kcurve_core::error::Error;
use kcurve_core::exact::{self, Curves, Design, Estimator};
use numpy::{Element, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

fn design(replacement: bool) -> Design {
    if replacement {
        Design::WithReplacement
    } else {
        Design::WithoutReplacement
    }
}

pub(crate) fn calls(k: &PyReadonlyArray1<'_, i64>) -> PyResult<Vec<usize>> {
    Ok(k.as_slice()?.iter().map(|&k| k.max(0) as usize).collect())
}

/// A table with a column for each number of calls.
fn table<T: Element>(
    py: Python<'_>,
    values: Vec<T>,
    columns: usize,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    let rows = values.len().checked_div(columns).unwrap_or(0);
    PyArray1::from_vec(py, values).reshape([rows, columns])
}

/// Asks for expectations. The answer is the scores and, if asked for, the jackknife variances, both
/// questions x numbers of calls.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct ExactRequest {
    k: Vec<usize>,
    replacement: bool,
    jackknife: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl ExactRequest {
    #[new]
    #[pyo3(signature = (*, k, replacement, jackknife, threads, progress))]
    fn new(
        k: PyReadonlyArray1<'_, i64>,
        replacement: bool,
        jackknife: bool,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            k: calls(&k)?,
            replacement,
            jackknife,
            threads,
            progress,
        })
    }
}

/// Asks for replicates. The answer is the four tables of sums of [`Replicates`].
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct ReplayRequest {
    k: Vec<usize>,
    replacement: bool,
    seed: u64,
    first: u64,
    last: u64,
    questions: Vec<u64>,
    units: Vec<u64>,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl ReplayRequest {
    #[new]
    #[pyo3(signature = (*, k, replacement, seed, first, last, questions, units, threads, progress))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keyword arguments, one per setting"
    )]
    fn new(
        k: PyReadonlyArray1<'_, i64>,
        replacement: bool,
        seed: u64,
        first: u64,
        last: u64,
        questions: PyReadonlyArray1<'_, u64>,
        units: PyReadonlyArray1<'_, u64>,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            k: calls(&k)?,
            replacement,
            seed,
            first,
            last,
            questions: questions.as_slice()?.to_vec(),
            units: units.as_slice()?.to_vec(),
            threads,
            progress,
        })
    }
}

/// Either request.
#[derive(FromPyObject)]
pub(crate) enum Request<'py> {
    Exact(Bound<'py, ExactRequest>),
    Replay(Bound<'py, ReplayRequest>),
}

impl<'py> Request<'py> {
    /// Evaluates `rule` on the counts that `count` gathers, off the interpreter.
    pub(crate) fn answer<C: Sync>(
        &self,
        py: Python<'py>,
        rule: &(impl Estimator<Counts = C> + Replay<Counts = C>),
        count: impl FnOnce() -> Result<Vec<C>, Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Exact(request) => request.get().answer(py, rule, count),
            Self::Replay(request) => request.get().answer(py, rule, count),
        }
    }
}

impl ExactRequest {
    fn answer<'py, E: Estimator>(
        &self,
        py: Python<'py>,
        rule: &E,
        count: impl FnOnce() -> Result<Vec<E::Counts>, Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let design = design(self.replacement);
        let Curves { scores, variances } = run(py, self.progress.as_ref(), |watch| {
            in_pool(self.threads, || {
                exact::curves(rule, &count()?, &self.k, design, self.jackknife, watch)
            })
        })?;
        let variances = variances
            .map(|values| table(py, values, self.k.len()))
            .transpose()?;
        (table(py, scores, self.k.len())?, variances).into_bound_py_any(py)
    }
}

impl ReplayRequest {
    pub(crate) fn answer<'py, R: Replay>(
        &self,
        py: Python<'py>,
        rule: &R,
        count: impl FnOnce() -> Result<Vec<R::Counts>, Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let identities = Identities {
            questions: &self.questions,
            units: &self.units,
        };
        let resampling = Resampling {
            k: &self.k,
            design: design(self.replacement),
            seed: self.seed,
            replicates: self.first..self.last,
        };
        let Replicates {
            per_question,
            per_replicate,
            fresh,
            weights,
        } = run(py, self.progress.as_ref(), |watch| {
            in_pool(self.threads, || {
                bootstrap::replicates(rule, &count()?, identities, &resampling, watch)
            })
        })?;
        let columns = self.k.len();
        (
            table(py, per_question, columns)?,
            table(py, per_replicate, columns)?,
            table(py, fresh, columns)?,
            PyArray1::from_vec(py, weights),
        )
            .into_bound_py_any(py)
    }
}

/// The identity of each name, in the context of what it belongs to.
#[pyfunction]
pub(crate) fn identities<'py>(
    py: Python<'py>,
    columns: Vec<(
        PyReadonlyArray1<'py, i64>,
        PyReadonlyArray1<'py, u8>,
        PyReadonlyArray1<'py, i64>,
    )>,
) -> PyResult<Bound<'py, PyArray1<u64>>> {
    let columns = columns
        .iter()
        .map(|(offsets, data, positions)| {
            Ok((offsets.as_slice()?, data.as_slice()?, positions.as_slice()?))
        })
        .collect::<PyResult<Vec<_>>>()?;
    let identities = kcurve_core::rng::identities(&columns).map_err(raise)?;
    Ok(PyArray1::from_vec(py, identities))
}

/// Sums over resampled questions: credit, squares and products, all replicates x numbers of calls,
/// and the numbers of questions and their squares, by replicate.
type QuestionSums<'py> = (
    Bound<'py, PyArray2<u64>>,
    Bound<'py, PyArray2<u64>>,
    Bound<'py, PyArray2<u64>>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<u64>>,
);

/// Resamples questions, or clusters of them.
#[pyfunction]
pub(crate) fn resampled_questions<'py>(
    py: Python<'py>,
    credit: numpy::PyReadonlyArray2<'py, u64>,
    questions: PyReadonlyArray1<'py, u64>,
    identities: PyReadonlyArray1<'py, u64>,
    seed: u64,
    replicates: u64,
    threads: Option<usize>,
) -> PyResult<QuestionSums<'py>> {
    let columns = credit.as_array().ncols();
    let (credit, questions) = (credit.as_slice()?, questions.as_slice()?);
    let identities = identities.as_slice()?;
    let sums = run(py, None, |watch| {
        in_pool(threads, || {
            bootstrap::resampled_questions(
                credit,
                questions,
                identities,
                seed,
                0..replicates,
                watch,
            )
        })
    })?;
    Ok((
        table(py, sums.credit, columns)?,
        table(py, sums.squares, columns)?,
        table(py, sums.products, columns)?,
        PyArray1::from_vec(py, sums.questions),
        PyArray1::from_vec(py, sums.square_questions),
    ))
}
