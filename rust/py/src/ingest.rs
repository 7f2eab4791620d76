//! Tables and files in, numpy arrays out, and back.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what Python passes is extracted, hence owned"
)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema};
use kcurve_core::ingest::{
    self, Batches, Categorical, Column, Columns, Duplicates, EncodedLog, LogBatches,
    OptionalStrings, Recoded, Role, StepScores, Strings,
};
use numpy::{Element, IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};
use pyo3_arrow::input::AnyRecordBatch;

use crate::error::{ArgumentError, LogError};
use crate::objects;
use crate::run::run;

/// Column names by role: the name and whether the column must be there; `None` leaves it out.
pub(crate) type Names = HashMap<String, Option<(String, bool)>>;

/// A column: its name, its values, what of it is missing.
type NamedColumn<'py> = (
    String,
    Option<Bound<'py, PyAny>>,
    Option<PyReadonlyArray1<'py, bool>>,
);

/// Reads a Parquet, CSV, TSV or JSON-lines file.
#[pyfunction]
#[pyo3(signature = (path, names, duplicates, progress=None))]
pub(crate) fn encode_file<'py>(
    py: Python<'py>,
    path: PathBuf,
    names: Names,
    duplicates: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (columns, duplicates) = (columns(names)?, policy(duplicates)?);
    let log = run(py, progress.as_ref(), |watch| {
        ingest::read(&path, &columns, duplicates, watch)
    })?;
    to_python(py, log)
}

/// Reads any object with `__arrow_c_stream__` or `__arrow_c_array__`.
#[pyfunction]
#[pyo3(signature = (table, names, duplicates, progress=None))]
pub(crate) fn encode_table<'py>(
    py: Python<'py>,
    table: AnyRecordBatch,
    names: Names,
    duplicates: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    encode_reader(py, table.into_reader()?, names, duplicates, progress)
}

/// Reads named columns of equal length: lists, numpy arrays, objects that speak Arrow, each with
/// an optional mask of what is missing. A column without values is one that is not wanted: only
/// its name is needed, for messages.
#[pyfunction]
#[pyo3(signature = (table, names, duplicates, progress=None))]
pub(crate) fn encode_columns<'py>(
    py: Python<'py>,
    table: Vec<NamedColumn<'py>>,
    names: Names,
    duplicates: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut arrays: Vec<Option<ArrayRef>> = Vec::with_capacity(table.len());
    for (name, values, mask) in &table {
        let array = match (values, mask) {
            (None, _) => None,
            (Some(values), None) => Some(objects::array(name, values)?),
            (Some(values), Some(mask)) => {
                Some(objects::masked(&objects::array(name, values)?, mask)?)
            }
        };
        arrays.push(array);
    }
    let rows = arrays
        .iter()
        .flatten()
        .map(|array| array.len())
        .next()
        .unwrap_or(0);
    let arrays: Vec<ArrayRef> = arrays
        .into_iter()
        .map(|array| array.unwrap_or_else(|| new_null_array(&DataType::Null, rows)))
        .collect();
    for ((name, ..), array) in table.iter().zip(&arrays) {
        if array.len() != rows {
            let message = format!(
                "column {name:?} has {} rows, others have {rows}",
                array.len()
            );
            return Err(LogError::new_err(message));
        }
    }
    let fields: Vec<Field> = table
        .iter()
        .zip(&arrays)
        .map(|((name, ..), array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), arrays)
        .map_err(|error| LogError::new_err(error.to_string()))?;
    let reader = RecordBatchIterator::new([Ok(batch)], schema);
    encode_reader(py, Box::new(reader), names, duplicates, progress)
}

fn encode_reader<'py>(
    py: Python<'py>,
    reader: Box<dyn RecordBatchReader + Send>,
    names: Names,
    duplicates: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (columns, duplicates) = (columns(names)?, policy(duplicates)?);
    let schema = reader.schema();
    let batches = reader.map(|batch| batch.map_err(|error| ingest::Error::source(&error)));
    let input = Batches {
        schema,
        batches: Box::new(batches),
    };
    let log = run(py, progress.as_ref(), |watch| {
        ingest::encode(input, &columns, duplicates, watch)
    })?;
    to_python(py, log)
}

/// A packed array pair.
type Packed<'py, T> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<T>>);

/// Codes, the texts of the distinct answers, and where each question's begin.
type RecodedArrays<'py> = (
    Bound<'py, PyArray1<i32>>,
    Packed<'py, u8>,
    Bound<'py, PyArray1<i64>>,
);

/// Answers that are integers of one width or the other.
#[derive(FromPyObject)]
pub(crate) enum Codes<'py> {
    #[pyo3(transparent)]
    Narrow(PyReadonlyArray1<'py, i32>),
    #[pyo3(transparent)]
    Wide(PyReadonlyArray1<'py, i64>),
}

/// Numbers integer answers within their questions: the codes, the text of the distinct answers,
/// and where each question's begin.
#[pyfunction]
pub(crate) fn encode_codes<'py>(
    py: Python<'py>,
    offsets: PyReadonlyArray1<'py, i64>,
    codes: Codes<'py>,
) -> PyResult<RecodedArrays<'py>> {
    let offsets = offsets.as_slice()?;
    let (recoded, texts) = match &codes {
        Codes::Narrow(codes) => recode(py, offsets, codes.as_slice()?),
        Codes::Wide(codes) => recode(py, offsets, codes.as_slice()?),
    }?;
    Ok((
        recoded.codes.into_pyarray(py),
        (texts.offsets.into_pyarray(py), texts.bytes.into_pyarray(py)),
        recoded.distinct_offsets.into_pyarray(py),
    ))
}

fn recode<T: Copy + Into<i64> + Sync>(
    py: Python<'_>,
    offsets: &[i64],
    codes: &[T],
) -> PyResult<(Recoded, Strings)> {
    run(py, None, |watch| -> ingest::Result<_> {
        let recoded = ingest::recode(offsets, codes, watch)?;
        let mut texts = Strings::default();
        for answer in &recoded.distinct {
            texts.push(answer.to_string().as_bytes());
        }
        Ok((recoded, texts))
    })
}

/// Writes a log to a Parquet file.
#[pyfunction]
#[pyo3(signature = (path, log, progress=None))]
pub(crate) fn write_parquet(
    py: Python<'_>,
    path: PathBuf,
    log: &Bound<'_, PyDict>,
    progress: Option<Py<PyAny>>,
) -> PyResult<()> {
    let log = Arc::new(from_python(log)?);
    run(py, progress.as_ref(), |watch| {
        ingest::write_parquet(&path, log, watch)
    })
}

/// The rows of a log for any library that reads Arrow streams, any number of times.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct LogStream {
    log: Arc<EncodedLog>,
}

#[pymethods]
impl LogStream {
    #[new]
    fn new(log: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            log: Arc::new(from_python(log)?),
        })
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = LogBatches::new(self.log.clone()).schema();
        Ok(to_schema_pycapsule(py, schema.as_ref())?)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let batches = LogBatches::new(self.log.clone());
        let field = Field::new_struct("", batches.schema().fields().clone(), false);
        let arrays =
            batches.map(|batch| batch.map(|batch| Arc::new(StructArray::from(batch)) as ArrayRef));
        let reader = Box::new(ArrayIterator::new(arrays, Arc::new(field)));
        Ok(to_stream_pycapsule(py, reader, requested_schema)?)
    }
}

pub(crate) fn columns(mut names: Names) -> PyResult<Columns> {
    let mut columns = Columns::default();
    for role in Role::ALL {
        let column = names.remove(role.argument()).flatten();
        columns = columns.with(
            role,
            column.map(|(name, required)| Column { name, required }),
        );
    }
    match names.keys().next() {
        None => Ok(columns),
        Some(unknown) => Err(ArgumentError::new_err(format!("no role {unknown:?}"))),
    }
}

fn policy(duplicates: &str) -> PyResult<Duplicates> {
    match duplicates {
        "error" => Ok(Duplicates::Error),
        "first" => Ok(Duplicates::First),
        "last" => Ok(Duplicates::Last),
        other => Err(ArgumentError::new_err(format!(
            "duplicates must be \"error\", \"first\" or \"last\", got {other:?}"
        ))),
    }
}

/// The log as a dictionary of arrays, named as the fields of `AnswerLog`.
fn to_python(py: Python<'_>, log: EncodedLog) -> PyResult<Bound<'_, PyDict>> {
    let strings = |strings: Strings| {
        (
            strings.offsets.into_pyarray(py),
            strings.bytes.into_pyarray(py),
        )
    };
    let category =
        |category: Categorical| (category.codes.into_pyarray(py), strings(category.names));
    let floats = |values: Option<Vec<f64>>| values.map(|values| values.into_pyarray(py));
    let out = PyDict::new(py);
    out.set_item("offsets", log.offsets.into_pyarray(py))?;
    out.set_item("codes", log.codes.into_pyarray(py))?;
    out.set_item("correct", log.correct.into_pyarray(py))?;
    out.set_item("sample", log.sample.into_pyarray(py))?;
    out.set_item("question", strings(log.question))?;
    out.set_item("answers", strings(log.answers))?;
    out.set_item("answer_offsets", log.answer_offsets.into_pyarray(py))?;
    let reference = log
        .reference
        .map(|texts| (strings(texts.strings), texts.missing.into_pyarray(py)));
    out.set_item("reference", reference)?;
    out.set_item("model", category(log.model))?;
    out.set_item("dataset", category(log.dataset))?;
    out.set_item("cluster", log.cluster.map(category))?;
    out.set_item("score", floats(log.score))?;
    out.set_item("keep", log.keep.map(|keep| keep.into_pyarray(py)))?;
    let steps = log.step_scores.map(|steps| {
        (
            steps.offsets.into_pyarray(py),
            steps.values.into_pyarray(py),
        )
    });
    out.set_item("step_scores", steps)?;
    out.set_item("tokens_in", floats(log.tokens_in))?;
    out.set_item("tokens_out", floats(log.tokens_out))?;
    out.set_item("cost", floats(log.cost))?;
    out.set_item("latency", floats(log.latency))?;
    out.set_item("status", log.status.map(|status| status.into_pyarray(py)))?;
    Ok(out)
}

/// A packed array pair, as numpy holds it.
type Pair<'py, T> = (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, T>);

/// The dictionary of [`to_python`] back as a log.
fn from_python(log: &Bound<'_, PyDict>) -> PyResult<EncodedLog> {
    let log = Fields(log);
    let strings = |(offsets, bytes): Pair<'_, u8>| -> PyResult<Strings> {
        Ok(Strings {
            offsets: vector(&offsets)?,
            bytes: vector(&bytes)?,
        })
    };
    let category =
        |(codes, names): (PyReadonlyArray1<'_, i32>, Pair<'_, u8>)| -> PyResult<Categorical> {
            Ok(Categorical {
                codes: vector(&codes)?,
                names: strings(names)?,
            })
        };
    let reference = log.optional("reference")?.map(
        |(texts, missing): (Pair<'_, u8>, PyReadonlyArray1<'_, bool>)| -> PyResult<OptionalStrings> {
            Ok(OptionalStrings { strings: strings(texts)?, missing: vector(&missing)? })
        },
    );
    let steps = log.optional("step_scores")?.map(
        |(offsets, values): Pair<'_, f64>| -> PyResult<StepScores> {
            Ok(StepScores {
                offsets: vector(&offsets)?,
                values: vector(&values)?,
            })
        },
    );
    Ok(EncodedLog {
        offsets: log.vector("offsets")?,
        codes: log.vector("codes")?,
        correct: log.vector("correct")?,
        sample: log.vector("sample")?,
        question: strings(log.required("question")?)?,
        answers: strings(log.required("answers")?)?,
        answer_offsets: log.vector("answer_offsets")?,
        reference: reference.transpose()?,
        model: category(log.required("model")?)?,
        dataset: category(log.required("dataset")?)?,
        cluster: log.optional("cluster")?.map(category).transpose()?,
        score: log.optional_vector("score")?,
        keep: log.optional_vector("keep")?,
        step_scores: steps.transpose()?,
        tokens_in: log.optional_vector("tokens_in")?,
        tokens_out: log.optional_vector("tokens_out")?,
        cost: log.optional_vector("cost")?,
        latency: log.optional_vector("latency")?,
        status: log.optional_vector("status")?,
    })
}

/// The entries of a log's dictionary.
struct Fields<'a, 'py>(&'a Bound<'py, PyDict>);

impl<'py> Fields<'_, 'py> {
    fn required<T: for<'a> FromPyObject<'a, 'py, Error = PyErr>>(&self, name: &str) -> PyResult<T> {
        self.0.as_any().get_item(name)?.extract()
    }

    fn optional<T: for<'a> FromPyObject<'a, 'py, Error = PyErr>>(
        &self,
        name: &str,
    ) -> PyResult<Option<T>> {
        self.0.as_any().get_item(name)?.extract()
    }

    fn vector<T: Element + Copy>(&self, name: &str) -> PyResult<Vec<T>> {
        vector(&self.required_array(name)?)
    }

    fn optional_vector<T: Element + Copy>(&self, name: &str) -> PyResult<Option<Vec<T>>> {
        let value = self.0.as_any().get_item(name)?;
        if value.is_none() {
            Ok(None)
        } else {
            self.vector(name).map(Some)
        }
    }

    fn required_array<T: Element>(&self, name: &str) -> PyResult<PyReadonlyArray1<'py, T>> {
        self.0.as_any().get_item(name)?.extract()
    }
}

fn vector<T: Element + Copy>(array: &PyReadonlyArray1<'_, T>) -> PyResult<Vec<T>> {
    Ok(array.as_slice()?.to_vec())
}
