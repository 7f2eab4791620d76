//! Populations of questions, and the rules that are predicted by them.

use crate::error::raise;
use crate::request::table;
use crate::rules::{no_answer, questions, ties};
use crate::run::{in_pool, run};
use kcurve_core::error::Error;
use kcurve_core::exact::{FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK, Vote, successes};
use kcurve_core::posterior::{self, BestOfN, Evidence, Forecast, Prediction, evidence};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use std::ops::Range;

/// The questions of a log and the population they come from.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct Population(posterior::Population);

/// Asks for the score of a rule after each number of calls.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct ForecastRequest {
    k: Vec<usize>,
    draws: Range<usize>,
    joint: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl ForecastRequest {
    #[new]
    #[pyo3(signature = (*, k, draws, joint, threads, progress))]
    fn new(
        k: PyReadonlyArray1<'_, i64>,
        draws: (usize, usize),
        joint: bool,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            k: k.as_slice()?.iter().map(|&k| k.max(0) as usize).collect(),
            draws: draws.0..draws.1,
            joint,
            threads,
            progress,
        })
    }
}

/// The parts of a [`Prediction`].
type Parts<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<f64>>,
);

/// Tables of components: parameters and weight.
type Components<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>);

impl Population {
    fn estimated(
        py: Python<'_>,
        identities: PyReadonlyArray1<'_, u64>,
        seed: u64,
        threads: Option<usize>,
        gather: impl FnOnce() -> Result<Vec<Evidence>, Error> + Send,
    ) -> PyResult<Self> {
        let identities = identities.as_slice()?.to_vec();
        run(py, None, |watch| {
            in_pool(threads, || {
                let population = posterior::Population::new(gather()?, identities, seed, watch)?;
                Ok(Self(population))
            })
        })
    }

    fn answer<'py>(
        &self,
        py: Python<'py>,
        rule: &impl Forecast,
        request: &ForecastRequest,
    ) -> PyResult<Parts<'py>> {
        let Prediction {
            mean,
            covariance,
            per_question,
            squares,
        } = run(py, request.progress.as_ref(), |watch| {
            in_pool(request.threads, || {
                let ForecastRequest {
                    k, draws, joint, ..
                } = request;
                posterior::prediction(&self.0, rule, k, draws.clone(), *joint, watch)
                    .map_err(Error::from)
            })
        })?;
        let columns = request.k.len();
        Ok((
            PyArray1::from_vec(py, mean),
            table(py, covariance.unwrap_or_default(), columns)?,
            table(py, per_question, columns)?,
            table(py, squares, columns)?,
        ))
    }
}

#[pymethods]
impl Population {
    /// From the answers of a log, and what a filter keeps of them.
    #[staticmethod]
    #[pyo3(signature = (offsets, codes, correct, keep, no_answer, identities, *, seed, threads, count=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per column and setting"
    )]
    fn of_answers(
        py: Python<'_>,
        offsets: PyReadonlyArray1<'_, i64>,
        codes: PyReadonlyArray1<'_, i32>,
        correct: PyReadonlyArray1<'_, bool>,
        keep: Option<PyReadonlyArray1<'_, bool>>,
        no_answer: &str,
        identities: PyReadonlyArray1<'_, u64>,
        seed: u64,
        threads: Option<usize>,
        count: Option<PyReadonlyArray1<'_, i64>>,
    ) -> PyResult<Self> {
        let policy = self::no_answer(no_answer)?;
        let codes = codes.as_slice()?;
        let questions = questions(&offsets, codes.len(), count.as_ref())?;
        let correct = correct.as_slice()?;
        let keep = keep.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        Self::estimated(py, identities, seed, threads, || {
            evidence(questions, codes, correct, keep, policy)
        })
    }

    /// From how many samples of each question are correct.
    #[staticmethod]
    #[pyo3(signature = (offsets, correct, identities, *, seed, threads, count=None))]
    fn of_outcomes(
        py: Python<'_>,
        offsets: PyReadonlyArray1<'_, i64>,
        correct: PyReadonlyArray1<'_, bool>,
        identities: PyReadonlyArray1<'_, u64>,
        seed: u64,
        threads: Option<usize>,
        count: Option<PyReadonlyArray1<'_, i64>>,
    ) -> PyResult<Self> {
        let correct = correct.as_slice()?;
        let questions = questions(&offsets, correct.len(), count.as_ref())?;
        Self::estimated(py, identities, seed, threads, || {
            posterior::outcomes(&successes(questions, correct)?)
        })
    }

    /// The parameters and weights of the components, a row each: of the share of correct samples, and
    /// of the competition of wrong answers.
    fn components<'py>(&self, py: Python<'py>) -> PyResult<Components<'py>> {
        let rows = |components: Vec<posterior::Component>| {
            let values = components
                .iter()
                .flat_map(|one| [one.first, one.second, one.weight]);
            table(py, values.collect(), 3)
        };
        let (success, rivalry) = posterior::components(&self.0);
        Ok((rows(success)?, rows(rivalry)?))
    }

    /// Draws of the answer probabilities of a question.
    fn answer_draws<'py>(
        &self,
        py: Python<'py>,
        question: usize,
        draws: usize,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let values = run(py, None, |_| {
            Ok::<_, Error>(posterior::answer_draws(&self.0, question, draws))
        })?;
        let columns = values.len() / draws;
        table(py, values, columns)
    }

    /// The expected mass of wrong answers not given yet, by question.
    fn unseen_mass<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let masses = run(py, None, |_| {
            Ok::<_, Error>(posterior::unseen_mass(&self.0))
        })?;
        Ok(PyArray1::from_vec(py, masses))
    }

    /// Predicts the plurality vote.
    fn vote<'py>(
        &self,
        py: Python<'py>,
        ties: &str,
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        let ties = self::ties(ties)?;
        self.answer(py, &Vote { ties }, request.get())
    }

    /// Predicts Filter-Vote.
    fn filter_vote<'py>(
        &self,
        py: Python<'py>,
        ties: &str,
        calls_per_candidate: usize,
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        let rule = FilterVote {
            ties: self::ties(ties)?,
            calls_per_candidate,
        };
        self.answer(py, &rule, request.get())
    }

    /// Predicts best-of-n by the scores of the log.
    #[pyo3(signature = (offsets, score, correct, ties, request, count=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per column and setting"
    )]
    fn best_of_n<'py>(
        &self,
        py: Python<'py>,
        offsets: PyReadonlyArray1<'py, i64>,
        score: PyReadonlyArray1<'py, f64>,
        correct: PyReadonlyArray1<'py, bool>,
        ties: &str,
        request: &Bound<'py, ForecastRequest>,
        count: Option<PyReadonlyArray1<'py, i64>>,
    ) -> PyResult<Parts<'py>> {
        let score = score.as_slice()?;
        let questions = questions(&offsets, score.len(), count.as_ref())?;
        let scores = posterior::scores(questions, score, correct.as_slice()?).map_err(raise)?;
        let rule = BestOfN {
            scores: &scores,
            ties: self::ties(ties)?,
        };
        self.answer(py, &rule, request.get())
    }

    /// Predicts pass@k.
    fn pass_at_k<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        self.answer(py, &PassAtK, request.get())
    }

    /// Predicts pass^k.
    fn pass_hat_k<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        self.answer(py, &PassHatK, request.get())
    }

    /// Predicts the mean score.
    fn mean_at_k<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        self.answer(py, &MeanAtK, request.get())
    }

    /// Predicts G-Pass@k.
    fn g_pass_at_k<'py>(
        &self,
        py: Python<'py>,
        tau: (u64, u64),
        request: &Bound<'py, ForecastRequest>,
    ) -> PyResult<Parts<'py>> {
        self.answer(py, &GPassAtK { tau }, request.get())
    }
}
