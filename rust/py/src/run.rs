//! Long work beside the interpreter, never inside it.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use kcurve_core::error::Error;
use kcurve_core::work::Watch;
use pyo3::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::error::raise;

/// How long Ctrl-C may wait, and how often progress is told.
const POLL: Duration = Duration::from_millis(50);

/// Runs `job` on a thread of its own with the GIL released.
///
/// Meanwhile signals are looked at, so that Ctrl-C interrupts the job, and `progress`, if given,
/// is called with the work done; what it raises interrupts the job too.
pub(crate) fn run<T: Send, E: Into<Error> + Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    job: impl FnOnce(&Watch) -> Result<T, E> + Send,
) -> PyResult<T> {
    let watch = Watch::new();
    let tell = |py: Python<'_>| match progress {
        Some(progress) => progress.call1(py, (watch.done(),)).map(drop),
        None => Ok(()),
    };
    let (result, raised) = py.detach(|| {
        std::thread::scope(|scope| {
            let (finished, wait) = sync_channel::<()>(0);
            let worker = scope.spawn(|| {
                // Dropped when the job ends, however it ends.
                let _finished = finished;
                job(&watch)
            });
            let mut raised = None;
            while let Err(RecvTimeoutError::Timeout) = wait.recv_timeout(POLL) {
                if raised.is_some() {
                    continue;
                }
                let polled = Python::attach(|py| py.check_signals().and_then(|()| tell(py)));
                if let Err(error) = polled {
                    watch.interrupt();
                    raised = Some(error);
                }
            }
            (worker.join(), raised)
        })
    });
    if let Some(error) = raised {
        return Err(error);
    }
    match result {
        Ok(Ok(value)) => tell(py).map(|()| value),
        Ok(Err(error)) => Err(raise(error)),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Runs `job` on a rayon pool of `threads` threads, or on the common pool.
pub(crate) fn in_pool<T: Send>(
    threads: Option<usize>,
    job: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    match threads {
        None => job(),
        Some(threads) => ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Error::Shape(format!("cannot start {threads} threads: {error}")))?
            .install(job),
    }
}
