//! Files of one JSON object a line.
//!
//! Values of any scalar type may mix in a text column: each takes the text form of its own type.
//! Keys that are not wanted are skipped whatever they hold.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, Float64Builder, LargeListBuilder, LargeStringBuilder, RecordBatch,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::columns::{Columns, Role};
use super::error::{Error, Result};
use super::json_row::{Row, Slot, Value};
use super::read::{Batches, Reading};

/// A batch ends at so many rows …
const MAX_ROWS: usize = 8192;

/// … or so many bytes of text, because answers can be long.
const MAX_BYTES: usize = 16 << 20;

/// Opens a file for reading the given columns.
///
/// Whether a column is there shows only at the end of the file; a column that never comes is one
/// without values.
pub(super) fn open(path: &Path, columns: &Columns) -> Result<Batches> {
    let file = File::open(path).map_err(Error::io(path))?;
    let mut names: Vec<&str> = Vec::new();
    for role in Role::ALL {
        if let Some(column) = columns.get(role)
            && !names.contains(&column.name.as_str())
        {
            names.push(&column.name);
        }
    }
    let slots: Vec<Slot> = names
        .iter()
        .map(|name| {
            Slot::new(
                (*name).to_owned(),
                Reading::of(name, columns).unwrap_or(Reading::Text),
            )
        })
        .collect();
    let fields = slots
        .iter()
        .map(|slot| Field::new(&slot.name, data_type(slot.reading), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let lines = Lines {
        path: path.to_owned(),
        file: BufReader::with_capacity(1 << 16, file),
        columns: columns.clone(),
        schema: schema.clone(),
        line: Vec::new(),
        number: 0,
        row: Row::new(slots),
        finished: false,
    };
    Ok(Batches {
        schema,
        batches: Box::new(lines),
    })
}

fn data_type(reading: Reading) -> DataType {
    match reading {
        Reading::Text => DataType::LargeUtf8,
        Reading::Number => DataType::Float64,
        Reading::Numbers => {
            DataType::LargeList(Arc::new(Field::new_list_field(DataType::Float64, true)))
        }
    }
}

/// The lines of a file, read in batches.
struct Lines {
    path: PathBuf,
    file: BufReader<File>,
    columns: Columns,
    schema: SchemaRef,
    line: Vec<u8>,
    /// The lines read so far.
    number: usize,
    row: Row,
    finished: bool,
}

impl Iterator for Lines {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let batch = self.read_batch();
        self.finished |= batch.is_err();
        match batch {
            Ok(batch) if batch.num_rows() == 0 => None,
            batch => Some(batch),
        }
    }
}

impl Lines {
    fn read_batch(&mut self) -> Result<RecordBatch> {
        let mut builders: Vec<Builder> = self
            .row
            .slots
            .iter()
            .map(|slot| Builder::new(slot.reading))
            .collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < MAX_ROWS && bytes < MAX_BYTES {
            self.line.clear();
            let read = self
                .file
                .read_until(b'\n', &mut self.line)
                .map_err(Error::io(&self.path))?;
            if read == 0 {
                self.finished = true;
                self.check_columns()?;
                break;
            }
            self.number += 1;
            bytes += read;
            if self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.row.read(&self.line).map_err(|reason| {
                Error::corrupt(&self.path, format!("line {}", self.number), &reason)
            })?;
            for (builder, slot) in builders.iter_mut().zip(&self.row.slots) {
                builder.append(&slot.value);
            }
            rows += 1;
        }
        let arrays = builders.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|error| Error::corrupt(&self.path, format!("line {}", self.number), &error))
    }

    /// Every column that must be there has been seen in some line.
    fn check_columns(&self) -> Result<()> {
        // A file without lines is told apart by having no rows.
        if self.row.names_seen().is_empty() {
            return Ok(());
        }
        let seen = |role| {
            let name = self.columns.get(role).map(|column| &column.name);
            self.row
                .slots
                .iter()
                .any(|slot| slot.seen && Some(&slot.name) == name)
        };
        for role in Role::ALL {
            if self.columns.get(role).is_some_and(|column| column.required) && !seen(role) {
                return Err(self.columns.missing(role, self.row.names_seen()));
            }
        }
        if !seen(Role::Correct) && !seen(Role::Reference) {
            return Err(self.columns.no_truth(self.row.names_seen()));
        }
        Ok(())
    }
}

/// A column under construction.
enum Builder {
    Text(LargeStringBuilder),
    Number(Float64Builder),
    Numbers(LargeListBuilder<Float64Builder>),
}

impl Builder {
    fn new(reading: Reading) -> Self {
        match reading {
            Reading::Text => Self::Text(LargeStringBuilder::new()),
            Reading::Number => Self::Number(Float64Builder::new()),
            Reading::Numbers => Self::Numbers(LargeListBuilder::new(Float64Builder::new())),
        }
    }

    fn append(&mut self, value: &Value) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Number(builder), Value::Number(number)) => builder.append_value(*number),
            (Self::Numbers(builder), Value::Numbers(numbers)) => {
                builder.values().append_slice(numbers);
                builder.append(true);
            }
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Number(builder), _) => builder.append_null(),
            (Self::Numbers(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Number(builder) => ArrayBuilder::finish(builder),
            Self::Numbers(builder) => ArrayBuilder::finish(builder),
        }
    }
}
