//! The contour integral: a coefficient as a trapezoidal sum over a circle.
//!
//! On the circle of [`Tilt`]'s radius the integrand is a characteristic function, the sum of
//! `w_0(t) z^t prod_j (S_j(t; z) + y w_j(t) z^t)` over the winner's votes `t`, with Poisson or
//! binomial masses `w_j` and their truncated sums `S_j(t; z) = sum_{i<t} w_j(i) z^i`. The total
//! number of draws has a standard deviation of about `sqrt k`, so some `10 sqrt k` points resolve it
//! to double precision; half of them by conjugate symmetry. One circle serves every `k` within two
//! standard deviations of its centre.
//!
//! Only what can matter is computed, each cut being a bound relative to the result: `t` within nine
//! standard deviations of a typical win; rivals that can catch up (the rest is one inert pool in
//! closed form); as many quadrature nodes in `y` as the likelihood of a tie asks for; and points of
//! the circle up to where the integrand is bounded by the rounding error.

mod circle;
mod integrand;
mod lanes;
mod masses;

use super::{Contest, Design};
use crate::vote::Ties;
use crate::work::{Interrupted, Watch};
use circle::Circle;
use rayon::prelude::*;

/// What is left out of a sum, relative to the sum.
const NEGLIGIBLE: f64 = 1e-16;

/// An estimate of the time [`win_shares`] takes, in multiply-adds of the programme.
pub(super) fn cost(contest: &Contest, k: &[usize], design: Design) -> f64 {
    let n = contest.n();
    let mut cost = 0.0;
    let mut covered = 0.0;
    for &k in k {
        let (draws, finite) = match design {
            Design::WithReplacement => (k as f64, 1.0),
            Design::WithoutReplacement => (k as f64, 1.0 - k as f64 / n),
        };
        let deviation = (draws * finite).sqrt();
        if draws < covered {
            continue;
        }
        covered = draws + 4.0 * deviation;
        let points = (8.0 * deviation + 20.0) / 2.0;
        let votes = 16.0 * (draws * contest.candidate / n).sqrt() + 20.0;
        let members: f64 = contest
            .rivals
            .iter()
            .map(|peers| f64::from(peers.answers))
            .sum();
        let factors: f64 = contest.rivals.len() as f64 + members.log2().max(0.0);
        let nodes = (members / 2.0).clamp(1.0, 5.0);
        cost += points * (votes.min(draws) * factors * (4.0 + 6.0 * nodes) + 400.0);
    }
    cost
}

/// The candidate's expected share of first place after each of `k` draws, in the order of `k`.
pub(super) fn win_shares(
    contest: &Contest,
    k: &[usize],
    design: Design,
    ties: Ties,
    watch: &Watch,
) -> Result<Vec<f64>, Interrupted> {
    let mut order: Vec<usize> = (0..k.len()).collect();
    order.sort_unstable_by_key(|&i| k[i]);
    let sorted: Vec<usize> = order.iter().map(|&i| k[i]).collect();
    let blocks: Vec<&[usize]> = blocks(&sorted, contest, design);
    let shares: Vec<Vec<f64>> = blocks
        .par_iter()
        .map(|block| block_shares(contest, block, design, ties, watch))
        .collect::<Result<_, _>>()?;
    let mut out = vec![0.0; k.len()];
    for (&i, share) in order.iter().zip(shares.into_iter().flatten()) {
        out[i] = share;
    }
    Ok(out)
}

/// Runs of `k` that one circle serves: four standard deviations wide.
fn blocks<'k>(sorted: &'k [usize], contest: &Contest, design: Design) -> Vec<&'k [usize]> {
    let mut blocks = Vec::new();
    let mut rest = sorted;
    while let Some(&first) = rest.first() {
        let first = first as f64;
        let variance = match design {
            Design::WithReplacement => first,
            Design::WithoutReplacement => first * (1.0 - first / contest.n()),
        };
        let last = first + 4.0 * variance.max(0.0).sqrt();
        let (block, others) = rest.split_at(rest.partition_point(|&k| k as f64 <= last).max(1));
        blocks.push(block);
        rest = others;
    }
    blocks
}

fn block_shares(
    contest: &Contest,
    k: &[usize],
    design: Design,
    ties: Ties,
    watch: &Watch,
) -> Result<Vec<f64>, Interrupted> {
    // The whole log is a single draw, and so is what an unreachable win leaves: no circle needed.
    let attainable = most_draws_of_a_win(contest, design, ties);
    let mut shares = vec![0.0; k.len()];
    let whole = match design {
        Design::WithoutReplacement => contest.n() as usize,
        Design::WithReplacement => usize::MAX,
    };
    for (share, &k) in shares.iter_mut().zip(k) {
        if k == whole {
            *share = share_of_whole_log(contest, ties);
        }
    }
    let inside: Vec<usize> = k
        .iter()
        .copied()
        .filter(|&k| k < whole && k <= attainable)
        .collect();
    if let (Some(&first), Some(&last)) = (inside.first(), inside.last()) {
        let centre = 0.5 * (first + last) as f64;
        if let Some(circle) = Circle::new(contest, centre, last - first, last, design, ties) {
            let values = circle.integrate(watch)?;
            for (share, &k) in shares.iter_mut().zip(&inside) {
                *share = circle.share(&values, k);
            }
        }
    }
    Ok(shares)
}

/// The most draws, without replacement, that leave the candidate in first place.
fn most_draws_of_a_win(contest: &Contest, design: Design, ties: Ties) -> usize {
    if design == Design::WithReplacement {
        return usize::MAX;
    }
    let candidate = contest.candidate as usize;
    let limit = match ties {
        Ties::Split | Ties::First => candidate,
        Ties::Wrong => candidate - 1,
    };
    let rivals = contest.rivals.iter();
    rivals
        .map(|peers| limit.min(peers.mass as usize) * peers.answers as usize)
        .sum::<usize>()
        + candidate
        + contest.inert as usize
}

/// The candidate's share when every sample is drawn.
fn share_of_whole_log(contest: &Contest, ties: Ties) -> f64 {
    let level = match contest.rivals.first() {
        Some(ahead) if ahead.mass > contest.candidate => return 0.0,
        Some(ahead) if ahead.mass >= contest.candidate => ahead.answers,
        _ => return 1.0,
    };
    match ties {
        Ties::Split | Ties::First => 1.0 / f64::from(level + 1),
        Ties::Wrong => 0.0,
    }
}
