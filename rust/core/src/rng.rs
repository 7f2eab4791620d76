//! Random streams that are addressed, not consumed: any part of a computation can be drawn anywhere.
//!
//! A [`Key`] is derived from the seed and from what the numbers are for: a question's identity and a
//! purpose. Stream `i` of a key starts from the `i`-th stretch of the `SplitMix64` sequence from that
//! key, so that a replicate has the same numbers on whatever thread or machine it is drawn.
//! The streams are xoshiro128++ (Blackman and Vigna, "Scrambled linear pseudorandom number
//! generators", 2021), several side by side so that the compiler can use vector registers.
//!
//! The bits are part of the interface: a change of them is a breaking change.

use crate::error::{Error, Result};
use std::array::from_fn;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of `SplitMix64`: a bijection that spreads every bit over all others.
const fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What a set of streams is for; streams of different purposes are unrelated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The samples of a replicate: one stream per replicate.
    Draws = 1,
    /// The answers of 32 replicates at once, a bit each: one stream per 32 replicates.
    Planes = 2,
    /// How often a question is in each replicate: one stream per replicate.
    Weights = 3,
    /// What a question may be like, given its samples: one stream per draw.
    Posterior = 4,
    /// How much a question counts when the population is estimated: one stream per estimate.
    Population = 5,
    /// The luck of a step in a simulated world: one stream per node.
    World = 6,
    /// The order in which the samples of a question are drawn: one stream per order.
    Orders = 7,
}

/// The address of a set of streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of the streams for one `purpose` of what has this `identity`.
    pub const fn new(seed: u64, identity: u64, purpose: Purpose) -> Self {
        let seeded = mixed(seed.wrapping_add(GOLDEN));
        let named = mixed((seeded ^ identity).wrapping_add(GOLDEN));
        Self(mixed(
            named.wrapping_add((purpose as u64).wrapping_mul(GOLDEN)),
        ))
    }
}

/// The identity of a thing by its names: FNV-1a over the names, each closed by a zero byte, mixed.
pub fn identity<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for name in names {
        for &byte in name.iter().chain(&[0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    mixed(hash)
}

/// The identity of a thing's child by its number.
pub const fn descendant(identity: u64, child: u32) -> u64 {
    mixed(identity.wrapping_add((child as u64 + 1).wrapping_mul(GOLDEN)))
}

/// A column of texts, packed, and which of them each row has: ends of the texts, with a leading zero,
/// their bytes, and a position per row.
pub type Texts<'a> = (&'a [i64], &'a [u8], &'a [i64]);

/// The identity of each row by its texts in several columns.
///
/// # Errors
///
/// [`Error::Shape`] if columns are of different lengths, or positions or offsets out of range.
pub fn identities(columns: &[Texts<'_>]) -> Result<Vec<u64>> {
    let rows = columns
        .first()
        .map_or(0, |(_, _, positions)| positions.len());
    (0..rows)
        .map(|row| {
            let names = columns
                .iter()
                .map(|&(offsets, data, positions)| {
                    let position = *positions.get(row)? as usize;
                    let (&start, &end) = (offsets.get(position)?, offsets.get(position + 1)?);
                    data.get(start as usize..end as usize)
                })
                .collect::<Option<Vec<&[u8]>>>();
            let names = names.ok_or_else(|| Error::Shape(format!("row {row} has no name")))?;
            Ok(identity(names))
        })
        .collect()
}

/// `N` neighbouring streams, advanced together.
#[derive(Debug, Clone)]
pub struct Streams<const N: usize> {
    pub(crate) state: [[u32; N]; 4],
}

impl<const N: usize> Streams<N> {
    /// The streams `first..first + N` of a key.
    #[inline(always)]
    pub fn new(key: Key, first: u64) -> Self {
        let half = |lane: usize, half: u64| {
            let position = (first + lane as u64) * 2 + half + 1;
            mixed(key.0.wrapping_add(position.wrapping_mul(GOLDEN)))
        };
        Self {
            state: [
                from_fn(|lane| half(lane, 0) as u32),
                from_fn(|lane| (half(lane, 0) >> 32) as u32),
                from_fn(|lane| half(lane, 1) as u32),
                // A state of zeros would stay there.
                from_fn(|lane| (half(lane, 1) >> 32) as u32 | 1),
            ],
        }
    }

    /// The next 32 bits of every stream.
    #[inline(always)]
    pub fn bits(&mut self) -> [u32; N] {
        let [a, b, c, d] = &mut self.state;
        let mut bits = [0; N];
        for lane in 0..N {
            bits[lane] = a[lane]
                .wrapping_add(d[lane])
                .rotate_left(7)
                .wrapping_add(a[lane]);
            let shifted = b[lane] << 9;
            c[lane] ^= a[lane];
            d[lane] ^= b[lane];
            b[lane] ^= c[lane];
            a[lane] ^= d[lane];
            c[lane] ^= shifted;
            d[lane] = d[lane].rotate_left(11);
        }
        bits
    }

    /// An integer in `0..bound` of every stream; no set of values is off its probability by more
    /// than `bound / 2^32`, no lower or upper part of them by more than `2^-32`.
    #[inline(always)]
    pub fn below(&mut self, bound: u32) -> [u32; N] {
        let bits = self.bits();
        from_fn(|lane| ((u64::from(bits[lane]) * u64::from(bound)) >> 32) as u32)
    }

    /// One of the streams by itself.
    pub fn lane(&self, lane: usize) -> Streams<1> {
        Streams {
            state: self.state.map(|word| [word[lane]]),
        }
    }

    /// Puts a stream taken out by [`Streams::lane`] back.
    pub fn set_lane(&mut self, lane: usize, stream: &Streams<1>) {
        for (word, [value]) in self.state.iter_mut().zip(stream.state) {
            word[lane] = value;
        }
    }
}

impl Streams<1> {
    /// The next number of the open interval (0, 1), with 52 bits.
    pub fn unit(&mut self) -> f64 {
        let ([high], [low]) = (self.bits(), self.bits());
        let bits = (u64::from(high) << 20) | u64::from(low >> 12);
        (bits as f64 + 0.5) / (1_u64 << 52) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_alone_and_among_others() {
        let key = Key::new(7, identity([b"question".as_slice()]), Purpose::Draws);
        let mut together = Streams::<8>::new(key, 16);
        let mut alone: Vec<_> = (16..24).map(|i| Streams::<1>::new(key, i)).collect();
        for _ in 0..10 {
            let bits = together.bits();
            assert_eq!(bits, from_fn(|lane| alone[lane].bits()[0]));
        }
        assert_eq!(together.lane(3).bits(), alone[3].bits());
    }

    #[test]
    fn the_bits_never_change() {
        let key = Key::new(2026, identity([b"a".as_slice(), b"b"]), Purpose::Planes);
        let mut streams = Streams::<2>::new(key, 3);
        streams.bits();
        assert_eq!(streams.bits(), [169_109_961, 2_827_785_439]);
        assert_eq!(streams.lane(1).unit().to_bits(), 4_599_273_274_035_309_234);
    }

    #[test]
    fn the_generator_is_the_published_one() {
        let mut streams = Streams::<1> {
            state: [[1], [2], [3], [4]],
        };
        // (1 + 4) rotated by 7, plus 1; the next from the state after one step.
        assert_eq!(streams.bits(), [641]);
        assert_eq!(streams.state, [[7], [0], [1026], [6 << 11]]);
    }

    #[test]
    fn integers_stay_below_their_bound_and_reach_every_value() {
        let mut streams = Streams::<4>::new(Key::new(1, 2, Purpose::Draws), 0);
        let mut seen = [0; 7];
        for _ in 0..100 {
            for value in streams.below(7) {
                seen[value as usize] += 1;
            }
        }
        assert!(seen.iter().all(|&count| count > 30), "{seen:?}");
    }

    #[test]
    fn names_do_not_run_into_each_other() {
        let of = |names: &[&str]| identity(names.iter().map(|name| name.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
    }
}
