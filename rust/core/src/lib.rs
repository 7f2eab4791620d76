//! Core.
#![forbid(unsafe_code)]

pub mod error;
pub mod ingest;
pub mod work;
