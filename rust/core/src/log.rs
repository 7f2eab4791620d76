//! The answer log as the core sees it: borrowed ragged arrays, questions x samples.

use crate::error::{Error, Result};
use std::ops::Range;

/// The code of a sample that has no answer.
pub const NO_ANSWER: i32 = -1;

/// The bounds of each question's samples: `offsets[q]..offsets[q + 1]`.
///
/// A log may list its samples, or count those that are alike: then what is between the bounds are
/// entries, each of which stands for several samples.
#[derive(Debug, Clone, Copy)]
pub struct Ragged<'a> {
    offsets: &'a [i64],
    counts: Option<&'a [i64]>,
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
        Ok(Self {
            offsets,
            counts: None,
        })
    }

    /// The same bounds, where entry `i` stands for `counts[i]` samples.
    ///
    /// Fails unless every count is positive and those of a question sum to less than 2^32, which is
    /// what tallies can hold.
    pub fn counted(self, counts: Option<&'a [i64]>) -> Result<Self> {
        let Some(counts) = counts else {
            return Ok(self);
        };
        check_length("count", counts.len(), self.n_samples())?;
        for question in 0..self.len() {
            let counts = &counts[self.range(question)];
            let total = counts.iter().try_fold(0_u32, |total, &count| {
                let count = u32::try_from(count).ok().filter(|&count| count > 0)?;
                total.checked_add(count)
            });
            if total.is_none() {
                return Err(Error::Shape(format!(
                    "the counts of question {question} must be positive and sum to less than 2^32"
                )));
            }
        }
        Ok(Self {
            counts: Some(counts),
            ..self
        })
    }

    /// How many samples stand behind entry `entry`: one, unless counts were given.
    pub fn count(&self, entry: usize) -> u32 {
        self.counts.map_or(1, |counts| counts[entry] as u32)
    }

    /// The number of questions.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no questions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The positions of question `q`'s samples, or entries.
    pub fn range(&self, q: usize) -> Range<usize> {
        self.offsets[q] as usize..self.offsets[q + 1] as usize
    }

    /// The number of samples, or entries, of all questions together.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_positive_and_fit_a_tally() {
        let offsets = [0, 2, 3];
        let questions = Ragged::new(&offsets, 3).expect("sound");
        assert_eq!(questions.count(2), 1);
        let counted = questions.counted(Some(&[5, 1, 1 << 31])).expect("sound");
        assert_eq!([0, 1, 2].map(|entry| counted.count(entry)), [5, 1, 1 << 31]);
        for counts in [[5, 0, 1], [5, 1, 1 << 32], [u32::MAX.into(), 1, 1]] {
            assert!(questions.counted(Some(&counts)).is_err(), "{counts:?}");
        }
        assert!(questions.counted(Some(&[1])).is_err());
    }
}
