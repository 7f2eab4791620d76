//! Files and streams of batches become a log.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::columns::{Columns, Role};
use super::error::{Error, Result};
use super::{Duplicates, EncodedLog, Encoder, csv, json_lines, parquet};
use crate::work::Watch;

/// The rows encoded between two looks at the watch.
const ROWS_PER_CHECK: usize = 65_536;

/// The batches of one input.
pub struct Batches {
    /// The schema of every batch.
    pub schema: SchemaRef,
    /// The batches, read as they are asked for.
    pub batches: Box<dyn Iterator<Item = Result<RecordBatch>> + Send>,
}

/// The format of a file, as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// The format a file's name claims.
    pub fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("parquet" | "pq") => Ok(Self::Parquet),
            Some("csv") => Ok(Self::Csv),
            Some("tsv") => Ok(Self::Tsv),
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            _ => Err(Error::UnknownFormat {
                path: path.to_owned(),
            }),
        }
    }
}

/// Opens a file for reading the given columns, batch by batch.
pub fn open(path: &Path, columns: &Columns) -> Result<Batches> {
    match Format::of(path)? {
        Format::Parquet => parquet::open(path, columns),
        Format::Csv => csv::open(path, columns, b','),
        Format::Tsv => csv::open(path, columns, b'\t'),
        Format::JsonLines => json_lines::open(path, columns),
    }
}

/// Encodes all batches of an input; the watch counts rows.
pub fn encode(
    input: Batches,
    columns: &Columns,
    duplicates: Duplicates,
    watch: &Watch,
) -> Result<EncodedLog> {
    let mut encoder = Encoder::new(&input.schema, columns)?;
    for batch in input.batches {
        let batch = batch?;
        // A table in memory may be a single batch of any size.
        for start in (0..batch.num_rows()).step_by(ROWS_PER_CHECK) {
            watch.check()?;
            let rows = ROWS_PER_CHECK.min(batch.num_rows() - start);
            encoder.push(&batch.slice(start, rows))?;
            watch.advance(rows as u64);
        }
    }
    encoder.finish(duplicates, watch)
}

/// Reads a Parquet, CSV, TSV or JSON-lines file.
pub fn read(
    path: &Path,
    columns: &Columns,
    duplicates: Duplicates,
    watch: &Watch,
) -> Result<EncodedLog> {
    encode(open(path, columns)?, columns, duplicates, watch).map_err(|error| match error {
        Error::Empty => Error::EmptyFile {
            path: path.to_owned(),
        },
        other => other,
    })
}

/// How the values of a column are read from a text format, which has no types of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Text,
    Number,
    Numbers,
}

impl Reading {
    /// How the column `name` is to be read, if it is wanted at all.
    ///
    /// Where it has several roles, the one that needs a number decides: text can be had from it.
    pub(super) fn of(name: &str, columns: &Columns) -> Option<Self> {
        let roles = || {
            Role::ALL
                .into_iter()
                .filter(|&role| columns.get(role).is_some_and(|column| column.name == name))
        };
        let readings = || {
            roles().map(|role| match role {
                Role::StepScores => Self::Numbers,
                Role::Sample
                | Role::Score
                | Role::TokensIn
                | Role::TokensOut
                | Role::Cost
                | Role::Latency => Self::Number,
                _ => Self::Text,
            })
        };
        readings()
            .find(|&reading| reading != Self::Text)
            .or_else(|| readings().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Column;

    #[test]
    fn formats_go_by_the_ending_whatever_its_case() {
        assert_eq!(
            Format::of(Path::new("a/b.PARQUET")).ok(),
            Some(Format::Parquet)
        );
        assert_eq!(
            Format::of(Path::new("b.x.ndjson")).ok(),
            Some(Format::JsonLines)
        );
        let error = Format::of(Path::new("log.xlsx")).expect_err("not a format");
        assert!(error.to_string().contains("log.xlsx"), "{error}");
    }

    #[test]
    fn a_number_role_decides_how_a_shared_column_is_read() {
        let shared = Some(Column {
            name: "score".into(),
            required: true,
        });
        let columns = Columns::default().with(Role::Cluster, shared);
        assert_eq!(Reading::of("score", &columns), Some(Reading::Number));
        assert_eq!(Reading::of("answer", &columns), Some(Reading::Text));
        assert_eq!(Reading::of("prompt", &columns), None);
    }
}
