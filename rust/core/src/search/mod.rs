//! Searches over trees of reasoning steps: pure state machines with ask and tell, no input or output.
//!
//! A [`Search`] asks for continuations of nodes of its [`Tree`], whoever drives it tells what came: the
//! reward, the tokens and the status of every child. What the steps say is none of its business.

pub mod allocation;
mod beam;
mod bytes;
mod mcts;
mod rebase;
mod state;
#[cfg(test)]
mod tests;
mod tree;
pub mod world;

pub use allocation::{Allocator, Rounding, kept, rebase_widths};
pub use state::{Expansion, Limits, Method, Search, Told, UNLIMITED};
pub use tree::{Aggregation, ROOT, Status, Tree};
