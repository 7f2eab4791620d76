//! The beta functions: regularised incomplete beta, its complement, its inverses, and the logarithm of beta.

#![allow(
    clippy::float_cmp,
    reason = "ends of ranges and repeated arguments are compared as they are"
)]

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

pub use exponent::power_front;
pub use inverse::inverse;
pub use logarithm::log_beta;
pub use tails::{Tail, incomplete};
