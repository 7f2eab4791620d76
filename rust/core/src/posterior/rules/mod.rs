//! The rules that can be predicted.

mod best_of_n;
mod filter_vote;
mod pass;
mod vote;

pub use best_of_n::{BestOfN, Scores, scores};
