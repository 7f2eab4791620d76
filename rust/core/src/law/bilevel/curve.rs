//! Least squares to the mean curve of a data set.

use super::{Bilevel, lowest, reduced};
use crate::error::{Error, Result};
use crate::law::binary::{self, Jet};
use crate::law::descent::Surface;
use crate::work::{Interrupted, Watch};
use rayon::prelude::*;

/// Fits `alpha F(K; p1) + (1 - alpha) F(K; p2)` to each row of `curves`, rows x numbers of calls.
///
/// # Errors
///
/// [`Error::Shape`] if `k` does not increase from at least 1, or the rows are not of these `k`.
pub fn fits(k: &[usize], curves: &[f64], watch: &Watch) -> Result<Vec<Bilevel>> {
    binary::check(k)?;
    if !curves.len().is_multiple_of(k.len()) || !curves.iter().all(|score| score.is_finite()) {
        return Err(Error::Shape(
            "curves must be finite scores after each number of calls".into(),
        ));
    }
    let rows: Vec<&[f64]> = curves.chunks(k.len()).collect();
    let fits = rows
        .par_iter()
        .map_init(<(Vec<Jet>, Vec<Jet>)>::default, |(high, low), &curve| {
            watch.check()?;
            let norm: f64 = curve.iter().map(|t| t * t).sum();
            Ok(lowest(1e-16 * norm, |[p1, p2]| {
                binary::jets(p1, k, high);
                binary::jets(p2, k, low);
                surface(curve, high, low)
            }))
        })
        .collect::<std::result::Result<Vec<_>, Interrupted>>()?;
    Ok(fits)
}

/// The best share, and the sum of squares by `p1` and `p2`.
fn surface(curve: &[f64], high: &[Jet], low: &[Jet]) -> (f64, Surface) {
    let (mut product, mut square) = (0.0, 0.0);
    for ((target, one), other) in curve.iter().zip(high).zip(low) {
        let apart = one[0] - other[0];
        product += (target - other[0]) * apart;
        square += apart * apart;
    }
    let best = if square > 0.0 { product / square } else { 0.5 };
    let alpha = best.clamp(0.0, 1.0);
    let mut value = 0.0;
    let mut gradient = [0.0; 2];
    let (mut exact, mut convex) = ([0.0; 3], [0.0; 3]);
    let (mut mixed, mut convex_mixed) = ([0.0; 2], [0.0; 2]);
    for ((target, one), other) in curve.iter().zip(high).zip(low) {
        let apart = one[0] - other[0];
        let residual = other[0] + alpha * apart - target;
        let slopes = [alpha * one[1], (1.0 - alpha) * other[1]];
        value += residual * residual;
        for i in [0, 1] {
            gradient[i] += 2.0 * residual * slopes[i];
            convex_mixed[i] += 2.0 * apart * slopes[i];
        }
        mixed[0] += 2.0 * residual * one[1];
        mixed[1] -= 2.0 * residual * other[1];
        convex[0] += 2.0 * slopes[0] * slopes[0];
        convex[1] += 2.0 * slopes[0] * slopes[1];
        convex[2] += 2.0 * slopes[1] * slopes[1];
        exact[0] += 2.0 * residual * alpha * one[2];
        exact[2] += 2.0 * residual * (1.0 - alpha) * other[2];
    }
    for i in [0, 1, 2] {
        exact[i] += convex[i];
    }
    for i in [0, 1] {
        mixed[i] += convex_mixed[i];
    }
    let follows = (0.0..1.0).contains(&best) && best > 0.0;
    let surface = Surface {
        value,
        gradient,
        hessian: reduced(exact, mixed, 2.0 * square, follows),
        convex: reduced(convex, convex_mixed, 2.0 * square, follows),
    };
    (alpha, surface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let (k, curve) = ([1, 3, 9, 25], [0.61, 0.66, 0.64, 0.6]);
        let at = |p1: f64, p2: f64| {
            let (mut high, mut low) = (Vec::new(), Vec::new());
            binary::jets(p1, &k, &mut high);
            binary::jets(p2, &k, &mut low);
            surface(&curve, &high, &low).1
        };
        let (x, y, h) = (0.8, 0.3, 1e-6);
        let here = at(x, y);
        let slopes = [
            (at(x + h, y).value - at(x - h, y).value) / (2.0 * h),
            (at(x, y + h).value - at(x, y - h).value) / (2.0 * h),
        ];
        let bends = [
            (at(x + h, y).gradient[0] - at(x - h, y).gradient[0]) / (2.0 * h),
            (at(x, y + h).gradient[0] - at(x, y - h).gradient[0]) / (2.0 * h),
            (at(x, y + h).gradient[1] - at(x, y - h).gradient[1]) / (2.0 * h),
        ];
        for (exact, difference) in here.gradient.iter().zip(slopes) {
            assert!((exact - difference).abs() < 1e-7, "{exact} {difference}");
        }
        for (exact, difference) in here.hessian.iter().zip(bends) {
            assert!((exact - difference).abs() < 1e-6, "{exact} {difference}");
        }
    }
}
