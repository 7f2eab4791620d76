//! Rules that look at the samples themselves: best-of-n and weighted votes.

mod best_of_n;
mod weighted_vote;

pub use weighted_vote::{Ballots, Claim, WeightedVote, Weighting, ballots};

use super::urn::Urn;
use super::{BLOCK, Block, GROUP, Question};
use crate::exact::Design;
use crate::rng::{Purpose, Streams};
use crate::work::{Interrupted, Watch};
use pulp::{Arch, Simd, WithSimd};

/// A rule's view of the samples of one question, drawn by number.
trait Draws {
    /// What a group of replicates has drawn.
    type Drawn;

    /// The number of samples.
    fn n(&self) -> usize;

    /// Nothing drawn yet.
    fn nothing(&self) -> Self::Drawn;

    /// Takes note of a sample drawn by one replicate of the group.
    fn add(&self, drawn: &mut Self::Drawn, lane: usize, sample: u32);

    /// The credit of one replicate.
    fn credit(&self, drawn: &mut Self::Drawn, lane: usize, draws: usize) -> u32;
}

/// A question of a sampled rule, ready to be replayed.
struct Sampled<D>(D);

/// Draws between two looks at the watch.
const DRAWS_PER_CHECK: usize = 1 << 12;

impl<D: Draws> Question for Sampled<D> {
    fn replay(
        &self,
        grid: &[usize],
        design: Design,
        block: Block,
        watch: &Watch,
        credits: &mut [u32],
    ) -> Result<(), Interrupted> {
        let samples = self.0.n() as u32;
        let arch = Arch::new();
        let mut urn = Urn::default();
        for first in (0..BLOCK).step_by(GROUP) {
            let lane = block.first(BLOCK) + first as u64;
            let mut streams = Streams::new(block.key(Purpose::Draws), lane);
            if design == Design::WithoutReplacement {
                urn.fill(0..samples);
            }
            let mut drawn = self.0.nothing();
            let mut previous = 0;
            for (&draws, credits) in grid.iter().zip(credits.chunks_exact_mut(BLOCK)) {
                for start in (previous..draws).step_by(DRAWS_PER_CHECK) {
                    watch.check()?;
                    arch.dispatch(Steps {
                        rule: &self.0,
                        draws: (draws - start).min(DRAWS_PER_CHECK),
                        streams: &mut streams,
                        urn: (design == Design::WithoutReplacement).then_some(&mut urn),
                        drawn: &mut drawn,
                    });
                }
                previous = draws;
                for (lane, credit) in credits[first..first + GROUP].iter_mut().enumerate() {
                    *credit = self.0.credit(&mut drawn, lane, draws);
                }
            }
        }
        Ok(())
    }
}

/// Some draws of every replicate of a group.
struct Steps<'a, D: Draws> {
    rule: &'a D,
    draws: usize,
    streams: &'a mut Streams<GROUP>,
    urn: Option<&'a mut Urn>,
    drawn: &'a mut D::Drawn,
}

impl<D: Draws> WithSimd for Steps<'_, D> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        if let Some(urn) = self.urn {
            for _ in 0..self.draws {
                for (lane, sample) in urn.draw(self.streams).into_iter().enumerate() {
                    self.rule.add(self.drawn, lane, sample);
                }
            }
        } else {
            let samples = self.rule.n() as u32;
            for _ in 0..self.draws {
                for (lane, sample) in self.streams.below(samples).into_iter().enumerate() {
                    self.rule.add(self.drawn, lane, sample);
                }
            }
        }
    }
}
