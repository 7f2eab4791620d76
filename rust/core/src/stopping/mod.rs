//! When to stop drawing votes: rules that look at the answers so far, and their replay on a log.
//!
//! A rule sees the answers of one question one after another and may stop after any of them. What it
//! looks at is small: how often the leading answer and the second were drawn, how often every answer
//! was, and the window that is being filled. [`State`] keeps that as answers come in, [`Judge`] decides
//! by it, [`replay`] follows a rule through random orders of logged samples.
//!
//! A rule that stops once has stopped: what it would say of more answers is not asked.

mod half;
mod judge;
mod mode;
mod replay;
mod state;

pub use judge::{Judge, Rule, first_stop, stops};
pub use replay::{Orders, Plan, Replayed, replay};
pub use state::State;

/// The most answers a rule follows: its tables grow with the square.
pub const MOST_CALLS: usize = 4096;
