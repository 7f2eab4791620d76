//! Logs larger than memory: rows are counted as they stream past.
//!
//! A row group is the unit of work. Each thread counts the rows of its row groups in a `Worker`;
//! when that outgrows its share of memory, it is written out as blocks, one for each bucket of
//! questions, which go to disk when memory is short. In the end the blocks of each bucket are
//! merged. Neither the number of threads nor the memory nor the order of the rows can change the
//! result, because counts add up and the order of the result is that of the texts.

mod block;
mod cells;
mod hash;
mod merge;
mod store;
mod tallied;
mod worker;

pub use tallied::TalliedLog;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::columns::{Columns, Layout, Role};
use super::error::{Error, Result};
use super::parquet::{self, ParquetFile};
use crate::work::Watch;
use store::Store;
use tallied::Resolved;
use worker::Worker;

/// Buckets of a scan. Merging holds one in memory for each thread.
const BUCKETS: usize = 64;

/// The rows of a batch: few enough for what is made of them to stay in the processor's caches.
const BATCH_ROWS: usize = 1 << 14;

/// The bytes that a batch may take when decoded, at most.
const BATCH_BYTES: usize = 64 << 20;

/// Rows to scan: a Parquet file, or some of its row groups.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The row groups, counted from 0; all by default.
    pub row_groups: Option<Vec<usize>>,
}

/// How to scan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The columns to read. Sample numbers, step scores, tokens, cost, latency and status are
    /// not, whatever is said here.
    pub columns: Columns,
    /// About how many bytes tables and buffers may take.
    pub memory: usize,
    /// Where tallies that do not fit are written meanwhile.
    pub spill: PathBuf,
}

impl Settings {
    fn scored(&self) -> bool {
        self.columns.get(Role::Score).is_some()
    }

    /// Without the columns that a tally has no place for.
    fn narrowed(mut self) -> Self {
        for role in [
            Role::Sample,
            Role::StepScores,
            Role::TokensIn,
            Role::TokensOut,
            Role::Cost,
            Role::Latency,
            Role::Status,
        ] {
            self.columns = self.columns.with(role, None);
        }
        self
    }
}

/// The number of rows of each row group of a Parquet file; only the footer is read.
pub fn parquet_layout(path: &Path) -> Result<Vec<u64>> {
    parquet::row_groups(path)
}

/// Tallies the rows of all sources, on the current rayon pool; the watch counts rows.
pub fn scan(sources: &[Source], settings: &Settings, watch: &Watch) -> Result<TalliedLog> {
    let settings = settings.clone().narrowed();
    let store = count(sources, &settings, BUCKETS, watch)?;
    let buckets = (0..store.len()).into_par_iter().map(|bucket| {
        store.take(bucket, |blocks| {
            let mut resolved = Resolved::default();
            merge::merge(blocks, &settings.columns, watch, |question, entries| {
                resolved.push(question, entries)
            })?;
            Ok(resolved)
        })
    });
    let buckets: Vec<Resolved> = buckets.collect::<Result<_>>()?;
    tallied::gather(&buckets, settings.scored(), &settings.columns, watch)
}

/// The partial tallies of all sources: one block of bytes for each bucket.
///
/// Which bucket a question falls into depends on its texts and the number of buckets alone. All
/// blocks of one bucket, from any number of calls on any machines, are what [`merge_parts`] needs
/// for the questions of that bucket.
pub fn scan_part(
    sources: &[Source],
    settings: &Settings,
    buckets: usize,
    watch: &Watch,
) -> Result<Vec<Vec<u8>>> {
    let settings = settings.clone().narrowed();
    let store = count(sources, &settings, buckets.max(1), watch)?;
    let blocks = (0..store.len()).into_par_iter().map(|bucket| {
        store.take(bucket, |blocks| {
            let mut writer = block::Writer::new(settings.scored());
            merge::merge(blocks, &settings.columns, watch, |question, entries| {
                writer.push(question, entries);
                Ok(())
            })?;
            Ok(writer.finish())
        })
    });
    blocks.collect()
}

/// The log that blocks of [`scan_part`] make together.
pub fn merge_parts(parts: &[&[u8]], watch: &Watch) -> Result<TalliedLog> {
    let columns = Columns::default();
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.extend(block::split(part));
    }
    let mut resolved = Resolved::default();
    let scored = merge::merge(blocks, &columns, watch, |question, entries| {
        resolved.push(question, entries)
    })?;
    tallied::gather(&[resolved], scored, &columns, watch)
}

/// A row group to read.
struct Unit {
    file: Arc<ParquetFile>,
    layout: Arc<Layout>,
    group: usize,
    /// The rows of the file before it.
    first: usize,
}

/// Counts the rows of all sources.
fn count(sources: &[Source], settings: &Settings, buckets: usize, watch: &Watch) -> Result<Store> {
    store::check_writable(&settings.spill)?;
    let by_source: Vec<Vec<Unit>> = sources
        .par_iter()
        .map(|source| {
            watch.check()?;
            units(source, &settings.columns).map_err(|error| error.in_file(&source.path))
        })
        .collect::<Result<_>>()?;
    let units: Vec<Unit> = by_source.into_iter().flatten().collect();
    let threads = rayon::current_num_threads();
    let share = settings.memory / 4 / threads;
    let batch_bytes = BATCH_BYTES.min(share / 2);
    let store = Store::new(buckets, settings.memory / 4, &settings.spill);
    let idle: Mutex<Vec<Worker>> = Mutex::default();
    let scored = settings.scored();
    let drain = |worker: &mut Worker| {
        worker.drain(buckets, watch, |bucket, block| store.put(bucket, block))
    };
    units.par_iter().with_max_len(1).try_for_each(|unit| {
        let free = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = free.unwrap_or_else(|| Worker::new(scored));
        let mut first = unit.first;
        for batch in unit.file.read(unit.group, BATCH_ROWS, batch_bytes)? {
            watch.check()?;
            let batch = batch?;
            worker
                .push(&batch, &unit.layout, &settings.columns, first)
                .map_err(|error| error.in_file(&unit.file.path))?;
            first += batch.num_rows();
            watch.advance(batch.num_rows() as u64);
            if worker.allocated() > share || worker.full() {
                drain(&mut worker)?;
            }
        }
        idle.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
        Ok::<(), Error>(())
    })?;
    let idle = idle.into_inner().unwrap_or_else(PoisonError::into_inner);
    idle.into_par_iter()
        .try_for_each(|mut worker| drain(&mut worker))?;
    Ok(store)
}

/// The row groups of a source.
fn units(source: &Source, columns: &Columns) -> Result<Vec<Unit>> {
    let file = Arc::new(ParquetFile::open(&source.path, columns)?);
    let layout = Arc::new(Layout::resolve(&file.schema, columns)?);
    let rows = file.row_groups();
    let mut firsts = Vec::with_capacity(rows.len());
    let mut first = 0;
    for rows in &rows {
        firsts.push(first);
        first += *rows as usize;
    }
    let wanted: Vec<usize> = match &source.row_groups {
        None => (0..rows.len()).collect(),
        Some(wanted) => wanted.clone(),
    };
    wanted
        .into_iter()
        .map(|group| {
            let first = *firsts.get(group).ok_or(Error::NoRowGroup {
                group,
                groups: rows.len(),
            })?;
            Ok(Unit {
                file: file.clone(),
                layout: layout.clone(),
                group,
                first,
            })
        })
        .collect()
}
