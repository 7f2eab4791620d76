//! Draws of many categories: a table look-up per draw.

use super::GROUP;
use crate::rng::Streams;
use pulp::{Simd, WithSimd};

/// The most samples that are listed one by one; 128 KiB of table, half of a usual second-level cache.
const MOST_LISTED: u32 = 1 << 16;

/// The category of a random number.
#[derive(Debug, Clone)]
pub(super) enum Table {
    /// The category of every sample.
    Listed(Vec<u16>),
    /// The category of a sample's number lies between two neighbouring sums of counts.
    Sums(Vec<u32>),
}

impl Default for Table {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Table {
    pub(super) fn new(categories: &[u32]) -> Self {
        let n: u32 = categories.iter().sum();
        if n <= MOST_LISTED {
            let listed = categories.iter().enumerate();
            return Self::Listed(
                listed
                    .flat_map(|(category, &count)| {
                        std::iter::repeat_n(category as u16, count as usize)
                    })
                    .collect(),
            );
        }
        let mut sum = 0;
        Self::Sums(
            categories
                .iter()
                .map(|count| {
                    sum += count;
                    sum
                })
                .collect(),
        )
    }
}

/// Adds `draws` draws of every replicate of a group to its totals.
pub(super) struct Draw<'a> {
    pub(super) table: &'a Table,
    pub(super) n: u32,
    pub(super) streams: &'a mut Streams<GROUP>,
    pub(super) draws: u32,
    /// By category.
    pub(super) totals: &'a mut [[u32; GROUP]],
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        match self.table {
            Table::Listed(listed) => {
                for _ in 0..self.draws {
                    let samples = self.streams.below(self.n);
                    for (lane, sample) in samples.into_iter().enumerate() {
                        self.totals[listed[sample as usize] as usize][lane] += 1;
                    }
                }
            }
            Table::Sums(sums) => {
                for _ in 0..self.draws {
                    let samples = self.streams.below(self.n);
                    for (lane, sample) in samples.into_iter().enumerate() {
                        let category = sums.partition_point(|&sum| sum <= sample);
                        self.totals[category][lane] += 1;
                    }
                }
            }
        }
    }
}
