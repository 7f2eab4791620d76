//! The same decisions in integers of as many bits as it takes.

use num_bigint::BigUint;

/// The bits behind the point at the first attempt; each further attempt has twice as many.
const FIRST_BITS: u64 = 128;

/// Bits on top while an exponential is computed. Squaring loses up to 40 of them, and the series up to 20, for as many
/// bits behind the point as fit into a memory.
const GUARD_BITS: u64 = 64;

/// A weight is off by this many units in its last bit, at most.
const WEIGHT_ERROR: u64 = 2;

/// The different rewards, with weights and sums of weights to a number of bits.
#[derive(Debug)]
pub(super) struct Groups {
    temperature: f64,
    rewards: Vec<f64>,
    /// Where each group starts among the sorted rewards; and their number.
    starts: Vec<usize>,
    bits: u64,
    weights: Vec<BigUint>,
    /// The weights of all that come before a group: off by `WEIGHT_ERROR` for each node.
    sums: Vec<BigUint>,
}

impl Groups {
    /// Of rewards that descend.
    pub(super) fn new(sorted: &[f64], temperature: f64) -> Self {
        let mut rewards = Vec::new();
        let mut starts = Vec::new();
        for (position, &reward) in sorted.iter().enumerate() {
            if rewards.last() != Some(&reward) {
                rewards.push(reward);
                starts.push(position);
            }
        }
        starts.push(sorted.len());
        let mut groups = Self {
            temperature,
            rewards,
            starts,
            bits: FIRST_BITS,
            weights: Vec::new(),
            sums: Vec::new(),
        };
        groups.weigh();
        groups
    }

    /// The least `n` with `n (equal + rest) >= left`, where the rest are the lower rewards, relative to the weight of
    /// the node at a position of the sorted rewards.
    pub(super) fn ceil_of_lower(&mut self, position: usize, equal: u32, left: u64) -> u64 {
        self.ceil(position, equal, u128::from(left), false) as u64
    }

    /// The same where the rest are all other rewards.
    pub(super) fn ceil_of_others(&mut self, position: usize, equal: u32, left: u128) -> u128 {
        self.ceil(position, equal, left, true)
    }

    fn ceil(&mut self, position: usize, equal: u32, left: u128, others: bool) -> u128 {
        let group = self.starts.partition_point(|&start| start <= position) - 1;
        loop {
            let rest = self.rest(group, others);
            if let Some(width) = self.decided(group, equal, left, &rest) {
                return width;
            }
            self.bits *= 2;
            self.weigh();
        }
    }

    /// The weight of the lower groups, or of all others.
    fn rest(&self, group: usize, others: bool) -> BigUint {
        let lower = &self.sums[self.rewards.len()] - &self.sums[group + 1];
        if others {
            lower + &self.sums[group]
        } else {
            lower
        }
    }

    /// The width, if it is certain to this number of bits.
    fn decided(&self, group: usize, equal: u32, left: u128, rest: &BigUint) -> Option<u128> {
        let weight = &self.weights[group];
        let all = weight * equal + rest;
        if all == BigUint::ZERO {
            return None;
        }
        // A guess to be confirmed.
        let guess = (weight * left + (&all - 1_u32)) / &all;
        let guess = u128::try_from(guess).ok()?.clamp(1, left);
        let covers = |width| self.covers(width, weight, equal, left, rest);
        if !covers(guess)? {
            covers(guess + 1)?.then_some(guess + 1)
        } else if guess > 1 && covers(guess - 1)? {
            None
        } else {
            Some(guess)
        }
    }

    /// Whether `left - width equal <= width rest / weight`, if that is certain.
    fn covers(
        &self,
        width: u128,
        weight: &BigUint,
        equal: u32,
        left: u128,
        rest: &BigUint,
    ) -> Option<bool> {
        let missing = BigUint::from(left);
        let given = BigUint::from(width) * equal;
        if given >= missing {
            return Some(true);
        }
        let missing = missing - given;
        let nodes = self.starts[self.rewards.len()] as u64;
        let (wanted, covered) = (weight * &missing, rest * width);
        let error = missing * WEIGHT_ERROR + BigUint::from(width) * (WEIGHT_ERROR * nodes);
        if covered > &wanted + &error {
            Some(true)
        } else if wanted > covered + error {
            Some(false)
        } else {
            None
        }
    }

    /// Fills weights and sums.
    fn weigh(&mut self) {
        self.weights.clear();
        self.sums.clear();
        let mut sum = BigUint::ZERO;
        self.sums.push(sum.clone());
        let largest = self.rewards[0];
        for (group, &reward) in self.rewards.iter().enumerate() {
            let weight = exponential(largest, reward, self.temperature, self.bits);
            sum += &weight * (self.starts[group + 1] - self.starts[group]);
            self.sums.push(sum.clone());
            self.weights.push(weight);
        }
    }
}

/// `exp((reward - largest) / temperature)` times `2^bits`, off by `WEIGHT_ERROR` at most.
fn exponential(largest: f64, reward: f64, temperature: f64, bits: u64) -> BigUint {
    let working = bits + GUARD_BITS;
    // exp(-x) is less than half a unit from x = (bits + 1) ln(2) on.
    let x = exponent(largest, reward, temperature, working);
    if (&x >> working) > BigUint::from(bits) {
        return BigUint::ZERO;
    }
    // So small that few terms of the series are needed; squared as often in the end.
    let halvings = (x.bits() + 8).saturating_sub(working);
    let x = x >> halvings;
    let mut even = BigUint::from(1_u32) << working;
    let mut odd = BigUint::ZERO;
    let mut term = even.clone();
    for index in 1_u32.. {
        term = ((term * &x) >> working) / index;
        if term == BigUint::ZERO {
            break;
        }
        if index % 2 == 0 {
            even += &term;
        } else {
            odd += &term;
        }
    }
    let mut power = even - odd;
    for _ in 0..halvings {
        power = (&power * &power) >> working;
    }
    power >> GUARD_BITS
}

/// `(largest - reward) / temperature` times `2^bits`, rounded down.
fn exponent(largest: f64, reward: f64, temperature: f64, bits: u64) -> BigUint {
    let ((negative_a, a, power_a), (negative_b, b, power_b)) = (parts(largest), parts(reward));
    let power = power_a.min(power_b);
    let a = BigUint::from(a) << (power_a - power);
    let b = BigUint::from(b) << (power_b - power);
    let difference = match (negative_a, negative_b) {
        (false, true) => a + b,
        (false, false) => a - b,
        (true, true) => b - a,
        (true, false) => BigUint::ZERO,
    };
    let (_, divisor, divisor_power) = parts(temperature);
    let shift = i64::from(power) - i64::from(divisor_power) + bits as i64;
    if shift >= 0 {
        (difference << shift) / divisor
    } else {
        difference / (BigUint::from(divisor) << -shift)
    }
}

/// A finite double as its sign, an integer, and the power of two to multiply it with.
fn parts(value: f64) -> (bool, u64, i32) {
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (integer, exponent) = if exponent == 0 {
        (fraction, 1)
    } else {
        (fraction | 1 << 52, exponent)
    };
    (
        value.is_sign_negative() && integer != 0,
        integer,
        exponent - 1075,
    )
}
