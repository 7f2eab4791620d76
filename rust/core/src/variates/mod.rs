//! Random variates from a stream, with the same bits on every machine.
//!
//! Every step is correctly rounded arithmetic, or a function of the `libm` crate, which is the same
//! everywhere.

mod binomial;
mod gamma;

pub(crate) use binomial::{Binomial, Chance};
pub(crate) use gamma::{beta, exponential, log_gamma, normal};
