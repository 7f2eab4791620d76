//! Every way the core can fail, in one place; the bindings map these to Python exceptions once.

use crate::work::Interrupted;

/// An error of the core. Questions and samples are named by position; the caller knows their ids.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),

    /// The rows given do not make an answer log.
    #[error(transparent)]
    Ingest(#[from] crate::ingest::Error),

    /// Arrays that describe one log disagree in length, or offsets are not a partition.
    #[error("{0}")]
    Shape(String),

    /// A number of calls outside the range that a question's samples allow.
    #[error("k must be between {least} and {most} (the samples of question {question}), got {k}")]
    CallsOutOfRange {
        /// Position of the question.
        question: usize,
        /// The number of calls asked for.
        k: usize,
        /// The least number of calls of the rule.
        least: usize,
        /// The largest number of calls the question's samples allow.
        most: usize,
    },

    /// A question without any sample: no estimate exists.
    #[error("question {question} has no samples")]
    NoSamples {
        /// Position of the question.
        question: usize,
    },

    /// Two samples of a question share an answer, one marked correct and the other wrong.
    #[error("question {question}: one answer is marked both correct and wrong (sample {sample})")]
    MixedVerdict {
        /// Position of the question.
        question: usize,
        /// Position, in the whole log, of the sample that contradicts an earlier one.
        sample: usize,
    },

    /// A sample without an answer is marked correct, so it cannot take part in a vote.
    #[error("question {question}: sample {sample} is marked correct but has no answer to vote for")]
    CorrectWithoutAnswer {
        /// Position of the question.
        question: usize,
        /// Position, in the whole log, of the sample.
        sample: usize,
    },

    /// More draws than a bootstrap replays one by one.
    #[error("a bootstrap replays at most {most} draws, k = {k} needs more; use the exact method")]
    TooManyDraws {
        /// The number of calls asked for.
        k: usize,
        /// The most draws.
        most: usize,
    },

    /// A search was told what it did not ask for, or cannot be restored.
    #[error("{0}")]
    Search(String),

    /// A score that has no finite weight in a weighted vote.
    #[error("question {question}: the score of sample {sample} has no finite weight")]
    Weight {
        /// Position of the question.
        question: usize,
        /// Position, in the whole log, of the sample.
        sample: usize,
    },
}

/// The result of a fallible call of the core.
pub type Result<T> = std::result::Result<T, Error>;
