//! Parquet files in, tallies out.

use std::path::PathBuf;

use kcurve_core::error::Error;
use kcurve_core::ingest::scan::{self, Settings, Source, TalliedLog};
use kcurve_core::ingest::{Categorical, Strings};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyBytesMethods, PyDict};

use crate::ingest::{Names, columns};
use crate::run::{in_pool, run};

/// How to scan.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct ScanRequest {
    settings: Settings,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl ScanRequest {
    #[new]
    #[pyo3(signature = (*, names, memory, spill, threads, progress))]
    fn new(
        names: Names,
        memory: usize,
        spill: PathBuf,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            settings: Settings {
                columns: columns(names)?,
                memory,
                spill,
            },
            threads,
            progress,
        })
    }
}

/// A file, and which of its row groups are meant; all without a list.
type FilePart = (PathBuf, Option<Vec<usize>>);

fn sources(parts: Vec<FilePart>) -> Vec<Source> {
    let parts = parts.into_iter();
    parts
        .map(|(path, row_groups)| Source { path, row_groups })
        .collect()
}

/// Tallies Parquet files.
#[pyfunction]
pub(crate) fn scan_files<'py>(
    py: Python<'py>,
    parts: Vec<FilePart>,
    request: &ScanRequest,
) -> PyResult<Bound<'py, PyDict>> {
    let sources = sources(parts);
    let log = run(py, request.progress.as_ref(), |watch| {
        in_pool(request.threads, || {
            scan::scan(&sources, &request.settings, watch).map_err(Error::from)
        })
    })?;
    to_python(py, log)
}

/// The partial tallies of Parquet files: bytes for each bucket of questions.
#[pyfunction]
pub(crate) fn scan_part<'py>(
    py: Python<'py>,
    parts: Vec<FilePart>,
    buckets: usize,
    request: &ScanRequest,
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let sources = sources(parts);
    let blocks = run(py, request.progress.as_ref(), |watch| {
        in_pool(request.threads, || {
            scan::scan_part(&sources, &request.settings, buckets, watch).map_err(Error::from)
        })
    })?;
    let blocks = blocks.iter();
    Ok(blocks.map(|block| PyBytes::new(py, block)).collect())
}

/// The tallies that parts make together.
#[pyfunction]
pub(crate) fn merge_parts<'py>(
    py: Python<'py>,
    parts: Vec<Bound<'py, PyBytes>>,
) -> PyResult<Bound<'py, PyDict>> {
    let blocks: Vec<&[u8]> = parts.iter().map(PyBytesMethods::as_bytes).collect();
    let log = run(py, None, |watch| scan::merge_parts(&blocks, watch))?;
    to_python(py, log)
}

/// The number of rows of each row group of each file; only footers are read.
#[pyfunction]
pub(crate) fn parquet_layout(py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<Vec<Vec<u64>>> {
    run(py, None, |watch| {
        let each = paths.iter().map(|path| {
            watch.check()?;
            scan::parquet_layout(path)
        });
        each.collect::<Result<_, kcurve_core::ingest::Error>>()
    })
}

/// The log as a dictionary of arrays, named as the fields of `TalliedLog`.
fn to_python(py: Python<'_>, log: TalliedLog) -> PyResult<Bound<'_, PyDict>> {
    let strings = |strings: Strings| {
        (
            strings.offsets.into_pyarray(py),
            strings.bytes.into_pyarray(py),
        )
    };
    let category =
        |category: Categorical| (category.codes.into_pyarray(py), strings(category.names));
    let out = PyDict::new(py);
    out.set_item("offsets", log.offsets.into_pyarray(py))?;
    out.set_item("codes", log.codes.into_pyarray(py))?;
    out.set_item("correct", log.correct.into_pyarray(py))?;
    out.set_item("count", log.count.into_pyarray(py))?;
    out.set_item("keep", log.keep.map(|keep| keep.into_pyarray(py)))?;
    out.set_item("score", log.score.map(|score| score.into_pyarray(py)))?;
    out.set_item("question", strings(log.question))?;
    out.set_item("model", category(log.model))?;
    out.set_item("dataset", category(log.dataset))?;
    out.set_item("cluster", log.cluster.map(category))?;
    Ok(out)
}
