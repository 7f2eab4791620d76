//! How REBASE shares a budget of children out over the nodes of one depth, as in exact arithmetic.
//!
//! Node `j` has the weight `e_j = exp(R_j / T)`: reward over temperature. The rule "round" is equation 1 of
//! Wu et al., "Inference scaling laws" (2024), arXiv:2408.00724: `W_j = Round(B e_j / S)` with `S` the sum of all
//! weights. The rule "ceil" is the one of their programme. The nodes are taken by descending reward, of equal rewards
//! the later one first, and each takes `ceil(w e_j / S_j)` of the `w` children that are left, where `S_j` is the sum
//! of `e_j` and of all that follow. So the widths sum up to the budget.
//!
//! # Why floats can decide it
//!
//! Let `S_j / e_j = g + rho`: `g` nodes with the reward `R_j` itself, and `rho` for the others. Then
//! `n >= w e_j / S_j` if and only if `w - n g <= n rho`, an integer compared with a float that is known to a few
//! units in its last place. The two sides are never equal unless `rho` is an empty sum: that would be an algebraic
//! relation between exponentials of different rational numbers, which Lindemann and Weierstrass exclude. So more
//! digits always settle what fewer leave open: doubles first, then integers of 128, 256, ... bits.
//!
//! What is too small for doubles is never needed. As `n_j >= w_j e_j / S_j`, what is left obeys
//! `w_j <= B S_j / S_1`; so a node that is reached with something left has `S_j / S_1 >= 1 / B`, and
//! `e_j / S_1 >= 1 / (B m)` if `m` nodes take part. By the same inequality the widths never increase.

#![expect(
    clippy::float_cmp,
    reason = "equal rewards are equal floats, and bounds that agree leave no doubt"
)]

mod doubles;
mod exponentials;
mod fixed_point;
mod order;
#[cfg(test)]
mod tests;

use doubles::{Sum, decided, error_of_shares, rounded_shares};
use exponentials::exponentials;
use fixed_point::Groups;
use order::{Order, extremes};
use serde::{Deserialize, Serialize};

/// How shares become whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rounding {
    /// By descending reward, of equal rewards the later one first, each takes its share of what is left, rounded up.
    Ceil,
    /// Each takes its share of the whole, rounded to the nearest integer, halves to the even one. The sum of the
    /// widths may miss the budget.
    Round,
}

/// The widths of nodes with these rewards, in the order of the rewards.
///
/// See [`Allocator::widths`]; an [`Allocator`] that is kept spares the allocation of its buffers.
pub fn rebase_widths(
    rewards: &[f64],
    budget: u64,
    temperature: f64,
    rounding: Rounding,
    widths: &mut Vec<u64>,
) {
    let best = rewards.len();
    Allocator::new().widths(rewards, budget, temperature, rounding, best, widths);
}

/// How many of `count` nodes the share `numerator / denominator` keeps, rounded up.
///
/// A denominator of 0 keeps all.
pub fn kept(count: usize, (numerator, denominator): (u64, u64)) -> usize {
    if denominator == 0 {
        return count;
    }
    let kept = (count as u128 * u128::from(numerator)).div_ceil(u128::from(denominator));
    usize::try_from(kept).unwrap_or(count).min(count)
}

/// Shares budgets out, again and again, in the same buffers.
#[derive(Clone, Debug, Default)]
pub struct Allocator {
    order: Order,
    /// Of the nodes in order: the weight relative to the largest, ...
    weights: Vec<f64>,
    /// ... the number of equal rewards from here on, ...
    equal: Vec<u32>,
    /// ... and the sum of the weights of all lower rewards.
    lower: Vec<f64>,
}

impl Allocator {
    /// An allocator with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fills `widths` with the widths of the nodes, in the order of their rewards.
    ///
    /// Only the `best` nodes take part: by descending reward, of equal rewards the later one first. The others get
    /// nothing, as does every node if no node takes part. Rewards and temperature are taken as the exact numbers that
    /// the floats are.
    ///
    /// Rewards have to be finite, the temperature positive and finite. The caller checks it; where it is not so, all
    /// widths are 0.
    ///
    /// # Panics
    ///
    /// If there are `2^32` rewards or more.
    pub fn widths(
        &mut self,
        rewards: &[f64],
        budget: u64,
        temperature: f64,
        rounding: Rounding,
        best: usize,
        widths: &mut Vec<u64>,
    ) {
        assert!(
            u32::try_from(rewards.len()).is_ok(),
            "too many rewards: {}",
            rewards.len()
        );
        widths.clear();
        widths.resize(rewards.len(), 0);
        let best = best.min(rewards.len());
        if budget == 0 || best == 0 || !(temperature > 0.0 && temperature.is_finite()) {
            return;
        }
        let Some(extremes) = extremes(rewards) else {
            return;
        };
        if rounding == Rounding::Round
            && best == rewards.len()
            && self.rounded(rewards, extremes, budget, temperature, widths)
        {
            return;
        }
        // Lower rewards get nothing, see the module; but which ones are kept may depend on their order.
        let reach = if best == rewards.len() {
            temperature * ((budget as f64).ln() + (best as f64).ln() + 1.0)
        } else {
            f64::INFINITY
        };
        let (largest, mut least) = extremes;
        self.order.sort(rewards, largest, least, reach);
        if best < rewards.len() {
            self.order.truncate(best);
            least = self.order.rewards[best - 1];
        }
        let ends = (largest, least);
        let error = exponentials(&self.order.rewards, ends, temperature, &mut self.weights);
        let error = error_of_shares(error);
        match rounding {
            Rounding::Ceil => self.ceil(budget, temperature, error, widths),
            Rounding::Round => self.round(budget, temperature, error, widths),
        }
    }

    fn ceil(&mut self, budget: u64, temperature: f64, error: f64, widths: &mut [u64]) {
        self.share_out();
        let mut groups = None;
        let mut left = budget;
        let mut width = u64::MAX;
        for (position, &node) in self.order.nodes.iter().enumerate() {
            // The widths never increase: most of the time the last one has only to be confirmed.
            let (weight, lower) = (self.weights[position], self.lower[position]);
            let equal = self.equal[position];
            let least = (width - 1) as f64 * f64::from(equal).mul_add(weight, lower);
            if width == u64::MAX || left as f64 * weight * (1.0 - error) <= least {
                let rest = lower / weight;
                width = decided(u128::from(left), equal, rest, error).map_or_else(
                    || {
                        let groups = groups
                            .get_or_insert_with(|| Groups::new(&self.order.rewards, temperature));
                        groups.ceil_of_lower(position, equal, left)
                    },
                    |width| width as u64,
                );
            }
            if width <= 1 {
                // So it is for all that follow, as long as something is left.
                let ones = self.order.nodes[position..]
                    .iter()
                    .take(usize::try_from(left).unwrap_or(usize::MAX));
                left -= ones.len() as u64;
                for &node in ones {
                    widths[node as usize] = 1;
                }
                break;
            }
            widths[node as usize] = width;
            left -= width;
            if left == 0 {
                break;
            }
        }
        debug_assert_eq!(left, 0, "the widths sum up to the budget");
    }

    /// Fills `equal` and `lower`, from the end on: sums of positive numbers lose nothing to cancellation.
    fn share_out(&mut self) {
        let count = self.order.nodes.len();
        self.equal.clear();
        self.equal.resize(count, 0);
        self.lower.clear();
        self.lower.resize(count, 0.0);
        let mut sum = Sum::default();
        let mut lower = 0.0;
        let mut equal = 0;
        let mut previous = f64::NAN;
        let nodes = self.order.rewards.iter().zip(&self.weights);
        let filled = self.equal.iter_mut().zip(&mut self.lower);
        for ((&reward, &weight), (equals, lowers)) in nodes.zip(filled).rev() {
            let same = reward == previous;
            equal = if same { equal + 1 } else { 1 };
            lower = if same { lower } else { sum.value() };
            previous = reward;
            sum.add(weight);
            *equals = equal;
            *lowers = lower;
        }
    }

    /// Rounds all shares if doubles suffice for it; whether they did.
    fn rounded(
        &mut self,
        rewards: &[f64],
        extremes: (f64, f64),
        budget: u64,
        temperature: f64,
        widths: &mut [u64],
    ) -> bool {
        let error = exponentials(rewards, extremes, temperature, &mut self.weights);
        let error = error_of_shares(error);
        let mut sum = Sum::default();
        for &weight in &self.weights {
            sum.add(weight);
        }
        let factor = budget as f64 / sum.value();
        rounded_shares(&self.weights, factor, error, widths)
    }

    fn round(&mut self, budget: u64, temperature: f64, error: f64, widths: &mut [u64]) {
        // A number is rounded by rounding its double up: of 2 q in (2 n - 1, 2 n + 1] q becomes n. Halves occur only
        // if all rewards are equal.
        let rewards = &self.order.rewards;
        let count = rewards.len() as u64;
        if rewards.iter().all(|&reward| reward == rewards[0]) {
            let (whole, over) = (budget / count, u128::from(budget % count) * 2);
            let up = over > u128::from(count) || (over == u128::from(count) && whole % 2 == 1);
            for &node in &self.order.nodes {
                widths[node as usize] = whole + u64::from(up);
            }
            return;
        }
        let mut below = vec![0.0; rewards.len()];
        let mut sum = Sum::default();
        for (below, &weight) in below.iter_mut().zip(&self.weights).rev() {
            *below = sum.value();
            sum.add(weight);
        }
        let mut above = Sum::default();
        let mut groups = None;
        let mut start = 0;
        while start < rewards.len() {
            let (reward, weight) = (rewards[start], self.weights[start]);
            let same = |other: &&f64| **other == reward;
            let end = start + rewards[start..].iter().take_while(same).count();
            let equal = (end - start) as u32;
            let rest = (above.value() + below[end - 1]) / weight;
            let doubled =
                decided(2 * u128::from(budget), equal, rest, error).unwrap_or_else(|| {
                    let groups = groups.get_or_insert_with(|| Groups::new(rewards, temperature));
                    groups.ceil_of_others(start, equal, 2 * u128::from(budget))
                });
            for &node in &self.order.nodes[start..end] {
                widths[node as usize] = (doubled / 2) as u64;
                above.add(weight);
            }
            start = end;
        }
    }
}
