//! The Python module `kcurve._core`: conversions around the core, and nothing else.
#![allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 hands arguments over by value"
)]

mod allocation;
mod answers;
mod error;
mod ingest;
mod law;
mod objects;
mod posterior;
mod request;
mod rules;
mod run;
mod scan;
mod search;
mod special;
mod stopping;
mod table;
mod theory;
mod world;

use pyo3::prelude::*;

/// The compiled half of kcurve.
#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("CREDIT_UNIT", kcurve_core::bootstrap::UNIT)?;
        module.add("BLOCK", kcurve_core::bootstrap::BLOCK)
    }

    #[pymodule_export]
    use crate::allocation::allocation;
    #[pymodule_export]
    use crate::answers::{
        answer_classes, close_numbers, exact_numbers, extract_answer, extract_answers, list_texts,
        normalised_answers,
    };
    #[pymodule_export]
    use crate::error::QuestionError;
    #[pymodule_export]
    use crate::ingest::{
        LogStream, encode_codes, encode_columns, encode_file, encode_table, write_parquet,
    };
    #[pymodule_export]
    use crate::law::{
        exponential_means, exponential_values, fit_beta_binomial, fit_bilevel_counts,
        fit_bilevel_curves, fit_exponential, fit_mixing, resampled_kinds, resampled_means,
    };
    #[pymodule_export]
    use crate::posterior::{ForecastRequest, Population};
    #[pymodule_export]
    use crate::request::{ExactRequest, ReplayRequest, identities, resampled_questions};
    #[pymodule_export]
    use crate::rules::{
        best_of_n, filter_vote, g_pass_at_k, mean_at_k, pass_at_k, pass_hat_k, vote, weighted_vote,
    };
    #[pymodule_export]
    use crate::scan::{ScanRequest, merge_parts, parquet_layout, scan_files, scan_part};
    #[pymodule_export]
    use crate::search::{PySearch, rebase_widths};
    #[pymodule_export]
    use crate::special::{betainc, betaincinv, betaln, binary_vote, binary_vote_increment};
    #[pymodule_export]
    use crate::stopping::{replay_stopping, stopping_verdicts};
    #[pymodule_export]
    use crate::table::TableStream;
    #[pymodule_export]
    use crate::theory::{filter_vote_accuracy, vote_accuracy};
    #[pymodule_export]
    use crate::world::PyWorld;
}
