//! Answers: texts in, texts or classes out.

use arrow::array::{Array, LargeStringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use kcurve_core::answers::{self, Equivalence, Extractor, Rational, Step};
use kcurve_core::error::Error;
use kcurve_core::work::Watch;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyList, PyString};

use crate::error::ArgumentError;
use crate::objects;
use crate::run::run;

/// How many bytes are worth a thread of their own.
const LONG: usize = 1 << 16;

/// Texts, some of them missing.
enum Texts {
    Listed(Vec<Option<Text>>),
    Arrow(LargeStringArray),
}

enum Text {
    Shared(PyBackedStr),
    /// A text with halves of surrogate pairs, which become replacement characters.
    Mended(String),
}

impl Texts {
    fn new(texts: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Ok(list) = texts.cast::<PyList>() else {
            let array = objects::array("texts", texts)?;
            let strings = cast(&array, &DataType::LargeUtf8)
                .map_err(|error| PyTypeError::new_err(format!("texts: {error}")))?;
            return Ok(Self::Arrow(LargeStringArray::from(strings.to_data())));
        };
        let mut listed = Vec::with_capacity(list.len());
        for (row, item) in list.iter().enumerate() {
            let Ok(text) = item.cast::<PyString>() else {
                if item.is_none() {
                    listed.push(None);
                    continue;
                }
                let class = item.get_type().name()?;
                return Err(PyTypeError::new_err(format!(
                    "a text must be a str or None, got {class} in row {row}"
                )));
            };
            listed.push(Some(match text.extract::<PyBackedStr>() {
                Ok(text) => Text::Shared(text),
                Err(_) => Text::Mended(text.to_string_lossy().into_owned()),
            }));
        }
        Ok(Self::Listed(listed))
    }

    fn views(&self) -> Vec<Option<&str>> {
        match self {
            Self::Listed(texts) => texts
                .iter()
                .map(|text| text.as_ref().map(Text::view))
                .collect(),
            Self::Arrow(texts) => texts.iter().collect(),
        }
    }
}

impl Text {
    fn view(&self) -> &str {
        match self {
            Self::Shared(text) => text,
            Self::Mended(text) => text,
        }
    }
}

/// Does a long job beside the interpreter and a short one at once.
fn done<T: Send>(
    py: Python<'_>,
    texts: &[Option<&str>],
    job: impl FnOnce(&Watch) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let bytes: usize = texts.iter().flatten().map(|text| text.len()).sum();
    if bytes < LONG {
        job(&Watch::new()).map_err(crate::error::raise)
    } else {
        run(py, None, job)
    }
}

/// The answer in each text, as the description of an extractor says.
#[pyfunction]
pub(crate) fn extract_answers<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    extractor: &Bound<'py, PyDict>,
) -> PyResult<Vec<Option<String>>> {
    let extractor = described(extractor)?;
    let texts = Texts::new(texts)?;
    let texts = texts.views();
    done(py, &texts, |watch| {
        answers::extract(&extractor, &texts, watch)
    })
}

/// Texts as a list.
#[pyfunction]
pub(crate) fn list_texts(texts: &Bound<'_, PyAny>) -> PyResult<Vec<Option<String>>> {
    let texts = Texts::new(texts)?;
    let texts = texts.views().into_iter();
    Ok(texts.map(|text| text.map(str::to_owned)).collect())
}

/// The answer in one text.
#[pyfunction]
pub(crate) fn extract_answer(
    text: &str,
    extractor: &Bound<'_, PyDict>,
) -> PyResult<Option<String>> {
    Ok(described(extractor)?.answer(text).map(Into::into))
}

fn described(description: &Bound<'_, PyDict>) -> PyResult<Extractor> {
    let entry = |name: &str| description.as_any().get_item(name);
    let kind: String = entry("kind")?.extract()?;
    Ok(match kind.as_str() {
        "WholeText" => Extractor::WholeText,
        "Contains" => Extractor::Contains {
            phrase: entry("phrase")?.extract()?,
            ignore_case: entry("ignore_case")?.extract()?,
        },
        "Boxed" => Extractor::Boxed,
        "LastNumber" => Extractor::LastNumber,
        "AnswerIs" => Extractor::AnswerIs {
            last: entry("which")?.extract::<String>()? == "last",
        },
        "TheAnswerIs" => Extractor::TheAnswerIs {
            marker: entry("marker")?.extract()?,
        },
        "ChoiceLetter" => Extractor::ChoiceLetter {
            choices: entry("choices")?.extract()?,
        },
        "JSONField" => {
            let steps = entry("path")?;
            let step = |step: Bound<'_, PyAny>| match step.extract() {
                Ok(key) => Ok(Step::Key(key)),
                Err(_) => step.extract().map(Step::Position),
            };
            let path = steps
                .try_iter()?
                .map(|one| step(one?))
                .collect::<PyResult<_>>()?;
            Extractor::JsonField { path }
        }
        "FirstOf" => {
            let extractors: Vec<Bound<'_, PyDict>> = entry("extractors")?.extract()?;
            Extractor::FirstOf(extractors.iter().map(described).collect::<PyResult<_>>()?)
        }
        other => {
            let message = format!("the core has no extractor {other:?}");
            return Err(ArgumentError::new_err(message));
        }
    })
}

/// Answers without their formatting.
#[pyfunction]
pub(crate) fn normalised_answers<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    ignore_case: bool,
) -> PyResult<Vec<Option<String>>> {
    let texts = Texts::new(texts)?;
    let texts = texts.views();
    done(py, &texts, |watch| {
        each(&texts, watch, |text| answers::normalised(text, ignore_case))
    })
}

/// Numerator and denominator of the answers that are numbers.
#[pyfunction]
pub(crate) fn exact_numbers<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    percent: bool,
) -> PyResult<Vec<Option<(String, String)>>> {
    let texts = Texts::new(texts)?;
    let texts = texts.views();
    let values = done(py, &texts, |watch| {
        each(&texts, watch, |text| {
            Rational::parse(text, percent).map(|value| value.parts())
        })
    })?;
    Ok(values.into_iter().map(Option::flatten).collect())
}

fn each<T>(
    texts: &[Option<&str>],
    watch: &Watch,
    read: impl Fn(&str) -> T,
) -> Result<Vec<Option<T>>, Error> {
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        watch.check()?;
        values.push(text.map(&read));
    }
    Ok(values)
}

/// Whether two answers are close numbers; `None` unless both are numbers.
#[pyfunction]
pub(crate) fn close_numbers(
    left: &str,
    right: &str,
    relative: &str,
    absolute: &str,
    percent: bool,
) -> PyResult<Option<bool>> {
    let (relative, absolute) = (tolerance(relative)?, tolerance(absolute)?);
    let left = Rational::parse(left, percent);
    let right = Rational::parse(right, percent);
    Ok(left
        .zip(right)
        .map(|(left, right)| left.is_close(&right, &relative, &absolute)))
}

fn tolerance(text: &str) -> PyResult<Rational> {
    Rational::of_decimal(text)
        .ok_or_else(|| ArgumentError::new_err(format!("{text} is no tolerance")))
}

/// What `answer_classes` returns: codes, first answers, numbers of classes, correct codes.
type AnswerClasses<'py> = (
    Bound<'py, PyArray1<i32>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i32>>,
);

/// The classes of equal answers of many questions, by text or by number.
#[pyfunction]
pub(crate) fn answer_classes<'py>(
    py: Python<'py>,
    answers: &Bound<'py, PyAny>,
    offsets: PyReadonlyArray1<'py, i64>,
    references: &Bound<'py, PyAny>,
    equivalence: &Bound<'py, PyDict>,
) -> PyResult<AnswerClasses<'py>> {
    let entry = |name: &str| equivalence.as_any().get_item(name);
    let equivalence = match entry("kind")?.extract::<String>()?.as_str() {
        "SameText" => Equivalence::SameText {
            ignore_case: entry("ignore_case")?.extract()?,
        },
        "SameNumber" => Equivalence::SameNumber {
            relative: tolerance(&entry("relative")?.str()?.to_cow()?)?,
            absolute: tolerance(&entry("absolute")?.str()?.to_cow()?)?,
            percent: entry("percent")?.extract::<String>()? == "hundredths",
        },
        other => {
            let message = format!("the core has no equivalence {other:?}");
            return Err(ArgumentError::new_err(message));
        }
    };
    let (answers, references) = (Texts::new(answers)?, Texts::new(references)?);
    let (answers, references) = (answers.views(), references.views());
    let offsets = offsets.as_slice()?;
    let classes = done(py, &answers, |watch| {
        answers::classes(&answers, offsets, &references, &equivalence, watch)
    })?;
    Ok((
        PyArray1::from_vec(py, classes.codes),
        PyArray1::from_vec(py, classes.first),
        PyArray1::from_vec(py, classes.counts),
        PyArray1::from_vec(py, classes.correct),
    ))
}
