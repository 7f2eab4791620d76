//! The state of a search: what is asked, and what comes next once it is told.

use serde::{Deserialize, Serialize};

use super::allocation::Rounding;
use super::beam::Beam;
use super::mcts::Mcts;
use super::rebase::Rebase;
use super::tree::{ROOT, Status, Tree};
use crate::error::{Error, Result};

/// The number of tokens that stands for no limit.
pub const UNLIMITED: u32 = u32::MAX;

/// What a search does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// REBASE: the children of a depth are shared out by the softmax of the rewards.
    Rebase {
        /// The number of solutions wanted.
        width: u32,
        /// The balance temperature, above 0.
        temperature: f64,
        /// How shares become whole numbers.
        rounding: Rounding,
        /// Of the nodes of a depth only the best take part, this share of them: a ratio of at most 1.
        keep: (u32, u32),
    },
    /// Beam search: the best nodes of a depth are continued, equally often.
    Beam {
        /// The number of solutions wanted.
        width: u32,
        /// How often a node is continued.
        branching: u32,
        /// Whether every `branching` first steps are a search of their own, as in DVTS.
        separate: bool,
    },
    /// Monte Carlo tree search by upper confidence bounds, with rewards in place of rollouts.
    Mcts {
        /// The number of selections, the root's included.
        expansions: u32,
        /// The number of first steps.
        root_children: u32,
        /// How often any other node is continued.
        children: u32,
        /// The weight of the confidence bound.
        exploration: f64,
    },
}

/// What no path may exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Steps.
    pub depth: u32,
    /// Tokens of a step; [`UNLIMITED`] for none.
    pub step_tokens: u32,
    /// Tokens of a whole path; [`UNLIMITED`] for none.
    pub path_tokens: u32,
}

/// A node to be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expansion {
    /// The node.
    pub node: u32,
    /// How many continuations are wanted.
    pub children: u32,
    /// The most tokens of each; [`UNLIMITED`] for no limit.
    pub tokens: u32,
}

/// What came of an ask: an entry for every child, in the order asked.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The reward of each step; those of failed ones are not looked at.
    pub rewards: &'a [f64],
    /// The tokens of each step.
    pub tokens: &'a [u32],
    /// Open, complete or failed; what has reached a limit is cut by the search.
    pub statuses: &'a [Status],
}

/// What a method keeps from one tell to the next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Course {
    Rebase(Box<Rebase>),
    Beam(Beam),
    Mcts(Mcts),
}

/// A search, from its first ask to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Search {
    pub(super) method: Method,
    pub(super) limits: Limits,
    pub(super) tree: Tree,
    pub(super) asked: Vec<Expansion>,
    pub(super) course: Course,
}

impl Search {
    /// A search that has not begun.
    pub fn new(method: Method, limits: Limits) -> Result<Self> {
        check(&method, &limits)?;
        let (first, course) = match method {
            Method::Rebase { width, .. } => (width, Course::Rebase(Box::new(Rebase::new(width)))),
            Method::Beam {
                width,
                branching,
                separate,
            } => (width, Course::Beam(Beam::new(width, branching, separate))),
            Method::Mcts { root_children, .. } => (root_children, Course::Mcts(Mcts::default())),
        };
        let mut search = Self {
            method,
            limits,
            tree: Tree::default(),
            asked: Vec::new(),
            course,
        };
        search.want(ROOT, first);
        Ok(search)
    }

    /// What is to be done.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What no path may exceed.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The nodes and how they hang together.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Which continuations are wanted: the same until they are told, none once the search is done.
    pub fn ask(&self) -> &[Expansion] {
        &self.asked
    }

    /// Whether nothing more is asked.
    pub fn is_done(&self) -> bool {
        self.asked.is_empty()
    }

    /// What is left to be spent: solutions, or for MCTS selections.
    pub fn remaining(&self) -> u64 {
        match (&self.course, &self.method) {
            (Course::Rebase(rebase), _) => rebase.remaining(),
            (Course::Beam(beam), _) => beam.remaining(),
            (Course::Mcts(mcts), Method::Mcts { expansions, .. }) => {
                u64::from(expansions.saturating_sub(mcts.selections()))
            }
            (Course::Mcts(_), _) => 0,
        }
    }

    /// How often each node was visited by MCTS, and the mean of what was found; none for other searches.
    pub fn statistics(&self) -> Option<(&[u32], &[f64])> {
        match &self.course {
            Course::Mcts(mcts) => Some((mcts.visits(), mcts.values())),
            _ => None,
        }
    }

    /// Takes the children that were asked for, all of them, and decides what is asked next.
    ///
    /// # Errors
    ///
    /// [`Error::Search`] if these are not the children asked for, or one that has not failed has no finite reward.
    /// Nothing is changed then.
    pub fn tell(&mut self, told: Told<'_>) -> Result<()> {
        self.check_told(&told)?;
        let asked = std::mem::take(&mut self.asked);
        let first = self.tree.len();
        self.tree.grow(&asked, &told);
        for node in first..self.tree.len() {
            match self.tree.status()[node] {
                Status::Open if self.is_at_limit(node) => self.tree.cut(node),
                Status::Failed => self.tree.forget_reward(node),
                _ => {}
            }
        }
        self.go_on(&asked, first);
        Ok(())
    }

    /// Decides what is asked next, now that the tree has grown from node `first` on.
    fn go_on(&mut self, told: &[Expansion], first: usize) {
        let mut wanted = std::mem::take(&mut self.asked);
        wanted.clear();
        {
            let mut want = |node: u32, children: u64| {
                wanted.push(Expansion {
                    node,
                    children: u32::try_from(children).unwrap_or(u32::MAX),
                    tokens: UNLIMITED,
                });
            };
            match (&mut self.course, &self.method) {
                (
                    Course::Rebase(rebase),
                    &Method::Rebase {
                        temperature,
                        rounding,
                        keep,
                        ..
                    },
                ) => rebase.go_on(&self.tree, first, temperature, rounding, keep, &mut want),
                (Course::Beam(beam), &Method::Beam { branching, .. }) => {
                    beam.go_on(&self.tree, told, first, branching, &mut want);
                }
                (
                    Course::Mcts(mcts),
                    &Method::Mcts {
                        expansions,
                        children,
                        exploration,
                        ..
                    },
                ) => mcts.go_on(
                    &self.tree,
                    first,
                    expansions,
                    children,
                    exploration,
                    &mut want,
                ),
                _ => {}
            }
        }
        for expansion in &mut wanted {
            expansion.tokens = self.tokens_left(expansion.node);
        }
        self.asked = wanted;
    }

    fn want(&mut self, node: u32, children: u32) {
        let tokens = self.tokens_left(node);
        self.asked.push(Expansion {
            node,
            children,
            tokens,
        });
    }

    /// The most tokens of a child.
    fn tokens_left(&self, node: u32) -> u32 {
        let Limits {
            step_tokens,
            path_tokens,
            ..
        } = self.limits;
        if path_tokens == UNLIMITED {
            return step_tokens;
        }
        let used = self.tree.path_tokens()[node as usize];
        step_tokens.min(path_tokens.saturating_sub(used))
    }

    fn is_at_limit(&self, node: usize) -> bool {
        let used = self.tree.path_tokens()[node];
        self.tree.depth()[node] >= self.limits.depth
            || (self.limits.path_tokens != UNLIMITED && used >= self.limits.path_tokens)
    }

    fn check_told(&self, told: &Told<'_>) -> Result<()> {
        let asked: u64 = self.asked.iter().map(|one| u64::from(one.children)).sum();
        let lengths = [told.rewards.len(), told.tokens.len(), told.statuses.len()];
        if lengths.iter().any(|&len| len as u64 != asked) {
            let [rewards, tokens, statuses] = lengths;
            return Err(Error::Search(format!(
                "{asked} children were asked for, got {rewards} rewards, {tokens} tokens and {statuses} statuses; \
                 tell all of them, in the order asked"
            )));
        }
        if asked == 0 {
            return Err(Error::Search(
                "the search is done: nothing was asked for".into(),
            ));
        }
        if self.tree.len() as u64 + asked > u64::from(u32::MAX) {
            return Err(Error::Search(format!(
                "a tree holds at most {} nodes",
                u32::MAX
            )));
        }
        let bad = told
            .rewards
            .iter()
            .zip(told.statuses)
            .position(|(reward, &status)| !reward.is_finite() && status != Status::Failed);
        match bad {
            None => Ok(()),
            Some(child) => Err(Error::Search(format!(
                "the reward of child {child} is {}, and must be finite; tell a child without a usable reward \
                 as failed",
                told.rewards[child]
            ))),
        }
    }
}

/// Fails unless the settings are within their ranges.
pub(super) fn check(method: &Method, limits: &Limits) -> Result<()> {
    let positive = match *method {
        Method::Rebase {
            width,
            temperature,
            keep: (share, whole),
            ..
        } => {
            width > 0 && temperature > 0.0 && temperature.is_finite() && share > 0 && share <= whole
        }
        Method::Beam {
            width, branching, ..
        } => width > 0 && branching > 0,
        Method::Mcts {
            expansions,
            root_children,
            children,
            exploration,
        } => {
            expansions > 0
                && root_children > 0
                && children > 0
                && exploration >= 0.0
                && exploration.is_finite()
        }
    };
    let allowed = limits.depth > 0 && limits.step_tokens > 0 && limits.path_tokens > 0;
    if positive && allowed {
        Ok(())
    } else {
        Err(Error::Search(format!(
            "settings out of range: {method:?}, {limits:?}"
        )))
    }
}
