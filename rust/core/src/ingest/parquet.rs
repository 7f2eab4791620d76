//! Parquet files: only the wanted columns, dictionaries kept, one row group at a time.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Encoding, PageType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::columns::{Columns, Layout, Role};
use super::error::{Error, Result};
use super::read::Batches;

/// The most rows of a batch.
const MAX_ROWS: usize = 65_536;

/// About how many bytes of decoded values a batch may hold.
const BATCH_BYTES: i64 = 64 << 20;

/// Opens a file for reading the given columns.
pub(super) fn open(path: &Path, columns: &Columns) -> Result<Batches> {
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

    let batches = RowGroups {
        path: path.to_owned(),
        file,
        metadata,
        mask,
        group: 0,
        reader: None,
    };
    Ok(Batches {
        schema,
        batches: Box::new(batches),
    })
}

/// The batches of a file, one row group after another.
struct RowGroups {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    /// The row group that is read, or is next.
    group: usize,
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for RowGroups {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.group < self.metadata.metadata().num_row_groups() {
            match self.next_of_group() {
                Ok(Some(batch)) => return Some(Ok(batch)),
                Ok(None) => {
                    self.reader = None;
                    self.group += 1;
                }
                Err(error) => {
                    self.group = usize::MAX;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl RowGroups {
    fn next_of_group(&mut self) -> Result<Option<RecordBatch>> {
        let place = format!("row group {}", self.group);
        let mut reader = if let Some(reader) = self.reader.take() {
            reader
        } else {
            let file = self.file.try_clone().map_err(Error::io(&self.path))?;
            guarded(&self.path, &place, || self.open_group(file))?
        };
        let batch = guarded(&self.path, &place, || reader.next().transpose())?;
        self.reader = Some(reader);
        Ok(batch)
    }

    fn open_group(&self, file: File) -> Result<ParquetRecordBatchReader, ParquetError> {
        let rows = rows_per_batch(self.metadata.metadata(), self.group, &self.mask);
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(self.mask.clone())
            .with_row_groups(vec![self.group])
            .with_batch_size(rows)
            .build()
    }
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
fn rows_per_batch(file: &ParquetMetaData, group: usize, mask: &ProjectionMask) -> usize {
    let group = file.row_group(group);
    let bytes: i64 = (0..group.num_columns())
        .filter(|&leaf| mask.leaf_included(leaf))
        .map(|leaf| group.column(leaf).uncompressed_size())
        .sum();
    let bytes_per_row = bytes.max(1) / group.num_rows().max(1) + 1;
    (BATCH_BYTES / bytes_per_row).clamp(64, MAX_ROWS as i64) as usize
}
