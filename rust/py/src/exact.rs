//! Exact curves: numpy arrays in, numpy arrays out.

use crate::error::raise;
use crate::run::{in_pool, run};
use kcurve_core::error::Error;
use kcurve_core::exact::{
    self, BestOfN, Curves, Design, Estimator, FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK,
    Vote, filter_tallies, rankings, successes,
};
use kcurve_core::log::Ragged;
use kcurve_core::tally::tallies;
use kcurve_core::vote::{NoAnswer, Ties};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Scores and, if asked for, jackknife variances; both questions x numbers of calls.
type Tables<'py> = (Bound<'py, PyArray2<f64>>, Option<Bound<'py, PyArray2<f64>>>);

/// What every exact curve is asked with.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct Request {
    k: Vec<usize>,
    replacement: bool,
    jackknife: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl Request {
    #[new]
    #[pyo3(signature = (*, k, replacement, jackknife, threads, progress))]
    fn new(
        k: PyReadonlyArray1<'_, i64>,
        replacement: bool,
        jackknife: bool,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let k = k.as_slice()?.iter().map(|&k| k.max(0) as usize).collect();
        Ok(Self {
            k,
            replacement,
            jackknife,
            threads,
            progress,
        })
    }
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
        let Curves { scores, variances } = run(py, self.progress.as_ref(), |watch| {
            in_pool(self.threads, || {
                exact::curves(estimator, &count()?, &self.k, design, self.jackknife, watch)
            })
        })?;
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

/// The bounds of each question's samples, or of entries that stand for several.
fn questions<'a>(
    offsets: &'a PyReadonlyArray1<'_, i64>,
    entries: usize,
    count: Option<&'a PyReadonlyArray1<'_, i64>>,
) -> PyResult<Ragged<'a>> {
    let counts = count.map(PyReadonlyArray1::as_slice).transpose()?;
    Ragged::new(offsets.as_slice()?, entries)
        .and_then(|questions| questions.counted(counts))
        .map_err(raise)
}

/// Vote: maj@k.
#[pyfunction]
#[pyo3(signature = (offsets, codes, correct, ties, no_answer, request, count=None))]
#[expect(
    clippy::too_many_arguments,
    reason = "one argument per column and setting"
)]
pub(crate) fn exact_vote<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    ties: &str,
    no_answer: &str,
    request: &Request,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Tables<'py>> {
    let rule = Vote {
        ties: self::ties(ties)?,
    };
    let no_answer = self::no_answer(no_answer)?;
    let (codes, correct) = (codes.as_slice()?, correct.as_slice()?);
    let questions = questions(&offsets, codes.len(), count.as_ref())?;
    request.answer(py, &rule, || tallies(questions, codes, correct, no_answer))
}

/// Filter-Vote.
#[pyfunction]
#[pyo3(signature = (
    offsets, codes, correct, keep, ties, no_answer, calls_per_candidate, request, count=None
))]
#[expect(
    clippy::too_many_arguments,
    reason = "one argument per column and setting"
)]
pub(crate) fn exact_filter_vote<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    keep: PyReadonlyArray1<'py, bool>,
    ties: &str,
    no_answer: &str,
    calls_per_candidate: usize,
    request: &Request,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Tables<'py>> {
    let rule = FilterVote {
        ties: self::ties(ties)?,
        calls_per_candidate,
    };
    let no_answer = self::no_answer(no_answer)?;
    let (codes, correct, keep) = (codes.as_slice()?, correct.as_slice()?, keep.as_slice()?);
    let questions = questions(&offsets, codes.len(), count.as_ref())?;
    request.answer(py, &rule, || {
        filter_tallies(questions, codes, correct, keep, no_answer)
    })
}

/// Best-of-n by score.
#[pyfunction]
#[pyo3(signature = (offsets, score, correct, ties, request, count=None))]
pub(crate) fn exact_best_of_n<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    score: PyReadonlyArray1<'py, f64>,
    correct: PyReadonlyArray1<'py, bool>,
    ties: &str,
    request: &Request,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Tables<'py>> {
    let rule = BestOfN {
        ties: self::ties(ties)?,
    };
    let (score, correct) = (score.as_slice()?, correct.as_slice()?);
    let questions = questions(&offsets, correct.len(), count.as_ref())?;
    request.answer(py, &rule, || rankings(questions, score, correct))
}

macro_rules! exact_successes {
    ($name:ident, $rule:expr, $doc:literal $(, $tau:ident)?) => {
        #[doc = $doc]
        #[pyfunction]
        #[pyo3(signature = (offsets, correct, $($tau,)? request, count=None))]
        pub(crate) fn $name<'py>(
            py: Python<'py>,
            offsets: PyReadonlyArray1<'py, i64>,
            correct: PyReadonlyArray1<'py, bool>,
            $($tau: (u64, u64),)?
            request: &Request,
            count: Option<PyReadonlyArray1<'py, i64>>,
        ) -> PyResult<Tables<'py>> {
            let correct = correct.as_slice()?;
            let questions = questions(&offsets, correct.len(), count.as_ref())?;
            request.answer(py, &$rule, || successes(questions, correct))
        }
    };
}

exact_successes!(exact_pass_at_k, PassAtK, "pass@k.");
exact_successes!(exact_pass_hat_k, PassHatK, "pass^k.");
exact_successes!(exact_mean_at_k, MeanAtK, "mean@k.");
exact_successes!(exact_g_pass_at_k, GPassAtK { tau }, "G-Pass@k.", tau);
