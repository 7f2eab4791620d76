//! Monte Carlo tree search: selection by upper confidence bounds, rewards in place of rollouts.
//!
//! Kocsis and Szepesvári, "Bandit Based Monte-Carlo Planning", 2006; with the budgets of Wu et al., "Inference Scaling
//! Laws", arXiv 2408.00724.

use serde::{Deserialize, Serialize};

use super::tree::{ROOT, Status, Tree};

/// How often each node was visited, and what was found on average.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mcts {
    visits: Vec<u32>,
    values: Vec<f64>,
    selections: u32,
}

impl Default for Mcts {
    /// The root has been selected.
    fn default() -> Self {
        Self {
            visits: vec![0],
            values: vec![0.0],
            selections: 1,
        }
    }
}

impl Mcts {
    pub(super) fn visits(&self) -> &[u32] {
        &self.visits
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn selections(&self) -> u32 {
        self.selections
    }

    /// Whether the state can belong to a tree of `n` nodes.
    pub(super) fn fits(&self, n: usize) -> bool {
        self.visits.len() == n && self.values.len() == n
    }

    /// Backs the new rewards up, and selects a node to expand.
    ///
    /// A selection that ends at a node that cannot be expanded backs its reward up again, and is spent.
    pub(super) fn go_on(
        &mut self,
        tree: &Tree,
        first: usize,
        expansions: u32,
        children: u32,
        exploration: f64,
        want: &mut impl FnMut(u32, u64),
    ) {
        self.visits.resize(tree.len(), 0);
        self.values.resize(tree.len(), 0.0);
        for node in first..tree.len() {
            if tree.status()[node] != Status::Failed {
                self.back_up(tree, node as u32);
            }
        }
        while self.selections < expansions {
            let Some(node) = self.selected(tree, exploration) else {
                return;
            };
            self.selections += 1;
            if tree.status()[node as usize] == Status::Open && tree.children(node).is_empty() {
                want(node, u64::from(children));
                return;
            }
            self.back_up(tree, node);
        }
    }

    /// `N += 1`, `Q <- ((N - 1) Q + V) / N` on the way to the root, V being the reward of `node`.
    fn back_up(&mut self, tree: &Tree, node: u32) {
        let found = tree.reward()[node as usize];
        let mut at = node;
        loop {
            let (visits, value) = (&mut self.visits[at as usize], &mut self.values[at as usize]);
            *visits = visits.saturating_add(1);
            *value += (found - *value) / f64::from(*visits);
            if at == ROOT {
                return;
            }
            at = tree.parent()[at as usize];
        }
    }

    /// Goes down by the largest `Q + C sqrt(ln N(parent) / N)`, of equal ones the first, to a node none of whose
    /// children can be visited; nowhere if that is the root.
    fn selected(&self, tree: &Tree, exploration: f64) -> Option<u32> {
        let mut at = ROOT;
        loop {
            let weight = libm::log(f64::from(self.visits[at as usize].max(1)));
            let mut best = None;
            for child in tree.children(at) {
                if tree.status()[child as usize] == Status::Failed {
                    continue;
                }
                let visits = f64::from(self.visits[child as usize]);
                let bound = self.values[child as usize] + exploration * (weight / visits).sqrt();
                if best.is_none_or(|(highest, _)| bound > highest) {
                    best = Some((bound, child));
                }
            }
            match best {
                Some((_, child)) => at = child,
                None => return (at != ROOT).then_some(at),
            }
        }
    }
}
