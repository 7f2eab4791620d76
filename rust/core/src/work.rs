//! The thread between a long computation and whoever waits for it: progress out, interruption in.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The computation was asked to stop before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Shared by a computation and its observer.
///
/// The computation calls [`Watch::check`] at least every few milliseconds and [`Watch::advance`] as
/// work is done; the observer reads [`Watch::done`] and may call [`Watch::interrupt`] at any time.
#[derive(Debug, Default)]
pub struct Watch {
    interrupted: AtomicBool,
    done: AtomicU64,
}

impl Watch {
    /// A watch with no work done and no request to stop.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fails once the observer has asked for an interruption.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) {
            Err(Interrupted)
        } else {
            Ok(())
        }
    }

    /// Counts `units` of work as done.
    pub fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
    }

    /// Asks the computation to stop at its next [`Watch::check`].
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// The units of work done so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}
