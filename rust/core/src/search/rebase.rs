//! REBASE: the budget of a depth is shared out by the softmax of the rewards of its open nodes.
//!
//! Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3.2.

use serde::{Deserialize, Serialize};

use super::allocation::{Allocator, Rounding, kept};
use super::tree::{Status, Tree};

/// What is left to be found, and room to work in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rebase {
    remaining: u64,
    #[serde(skip)]
    allocator: Allocator,
    #[serde(skip)]
    open: Vec<u32>,
    #[serde(skip)]
    rewards: Vec<f64>,
    #[serde(skip)]
    widths: Vec<u64>,
}

impl Rebase {
    pub(super) fn new(width: u32) -> Self {
        Self {
            remaining: u64::from(width),
            allocator: Allocator::new(),
            open: Vec::new(),
            rewards: Vec::new(),
            widths: Vec::new(),
        }
    }

    pub(super) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// What came to an end leaves the budget; what failed leaves its share to the others.
    pub(super) fn go_on(
        &mut self,
        tree: &Tree,
        first: usize,
        temperature: f64,
        rounding: Rounding,
        keep: (u32, u32),
        want: &mut impl FnMut(u32, u64),
    ) {
        self.open.clear();
        self.rewards.clear();
        let mut ended = 0;
        for (&status, node) in tree.status()[first..].iter().zip(first..) {
            match status {
                Status::Open => {
                    self.open.push(node as u32);
                    self.rewards.push(tree.reward()[node]);
                }
                Status::Complete | Status::Cut => ended += 1,
                Status::Failed => {}
            }
        }
        self.remaining = self.remaining.saturating_sub(ended);
        if self.remaining == 0 || self.open.is_empty() {
            return;
        }
        let share = (u64::from(keep.0), u64::from(keep.1));
        self.allocator.widths(
            &self.rewards,
            self.remaining,
            temperature,
            rounding,
            kept(self.rewards.len(), share),
            &mut self.widths,
        );
        for (&node, &width) in self.open.iter().zip(&self.widths) {
            if width > 0 {
                want(node, width);
            }
        }
    }
}
