//! The numerical core of kcurve: what another LLM call buys, from the logged answers.
//!
//! # Overview
//!
//! - [`answers`] finds the answers in texts and says which of them are the same;
//! - [`ingest`] reads tables and files into the ragged arrays of an answer log;
//! - [`tally`] turns the samples of a question into the counts its vote depends on;
//! - [`exact`] evaluates a rule's expected score for every number of calls `k`, exactly, with the
//!   delete-one jackknife of each question;
//! - [`bootstrap`] replays rules on resampled draws, with random streams from [`rng`];
//! - [`posterior`] says what a few samples tell of every question, and predicts rules by it;
//! - [`binary`] is the vote between two answers, as a function of the chance of a right one;
//! - [`search`] grows trees of reasoning steps: REBASE, beam search, DVTS, MCTS;
//! - [`stopping`] says when a vote has seen enough, and replays that on a log;
//! - [`allocation`] gives each question the option that adds most to the whole within a budget;
//! - [`law`] fits formulas with a few coefficients to curves and counts;
//! - [`special`] holds the probability functions these stand on.
//!
//! The crate knows nothing of Python and works alone. Every result is a pure function of its
//! arguments: the number of threads never changes a bit.

#![forbid(unsafe_code)]

pub mod allocation;
pub mod answers;
pub mod binary;
pub mod bootstrap;
pub mod error;
pub mod exact;
pub mod ingest;
pub mod law;
pub mod log;
pub mod posterior;
pub mod rng;
pub mod search;
pub mod special;
pub mod stopping;
pub mod tally;
mod variates;
pub mod vote;
pub mod work;

pub use error::{Error, Result};
