//! Special functions, each to full double precision over the range the estimators use.

pub mod beta;
pub(crate) mod double_double;
mod gamma;
mod mass;

pub use gamma::gamma_tail;
pub use mass::{binomial_log_mass, poisson_log_mass};
