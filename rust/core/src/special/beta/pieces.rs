//! Polynomials by pieces, two to each power of two.

/// `PIECES / 2` powers of two from `first` on; a piece is a polynomial in the distance from its middle, in units of the
/// power of two below it.
pub(super) struct Pieces<const PIECES: usize, const TERMS: usize> {
    pub(super) first: f64,
    pub(super) coefficients: [[f64; TERMS]; PIECES],
}

impl<const PIECES: usize, const TERMS: usize> Pieces<PIECES, TERMS> {
    /// The value at `x >= first`. Beyond the last piece it is of no meaning.
    #[inline(always)]
    pub(super) fn at(&self, x: f64) -> f64 {
        let bits = x.to_bits();
        let pieces = (bits >> 51).saturating_sub(self.first.to_bits() >> 51);
        let piece = (pieces as usize).min(PIECES - 1);
        let fraction = f64::from_bits((bits & FRACTION) | ONE);
        let middle = if piece.is_multiple_of(2) { 1.25 } else { 1.75 };
        polynomial(&self.coefficients[piece], fraction - middle)
    }
}

const FRACTION: u64 = (1 << 52) - 1;
const ONE: u64 = 1023 << 52;

/// The polynomial with these coefficients, the constant first.
#[inline(always)]
pub(super) fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, &coefficient| x.mul_add(sum, coefficient))
}
