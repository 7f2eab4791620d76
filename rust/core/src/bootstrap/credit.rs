//! Credit as an exact integer, so that no sum depends on its order.

use crate::vote::Ties;

/// The credit of a right answer: a multiple of every number up to 16, so that fair shares of up to
/// sixteen tied answers are exact. Shares among more are short by less than one part in 2^31.
pub const UNIT: u32 = 720_720 << 12;

/// `part / whole` as credit, rounded down; all of it is exactly [`UNIT`].
pub(crate) fn share(part: u64, whole: u64) -> u32 {
    (u128::from(part) * u128::from(UNIT) / u128::from(whole)) as u32
}

/// The credit of each answer that shares the first place with `tied - 1` others, by `tied`.
pub(super) fn shares(ties: Ties, answers: usize) -> Vec<u32> {
    (0..=answers as u64)
        .map(|tied| match (tied, ties) {
            (0, _) => 0,
            (1, _) => UNIT,
            (_, Ties::Wrong) => 0,
            (_, Ties::Split | Ties::First) => share(1, tied),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_up_to_sixteen_are_exact() {
        for whole in 1..=16 {
            assert_eq!(u64::from(share(1, whole)) * whole, u64::from(UNIT));
        }
        assert_eq!(share(23, 23), UNIT);
    }
}
