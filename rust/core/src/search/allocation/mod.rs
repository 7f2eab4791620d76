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

mod exponentials;
mod fixed_point;
mod order;
#[cfg(test)]
mod tests;

use exponentials::exponentials;
use fixed_point::Groups;
use order::Order;
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
    /// ... the weight of all lower rewards relative to its own, ...
    rest: Vec<f64>,
    /// ... and its share of what is left when it is reached.
    share: Vec<f64>,
}

/// Half the distance between 1 and the next double.
const UNIT: f64 = f64::EPSILON / 2.0;

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
        if budget == 0
            || best == 0
            || !(temperature > 0.0 && temperature.is_finite())
            || !rewards.iter().all(|reward| reward.is_finite())
        {
            return;
        }
        self.order.sort(rewards);
        self.order.truncate(best);
        match rounding {
            Rounding::Ceil => self.ceil(budget, temperature, widths),
            Rounding::Round => self.round(budget, temperature, widths),
        }
    }

    /// Weights, relative to the largest, and a bound of their relative error.
    fn weigh(&mut self, temperature: f64) -> f64 {
        exponentials(&self.order.rewards, temperature, &mut self.weights)
    }

    /// A bound of the relative error of the shares, from that of the weights: sums are compensated.
    fn error_of_shares(error: f64) -> f64 {
        2.0 * error + 16.0 * UNIT
    }

    fn ceil(&mut self, budget: u64, temperature: f64, widths: &mut [u64]) {
        let error = Self::error_of_shares(self.weigh(temperature));
        self.share_out();
        let mut groups = None;
        let mut left = budget;
        // The widths never increase: most of the time the last one has only to be confirmed.
        let mut width = u64::MAX;
        let lower = 1.0 - error;
        for (position, &node) in self.order.nodes.iter().enumerate() {
            let least = left as f64 * self.share[position] * lower;
            if width == u64::MAX || least <= (width - 1) as f64 * (1.0 + f64::EPSILON) {
                let (equal, rest) = (u64::from(self.equal[position]), self.rest[position]);
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
                // So it is for all that follow, as long as there is something left.
                for &node in &self.order.nodes[position..] {
                    if left == 0 {
                        break;
                    }
                    widths[node as usize] = 1;
                    left -= 1;
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

    /// Fills `equal`, `rest` and `share`, from the end on: sums of positive numbers lose nothing to cancellation.
    fn share_out(&mut self) {
        let count = self.order.nodes.len();
        self.equal.clear();
        self.equal.resize(count, 0);
        self.rest.clear();
        self.rest.resize(count, 0.0);
        self.share.clear();
        self.share.resize(count, 0.0);
        let mut sum = Sum::default();
        let mut lower = 0.0;
        let mut equal = 0;
        let mut previous = f64::NAN;
        for position in (0..count).rev() {
            let (reward, weight) = (self.order.rewards[position], self.weights[position]);
            if reward == previous {
                equal += 1;
            } else {
                equal = 1;
                lower = sum.value();
                previous = reward;
            }
            sum.add(weight);
            self.equal[position] = equal;
            self.rest[position] = lower / weight;
            self.share[position] = weight / f64::from(equal).mul_add(weight, lower);
        }
    }

    fn round(&mut self, budget: u64, temperature: f64, widths: &mut [u64]) {
        let error = Self::error_of_shares(self.weigh(temperature));
        // A number is rounded by rounding its double up: of 2 q in (2 n - 1, 2 n + 1] q becomes n. Halves occur only
        // if all rewards are equal.
        let rewards = &self.order.rewards;
        let count = rewards.len() as u64;
        if rewards[0] == rewards[rewards.len() - 1] {
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
            let equal = rewards[start..]
                .iter()
                .take_while(|&&r| r == reward)
                .count();
            let rest = (above.value() + below[start + equal - 1]) / weight;
            let doubled = decided(2 * u128::from(budget), equal as u64, rest, error)
                .unwrap_or_else(|| {
                    let groups = groups.get_or_insert_with(|| Groups::new(rewards, temperature));
                    groups.ceil_of_others(start, equal as u64, 2 * u128::from(budget))
                });
            for &node in &self.order.nodes[start..start + equal] {
                widths[node as usize] = (doubled / 2) as u64;
            }
            for &weight in &self.weights[start..start + equal] {
                above.add(weight);
            }
            start += equal;
        }
    }
}

/// The least `n` with `n (equal + rest) >= left`, if a relative error in `rest` leaves no doubt about it.
///
/// `rest` is 0 only if nothing else is left, else positive.
fn decided(left: u128, equal: u64, rest: f64, error: f64) -> Option<u128> {
    if rest == 0.0 {
        return Some(left.div_ceil(u128::from(equal)));
    }
    let quotient = left as f64 / (equal as f64 + rest);
    let (low, high) = (
        (quotient * (1.0 - error)).ceil(),
        (quotient * (1.0 + error)).ceil(),
    );
    if low == high {
        return Some(low as u128);
    }
    if high - low > 1.0 || low > 2.0_f64.powi(52) {
        return None;
    }
    let width = low as u128;
    // Both are integers below 2^118.
    let missing = left as i128 - (width * u128::from(equal)) as i128;
    if missing <= 0 {
        return Some(width);
    }
    let (missing, covered) = (missing as f64, low * rest);
    if missing < covered * (1.0 - error) {
        Some(width)
    } else if missing > covered * (1.0 + error) {
        Some(width + 1)
    } else {
        None
    }
}

/// A sum with the rounding errors of its additions.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        let high = self.high + value;
        let added = high - self.high;
        self.low += (self.high - (high - added)) + (value - added);
        self.high = high;
    }

    #[inline(always)]
    fn value(self) -> f64 {
        self.high + self.low
    }
}
