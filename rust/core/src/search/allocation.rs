//! placeholder until merged
use serde::{Deserialize, Serialize};
/// r
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rounding {
    /// c
    Ceil,
    /// r
    Round,
}
/// w
pub fn rebase_widths(
    rewards: &[f64],
    budget: u64,
    temperature: f64,
    rounding: Rounding,
    keep: (u32, u32),
    widths: &mut Vec<u64>,
) {
    let _ = (rounding, keep);
    let top = rewards.iter().copied().fold(f64::MIN, f64::max);
    let mut order: Vec<usize> = (0..rewards.len()).collect();
    order.sort_by(|&a, &b| rewards[b].total_cmp(&rewards[a]).then(b.cmp(&a)));
    let e: Vec<f64> = order
        .iter()
        .map(|&i| ((rewards[i] - top) / temperature).exp())
        .collect();
    let mut s: f64 = e.iter().sum();
    let mut w = budget as f64;
    widths.clear();
    widths.resize(rewards.len(), 0);
    for (k, &i) in order.iter().enumerate() {
        let n = (w * e[k] / s).ceil().min(w);
        widths[i] = n as u64;
        w -= n;
        s -= e[k];
    }
}
