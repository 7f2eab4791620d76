//! Parquet files: only the wanted columns, dictionaries kept, one row group at a time.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Encoding, PageType};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::columns::{Columns, Layout, Role};
use super::error::{Error, Result};
use super::read::Batches;

/// The most rows of a batch.
const MAX_ROWS: usize = 65_536;

/// About how many bytes of decoded values a batch may hold.
const BATCH_BYTES: usize = 64 << 20;

/// Opens a file for reading the given columns.
pub(super) fn open(path: &Path, columns: &Columns) -> Result<Batches> {
    let file = ParquetFile::open(path, columns)?;
    let schema = file.schema.clone();
    let batches = RowGroups {
        file,
        group: 0,
        batches: None,
    };
    Ok(Batches {
        schema,
        batches: Box::new(batches),
    })
}

/// The number of rows of each row group of a file, by its footer.
pub(super) fn row_groups(path: &Path) -> Result<Vec<u64>> {
    let file = File::open(path).map_err(Error::io(path))?;
    let footer = guarded(path, "footer", || {
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
    })?;
    Ok(rows_of(footer.metadata()))
}

fn rows_of(file: &ParquetMetaData) -> Vec<u64> {
    let groups = file.row_groups().iter();
    groups.map(|group| group.num_rows() as u64).collect()
}

/// The footer of a file, and what of its row groups is wanted.
///
/// The file itself is opened anew for each row group: there may be more files than one process
/// may hold open.
#[derive(Debug)]
pub(super) struct ParquetFile {
    pub(super) path: PathBuf,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    /// The schema of every batch.
    pub(super) schema: SchemaRef,
}

impl ParquetFile {
    /// Reads the footer.
    pub(super) fn open(path: &Path, columns: &Columns) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        let plain = guarded(path, "footer", || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        })?;
        let layout = Layout::resolve(plain.schema(), columns)?;
        let roots = layout.projection();

        let metadata = guarded(path, "footer", || {
            let wanted = Arc::new(preferred_schema(&plain, &layout));
            let options = ArrowReaderOptions::new().with_schema(wanted);
            ArrowReaderMetadata::try_new(plain.metadata().clone(), options)
        })?;
        let schema = guarded(path, "footer", || {
            metadata.schema().project(&roots).map(Arc::new)
        })?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
        Ok(Self {
            path: path.to_owned(),
            metadata,
            mask,
            schema,
        })
    }

    /// The number of rows of each row group.
    pub(super) fn row_groups(&self) -> Vec<u64> {
        rows_of(self.metadata.metadata())
    }

    /// The batches of one row group, of so many rows or of about so many decoded bytes at most.
    pub(super) fn read(&self, group: usize, rows: usize, bytes: usize) -> Result<GroupBatches> {
        let place = format!(
            "row group {} of {} ({} rows come before it)",
            group + 1,
            self.metadata.metadata().num_row_groups(),
            grouped(self.row_groups()[..group].iter().sum()),
        );
        let file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let reader = guarded(&self.path, &place, || {
            let rows = rows_per_batch(self.metadata.metadata(), group, &self.mask, rows, bytes);
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.mask.clone())
                .with_row_groups(vec![group])
                .with_batch_size(rows)
                .build()
        })?;
        Ok(GroupBatches {
            path: self.path.clone(),
            place,
            reader: Some(reader),
        })
    }
}

/// The batches of one row group.
pub(super) struct GroupBatches {
    path: PathBuf,
    place: String,
    /// Taken away once it has failed: what it would do next is anybody's guess.
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for GroupBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut reader = self.reader.take()?;
        match guarded(&self.path, &self.place, || reader.next().transpose()) {
            Ok(None) => None,
            Ok(Some(batch)) => {
                self.reader = Some(reader);
                Some(Ok(batch))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The batches of a file, one row group after another.
struct RowGroups {
    file: ParquetFile,
    /// The row group that is next.
    group: usize,
    batches: Option<GroupBatches>,
}

impl Iterator for RowGroups {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.batches.as_mut().and_then(Iterator::next) {
                if batch.is_err() {
                    self.group = usize::MAX;
                }
                return Some(batch);
            }
            if self.group >= self.file.metadata.metadata().num_row_groups() {
                return None;
            }
            match self.file.read(self.group, MAX_ROWS, BATCH_BYTES) {
                Ok(batches) => self.batches = Some(batches),
                Err(error) => {
                    self.group = usize::MAX;
                    return Some(Err(error));
                }
            }
            self.group += 1;
        }
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Reads with the parquet crate, which panics on some kinds of damage where it should complain.
fn guarded<T, E: std::fmt::Display>(
    path: &Path,
    place: &str,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| Error::corrupt(path, place, &error)),
        Err(panic) => {
            let reason = panic.downcast_ref::<String>().map(String::as_str);
            let reason = reason.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Error::corrupt(
                path,
                place,
                &reason.unwrap_or("the data is damaged"),
            ))
        }
    }
}

/// The schema with text columns in the form that is cheapest to decode.
///
/// Where all pages of a column point into a dictionary, it stays a dictionary: its values are
/// then hashed once per row group instead of once per row. Other text becomes views of the pages.
fn preferred_schema(file: &ArrowReaderMetadata, layout: &Layout) -> Schema {
    let mut fields: Vec<Arc<Field>> = file.schema().fields().iter().cloned().collect();
    for role in Role::ALL {
        let Some(root) = layout.position(role) else {
            continue;
        };
        if !matches!(
            fields[root].data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ) {
            continue;
        }
        let only_dictionaries = file.metadata().row_groups().iter().all(|group| {
            let leaf = (0..group.num_columns())
                .find(|&leaf| file.parquet_schema().get_column_root_idx(leaf) == root);
            leaf.is_some_and(|leaf| all_pages_use_dictionary(group.column(leaf)))
        });
        let data_type = if only_dictionaries {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        } else {
            DataType::Utf8View
        };
        fields[root] = Arc::new(fields[root].as_ref().clone().with_data_type(data_type));
    }
    Schema::new(fields)
}

/// Whether a writer said that no page of the chunk holds values of its own.
fn all_pages_use_dictionary(chunk: &ColumnChunkMetaData) -> bool {
    if chunk.dictionary_page_offset().is_none() {
        return false;
    }
    if let Some(encodings) = chunk.page_encoding_stats_mask() {
        return encodings.is_only(Encoding::RLE_DICTIONARY)
            || encodings.is_only(Encoding::PLAIN_DICTIONARY);
    }
    chunk.page_encoding_stats().is_some_and(|pages| {
        pages
            .iter()
            .filter(|page| matches!(page.page_type, PageType::DATA_PAGE | PageType::DATA_PAGE_V2))
            .all(|page| {
                matches!(
                    page.encoding,
                    Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
                )
            })
    })
}

/// As many rows as keep a batch's decoded values within bounds.
fn rows_per_batch(
    file: &ParquetMetaData,
    group: usize,
    mask: &ProjectionMask,
    max_rows: usize,
    batch_bytes: usize,
) -> usize {
    let group = file.row_group(group);
    let bytes: i64 = (0..group.num_columns())
        .filter(|&leaf| mask.leaf_included(leaf))
        .map(|leaf| group.column(leaf).uncompressed_size())
        .sum();
    let bytes_per_row = bytes.max(1) / group.num_rows().max(1) + 1;
    (batch_bytes / bytes_per_row as usize).clamp(64, max_rows)
}
