//! Draws of a few categories, one bit per replicate: 256 replicates in eight 32-bit words.
//!
//! A draw is a uniform number compared with the cumulative shares of the categories, bit by bit from
//! the top: one random word settles one bit of 32 replicates, and after about a dozen bits no
//! replicate is level with any share any more. Counts are kept in binary, a word per bit
//! ("vertical counters"), and written out once per interval of the grid.

use super::{BLOCK, GROUP};
use crate::rng::Streams;
use pulp::{Simd, WithSimd};

/// Words of a plane: 32 replicates each.
pub(super) const WORDS: usize = BLOCK / 32;

/// The most categories that are drawn this way; beyond, a table look-up per draw is cheaper.
pub(super) const MOST_CATEGORIES: usize = 8;

/// Digits of a vertical counter: most intervals that are drawn this way are shorter than `2^8`.
const DIGITS: usize = 8;

/// Bits after which it is worth asking whether all comparisons are settled.
const SURE: usize = 7;

/// One bit of every replicate of a block. Of the array the first [`Plane::PARTS`] entries count.
#[derive(Clone, Copy)]
struct Plane<S: Simd>([S::u32s; WORDS]);

impl<S: Simd> Plane<S> {
    const PARTS: usize = WORDS / S::U32_LANES;

    #[inline(always)]
    fn splat(simd: S, word: u32) -> Self {
        Self([simd.splat_u32s(word); WORDS])
    }

    #[inline(always)]
    fn load(simd: S, words: &[u32; WORDS]) -> Self {
        let mut plane = Self::splat(simd, 0);
        let (parts, _) = S::as_simd_u32s(words);
        plane.0[..Self::PARTS].copy_from_slice(parts);
        plane
    }

    #[inline(always)]
    fn words(self) -> [u32; WORDS] {
        let mut words = [0; WORDS];
        let (parts, _) = S::as_mut_simd_u32s(&mut words);
        parts.copy_from_slice(&self.0[..Self::PARTS]);
        words
    }

    #[inline(always)]
    fn zip(mut self, other: Self, of: impl Fn(S::u32s, S::u32s) -> S::u32s) -> Self {
        for part in 0..Self::PARTS {
            self.0[part] = of(self.0[part], other.0[part]);
        }
        self
    }

    #[inline(always)]
    fn and(self, simd: S, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| simd.and_u32s(a, b),
        )
    }

    #[inline(always)]
    fn or(self, simd: S, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| simd.or_u32s(a, b),
        )
    }

    #[inline(always)]
    fn xor(self, simd: S, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| simd.xor_u32s(a, b),
        )
    }

    #[inline(always)]
    fn not(self, simd: S) -> Self {
        self.zip(
            self,
            #[inline(always)]
            |a, _| simd.not_u32s(a),
        )
    }

    #[inline(always)]
    fn plus(self, simd: S, other: Self) -> Self {
        self.zip(
            other,
            #[inline(always)]
            |a, b| simd.add_u32s(a, b),
        )
    }

    #[inline(always)]
    fn shifted_left(self, simd: S, by: u32) -> Self {
        let by = Self::splat(simd, by);
        self.zip(
            by,
            #[inline(always)]
            |a, by| simd.wrapping_dyn_shl_u32s(a, by),
        )
    }

    #[inline(always)]
    fn rotated_left(self, simd: S, by: u32) -> Self {
        let right = Self::splat(simd, 32 - by);
        let low = self.zip(
            right,
            #[inline(always)]
            |a, by| simd.wrapping_dyn_shr_u32s(a, by),
        );
        self.shifted_left(simd, by).or(simd, low)
    }

    #[inline(always)]
    fn is_zero(self, simd: S) -> bool {
        let mut any = self.0[0];
        for part in 1..Self::PARTS {
            any = simd.or_u32s(any, self.0[part]);
        }
        let zero = simd.equal_u32s(any, simd.splat_u32s(0));
        simd.first_true_m32s(simd.not_m32s(zero)) >= S::U32_LANES
    }
}

/// The generator of [`Streams`], with its state in registers.
struct Source<S: Simd>([Plane<S>; 4]);

impl<S: Simd> Source<S> {
    #[inline(always)]
    fn bits(&mut self, simd: S) -> Plane<S> {
        let [a, b, c, d] = self.0;
        let bits = a.plus(simd, d).rotated_left(simd, 7).plus(simd, a);
        let shifted = b.shifted_left(simd, 9);
        let c = c.xor(simd, a);
        let d = d.xor(simd, b);
        let b = b.xor(simd, c);
        let a = a.xor(simd, d);
        self.0 = [a, b, c.xor(simd, shifted), d.rotated_left(simd, 11)];
        bits
    }
}

/// The cumulative shares of all categories but the last, in units of `2^-32`.
pub(super) fn thresholds(categories: &[u32]) -> Vec<u32> {
    let n: u64 = categories.iter().map(|&count| u64::from(count)).sum();
    let mut sum = 0;
    categories[..categories.len() - 1]
        .iter()
        .map(|&count| {
            sum += u64::from(count);
            ((sum << 32) / n) as u32
        })
        .collect()
}

/// Adds `draws` draws of every replicate of a block to its totals.
pub(super) struct Draw<'a> {
    pub(super) streams: &'a mut Streams<WORDS>,
    pub(super) thresholds: &'a [u32],
    pub(super) draws: u32,
    /// By group of replicates, then by category.
    pub(super) totals: &'a mut [[u32; GROUP]],
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        const { assert!(S::U32_LANES <= WORDS, "a register holds more than a plane") };
        while self.draws > 0 {
            let draws = self.draws.min((1 << DIGITS) - 1);
            match self.thresholds.len() {
                1 => self.run::<S, 1>(simd, draws),
                2 => self.run::<S, 2>(simd, draws),
                3 => self.run::<S, 3>(simd, draws),
                4 => self.run::<S, 4>(simd, draws),
                5 => self.run::<S, 5>(simd, draws),
                6 => self.run::<S, 6>(simd, draws),
                _ => self.run::<S, { MOST_CATEGORIES - 1 }>(simd, draws),
            }
            self.draws -= draws;
        }
    }
}

impl Draw<'_> {
    #[inline(always)]
    fn run<S: Simd, const T: usize>(&mut self, simd: S, draws: u32) {
        let mut masks = [[0; T]; 32];
        for (bit, row) in masks.iter_mut().enumerate() {
            for (mask, threshold) in row.iter_mut().zip(self.thresholds) {
                *mask = 0_u32.wrapping_sub((threshold >> (31 - bit)) & 1);
            }
        }
        // What is level with a share down to its last one bit is not below it.
        let used = masks.iter().rposition(|row| *row != [0; T]).unwrap_or(0) + 1;
        let masks = &masks[..used];

        let mut source = Source(self.streams.state.map(|words| Plane::load(simd, &words)));
        let depth = (32 - draws.leading_zeros()) as usize;
        let mut counters = [[Plane::<S>::splat(simd, 0); DIGITS]; T];
        for _ in 0..draws / 4 {
            let first = below::<S, T>(simd, &mut source, masks);
            let second = below::<S, T>(simd, &mut source, masks);
            let third = below::<S, T>(simd, &mut source, masks);
            let fourth = below::<S, T>(simd, &mut source, masks);
            for t in 0..T {
                let [ones, twos, rest @ ..] = &mut counters[t];
                let carry = add(simd, ones, first[t], second[t]);
                let other = add(simd, ones, third[t], fourth[t]);
                let carry = add(simd, twos, carry, other);
                increment(simd, &mut rest[..depth - 2], carry);
            }
        }
        for _ in 0..draws % 4 {
            let draw = below::<S, T>(simd, &mut source, masks);
            for t in 0..T {
                increment(simd, &mut counters[t][..depth], draw[t]);
            }
        }
        self.streams.state = source.0.map(Plane::words);

        let categories = T + 1;
        for totals in self.totals.chunks_exact_mut(categories) {
            for total in &mut totals[T] {
                *total += draws;
            }
        }
        for t in 0..T {
            let mut counts = [[0_u32; 32]; WORDS];
            for (bit, plane) in counters[t][..depth].iter().enumerate() {
                for (word, counts) in plane.words().into_iter().zip(&mut counts) {
                    for (lane, count) in counts.iter_mut().enumerate() {
                        *count |= ((word >> lane) & 1) << bit;
                    }
                }
            }
            // Counts up to the share after this category: the next one has counted them too many.
            for (totals, counts) in self
                .totals
                .chunks_exact_mut(categories)
                .zip(counts.as_flattened().as_chunks::<GROUP>().0)
            {
                for lane in 0..GROUP {
                    totals[t][lane] = totals[t][lane].wrapping_add(counts[lane]);
                    totals[t + 1][lane] = totals[t + 1][lane].wrapping_sub(counts[lane]);
                }
            }
        }
    }
}

/// For each share, which replicates' next number is below it.
#[inline(always)]
fn below<S: Simd, const T: usize>(
    simd: S,
    source: &mut Source<S>,
    masks: &[[u32; T]],
) -> [Plane<S>; T] {
    let mut below = [Plane::<S>::splat(simd, 0); T];
    let mut level = [Plane::<S>::splat(simd, u32::MAX); T];
    for (bit, row) in masks.iter().enumerate() {
        let zeros = source.bits(simd).not(simd);
        for t in 0..T {
            let one = Plane::splat(simd, row[t]);
            let zero = level[t].and(simd, zeros);
            below[t] = below[t].or(simd, zero.and(simd, one));
            level[t] = zero.xor(simd, level[t].and(simd, one));
        }
        if bit >= SURE {
            let mut open = level[0];
            for plane in &level[1..] {
                open = open.or(simd, *plane);
            }
            if open.is_zero(simd) {
                break;
            }
        }
    }
    below
}

/// Adds two planes to a digit; returns the carry.
#[inline(always)]
fn add<S: Simd>(simd: S, digit: &mut Plane<S>, a: Plane<S>, b: Plane<S>) -> Plane<S> {
    let half = digit.xor(simd, a);
    let carry = digit.and(simd, a).or(simd, half.and(simd, b));
    *digit = half.xor(simd, b);
    carry
}

/// Adds a plane to a number, lowest digit first.
#[inline(always)]
fn increment<S: Simd>(simd: S, digits: &mut [Plane<S>], mut carry: Plane<S>) {
    for digit in digits {
        let next = digit.and(simd, carry);
        *digit = digit.xor(simd, carry);
        carry = next;
    }
}
