//! What follows from known answer distributions.

use crate::error::raise;
use crate::request::{calls, table};
use crate::rules::ties;
use crate::run::{in_pool, run};
use kcurve_core::error::Error;
use kcurve_core::exact::{FilterPoll, FilterVote, Poll, Vote};
use numpy::{PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// The expected score of a vote, questions x numbers of calls, from the probability of each answer,
/// which of them are correct, and the probability of no answer. The numbers of calls are one row for
/// all questions, or a row each.
#[pyfunction]
pub(crate) fn vote_accuracy<'py>(
    py: Python<'py>,
    probabilities: PyReadonlyArray2<'py, f64>,
    correct: PyReadonlyArray2<'py, bool>,
    inert: PyReadonlyArray1<'py, f64>,
    k: PyReadonlyArray2<'py, i64>,
    ties: &str,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rule = Vote {
        ties: self::ties(ties)?,
    };
    let (numbers, columns) = (calls(&k)?, k.as_array().ncols());
    let answers = probabilities.as_array().ncols();
    let (probabilities, correct) = (probabilities.as_slice()?, correct.as_slice()?);
    let inert = inert.as_slice()?;
    let fits = numbers.len() == columns || numbers.len() == columns * inert.len();
    if !fits {
        return Err(raise(Error::Shape(format!(
            "{} numbers of calls for {} questions",
            numbers.len(),
            inert.len()
        ))));
    }
    let scores = run(py, None, |watch| {
        in_pool(threads, || {
            let polls = polls(probabilities, correct, inert, answers);
            Ok(rule.accuracies(&polls, &numbers, columns, watch)?)
        })
    })?;
    table(py, scores, columns)
}

/// The expected score of a filtered vote, from the joint probabilities of each answer and of its
/// being kept or dropped. Draws without an answer are dropped.
#[pyfunction]
#[expect(
    clippy::too_many_arguments,
    reason = "one argument per column and setting"
)]
pub(crate) fn filter_vote_accuracy<'py>(
    py: Python<'py>,
    kept: PyReadonlyArray2<'py, f64>,
    dropped: PyReadonlyArray2<'py, f64>,
    correct: PyReadonlyArray2<'py, bool>,
    inert: PyReadonlyArray1<'py, f64>,
    k: PyReadonlyArray1<'py, i64>,
    ties: &str,
    calls_per_candidate: usize,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rule = FilterVote {
        ties: self::ties(ties)?,
        calls_per_candidate,
    };
    let k = calls(&k)?;
    let answers = kept.as_array().ncols();
    let (kept, dropped) = (kept.as_slice()?, dropped.as_slice()?);
    let (correct, inert) = (correct.as_slice()?, inert.as_slice()?);
    let none = vec![0.0; inert.len()];
    let scores = run(py, None, |watch| {
        in_pool(threads, || {
            let kept = polls(kept, correct, &none, answers);
            let dropped = polls(dropped, correct, inert, answers);
            let polls: Vec<_> = kept
                .into_iter()
                .zip(dropped)
                .map(|(kept, dropped)| FilterPoll { kept, dropped })
                .collect();
            Ok(rule.accuracies(&polls, &k, watch)?)
        })
    })?;
    table(py, scores, k.len())
}

/// One poll per row.
fn polls(probabilities: &[f64], correct: &[bool], inert: &[f64], answers: usize) -> Vec<Poll> {
    probabilities
        .chunks_exact(answers.max(1))
        .zip(correct.chunks_exact(answers.max(1)))
        .zip(inert)
        .map(|((masses, correct), &inert)| Poll::new(masses, correct, inert))
        .collect()
}
