//! Laws: formulas with a few coefficients for how scores change with the number of calls.
//!
//! - [`exponential`] for every question by itself, 100,000 of them in a second;
//! - [`bilevel`] for two kinds of questions, from a curve or from counts;
//! - [`binary`] for the vote between two answers, and [`mixing`] for the distribution of its `p`;
//! - [`beta_binomial`] for how many samples are correct.
//!
//! Fits take rows of data and give a fit for each, so that resampled data sets are fitted in parallel.

pub mod beta_binomial;
pub mod bilevel;
pub mod binary;
mod cells;
mod descent;
pub mod exponential;
pub mod mixing;

pub use cells::Cells;
