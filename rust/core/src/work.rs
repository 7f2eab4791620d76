//! The thread between a long computation and whoever waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A request to stop and a count of the work done, shared between a worker and its caller.
#[derive(Debug, Default)]
pub struct Watch {
    interrupted: AtomicBool,
    done: AtomicU64,
}

/// The caller asked the work to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Watch {
    /// A watch with no work done and no request to stop.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the worker to stop at its next [`check`](Self::check).
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Fails once the caller has asked to stop.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) {
            Err(Interrupted)
        } else {
            Ok(())
        }
    }

    /// Adds `n` units to the work done.
    pub fn advance(&self, n: u64) {
        self.done.fetch_add(n, Ordering::Relaxed);
    }

    /// The units of work done so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}
