//! The one place where errors of the core become exceptions.

use kcurve_core::error::Error;
use kcurve_core::ingest::{Error as IngestError, ErrorKind};
use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyOSError};

pyo3::import_exception!(kcurve.errors, ArgumentError);
pyo3::import_exception!(kcurve.errors, KcurveError);
pyo3::import_exception!(kcurve.errors, LogError);
pyo3::import_exception!(kcurve.errors, MissingColumnError);

pyo3::create_exception!(
    kcurve._core,
    QuestionError,
    KcurveError,
    "A question that cannot be evaluated: what is wrong, its position, and the numbers involved.\n\n\
     The Python side knows the ids and words the message."
);

/// The exception for an error of the core.
pub(crate) fn raise(error: impl Into<Error>) -> PyErr {
    let error = error.into();
    match error {
        Error::Ingest(error) => raise_ingest(error),
        Error::Interrupted(_) => PyKeyboardInterrupt::new_err(()),
        Error::CallsOutOfRange {
            question,
            k,
            least,
            most,
        } => QuestionError::new_err(("calls_out_of_range", question, k, least, most)),
        Error::NoSamples { question } => QuestionError::new_err(("no_samples", question)),
        Error::MixedVerdict { question, sample } => {
            QuestionError::new_err(("mixed_verdict", question, sample))
        }
        Error::CorrectWithoutAnswer { question, sample } => {
            QuestionError::new_err(("correct_without_answer", question, sample))
        }
        Error::Weight { question, sample } => {
            QuestionError::new_err(("no_weight", question, sample))
        }
        Error::TooManyDraws { .. } | Error::Search(_) => ArgumentError::new_err(error.to_string()),
        other => KcurveError::new_err(other.to_string()),
    }
}

fn raise_ingest(error: IngestError) -> PyErr {
    if let IngestError::Io { path, source } = error {
        // With the number, Python picks the subclass: FileNotFoundError, PermissionError, …
        return match source.raw_os_error() {
            Some(number) => {
                let text = source.to_string();
                let text = text
                    .split(" (os error")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                PyOSError::new_err((number, text, path.into_os_string()))
            }
            None => PyOSError::new_err(format!("{}: {source}", path.display())),
        };
    }
    let message = error.to_string();
    match error.kind() {
        ErrorKind::MissingColumn => MissingColumnError::new_err(message),
        ErrorKind::Argument => ArgumentError::new_err(message),
        ErrorKind::Interrupted => PyKeyboardInterrupt::new_err(()),
        _ => LogError::new_err(message),
    }
}
