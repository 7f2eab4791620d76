//! Nodes by descending reward, of equal rewards the later one first.

/// The nodes in order, with their rewards.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub(super) nodes: Vec<u32>,
    pub(super) rewards: Vec<f64>,
}

impl Order {
    pub(super) fn sort(&mut self, rewards: &[f64]) {
        self.nodes.clear();
        self.nodes.extend((0..rewards.len() as u32).rev());
        self.nodes.sort_by(|&a, &b| {
            rewards[b as usize]
                .partial_cmp(&rewards[a as usize])
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        self.rewards.clear();
        self.rewards
            .extend(self.nodes.iter().map(|&node| rewards[node as usize]));
    }

    pub(super) fn truncate(&mut self, count: usize) {
        self.nodes.truncate(count);
        self.rewards.truncate(count);
    }
}
