//! Draws without replacement: the first steps of a shuffle, for a group of replicates at a time.

use super::GROUP;
use crate::rng::Streams;

/// The samples that each replicate of a group has not drawn yet, behind those it has.
#[derive(Debug, Default)]
pub(super) struct Urn {
    /// By replicate.
    items: Vec<u32>,
    n: usize,
    drawn: usize,
}

impl Urn {
    /// Puts the same items into every replicate's urn.
    pub(super) fn fill(&mut self, items: impl ExactSizeIterator<Item = u32>) {
        self.n = items.len();
        self.drawn = 0;
        self.items.clear();
        self.items.extend(items);
        for _ in 1..GROUP {
            self.items.extend_from_within(..self.n);
        }
    }

    /// The next item of every replicate.
    #[inline(always)]
    pub(super) fn draw(&mut self, streams: &mut Streams<GROUP>) -> [u32; GROUP] {
        let ahead = streams.below((self.n - self.drawn) as u32);
        let mut next = [0; GROUP];
        for (lane, items) in self.items.chunks_exact_mut(self.n).enumerate() {
            items.swap(self.drawn, self.drawn + ahead[lane] as usize);
            next[lane] = items[self.drawn];
        }
        self.drawn += 1;
        next
    }
}
