//! Rows of any table or file become an answer log.
//!
//! An [`Encoder`] takes Arrow record batches one at a time and interns their text as it comes, so
//! that only a few integers per row stay; its [`finish`](Encoder::finish) orders the samples
//! of each question and numbers their answers. [`Columns`] says which column is which.
//!
//! The result depends on the rows alone: not on how they are cut into batches, nor on the seeds
//! of hash tables.

mod arrange;
mod cells;
mod columns;
mod csv;
mod encoded;
mod encoder;
mod error;
mod faults;
mod finish;
mod groups;
mod intern;
mod json_lines;
mod json_row;
mod parquet;
mod read;
mod recode;
pub mod scan;
mod text;
mod texts;
mod write;

pub use arrange::Duplicates;
pub use columns::{Column, Columns, Layout, Role};
pub use encoded::{Categorical, EncodedLog, OptionalStrings, StepScores, Strings};
pub use encoder::Encoder;
pub use error::{Error, ErrorKind, Result};
pub use read::{Batches, Format, encode, open, read};
pub use recode::{Recoded, recode};
pub use text::float_to_text;
pub use write::{LogBatches, write_parquet};
