//! The answer log as the core sees it: borrowed ragged arrays, questions x samples.

use crate::error::{Error, Result};
use std::ops::Range;

/// The code of a sample that has no answer.
pub const NO_ANSWER: i32 = -1;

/// The bounds of each question's samples: `offsets[q]..offsets[q + 1]`.
#[derive(Debug, Clone, Copy)]
pub struct Ragged<'a> {
    offsets: &'a [i64],
}

impl<'a> Ragged<'a> {
    /// Checks that `offsets` start at zero, never decrease, and end at `n_samples`.
    pub fn new(offsets: &'a [i64], n_samples: usize) -> Result<Self> {
        let starts_at_zero = offsets.first() == Some(&0);
        let ends_at_total = offsets.last().is_some_and(|&end| end as usize == n_samples);
        if !starts_at_zero || !ends_at_total || offsets.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(Error::Shape(format!(
                "offsets must rise from 0 to the number of samples ({n_samples})"
            )));
        }
        Ok(Self { offsets })
    }

    /// The number of questions.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no questions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The positions of question `q`'s samples.
    pub fn range(&self, q: usize) -> Range<usize> {
        self.offsets[q] as usize..self.offsets[q + 1] as usize
    }

    /// The number of samples of all questions together.
    pub fn n_samples(&self) -> usize {
        self.offsets[self.len()] as usize
    }
}

/// Fails unless a column has one entry per sample.
pub fn check_length(name: &str, length: usize, n_samples: usize) -> Result<()> {
    if length == n_samples {
        Ok(())
    } else {
        Err(Error::Shape(format!(
            "{name} has {length} entries for {n_samples} samples"
        )))
    }
}
