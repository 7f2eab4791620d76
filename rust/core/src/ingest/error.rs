//! What can be wrong with the rows, the file or the request.

use std::path::{Path, PathBuf};

use arrow::datatypes::DataType;

use super::columns::Role;
use crate::work::Interrupted;

/// The result of reading rows.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rows did not become an answer log.
///
/// Rows are counted from 0 over the whole input, as a data frame counts them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column that was asked for, or that every log needs, is not there.
    #[error(
        "no column {name:?}; the columns are {available}; pass {role}= to name the one to use",
        role = .role.argument(), available = listed(.available)
    )]
    MissingColumn {
        /// What the column was wanted for.
        role: Role,
        /// The name that was looked up.
        name: String,
        /// The names there are.
        available: Vec<String>,
    },

    /// Nothing says which answers are correct.
    #[error(
        "neither column {correct:?} nor column {reference:?} says which answers are correct; \
         the columns are {available}; pass correct= or reference= to name the one to use",
        available = listed(.available)
    )]
    NoTruth {
        /// The name looked up for the per-sample flags.
        correct: String,
        /// The name looked up for the reference answers.
        reference: String,
        /// The names there are.
        available: Vec<String>,
    },

    /// A wanted name belongs to several columns.
    #[error("column {name:?} appears {count} times; rename all but one")]
    AmbiguousColumn {
        /// The repeated name.
        name: String,
        /// How often it appears.
        count: usize,
    },

    /// The input has columns but no rows, or nothing at all.
    #[error("no rows: an answer log needs at least one sample")]
    Empty,

    /// The file has no rows.
    #[error("{path:?}: no rows: an answer log needs at least one sample")]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },

    /// A column has a type its role cannot take.
    #[error(
        "column {name:?} has type {data_type}, but {role}= needs {expected}{remedy}",
        role = .role.argument(), expected = .role.expected(), remedy = leave_out(*.role)
    )]
    ColumnType {
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
        /// The type found.
        data_type: DataType,
    },

    /// One value is outside what its role can take.
    #[error("column {name:?}, row {row}: {value} is not {expected}", expected = .role.expected())]
    Value {
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
        /// The row, counted from 0.
        row: usize,
        /// The value found, as text.
        value: String,
    },

    /// A value that every row needs is missing.
    #[error(
        "column {name:?}, row {row}: the {role} is missing; fill it in or drop the row",
        role = .role.argument()
    )]
    MissingValue {
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
        /// The row, counted from 0.
        row: usize,
    },

    /// Two rows claim to be the same sample.
    #[error(
        "question {question:?} has sample {sample} twice, in rows {first} and {second}; \
         pass duplicates=\"first\" or duplicates=\"last\" to keep one, \
         or model= or dataset= if that column tells them apart"
    )]
    Duplicate {
        /// The question.
        question: String,
        /// The sample index that repeats.
        sample: i64,
        /// The earlier row, counted from 0.
        first: usize,
        /// The later row, counted from 0.
        second: usize,
    },

    /// A question was given two different values where it can have only one.
    #[error(
        "question {question:?} has two values in column {name:?}, {first:?} and {second:?} \
         (row {row}); a question has one {role}",
        role = .role.argument()
    )]
    Conflict {
        /// The question.
        question: String,
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
        /// The value met first.
        first: String,
        /// The value that differs from it.
        second: String,
        /// The row of the second value, counted from 0.
        row: usize,
    },

    /// A question without any word on which answer is correct.
    #[error(
        "question {question:?} has neither a reference answer nor a correct flag; \
         add one or drop the question"
    )]
    UngradedQuestion {
        /// The question.
        question: String,
    },

    /// An answer without any word on whether it is correct.
    #[error(
        "question {question:?}, row {row}: the answer {answer:?} has no correct flag and the \
         question has no reference answer; add one or drop the row"
    )]
    UngradedAnswer {
        /// The question.
        question: String,
        /// The row, counted from 0.
        row: usize,
        /// The answer.
        answer: String,
    },

    /// A limit of the encoding.
    #[error("more than {limit} {what} in one log; split the input")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },

    /// The file's name says nothing about its format.
    #[error(
        "cannot tell the format of {path:?} by its name; \
         it must end in .parquet, .pq, .csv, .tsv, .jsonl or .ndjson"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },

    /// The file could not be opened, read or written.
    #[error("{path:?}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The file's contents are damaged or not of the format its name claims.
    #[error("{path:?}, {place}: {reason}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where in the file: a row group, a line, the footer.
        place: String,
        /// What the parser said.
        reason: String,
    },

    /// What is wrong with the rows of one of several files.
    #[error("{path:?}: {source}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong; rows are counted within the file.
        source: Box<Error>,
    },

    /// A question was given two different values in two places of the input.
    #[error(
        "question {question:?} has two values in column {name:?}, {first:?} and {second:?}; \
         a question has one {role}",
        role = .role.argument()
    )]
    ConflictBetweenParts {
        /// The question.
        question: String,
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
        /// One value.
        first: String,
        /// The other.
        second: String,
    },

    /// Answers without any word on whether they are correct.
    #[error(
        "question {question:?} has answers without a correct flag, and no reference answer; \
         add one or drop the rows"
    )]
    UngradedSamples {
        /// The question.
        question: String,
    },

    /// A row group that the file does not have.
    #[error("there is no row group {group}; the file has {groups}")]
    NoRowGroup {
        /// The one asked for, counted from 0.
        group: usize,
        /// How many there are.
        groups: usize,
    },

    /// Some questions have a value in a column, others have none.
    #[error(
        "question {question:?} has samples without a value in column {name:?}, where others have \
         one; fill it in, or pass {role}=None to leave the column out",
        role = .role.argument()
    )]
    PartlyMissing {
        /// The question.
        question: String,
        /// What the column is for.
        role: Role,
        /// Its name.
        name: String,
    },

    /// Bytes that are no tallies, or are not whole.
    #[error("these bytes are not tallies of scan_part: {0}")]
    Foreign(&'static str),

    /// A table in memory failed to deliver its rows.
    #[error("the table could not be read: {0}")]
    Source(String),

    /// The caller asked the work to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// The families of [`Error`], for callers that map them to their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A wanted column is not there.
    MissingColumn,
    /// The request itself makes no sense.
    Argument,
    /// The rows, or the file that holds them, are wrong.
    Rows,
    /// The operating system refused a file.
    Io,
    /// The caller asked the work to stop.
    Interrupted,
}

impl Error {
    /// The family of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::MissingColumn { .. } | Self::NoTruth { .. } => ErrorKind::MissingColumn,
            Self::UnknownFormat { .. } => ErrorKind::Argument,
            Self::Io { .. } => ErrorKind::Io,
            Self::InFile { source, .. } => source.kind(),
            Self::Interrupted(_) => ErrorKind::Interrupted,
            _ => ErrorKind::Rows,
        }
    }

    /// A table's complaint, on one line: a Python producer puts its whole traceback in it.
    pub fn source(reason: &impl ToString) -> Self {
        let reason = reason.to_string();
        let mut lines = reason
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default().to_owned();
        Self::Source(match lines.next_back() {
            None => first,
            Some(last) => format!("{first} … {last}"),
        })
    }

    /// The parser's complaint about one place of a file.
    ///
    /// Parsers quote what they choke on, and an answer can be a megabyte long: it is cut.
    pub(crate) fn corrupt(path: &Path, place: impl Into<String>, reason: &impl ToString) -> Self {
        const SHOWN: usize = 300;
        let mut reason = reason.to_string().replace('\n', " ");
        if let Some((end, _)) = reason.char_indices().nth(SHOWN) {
            reason.truncate(end);
            reason.push('…');
        }
        Self::Corrupt {
            path: path.to_owned(),
            place: place.into(),
            reason,
        }
    }

    /// Says which of several files the error is about.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            // These name the file themselves, or have none.
            Self::Io { .. }
            | Self::Corrupt { .. }
            | Self::Interrupted(_)
            | Self::TooMany { .. }
            | Self::InFile { .. } => self,
            other => Self::InFile {
                path: path.to_owned(),
                source: Box::new(other),
            },
        }
    }

    /// The operating system's complaint about a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Column names for a message, cut off where a table is very wide.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 30;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("{name:?}"))
        .collect::<Vec<_>>();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

/// The remedy for an optional column that happens to have the default name.
fn leave_out(role: Role) -> String {
    if role == Role::Question {
        String::new()
    } else {
        format!("; pass {}=None to leave it out", role.argument())
    }
}
