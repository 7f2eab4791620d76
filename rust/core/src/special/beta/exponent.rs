//! The factor `x^a (1-x)^b / B(a, b)`, which every expansion has in front.
//!
//! With `n = a + b` and `d = x n - a`, which is `b - (1-x) n`, it is `g exp(-E)`, where
//! `E = a D(d/a) + b D(-d/b)` with `D(u) = u - ln(1 + u) >= 0`, and `g` is what Stirling's formula leaves of the
//! gamma functions. Nothing cancels in `E`, but its rounding error is a relative error of the result, and it may be
//! as large as 700; so it is computed to twice the precision, from a difference `d` that is all but exact.

use super::stirling::stirling;
use crate::special::double_double::{
    Double, excess_near_zero, excess_over_logarithm, exponential, scaled,
};
use std::f64::consts::TAU;

/// What depends on `a` and `b` alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) n: Double,
    inverse_a: Double,
    inverse_b: Double,
}

impl Pair {
    #[inline(always)]
    pub(super) fn new(a: f64, b: f64) -> Self {
        let n = Double::sum(a, b);
        let one = Double::from(1.0);
        Self {
            a,
            b,
            n,
            inverse_a: one.over(a.into()),
            inverse_b: one.over(b.into()),
        }
    }

    /// `d` at `x`, and its shares of `a` and of `-b`.
    #[inline(always)]
    pub(super) fn distances(&self, x: Double) -> (f64, Double, Double) {
        let difference = self.n.times(x).plus_single(-self.a);
        (
            difference.hi,
            difference.times(self.inverse_a),
            difference.times(self.inverse_b).negative(),
        )
    }

    /// `E` where both shares are near zero.
    #[inline(always)]
    pub(super) fn exponent_near_mean(&self, first: Double, second: Double) -> Double {
        excess_near_zero(first)
            .times_single(self.a)
            .plus(excess_near_zero(second).times_single(self.b))
    }

    /// `E` at `x` and `y = 1 - x`, anywhere.
    #[inline(always)]
    pub(super) fn exponent(&self, x: Double, y: Double) -> Double {
        let (_, first, second) = self.distances(x);
        let (right, wrong) = (self.n.times(x), self.n.times(y));
        let first = excess_over_logarithm(first, right.times(self.inverse_a));
        let second = excess_over_logarithm(second, wrong.times(self.inverse_b));
        first.times_single(self.a).plus(second.times_single(self.b))
    }
}

/// Pairs in vector lanes.
#[derive(Clone, Debug)]
pub(super) struct Pairs<const LANES: usize> {
    pub(super) a: [f64; LANES],
    pub(super) b: [f64; LANES],
    pub(super) n: [f64; LANES],
    n_rest: [f64; LANES],
    inverse_a: [[f64; LANES]; 2],
    inverse_b: [[f64; LANES]; 2],
    /// The factor at the mean `x = a / n`.
    pub(super) peak: [f64; LANES],
}

impl<const LANES: usize> Pairs<LANES> {
    /// No pairs yet: no number equals these.
    pub(super) const NONE: Self = {
        let none = [f64::NAN; LANES];
        Self {
            a: none,
            b: none,
            n: none,
            n_rest: none,
            inverse_a: [none; 2],
            inverse_b: [none; 2],
            peak: none,
        }
    };

    #[inline(always)]
    pub(super) fn new(a: &[f64; LANES], b: &[f64; LANES]) -> Self {
        let mut pairs = Self::NONE;
        (pairs.a, pairs.b) = (*a, *b);
        for lane in 0..LANES {
            let pair = Pair::new(a[lane], b[lane]);
            (pairs.n[lane], pairs.n_rest[lane]) = (pair.n.hi, pair.n.lo);
            pairs.inverse_a[0][lane] = pair.inverse_a.hi;
            pairs.inverse_a[1][lane] = pair.inverse_a.lo;
            pairs.inverse_b[0][lane] = pair.inverse_b.hi;
            pairs.inverse_b[1][lane] = pair.inverse_b.lo;
        }
        pairs
    }

    #[inline(always)]
    pub(super) fn find_peaks(&mut self) {
        let Self { a, b, n, .. } = self;
        for lane in 0..LANES {
            let corrections = stirling(a[lane]) * stirling(b[lane]) / stirling(n[lane]);
            let shape = (a[lane] * (b[lane] / n[lane]) / TAU).sqrt();
            self.peak[lane] = shape * corrections;
        }
    }

    /// The pair of a lane.
    #[inline(always)]
    pub(super) fn lane(&self, lane: usize) -> Pair {
        Pair {
            a: self.a[lane],
            b: self.b[lane],
            n: Double {
                hi: self.n[lane],
                lo: self.n_rest[lane],
            },
            inverse_a: Double {
                hi: self.inverse_a[0][lane],
                lo: self.inverse_a[1][lane],
            },
            inverse_b: Double {
                hi: self.inverse_b[0][lane],
                lo: self.inverse_b[1][lane],
            },
        }
    }
}

/// `x^a (1-x)^b / B(a, b)` for positive `a` and `b` and `0 <= x <= 1`.
pub fn power_front(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let mut pair = Pairs::new(&[a], &[b]);
    pair.find_peaks();
    let (pair, peak) = (pair.lane(0), pair.peak[0]);
    let exponent = pair.exponent(x.into(), Double::sum(1.0, -x));
    let (fraction, power) = exponential(exponent.negative());
    scaled(peak * fraction, power)
}
