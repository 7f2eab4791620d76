//! CSV and TSV files with a header line.
//!
//! Fields that are read as text stay exactly as they are written: `007` and `5.0` are not `7`
//! and `5`. An empty field is a missing value.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow::csv::ReaderBuilder;
use arrow::csv::reader::Format;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::columns::{Columns, Layout};
use super::error::{Error, Result};
use super::read::{Batches, Reading};

/// The rows of a batch: few, because answers can be long.
const ROWS: usize = 1024;

/// Opens a file for reading the given columns.
pub(super) fn open(path: &Path, columns: &Columns, delimiter: u8) -> Result<Batches> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let start = after_byte_order_mark(&mut file).map_err(Error::io(path))?;
    let header = header(&file, delimiter).map_err(|error| corrupt(path, error))?;
    if header.fields().is_empty() {
        return Err(Error::EmptyFile {
            path: path.to_owned(),
        });
    }
    let fields = header.fields().iter().map(|field| {
        let data_type = match Reading::of(field.name(), columns) {
            Some(Reading::Number) => DataType::Float64,
            _ => DataType::Utf8,
        };
        Field::new(field.name(), data_type, true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let projection = Layout::resolve(&schema, columns)?.projection();
    let projected: SchemaRef = Arc::new(
        schema
            .project(&projection)
            .map_err(|error| corrupt(path, error))?,
    );

    file.seek(SeekFrom::Start(start)).map_err(Error::io(path))?;
    let reader = ReaderBuilder::new(schema)
        .with_header(true)
        .with_delimiter(delimiter)
        .with_projection(projection)
        .with_batch_size(ROWS)
        .build(file)
        .map_err(|error| corrupt(path, error))?;
    let path = path.to_owned();
    let batches = reader.map(move |batch| batch.map_err(|error| corrupt(&path, error)));
    Ok(Batches {
        schema: projected,
        batches: Box::new(batches),
    })
}

/// The names in the first line.
fn header(file: &File, delimiter: u8) -> Result<Schema, ArrowError> {
    let format = Format::default()
        .with_header(true)
        .with_delimiter(delimiter);
    let (schema, _) = format.infer_schema(BufReader::new(file), Some(0))?;
    Ok(schema)
}

/// Puts the file past the mark that spreadsheets write, and returns where that is.
fn after_byte_order_mark(file: &mut File) -> std::io::Result<u64> {
    const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
    let mut start = Vec::with_capacity(MARK.len());
    file.by_ref()
        .take(MARK.len() as u64)
        .read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(if start == MARK {
        MARK.len() as u64
    } else {
        0
    }))
}

/// The reader's complaint, which names the line.
fn corrupt(path: &Path, error: ArrowError) -> Error {
    let reason = match error {
        ArrowError::CsvError(reason) | ArrowError::ParseError(reason) => reason,
        other => other.to_string(),
    };
    Error::corrupt(path, "reading it as CSV", &reason)
}
