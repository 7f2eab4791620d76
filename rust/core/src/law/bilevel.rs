//! Two kinds of questions: a share `alpha` is answered right with probability `p1 >= 1/2` in every
//! call, the others with `p2 <= 1/2`.
//!
//! For given `p1` and `p2` the best share is one-dimensional, whether it is the sum of squares of a
//! curve or the likelihood of counts that is to be best. A grid of pairs finds the basins, Newton
//! steps their bottoms.

mod counts;
mod curve;

pub use counts::fits as fits_of_counts;
pub use curve::fits as fits_of_curves;

use super::descent::{Bounds, Surface, descend};

/// The bounds of `p1` and `p2`. A likelihood has no derivative where either is certain.
const BOUNDS: Bounds = Bounds {
    low: [0.5, 1e-9],
    high: [1.0 - 1e-9, 0.5],
};

/// Places to start from, as distances of `p1` from 1 and of `p2` from 0.
const DISTANCES: [f64; 10] = [0.001, 0.01, 0.04, 0.1, 0.17, 0.24, 0.31, 0.38, 0.44, 0.49];

/// Best starts that are followed.
const STARTS: usize = 6;

/// The fit of one curve or of one set of questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bilevel {
    /// The share of questions with `p1`.
    pub alpha: f64,
    /// The probability of a correct answer of the first kind of questions.
    pub high: f64,
    /// The same of the second kind.
    pub low: f64,
    /// The sum of squares of a curve, or the mean log-likelihood of a question.
    pub objective: f64,
}

/// All pairs to start from.
fn pairs() -> impl Iterator<Item = [f64; 2]> {
    DISTANCES
        .into_iter()
        .flat_map(|high| DISTANCES.map(|low| [1.0 - high, low]))
}

/// The lowest point found from the best of the pairs: alpha, p1, p2 and the value.
fn lowest(precision: f64, mut evaluate: impl FnMut([f64; 2]) -> (f64, Surface)) -> Bilevel {
    let mut starts: Vec<([f64; 2], f64)> =
        pairs().map(|pair| (pair, evaluate(pair).1.value)).collect();
    starts.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut best = (starts[0].0, f64::INFINITY);
    for &(start, _) in &starts[..STARTS] {
        let found = descend(start, BOUNDS, precision, |point| evaluate(point).1);
        if found.1 < best.1 {
            best = found;
        }
    }
    Bilevel {
        alpha: evaluate(best.0).0,
        high: best.0[0],
        low: best.0[1],
        objective: best.1,
    }
}

/// Second derivatives of the two probabilities when the share follows along.
fn reduced(full: [f64; 3], mixed: [f64; 2], curvature: f64, follows: bool) -> [f64; 3] {
    if !(follows && curvature > 0.0) {
        return full;
    }
    [
        full[0] - mixed[0] * mixed[0] / curvature,
        full[1] - mixed[0] * mixed[1] / curvature,
        full[2] - mixed[1] * mixed[1] / curvature,
    ]
}
