//! The rules: numpy arrays in, what the request asks for out.

use crate::error::raise;
use crate::request::{ReplayRequest, Request};
use kcurve_core::bootstrap::{Claim, WeightedVote, Weighting, ballots};
use kcurve_core::exact::{
    BestOfN, FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK, Vote, filter_tallies, rankings,
    successes,
};
use kcurve_core::log::Ragged;
use kcurve_core::tally::tallies;
use kcurve_core::vote::{NoAnswer, Ties};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pub(crate) fn ties(name: &str) -> PyResult<Ties> {
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
pub(crate) fn vote<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    ties: &str,
    no_answer: &str,
    request: Request<'py>,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyAny>> {
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
pub(crate) fn filter_vote<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    keep: PyReadonlyArray1<'py, bool>,
    ties: &str,
    no_answer: &str,
    calls_per_candidate: usize,
    request: Request<'py>,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyAny>> {
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
pub(crate) fn best_of_n<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    score: PyReadonlyArray1<'py, f64>,
    correct: PyReadonlyArray1<'py, bool>,
    ties: &str,
    request: Request<'py>,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyAny>> {
    let rule = BestOfN {
        ties: self::ties(ties)?,
    };
    let (score, correct) = (score.as_slice()?, correct.as_slice()?);
    let questions = questions(&offsets, correct.len(), count.as_ref())?;
    request.answer(py, &rule, || rankings(questions, score, correct))
}

/// A weighted vote. With a `temperature` weights are `exp(score / temperature)`, else `score^power`.
#[pyfunction]
#[pyo3(signature = (
    offsets, codes, correct, score, claim, power, temperature, top, ties, no_answer, request,
    count=None
))]
#[expect(
    clippy::too_many_arguments,
    reason = "one argument per column and setting"
)]
pub(crate) fn weighted_vote<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    score: PyReadonlyArray1<'py, f64>,
    claim: &str,
    power: f64,
    temperature: Option<f64>,
    top: (u64, u64),
    ties: &str,
    no_answer: &str,
    request: Bound<'py, ReplayRequest>,
    count: Option<PyReadonlyArray1<'py, i64>>,
) -> PyResult<Bound<'py, PyAny>> {
    let rule = WeightedVote {
        claim: match claim {
            "sum" => Claim::Sum,
            "mean" => Claim::Mean,
            "borda" => Claim::Borda,
            _ => return Err(PyValueError::new_err(format!("unknown weight {claim:?}"))),
        },
        weighting: temperature.map_or(Weighting::Power(power), |temperature| Weighting::Softmax {
            temperature,
        }),
        top,
        ties: self::ties(ties)?,
    };
    let no_answer = self::no_answer(no_answer)?;
    let (codes, correct) = (codes.as_slice()?, correct.as_slice()?);
    let score = score.as_slice()?;
    let questions = questions(&offsets, codes.len(), count.as_ref())?;
    request.get().answer(py, &rule, || {
        ballots(questions, codes, correct, score, no_answer, &rule)
    })
}

macro_rules! successes_rule {
    ($name:ident, $rule:expr, $doc:literal $(, $tau:ident)?) => {
        #[doc = $doc]
        #[pyfunction]
        #[pyo3(signature = (offsets, correct, $($tau,)? request, count=None))]
        pub(crate) fn $name<'py>(
            py: Python<'py>,
            offsets: PyReadonlyArray1<'py, i64>,
            correct: PyReadonlyArray1<'py, bool>,
            $($tau: (u64, u64),)?
            request: Request<'py>,
            count: Option<PyReadonlyArray1<'py, i64>>,
        ) -> PyResult<Bound<'py, PyAny>> {
            let correct = correct.as_slice()?;
            let questions = questions(&offsets, correct.len(), count.as_ref())?;
            request.answer(py, &$rule, || successes(questions, correct))
        }
    };
}

successes_rule!(pass_at_k, PassAtK, "pass@k.");
successes_rule!(pass_hat_k, PassHatK, "pass^k.");
successes_rule!(mean_at_k, MeanAtK, "mean@k.");
successes_rule!(g_pass_at_k, GPassAtK { tau }, "G-Pass@k.", tau);
