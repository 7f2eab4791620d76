//! The one error of the crate.

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rows given do not make an answer log.
    #[error(transparent)]
    Ingest(#[from] crate::ingest::Error),
    /// The caller asked the work to stop.
    #[error(transparent)]
    Interrupted(#[from] crate::work::Interrupted),
}
