//! Stopping rules and their replay.

use crate::error::raise;
use crate::rules::{questions, ties};
use crate::run::{in_pool, run};
use kcurve_core::stopping::{self, Orders, Ranked, Replayed, Rule, Samples};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A rule by its name and settings.
pub(crate) type Named = (String, Vec<f64>);

fn rule((name, settings): &Named) -> PyResult<Rule> {
    match (name.as_str(), settings.as_slice()) {
        ("adaptive_consistency", &[confidence]) => Ok(Rule::AdaptiveConsistency { confidence }),
        ("early_stopping", &[window]) => Ok(Rule::EarlyStopping {
            window: window as u32,
        }),
        ("difficulty_adaptive", &[confidence, window, extension]) => Ok(Rule::DifficultyAdaptive {
            confidence,
            window: window as u32,
            extension: extension as u32,
        }),
        ("best_of_infinity", &[bayes_factor, concentration]) => Ok(Rule::BestOfInfinity {
            bayes_factor,
            concentration,
        }),
        ("anytime_valid", &[error]) => Ok(Rule::AnytimeValid { error }),
        _ => Err(PyValueError::new_err(format!(
            "unknown stopping rule {name:?} with {} settings",
            settings.len()
        ))),
    }
}

fn ranked(rule: &Rule, judged: usize, neighbours: usize) -> PyResult<Ranked> {
    let Rule::DifficultyAdaptive {
        confidence,
        window,
        extension,
    } = *rule
    else {
        return Err(PyValueError::new_err(
            "only difficulty_adaptive has a ranking",
        ));
    };
    Ok(Ranked {
        confidence,
        window,
        extension,
        judged,
        neighbours,
    })
}

/// Whether a rule stops after each of these answers, looking at all up to it.
#[pyfunction]
pub(crate) fn stopping_verdicts<'py>(
    py: Python<'py>,
    named: Named,
    codes: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let verdicts = stopping::verdicts(&rule(&named)?, codes.as_slice()?);
    Ok(PyArray1::from_vec(py, verdicts))
}

/// Sums over orders by question: credit, calls, orders that the rule ended, rounds, costs; and how many
/// orders of all questions took each number of calls.
type Sums<'py> = (
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<u64>>,
    Option<Bound<'py, PyArray1<u64>>>,
    Option<Bound<'py, PyArray1<f64>>>,
    Bound<'py, PyArray1<u64>>,
);

/// How a rule that ranks questions goes through them: positions, the hardest first, and how many are
/// judged in a row and guessed from.
type Ranking<'py> = (PyReadonlyArray1<'py, u64>, usize, usize);

/// Replays a rule on every question, in `orders` orders of its samples; with a ranking, DSC across
/// questions.
#[pyfunction]
#[pyo3(signature = (
    offsets, codes, correct, cost, named, ranking, identities, *, seed, orders, most, ties, threads,
    progress
))]
#[expect(
    clippy::too_many_arguments,
    reason = "one argument per column and setting"
)]
pub(crate) fn replay_stopping<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: PyReadonlyArray1<'py, i32>,
    correct: PyReadonlyArray1<'py, bool>,
    cost: Option<PyReadonlyArray1<'py, f64>>,
    named: Named,
    ranking: Option<Ranking<'py>>,
    identities: PyReadonlyArray1<'py, u64>,
    seed: u64,
    orders: u64,
    most: usize,
    ties: &str,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Sums<'py>> {
    let rule = rule(&named)?;
    let ties = self::ties(ties)?;
    let (codes, correct) = (codes.as_slice()?, correct.as_slice()?);
    let cost = cost.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let questions = questions(&offsets, codes.len(), None)?;
    let identities = identities.as_slice()?;
    let orders = Orders {
        seed,
        number: orders,
        most,
    };
    let samples = Samples::new(questions, codes, correct, cost).map_err(raise)?;
    let ranked = ranking
        .as_ref()
        .map(|(places, judged, neighbours)| {
            let places = places.as_slice()?.iter().map(|&place| place as usize);
            ranked(&rule, *judged, *neighbours).map(|rule| (rule, places.collect::<Vec<_>>()))
        })
        .transpose()?;
    let Replayed {
        credit,
        calls,
        stopped,
        rounds,
        cost,
        distribution,
    } = run(py, progress.as_ref(), |watch| {
        in_pool(threads, || match &ranked {
            None => stopping::replay(&rule, samples, identities, orders, ties, watch),
            Some((rule, ranking)) => {
                stopping::ranked_replay(rule, samples, ranking, identities, orders, ties, watch)
            }
        })
    })?;
    Ok((
        PyArray1::from_vec(py, credit),
        PyArray1::from_vec(py, calls),
        PyArray1::from_vec(py, stopped),
        rounds.map(|rounds| PyArray1::from_vec(py, rounds)),
        cost.map(|cost| PyArray1::from_vec(py, cost)),
        PyArray1::from_vec(py, distribution),
    ))
}
