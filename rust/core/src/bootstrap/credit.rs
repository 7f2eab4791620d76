//! Credit as an exact integer, so that no sum depends on its order.

/// The credit of a right answer: a multiple of every number up to 16, so that fair shares of up to
/// sixteen tied answers are exact. Shares among more are short by less than one part in 2^31.
pub const UNIT: u32 = 720_720 << 12;

/// `part / whole` as credit, rounded down; all of it is exactly [`UNIT`].
pub(crate) fn share(part: u64, whole: u64) -> u32 {
    (u128::from(part) * u128::from(UNIT) / u128::from(whole)) as u32
}

/// [`share`] in arithmetic that the compiler can use vector registers for; 0 of 0 is anything.
///
/// The quotient is at least `1 / whole` away from the next whole number, or is one, and its rounding
/// error below `2^-20`, so that rounding down is exact for `whole` up to `2^20`.
#[inline(always)]
pub(super) fn quick_share(part: u32, whole: u32) -> u32 {
    /// A float whose last bit stands for one.
    const ONES: f64 = (1_u64 << 52) as f64;
    let quotient = f64::from(part) * f64::from(UNIT) / f64::from(whole);
    (quotient.floor() + ONES).to_bits() as u32
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

    #[test]
    fn quick_shares_are_shares() {
        for whole in (1..300).chain([1 << 19, (1 << 20) - 1]) {
            for part in (0..=whole).step_by(whole as usize / 50 + 1).chain([whole]) {
                assert_eq!(quick_share(part, whole), share(part.into(), whole.into()));
            }
        }
    }
}
