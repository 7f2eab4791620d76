//! Laws: formulas with a few coefficients for how scores change with the number of calls.

mod descent;
pub mod exponential;
