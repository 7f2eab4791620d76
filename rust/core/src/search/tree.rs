//! The tree of a search: an arena of nodes, a column for each of their properties.

use std::iter::repeat_n;

use serde::{Deserialize, Serialize};

use super::state::{Expansion, Told};
use crate::error::{Error, Result};

/// The root: the question, before any step.
pub const ROOT: u32 = 0;

/// What has become of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Status {
    /// It can be continued.
    Open = 0,
    /// It has come to its end: an answer, or the model stopped.
    Complete = 1,
    /// A limit of tokens or depth ended it.
    Cut = 2,
    /// There is no text, or no usable score: it is never continued, and no candidate.
    Failed = 3,
}

impl Status {
    /// The status of this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Open,
            1 => Self::Complete,
            2 => Self::Cut,
            3 => Self::Failed,
            _ => return None,
        })
    }
}

/// How the rewards of the steps of a path become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// The reward of the last step.
    Last,
    /// The least reward.
    Min,
    /// The product of all.
    Product,
    /// The mean of all.
    Mean,
}

/// Nodes 0 (the root), 1, 2, … in the order in which they were told.
///
/// A node is continued at most once, so its children are neighbours. The root has no reward and no tokens, and
/// does not count as a step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tree {
    parent: Vec<u32>,
    depth: Vec<u32>,
    reward: Vec<f64>,
    tokens: Vec<u32>,
    path_tokens: Vec<u32>,
    status: Vec<Status>,
    first_child: Vec<u32>,
    children: Vec<u32>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            parent: vec![ROOT],
            depth: vec![0],
            reward: vec![f64::NAN],
            tokens: vec![0],
            path_tokens: vec![0],
            status: vec![Status::Open],
            first_child: vec![0],
            children: vec![0],
        }
    }
}

#[expect(
    clippy::len_without_is_empty,
    reason = "there is always the root, so no tree is empty"
)]
impl Tree {
    /// The number of nodes, the root included.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// The parent of each node; the root is its own.
    pub fn parent(&self) -> &[u32] {
        &self.parent
    }

    /// The number of steps from the root.
    pub fn depth(&self) -> &[u32] {
        &self.depth
    }

    /// The reward of each node's step; NaN if there is none.
    pub fn reward(&self) -> &[f64] {
        &self.reward
    }

    /// The tokens of each node's step.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The tokens of the whole path to each node; at most `u32::MAX`.
    pub fn path_tokens(&self) -> &[u32] {
        &self.path_tokens
    }

    /// The status of each node.
    pub fn status(&self) -> &[Status] {
        &self.status
    }

    /// The children of a node.
    pub fn children(&self, node: u32) -> std::ops::Range<u32> {
        let first = self.first_child[node as usize];
        first..first + self.children[node as usize]
    }

    /// The tokens of all steps, pruned ones included.
    pub fn total_tokens(&self) -> u64 {
        self.tokens.iter().map(|&tokens| u64::from(tokens)).sum()
    }

    /// The nodes that came to their end, in the order of their numbers.
    pub fn solutions(&self) -> impl Iterator<Item = u32> + '_ {
        let nodes = self.status.iter().zip(0..);
        nodes.filter_map(|(&status, node)| (status == Status::Complete).then_some(node))
    }

    /// The nodes from the first step to `node`.
    pub fn path(&self, node: u32) -> Vec<u32> {
        let mut path = Vec::with_capacity(self.depth[node as usize] as usize);
        let mut at = node;
        while at != ROOT {
            path.push(at);
            at = self.parent[at as usize];
        }
        path.reverse();
        path
    }

    /// The score of the path to `node`; NaN for the root, which has no steps, and where a reward is missing.
    pub fn score(&self, node: u32, aggregation: Aggregation) -> f64 {
        if node == ROOT {
            return f64::NAN;
        }
        let last = self.reward[node as usize];
        if aggregation == Aggregation::Last {
            return last;
        }
        let (mut total, mut at) = (last, self.parent[node as usize]);
        while at != ROOT {
            let reward = self.reward[at as usize];
            total = match aggregation {
                Aggregation::Min if reward.is_nan() || reward < total => reward,
                Aggregation::Last | Aggregation::Min => total,
                Aggregation::Product => total * reward,
                Aggregation::Mean => total + reward,
            };
            at = self.parent[at as usize];
        }
        match aggregation {
            Aggregation::Mean => total / f64::from(self.depth[node as usize]),
            _ => total,
        }
    }

    /// Adds the children of nodes that have none yet, for each node as many as were asked for.
    pub(super) fn grow(&mut self, asked: &[Expansion], told: &Told<'_>) {
        let (first, n) = (self.len(), told.rewards.len());
        self.reward.extend_from_slice(told.rewards);
        self.tokens.extend_from_slice(told.tokens);
        self.status.extend_from_slice(told.statuses);
        self.parent.reserve(n);
        self.depth.reserve(n);
        self.path_tokens.reserve(n);
        let mut tokens = told.tokens.iter();
        for &Expansion { node, children, .. } in asked {
            let (at, count) = (node as usize, children as usize);
            self.first_child[at] = self.parent.len() as u32;
            self.children[at] = children;
            self.parent.extend(repeat_n(node, count));
            self.depth.extend(repeat_n(self.depth[at] + 1, count));
            let before = self.path_tokens[at];
            let own = tokens.by_ref().take(count);
            self.path_tokens
                .extend(own.map(|&tokens| before.saturating_add(tokens)));
        }
        self.first_child.resize(first + n, 0);
        self.children.resize(first + n, 0);
    }

    /// Ends a node that has reached a limit.
    pub(super) fn cut(&mut self, node: usize) {
        self.status[node] = Status::Cut;
    }

    /// Leaves a node without a reward.
    pub(super) fn forget_reward(&mut self, node: usize) {
        self.reward[node] = f64::NAN;
    }

    /// Fails unless the columns describe a tree.
    pub(super) fn check(&self) -> Result<()> {
        let n = self.len();
        let lengths = [
            self.depth.len(),
            self.reward.len(),
            self.tokens.len(),
            self.path_tokens.len(),
            self.status.len(),
            self.first_child.len(),
            self.children.len(),
        ];
        let mut sound = n > 0 && u32::try_from(n).is_ok() && lengths.iter().all(|&len| len == n);
        sound = sound
            && [
                self.parent[0],
                self.depth[0],
                self.tokens[0],
                self.path_tokens[0],
            ] == [0; 4]
            && self.reward[0].is_nan()
            && self.status[0] == Status::Open;
        sound = sound
            && (1..n).all(|node| {
                let parent = self.parent[node] as usize;
                parent < node
                    && self.status[parent] == Status::Open
                    && self.depth[node] == self.depth[parent] + 1
                    && self.path_tokens[node]
                        == self.path_tokens[parent].saturating_add(self.tokens[node])
                    && self.reward[node].is_finite() != (self.status[node] == Status::Failed)
                    && self.first_child[parent] as usize <= node
                    && node - (self.first_child[parent] as usize) < self.children[parent] as usize
            });
        let children: u64 = self.children.iter().map(|&n| u64::from(n)).sum();
        if sound && children == n as u64 - 1 {
            Ok(())
        } else {
            Err(Error::Search("the columns are no tree".into()))
        }
    }
}
