//! Votes between two answers: `F(K) = I_p((K+1)/2, (K+1)/2)` for odd `K`, and an even vote split fairly is as good as
//! one call less.
//!
//! Two neighbours differ by `F(2m+1) - F(2m-1) = C(2m, m) (pq)^m (p - 1/2)`, so a dense grid costs a few operations per
//! point. The differences are added to the smaller of `F` and `1 - F`, from the last point to the first: all terms are
//! positive then, and rare wins keep their relative precision.

use crate::special::beta::{Tail, incomplete, power_front};

/// What an even split of the votes is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvenSplit {
    /// Half a win.
    Split,
    /// A loss.
    Wrong,
    /// A win.
    Right,
}

/// Steps of the recurrence before the next point is found anew: rounding errors grow with each.
const STEPS: u64 = 32;
/// Below this the terms of the recurrence lose digits to underflow.
const LEAST: f64 = 1e-290;

/// The chance that a majority of `k` calls is right, each right with chance `p`, of each pair of `p` and `k >= 1`.
///
/// `p` and `k` have the length of `out`, or 1 to stand for that many equal values. `p` outside [0, 1] gives NaN.
pub fn binary_vote(p: &[f64], k: &[u64], ties: EvenSplit, out: &mut [f64]) {
    let points: Vec<Point> = (0..out.len())
        .map(|index| {
            let p = p[if p.len() == 1 { 0 } else { index }];
            let k = k[if k.len() == 1 { 0 } else { index }];
            Point::new(p, k, ties)
        })
        .collect();
    // From the last to the first: who follows from the one behind, and by how many steps.
    let mut steps: Vec<Option<u64>> = vec![None; points.len()];
    let mut since = 0;
    for index in (0..points.len().saturating_sub(1)).rev() {
        steps[index] = points[index].before(&points[index + 1]);
        since = steps[index].map_or(0, |more| since + more);
        if since > STEPS {
            steps[index] = None;
            since = 0;
        }
    }
    let anchors: Vec<usize> = (0..points.len()).filter(|&i| steps[i].is_none()).collect();
    tails(&points, &anchors, out);
    follow(&points, &steps, out);
    for (point, out) in points.iter().zip(out) {
        if point.complement {
            *out = 1.0 - *out;
        }
    }
}

/// `C(2m, m) (pq)^m (p - 1/2)`, what the step from `2m - 1` calls to `2m + 1` adds, of each pair of `p` and `m >= 1`.
///
/// Lengths as in [`binary_vote`].
pub fn increment(p: &[f64], m: &[u64], out: &mut [f64]) {
    for (index, out) in out.iter_mut().enumerate() {
        let p = p[if p.len() == 1 { 0 } else { index }];
        *out = increment_of(p, m[if m.len() == 1 { 0 } else { index }]);
    }
}

fn increment_of(p: f64, m: u64) -> f64 {
    let order = m as f64;
    2.0 / order * (p - 0.5) * power_front(order, order, p)
}

/// Find `I_rare(a, b)`.
#[derive(Clone, Copy)]
struct Point {
    rare: f64,
    a: u64,
    b: u64,
    complement: bool,
}

impl Point {
    fn new(p: f64, k: u64, ties: EvenSplit) -> Self {
        let half = k / 2;
        // Wins and losses that decide: the vote is won with at least the first number.
        let (wins, losses) = if k % 2 == 1 {
            (half + 1, half + 1)
        } else {
            match ties {
                EvenSplit::Split => (half, half),
                EvenSplit::Wrong => (half + 1, half),
                EvenSplit::Right => (half, half + 1),
            }
        };
        let complement = p > 0.5;
        Self {
            rare: if complement { 1.0 - p } else { p },
            a: if complement { losses } else { wins },
            b: if complement { wins } else { losses },
            complement,
        }
    }

    /// The steps from `next` back to here, if the recurrence leads here.
    #[expect(clippy::float_cmp, reason = "the same chance is the same double")]
    fn before(&self, next: &Self) -> Option<u64> {
        let level = self.a == self.b && next.a == next.b;
        let same = self.rare == next.rare && self.complement == next.complement;
        (level && same)
            .then(|| next.a.checked_sub(self.a))
            .flatten()
            .filter(|&steps| steps <= STEPS)
    }
}

/// The tails of the points with these indices.
fn tails(points: &[Point], indices: &[usize], out: &mut [f64]) {
    let of = |value: &dyn Fn(&Point) -> f64| -> Vec<f64> {
        indices.iter().map(|&index| value(&points[index])).collect()
    };
    let (a, b) = (of(&|point| point.a as f64), of(&|point| point.b as f64));
    let rare = of(&|point| point.rare);
    let mut values = vec![0.0; indices.len()];
    incomplete(&a, &b, &rare, Tail::Lower, &mut values);
    for (&index, value) in indices.iter().zip(values) {
        out[index] = value;
    }
}

/// Goes from each anchor back to the points that follow from it.
fn follow(points: &[Point], steps: &[Option<u64>], out: &mut [f64]) {
    let mut term = Term::default();
    for index in (0..points.len()).rev() {
        let Some(steps) = steps[index] else {
            term = Term::default();
            continue;
        };
        let point = &points[index];
        let mut tail = out[index + 1];
        if tail < LEAST {
            tails(points, &[index], out);
            term = Term::default();
            continue;
        }
        for m in (point.a..point.a + steps).rev() {
            tail += term.at(m, point.rare);
        }
        out[index] = tail;
    }
}

/// `C(2m, m) (pq)^m (1/2 - p)`, for `m` that fall one by one.
#[derive(Default)]
struct Term {
    m: u64,
    value: f64,
}

impl Term {
    fn at(&mut self, m: u64, p: f64) -> f64 {
        let order = m as f64;
        self.value = if self.m == m + 1 {
            let next = order + 1.0;
            self.value * (next / (2.0 * (2.0 * next - 1.0))) / (p * (1.0 - p))
        } else {
            -increment_of(p, m)
        };
        self.m = m;
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(p: f64, k: &[u64], ties: EvenSplit) -> Vec<f64> {
        let mut out = vec![0.0; k.len()];
        binary_vote(&[p], k, ties, &mut out);
        out
    }

    #[test]
    fn a_dense_grid_and_lone_points_agree() {
        let k: Vec<u64> = (1..400).collect();
        for p in [0.0, 1e-3, 0.2, 0.45, 0.5, 0.55, 0.7, 1.0] {
            let dense = vote(p, &k, EvenSplit::Split);
            for (&k, value) in k.iter().zip(dense) {
                let alone = vote(p, &[k], EvenSplit::Split)[0];
                assert!(
                    (value - alone).abs() <= 2e-14 * alone,
                    "p={p} k={k}: {value} {alone}"
                );
            }
        }
    }

    #[test]
    fn an_even_split_lies_between_its_two_prices() {
        for p in [0.1, 0.5, 0.6, 0.99] {
            let at = |ties| vote(p, &[10], ties)[0];
            let middle = f64::midpoint(at(EvenSplit::Wrong), at(EvenSplit::Right));
            assert!((at(EvenSplit::Split) / middle - 1.0).abs() < 1e-14);
        }
    }
}
