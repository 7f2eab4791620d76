//! Rules that look at the samples themselves: best-of-n and weighted votes.

mod best_of_n;
mod weighted_vote;

pub use weighted_vote::{Ballots, Claim, WeightedVote, Weighting, ballots};

use super::urn::Urn;
use super::{BLOCK, Block, GROUP, Question};
use crate::exact::Design;
use crate::rng::{Purpose, Streams};
use crate::work::{Interrupted, Watch};

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
const DRAWS_PER_CHECK: usize = 1 << 16;

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
                watch.check()?;
                for draw in previous..draws {
                    let next = match design {
                        Design::WithReplacement => streams.below(samples),
                        Design::WithoutReplacement => urn.draw(&mut streams),
                    };
                    for (lane, sample) in next.into_iter().enumerate() {
                        self.0.add(&mut drawn, lane, sample);
                    }
                    if draw % DRAWS_PER_CHECK == 0 {
                        watch.check()?;
                    }
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
