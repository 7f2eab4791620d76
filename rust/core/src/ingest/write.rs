//! The log as rows again: Arrow batches and Parquet files.
//!
//! Columns bear their default names, so that reading needs no arguments.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeListArray,
    LargeStringBuilder, RecordBatch, StringArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::cells::STATUSES;
use super::columns::Role;
use super::encoded::{Categorical, EncodedLog, StepScores, Strings};
use super::error::{Error, Result};
use crate::work::Watch;

/// The rows of a batch.
const ROWS: usize = 65_536;

/// About how many bytes of text a batch may hold: answers can be long.
const TEXT_BYTES: usize = 64 << 20;

/// The batches of a log, made as they are asked for.
#[derive(Debug)]
pub struct LogBatches {
    log: Arc<EncodedLog>,
    schema: SchemaRef,
    /// The next row, and the question it belongs to.
    row: usize,
    question: usize,
}

impl LogBatches {
    /// All rows of a log, question by question, sample by sample.
    pub fn new(log: Arc<EncodedLog>) -> Self {
        let schema = Arc::new(schema(&log));
        Self {
            log,
            schema,
            row: 0,
            question: 0,
        }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The next rows, each with its question.
    fn advance(&mut self) -> (usize, Vec<usize>) {
        let start = self.row;
        let mut questions = Vec::new();
        let mut bytes = 0;
        while self.row < self.log.n_samples() && questions.len() < ROWS && bytes < TEXT_BYTES {
            while self.log.offsets[self.question + 1] as usize <= self.row {
                self.question += 1;
            }
            questions.push(self.question);
            bytes += self.log.question.get(self.question).len();
            bytes += answer(&self.log, self.question, self.row).map_or(0, <[u8]>::len);
            self.row += 1;
        }
        (start, questions)
    }
}

impl Iterator for LogBatches {
    type Item = Result<RecordBatch, arrow::error::ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, questions) = self.advance();
        if questions.is_empty() {
            return None;
        }
        let rows = start..start + questions.len();
        let columns = self.schema.fields().iter().map(|field| {
            let role = Role::ALL
                .into_iter()
                .find(|role| role.default_column() == field.name());
            column(
                &self.log,
                role.unwrap_or(Role::Question),
                rows.clone(),
                &questions,
            )
        });
        let columns = columns.collect();
        Some(RecordBatch::try_new(self.schema.clone(), columns))
    }
}

/// Writes a log to a Parquet file, compressed with zstd; the watch counts rows.
///
/// The file appears under its name only when it is complete.
pub fn write_parquet(path: &Path, log: Arc<EncodedLog>, watch: &Watch) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = write_batches(&partial, LogBatches::new(log), watch)
        .and_then(|()| std::fs::rename(&partial, path).map_err(Error::io(path)));
    if written.is_err() {
        // The error to report is the one that stopped the writing.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write_batches(path: &Path, batches: LogBatches, watch: &Watch) -> Result<()> {
    let failed = |error: parquet::errors::ParquetError| Error::Io {
        path: path.to_owned(),
        source: std::io::Error::other(error),
    };
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let file = File::create(path).map_err(Error::io(path))?;
    let mut writer =
        ArrowWriter::try_new(file, batches.schema(), Some(properties)).map_err(failed)?;
    for batch in batches {
        watch.check()?;
        let batch = batch.map_err(|error| failed(error.into()))?;
        writer.write(&batch).map_err(failed)?;
        watch.advance(batch.num_rows() as u64);
    }
    writer.close().map_err(failed)?;
    Ok(())
}

/// The columns a log has.
fn schema(log: &EncodedLog) -> Schema {
    let names = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = Role::ALL.into_iter().filter_map(|role| {
        let (data_type, nullable) = match role {
            Role::Question => (DataType::LargeUtf8, false),
            Role::Answer => (DataType::LargeUtf8, true),
            Role::Reference => log
                .reference
                .as_ref()
                .map(|_| (DataType::LargeUtf8, true))?,
            Role::Correct => (DataType::Boolean, false),
            Role::Sample => (DataType::Int64, false),
            Role::Keep => log.keep.as_ref().map(|_| (DataType::Boolean, false))?,
            Role::StepScores => log.step_scores.as_ref().map(|_| (list_type(), false))?,
            Role::Status => log.status.as_ref().map(|_| (names(), false))?,
            Role::Model => (!log.model.is_unnamed()).then(|| (names(), false))?,
            Role::Dataset => (!log.dataset.is_unnamed()).then(|| (names(), false))?,
            Role::Cluster => log.cluster.as_ref().map(|_| (names(), false))?,
            Role::Score | Role::TokensIn | Role::TokensOut | Role::Cost | Role::Latency => {
                floats(log, role).map(|_| (DataType::Float64, true))?
            }
        };
        Some(Field::new(role.default_column(), data_type, nullable))
    });
    Schema::new(fields.collect::<Vec<_>>())
}

fn list_type() -> DataType {
    DataType::LargeList(Arc::new(Field::new_list_field(DataType::Float64, true)))
}

fn floats(log: &EncodedLog, role: Role) -> Option<&[f64]> {
    match role {
        Role::Score => log.score.as_deref(),
        Role::TokensIn => log.tokens_in.as_deref(),
        Role::TokensOut => log.tokens_out.as_deref(),
        Role::Cost => log.cost.as_deref(),
        Role::Latency => log.latency.as_deref(),
        _ => None,
    }
}

/// The text of a sample's answer, unless it has none.
fn answer(log: &EncodedLog, question: usize, row: usize) -> Option<&[u8]> {
    let code = log.codes[row];
    (code >= 0).then(|| {
        log.answers
            .get(log.answer_offsets[question] as usize + code as usize)
    })
}

/// The values of a column for `rows`, whose questions are `questions`.
fn column(
    log: &EncodedLog,
    role: Role,
    rows: std::ops::Range<usize>,
    questions: &[usize],
) -> ArrayRef {
    let null = || arrow::array::new_null_array(&DataType::Null, rows.len());
    match role {
        Role::Question => texts(
            questions
                .iter()
                .map(|&question| Some(log.question.get(question))),
        ),
        Role::Answer => texts(
            rows.zip(questions)
                .map(|(row, &question)| answer(log, question, row)),
        ),
        Role::Reference => match &log.reference {
            Some(reference) => texts(questions.iter().map(|&question| reference.get(question))),
            None => null(),
        },
        Role::Correct => Arc::new(BooleanArray::from(log.correct[rows].to_vec())),
        Role::Sample => Arc::new(Int64Array::from(log.sample[rows].to_vec())),
        Role::Keep => match &log.keep {
            Some(keep) => Arc::new(BooleanArray::from(keep[rows].to_vec())),
            None => null(),
        },
        Role::StepScores => match &log.step_scores {
            Some(steps) => lists(steps, rows),
            None => null(),
        },
        Role::Status => match &log.status {
            Some(status) => {
                let codes = status[rows].iter().map(|&status| i32::from(status));
                named(codes, StringArray::from(STATUSES.to_vec()))
            }
            None => null(),
        },
        Role::Model => category(&log.model, questions),
        Role::Dataset => category(&log.dataset, questions),
        Role::Cluster => match &log.cluster {
            Some(cluster) => category(cluster, questions),
            None => null(),
        },
        Role::Score | Role::TokensIn | Role::TokensOut | Role::Cost | Role::Latency => {
            match floats(log, role) {
                Some(values) => {
                    let known = |&value: &f64| (!value.is_nan()).then_some(value);
                    Arc::new(values[rows].iter().map(known).collect::<Float64Array>())
                }
                None => null(),
            }
        }
    }
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> ArrayRef {
    let mut builder = LargeStringBuilder::new();
    for value in values {
        builder.append_option(value.map(String::from_utf8_lossy));
    }
    Arc::new(builder.finish())
}

fn category(categories: &Categorical, questions: &[usize]) -> ArrayRef {
    let codes = questions.iter().map(|&question| categories.codes[question]);
    named(codes, strings(&categories.names))
}

fn named(codes: impl Iterator<Item = i32>, names: StringArray) -> ArrayRef {
    let codes = Int32Array::from_iter_values(codes);
    match DictionaryArray::<Int32Type>::try_new(codes, Arc::new(names)) {
        Ok(array) => Arc::new(array),
        // A code without a name: the schema check of the batch reports it.
        Err(_) => arrow::array::new_null_array(&DataType::Null, 0),
    }
}

fn strings(names: &Strings) -> StringArray {
    (0..names.len())
        .map(|name| Some(String::from_utf8_lossy(names.get(name))))
        .collect()
}

fn lists(steps: &StepScores, rows: std::ops::Range<usize>) -> ArrayRef {
    let offsets = &steps.offsets[rows.start..=rows.end];
    let values = steps.values[offsets[0] as usize..offsets[offsets.len() - 1] as usize].to_vec();
    let offsets: Vec<i64> = offsets.iter().map(|offset| offset - offsets[0]).collect();
    let field = Arc::new(Field::new_list_field(DataType::Float64, true));
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Arc::new(LargeListArray::new(
        field,
        offsets,
        Arc::new(Float64Array::from(values)),
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Batches, Columns, Duplicates, encode};

    /// A log with every column, from JSON-like rows.
    fn log() -> EncodedLog {
        let text = |values: Vec<Option<&str>>| Arc::new(StringArray::from(values)) as ArrayRef;
        let float = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
        let steps = LargeListArray::from_iter_primitive::<arrow::datatypes::Float64Type, _, _>([
            Some(vec![Some(0.5), Some(1.0)]),
            Some(vec![]),
            Some(vec![Some(0.25)]),
        ]);
        let batch = RecordBatch::try_from_iter([
            (
                "question_id",
                text(vec![Some("q1"), Some("q0"), Some("q1")]),
            ),
            (
                "sample_index",
                Arc::new(Int64Array::from(vec![3, 0, 1])) as ArrayRef,
            ),
            ("answer", text(vec![Some("π"), None, Some("")])),
            ("reference", text(vec![Some("π"), None, None])),
            (
                "correct",
                Arc::new(BooleanArray::from(vec![None, Some(false), None])),
            ),
            ("score", float(vec![Some(0.5), None, Some(-1.0)])),
            (
                "keep",
                Arc::new(BooleanArray::from(vec![true, false, true])),
            ),
            ("step_scores", Arc::new(steps)),
            ("tokens_in", float(vec![None, Some(1.0), None])),
            ("tokens_out", float(vec![Some(2.0); 3])),
            ("cost", float(vec![Some(0.1); 3])),
            ("latency", float(vec![Some(9.0); 3])),
            ("status", text(vec![Some("ok"), None, Some("truncated")])),
            ("model", text(vec![Some("m"); 3])),
            ("dataset", text(vec![Some("d"), Some("e"), Some("d")])),
            ("cluster", text(vec![Some("c"); 3])),
        ])
        .expect("columns of one length");
        let input = Batches {
            schema: batch.schema(),
            batches: Box::new([Ok(batch)].into_iter()),
        };
        encode(input, &Columns::default(), Duplicates::Error, &Watch::new()).expect("a log")
    }

    #[test]
    fn rows_become_the_log_as_documented() {
        let log = log();
        assert_eq!(log.offsets, [0, 2, 3]);
        assert_eq!(log.sample, [1, 3, 0]);
        assert_eq!(log.codes, [0, 1, -1]);
        assert_eq!(log.answer_offsets, [0, 2, 2]);
        assert_eq!(
            (log.answers.get(0), log.answers.get(1)),
            (b"".as_slice(), "π".as_bytes())
        );
        assert_eq!(log.correct, [false, true, false]);
        assert_eq!(
            log.reference.as_ref().map(|r| r.missing.clone()),
            Some(vec![false, true])
        );
        assert_eq!(log.status, Some(vec![2, 0, 1]));
        assert_eq!(log.keep, Some(vec![true, true, false]));
        assert_eq!(
            log.step_scores,
            Some(StepScores {
                offsets: vec![0, 1, 3, 3],
                values: vec![0.25, 0.5, 1.0]
            })
        );
        assert_eq!(log.dataset.codes, [0, 1]);
    }

    #[test]
    fn a_written_log_reads_back_the_same() {
        let log = log();
        let batches = LogBatches::new(Arc::new(log.clone()));
        let schema = batches.schema();
        let batches = Box::new(batches.map(|batch| batch.map_err(|e| Error::source(&e))));
        let again = encode(
            Batches { schema, batches },
            &Columns::default(),
            Duplicates::Error,
            &Watch::new(),
        );
        // NaN differs from itself: compare the printed form.
        assert_eq!(format!("{:?}", again.expect("a log")), format!("{log:?}"));
    }
}
