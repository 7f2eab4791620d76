//! Beam search, DVTS and independent paths: the best nodes of a depth are continued, equally often.
//!
//! Snell et al., "Scaling LLM Test-Time Compute Optimally", arXiv 2408.03314 (beam search); Beeching et al., "Scaling
//! test-time compute with open models", 2024 (DVTS: diverse verifier tree search, separate subtrees).

use serde::{Deserialize, Serialize};

use super::state::Expansion;
use super::tree::{ROOT, Status, Tree};

/// What each subtree has left to find, and which subtree was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Beam {
    remaining: Vec<u32>,
    /// The subtree of each expansion asked for; empty while the root is.
    asked: Vec<u32>,
}

impl Beam {
    pub(super) fn new(width: u32, branching: u32, separate: bool) -> Self {
        let of_each = if separate {
            branching.min(width)
        } else {
            width
        };
        let mut remaining = vec![of_each; (width / of_each) as usize];
        let rest = width % of_each;
        if rest > 0 {
            remaining.push(rest);
        }
        Self {
            remaining,
            asked: Vec::new(),
        }
    }

    pub(super) fn remaining(&self) -> u64 {
        self.remaining.iter().map(|&left| u64::from(left)).sum()
    }

    /// Whether the state can belong to these expansions.
    pub(super) fn fits(&self, width: u32, asked: &[Expansion]) -> bool {
        let at_root = asked.len() == 1 && asked[0].node == ROOT && self.asked.is_empty();
        let subtrees = self.remaining.len();
        subtrees > 0
            && self.remaining() <= u64::from(width)
            && (at_root || self.asked.len() == asked.len())
            && self.asked.iter().all(|&group| (group as usize) < subtrees)
            && (!at_root || self.remaining() == u64::from(asked[0].children))
    }

    /// In every subtree what came to an end leaves its budget B, and the `ceil(B / branching)` best open nodes share the rest
    /// evenly, the better ones first; of equal rewards the earlier node is the better.
    pub(super) fn go_on(
        &mut self,
        tree: &Tree,
        told: &[Expansion],
        first: usize,
        branching: u32,
        want: &mut impl FnMut(u32, u64),
    ) {
        let mut open: Vec<Vec<u32>> = vec![Vec::new(); self.remaining.len()];
        let mut groups = self.groups(told);
        for (&status, node) in tree.status()[first..].iter().zip(first..) {
            let group = groups.next().unwrap_or_default() as usize;
            match status {
                Status::Open => open[group].push(node as u32),
                Status::Complete | Status::Cut => {
                    self.remaining[group] = self.remaining[group].saturating_sub(1);
                }
                Status::Failed => {}
            }
        }
        self.asked.clear();
        for (mut nodes, (&budget, group)) in open.into_iter().zip(self.remaining.iter().zip(0..)) {
            let kept = (budget.div_ceil(branching) as usize).min(nodes.len());
            if kept == 0 {
                continue;
            }
            let reward = |node: &u32| tree.reward()[*node as usize];
            nodes.sort_by(|a, b| reward(b).total_cmp(&reward(a)));
            nodes.truncate(kept);
            let (each, more) = (budget as usize / kept, budget as usize % kept);
            for (rank, &node) in nodes.iter().enumerate() {
                want(node, (each + usize::from(rank < more)) as u64);
                self.asked.push(group);
            }
        }
    }

    /// The subtree of every child told, in their order.
    fn groups(&self, told: &[Expansion]) -> Box<dyn Iterator<Item = u32>> {
        let (asked, sizes): (Vec<u32>, Vec<u32>) = if self.asked.is_empty() {
            (0..).zip(self.remaining.iter().copied()).unzip()
        } else {
            let sizes = told.iter().map(|one| one.children).collect();
            (self.asked.clone(), sizes)
        };
        let each = asked.into_iter().zip(sizes);
        Box::new(each.flat_map(|(group, n)| std::iter::repeat_n(group, n as usize)))
    }
}
