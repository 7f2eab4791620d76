//! Nodes by descending reward, of equal rewards the later one first.
//!
//! Rewards become whole numbers of [`BITS`] bits, never in the wrong order; these are sorted in two passes over their
//! digits. The few nodes whose numbers are equal but whose rewards are not are put right at the end.

use pulp::{Simd, WithSimd};

/// Bits of the whole numbers.
const BITS: u32 = 22;

/// Bits of a digit.
const DIGIT: u32 = BITS / 2;

/// The number of all rewards that are too low to need an order.
const FAR: u32 = (1 << BITS) - 1;

/// From this number of nodes on, counting digits is faster than comparing.
const MANY: usize = 600;

/// How far a node is moved one by one; farther, all of the same number are sorted by comparison.
const STEPS: usize = 24;

/// The nodes in order, with their rewards.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub(super) nodes: Vec<u32>,
    pub(super) rewards: Vec<f64>,
    /// For each node the whole number of its reward, and in the low half the node.
    words: Vec<u64>,
    sorted: Vec<u64>,
    counts: Vec<u32>,
}

/// The largest and the least reward, if all are finite.
pub(super) fn extremes(rewards: &[f64]) -> Option<(f64, f64)> {
    pulp::Arch::new().dispatch(Extremes(rewards))
}

impl Order {
    /// Sorts `rewards` between `largest` and `least`. Those lower than the largest by more than `reach` may come in any
    /// order, behind the others.
    pub(super) fn sort(&mut self, rewards: &[f64], largest: f64, least: f64, reach: f64) {
        let range = largest - least;
        if !range.is_finite() {
            return self.sort_by_comparison(rewards);
        }
        let scale = (f64::from(FAR - 1) / range.min(reach)).min(f64::MAX);
        self.words.clear();
        self.words.resize(rewards.len(), 0);
        pulp::Arch::new().dispatch(Words {
            rewards,
            largest,
            scale,
            filled: &mut self.words,
        });
        if rewards.len() < MANY {
            self.words.sort_unstable();
        } else {
            self.sort_digits();
        }
        self.put_right(rewards);
    }

    pub(super) fn truncate(&mut self, count: usize) {
        self.nodes.truncate(count);
        self.rewards.truncate(count);
    }

    fn sort_by_comparison(&mut self, rewards: &[f64]) {
        self.nodes.clear();
        self.nodes.extend(0..rewards.len() as u32);
        sort_by_comparison(&mut self.nodes, rewards);
        self.rewards.clear();
        self.rewards
            .extend(self.nodes.iter().map(|&node| rewards[node as usize]));
    }

    /// Sorts the words, which come in the order of their low halves, by their high halves.
    fn sort_digits(&mut self) {
        const DIGITS: usize = 1 << DIGIT;
        self.counts.clear();
        self.counts.resize(2 * DIGITS, 0);
        let (low, high) = self.counts.split_at_mut(DIGITS);
        for &word in &self.words {
            low[digit(word, 32)] += 1;
            high[digit(word, 32 + DIGIT)] += 1;
        }
        self.sorted.clear();
        self.sorted.resize(self.words.len(), 0);
        for (counts, shift) in [(low, 32), (high, 32 + DIGIT)] {
            let mut start = 0;
            for count in &mut *counts {
                start += std::mem::replace(count, start);
            }
            for &word in &self.words {
                let place = &mut counts[digit(word, shift)];
                self.sorted[*place as usize] = word;
                *place += 1;
            }
            std::mem::swap(&mut self.words, &mut self.sorted);
        }
    }

    /// Fills nodes and rewards from the sorted words, and sorts those of equal words.
    fn put_right(&mut self, rewards: &[f64]) {
        self.nodes.clear();
        self.rewards.clear();
        self.nodes
            .extend(self.words.iter().map(|&word| !(word as u32)));
        self.rewards
            .extend(self.nodes.iter().map(|&node| rewards[node as usize]));
        let near = self.words.partition_point(|word| number(*word) < FAR);
        let mut position = 1;
        while position < near {
            let (node, reward) = (self.nodes[position], self.rewards[position]);
            if self.rewards[position - 1] >= reward {
                position += 1;
                continue;
            }
            let mut place = position;
            while place > 0 && self.rewards[place - 1] < reward && position - place < STEPS {
                self.rewards[place] = self.rewards[place - 1];
                self.nodes[place] = self.nodes[place - 1];
                place -= 1;
            }
            self.rewards[place] = reward;
            self.nodes[place] = node;
            position += 1;
            if place > 0 && self.rewards[place - 1] < reward {
                let run = number(self.words[place]);
                let start = self.words.partition_point(|word| number(*word) < run);
                let end = self.words.partition_point(|word| number(*word) <= run);
                sort_by_comparison(&mut self.nodes[start..end], rewards);
                for place in start..end {
                    self.rewards[place] = rewards[self.nodes[place] as usize];
                }
                position = end;
            }
        }
    }
}

#[inline(always)]
fn digit(word: u64, shift: u32) -> usize {
    (word >> shift) as usize & ((1 << DIGIT) - 1)
}

fn number(word: u64) -> u32 {
    (word >> 32) as u32
}

fn sort_by_comparison(nodes: &mut [u32], rewards: &[f64]) {
    nodes.sort_unstable_by(|&a, &b| {
        let (reward_a, reward_b) = (rewards[a as usize], rewards[b as usize]);
        // Rewards are finite; and 0.0 equals -0.0.
        let by_reward = reward_b.partial_cmp(&reward_a);
        by_reward.map_or(b.cmp(&a), |by_reward| by_reward.then(b.cmp(&a)))
    });
}

struct Extremes<'a>(&'a [f64]);

impl WithSimd for Extremes<'_> {
    type Output = Option<(f64, f64)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Self::Output {
        const LANES: usize = 16;
        const EXPONENT: u64 = 0x7ff << 52;
        let mut largest = [f64::NEG_INFINITY; LANES];
        let mut least = [f64::INFINITY; LANES];
        let mut finite = [true; LANES];
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        let mut take = |lane: usize, reward: f64| {
            largest[lane] = if reward > largest[lane] {
                reward
            } else {
                largest[lane]
            };
            least[lane] = if reward < least[lane] {
                reward
            } else {
                least[lane]
            };
            finite[lane] &= reward.to_bits() & EXPONENT != EXPONENT;
        };
        for block in blocks {
            for (lane, &reward) in block.iter().enumerate() {
                take(lane, reward);
            }
        }
        for &reward in rest {
            take(0, reward);
        }
        finite.iter().all(|&finite| finite).then(|| {
            (
                largest.into_iter().fold(f64::NEG_INFINITY, f64::max),
                least.into_iter().fold(f64::INFINITY, f64::min),
            )
        })
    }
}

/// Fills the words, their order that of descending rewards, and of descending nodes.
struct Words<'a> {
    rewards: &'a [f64],
    largest: f64,
    scale: f64,
    filled: &'a mut [u64],
}

impl WithSimd for Words<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        /// Adding it leaves a whole number in the low bits.
        const MAGIC: f64 = (1_u64 << 52) as f64;
        let count = self.filled.len();
        for (place, word) in self.filled.iter_mut().enumerate() {
            let node = count - 1 - place;
            let far = ((self.largest - self.rewards[node]) * self.scale).min(f64::from(FAR));
            *word = (far + MAGIC).to_bits() << 32 | u64::from(!(node as u32));
        }
    }
}
