//! Bootstrap of accuracy curves: systems replayed draw by draw from the logged samples.
//!
//! In one replicate every question draws its samples one after another, and the rule is scored each
//! time the number of calls reaches a point of the grid, so that one pass gives the whole curve.
//! [`replicates`] sums the credit over questions, per replicate, and over replicates, per question;
//! [`resampled_questions`] resamples questions by independent weights.
//!
//! Rules whose score depends on how often each answer was drawn are `tallied`: vote, filter-vote,
//! pass@k and its kin. Rules that look at the samples themselves are `sampled`: best-of-n and
//! weighted votes. Replicates are drawn in blocks of [`BLOCK`], each question and block with random
//! streams of its own, and credits are integers: nothing depends on the order of the work.

mod credit;
mod questions;
mod replicates;
mod sampled;
mod tallied;
mod urn;
mod weighted;

pub use credit::UNIT;
pub(crate) use credit::share;
pub use questions::{QuestionSums, resampled_questions};
pub use replicates::{Identities, Replicates, Resampling, replicates};
pub use sampled::{Ballots, Claim, WeightedVote, Weighting, ballots};
pub use weighted::{resampled_kinds, resampled_means};

use crate::exact::Design;
use crate::rng::{Key, Purpose};
use crate::work::{Interrupted, Watch};

/// Replicates that are drawn together.
pub const BLOCK: usize = 256;

/// Replicates whose draws are taken in turns, to keep the processor busy.
const GROUP: usize = 16;

/// A rule that can be replayed on draws of logged samples.
pub trait Replay: Sync {
    /// What the score of a question depends on.
    type Counts: Sync;

    /// The number of samples behind `counts`.
    fn n(&self, counts: &Self::Counts) -> usize;

    /// The least number of calls for which the rule is defined.
    fn least_calls(&self) -> usize {
        1
    }

    /// The largest number of calls that `n` samples allow without replacement.
    fn most_calls(&self, n: usize) -> usize {
        n
    }

    /// The number of samples that `k` calls draw.
    fn draws(&self, k: usize) -> usize {
        k
    }

    /// The most draws that can be replayed.
    fn most_draws(&self) -> usize {
        u32::MAX as usize
    }

    /// The question with these counts, ready to be replayed.
    fn question<'a>(&'a self, counts: &'a Self::Counts) -> Box<dyn Question + 'a>;
}

/// A question ready to be replayed.
pub trait Question {
    /// Replays one block of replicates: the credit of each after each number of draws in `grid`,
    /// row-major, grid x [`BLOCK`].
    fn replay(
        &self,
        grid: &[usize],
        design: Design,
        block: Block,
        watch: &Watch,
        credits: &mut [u32],
    ) -> Result<(), Interrupted>;
}

/// The address of a block of replicates of one question.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    seed: u64,
    identity: u64,
    number: u64,
}

impl Block {
    fn key(self, purpose: Purpose) -> Key {
        Key::new(self.seed, self.identity, purpose)
    }

    /// The first stream of the block, if there are `streams` of them in every block.
    fn first(self, streams: usize) -> u64 {
        self.number * streams as u64
    }
}
