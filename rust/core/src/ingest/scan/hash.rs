//! The hash that files of tallies are built on: the same on every machine and in every version.
//!
//! `MurmurHash3`, its variant of 128 bits for 64-bit machines, with seed 0. It stands for the text
//! of an answer, so that two answers of a question are taken for one with a probability of
//! about 2^-128 a pair, and it decides the bucket of a question.

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// The hash of `text`: two words of 64 bits.
pub(super) fn hash(text: &[u8]) -> [u64; 2] {
    let (mut first, mut second) = (0_u64, 0_u64);
    let mut blocks = text.chunks_exact(16);
    for block in &mut blocks {
        first ^= scrambled_first(word(&block[..8]));
        first = first
            .rotate_left(27)
            .wrapping_add(second)
            .wrapping_mul(5)
            .wrapping_add(0x52dc_e729);
        second ^= scrambled_second(word(&block[8..]));
        second = second
            .rotate_left(31)
            .wrapping_add(first)
            .wrapping_mul(5)
            .wrapping_add(0x3849_5ab5);
    }
    let (low, high) = blocks.remainder().split_at(blocks.remainder().len().min(8));
    second ^= scrambled_second(word(high));
    first ^= scrambled_first(word(low));

    let length = text.len() as u64;
    first ^= length;
    second ^= length;
    first = first.wrapping_add(second);
    second = second.wrapping_add(first);
    first = mixed(first);
    second = mixed(second);
    first = first.wrapping_add(second);
    second = second.wrapping_add(first);
    [first, second]
}

/// Up to eight bytes as a number, the first one lowest.
pub(super) fn word(bytes: &[u8]) -> u64 {
    let mut padded = [0; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(padded)
}

fn scrambled_first(word: u64) -> u64 {
    word.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn scrambled_second(word: u64) -> u64 {
    word.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn mixed(mut word: u64) -> u64 {
    word ^= word >> 33;
    word = word.wrapping_mul(0xff51_afd7_ed55_8ccd);
    word ^= word >> 33;
    word = word.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_the_published_function() {
        assert_eq!(hash(b""), [0, 0]);
        assert_eq!(
            hash(b"hello"),
            [0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19]
        );
        assert_eq!(
            hash(b"The quick brown fox jumps over the lazy dog"),
            [0xe34b_bc7b_bc07_1b6c, 0x7a43_3ca9_c49a_9347]
        );
    }
}
