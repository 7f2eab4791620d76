//! The beta functions: regularised incomplete beta, its complement, its inverses, and the logarithm of beta.

mod asymptotic;
mod erfcx;
mod exponent;
mod fraction;
mod inverse;
mod logarithm;
mod near_zero;
mod pieces;
mod stirling;
mod tails;

pub use inverse::inverse;
pub use logarithm::log_beta;
pub use tails::{Tail, incomplete};
