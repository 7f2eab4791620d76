//! The beta functions: regularised incomplete beta, its complement, its inverses, and the logarithm of beta.

mod asymptotic;
mod erfcx;
mod exponent;
mod fraction;
mod near_zero;
mod pieces;
mod stirling;
mod tails;

pub use tails::{Tail, incomplete};
