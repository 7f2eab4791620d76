//! Bindings.

mod error;
mod ingest;
mod objects;
mod run;

use pyo3::prelude::*;

/// The compiled half of kcurve.
#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::ingest::{
        LogStream, encode_codes, encode_columns, encode_file, encode_table, write_parquet,
    };
}
