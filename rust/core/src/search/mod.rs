//! Searches over trees of reasoning steps.

pub mod allocation;
