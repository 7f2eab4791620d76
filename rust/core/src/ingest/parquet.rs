//! Parquet files: only the wanted columns, dictionaries kept, one row group at a time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Encoding, PageType};
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
    let footer = |reason: &dyn std::fmt::Display| Error::corrupt(path, "footer", &reason);
    let file = File::open(path).map_err(Error::io(path))?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|error| footer(&error))?;
    let layout = Layout::resolve(plain.schema(), columns)?;
    let roots = layout.projection();

    let wanted = Arc::new(preferred_schema(&plain, &layout));
    let options = ArrowReaderOptions::new().with_schema(wanted);
    let metadata = ArrowReaderMetadata::try_new(plain.metadata().clone(), options)
        .map_err(|error| footer(&error))?;
    let schema: SchemaRef = Arc::new(
        metadata
            .schema()
            .project(&roots)
            .map_err(|error| footer(&error))?,
    );
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);

    let path = path.to_owned();
    let row_groups = 0..metadata.metadata().num_row_groups();
    let batches = row_groups.flat_map(move |group| {
        let place = move || format!("row group {group}");
        let rows = rows_per_batch(metadata.metadata(), group, &mask);
        let reader = file.try_clone().map_err(Error::io(&path)).and_then(|file| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
                .with_projection(mask.clone())
                .with_row_groups(vec![group])
                .with_batch_size(rows)
                .build()
                .map_err(|error| Error::corrupt(&path, place(), &error))
        });
        let path = path.clone();
        let (reader, error) = match reader {
            Ok(reader) => (Some(reader), None),
            Err(error) => (None, Some(Err(error))),
        };
        let batches = reader.into_iter().flatten();
        batches
            .map(move |batch| batch.map_err(|error| Error::corrupt(&path, place(), &error)))
            .chain(error)
    });
    Ok(Batches {
        schema,
        batches: Box::new(batches),
    })
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
