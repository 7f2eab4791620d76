//! One circle: what is integrated on it, and how finely.

use super::NEGLIGIBLE;
use super::masses::{Masses, log_mass};
use crate::exact::Design;
use crate::exact::plurality::Contest;
use crate::exact::plurality::quadrature::{Node, nodes_for_spread, rule};
use crate::exact::plurality::tilt::Tilt;
use crate::vote::Ties;
use std::borrow::Cow;
use std::f64::consts::TAU;

/// Below the logarithm of the smallest double, with room for the factors of a product.
const LOG_UNDERFLOW: f64 = -760.0;

/// A rival that can catch up with the candidate.
pub(super) struct Rival {
    count: f64,
    pub(super) answers: u32,
    pub(super) masses: Masses,
}

/// The votes of one winner, with the quadrature that resolves its ties.
pub(super) struct Win {
    pub(super) votes: usize,
    pub(super) mass: f64,
    pub(super) rule: Cow<'static, [Node]>,
}

/// Everything the integrand needs.
pub(super) struct Circle {
    pub(super) design: Design,
    pub(super) rate: f64,
    n: f64,
    pub(super) pool: f64,
    pub(super) rivals: Vec<Rival>,
    pub(super) wins: Vec<Win>,
    log_scale: f64,
    /// Points on the whole circle (odd), and how many of one half, from 1 on, are worth evaluating.
    pub(super) points: usize,
    pub(super) used: usize,
    /// `exp(2 pi i j / points)`.
    pub(super) roots: Vec<(f64, f64)>,
}

impl Circle {
    /// `None` if a win is less likely than the smallest double.
    pub(super) fn new(
        contest: &Contest,
        centre: f64,
        width: usize,
        k_max: usize,
        design: Design,
        ties: Ties,
    ) -> Option<Self> {
        let tilt = Tilt::of(contest, centre, design);
        let reach = 9.0 * tilt.votes.sqrt();
        let most = contest.most_votes(k_max, design);
        let lowest = ((tilt.votes - reach - 10.0).max(1.0) as usize).min(most);
        let highest = ((tilt.votes + reach) as usize + 40).min(most);
        let typical = (tilt.votes.round() as usize).clamp(lowest, highest);

        let (mut rivals, pool) = open_rivals(contest, &tilt, design, lowest, highest, typical);
        let mut log_scale = 0.0;
        for rival in &mut rivals {
            rival.masses.rescale(rival.masses.less_than(typical + 1));
            log_scale += f64::from(rival.answers) * rival.masses.log_scale;
        }
        let candidate = Masses::new(
            contest.candidate,
            tilt.rate,
            design,
            lowest,
            highest,
            typical,
        );
        log_scale += candidate.log_scale;
        if log_scale - log_mass(centre as usize, contest.n(), tilt.rate, design) < LOG_UNDERFLOW {
            return None;
        }

        let wins = wins(&candidate, &rivals, ties);
        let points = (8.0 * tilt.variance.sqrt()) as usize + width + 20;
        let points = points | 1;
        let mut circle = Self {
            design,
            rate: tilt.rate,
            n: contest.n(),
            pool,
            rivals,
            wins,
            log_scale,
            points,
            used: 0,
            roots: (0..points)
                .map(|j| (TAU * j as f64 / points as f64).sin_cos())
                .map(|(sine, cosine)| (cosine, sine))
                .collect(),
        };
        circle.used = circle.points_that_matter();
        Some(circle)
    }

    /// The modulus of the characteristic function of an answer with `count` samples, at
    /// `1 - cos(angle)`.
    pub(super) fn modulus(&self, count: f64, one_less_cosine: f64) -> f64 {
        let mean = Tilt::mean(self.rate, self.design);
        match self.design {
            Design::WithReplacement => (-count * mean * one_less_cosine).exp(),
            Design::WithoutReplacement => {
                let variance = mean / (1.0 + self.rate);
                (0.5 * count * (-2.0 * variance * one_less_cosine).ln_1p()).exp()
            }
        }
    }

    /// How many points of the half circle, from angle zero on, can contribute.
    ///
    /// A truncated sum differs from the whole characteristic function by at most the mass beyond it,
    /// which bounds the integrand by something that falls along the half circle.
    fn points_that_matter(&self) -> usize {
        const BINS: usize = 16;
        let stride = self.wins.len().div_ceil(BINS).max(1);
        // Per bin of votes: the winner's mass and, per rival, the mass beyond and that within.
        let bins: Vec<(f64, Vec<(f64, f64)>)> = self
            .wins
            .chunks(stride)
            .map(|chunk| {
                let split = |rival: &Rival| {
                    let whole = (-rival.masses.log_scale).exp();
                    let within = rival.masses.less_than(chunk[chunk.len() - 1].votes + 1);
                    let beyond = whole - rival.masses.less_than(chunk[0].votes);
                    (beyond.max(NEGLIGIBLE), within)
                };
                let mass = chunk.iter().map(|win| win.mass).sum();
                (mass, self.rivals.iter().map(split).collect())
            })
            .collect();
        let bound = |point: usize| -> f64 {
            let half = 0.5 * TAU * point as f64 / self.points as f64;
            let one_less_cosine = 2.0 * half.sin().powi(2);
            let whole: Vec<f64> = self
                .rivals
                .iter()
                .map(|rival| {
                    self.modulus(rival.count, one_less_cosine) * (-rival.masses.log_scale).exp()
                })
                .collect();
            let sum: f64 = bins
                .iter()
                .map(|(mass, splits)| {
                    let factors = self.rivals.iter().zip(whole.iter().zip(splits));
                    factors.fold(*mass, |product, (rival, (whole, (beyond, within)))| {
                        product * (whole + beyond).min(*within).powi(rival.answers as i32)
                    })
                })
                .sum();
            sum * self.modulus(self.pool, one_less_cosine)
        };
        let (mut low, mut high) = (0, self.points / 2);
        let limit = NEGLIGIBLE * bound(0);
        while low < high {
            let middle = (low + high) / 2;
            if bound(middle + 1) > limit {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The candidate's share after `k` draws, from the values on the circle.
    pub(super) fn share(&self, values: &[(f64, f64)], k: usize) -> f64 {
        let mut sum = 0.0;
        for (point, &(re, im)) in values.iter().enumerate().skip(1).rev() {
            let (cosine, sine) = self.roots[point * (k % self.points) % self.points];
            sum += re * cosine + im * sine;
        }
        let coefficient = (values[0].0 + 2.0 * sum) / self.points as f64;
        let log_total = log_mass(k, self.n, self.rate, self.design);
        coefficient.max(0.0) * (self.log_scale - log_total).exp()
    }
}

/// Splits the rivals into those that can stand at `lowest` votes or more, with their masses, and the
/// pool of the rest.
fn open_rivals(
    contest: &Contest,
    tilt: &Tilt,
    design: Design,
    lowest: usize,
    highest: usize,
    typical: usize,
) -> (Vec<Rival>, f64) {
    let mut pool = contest.inert;
    let mut rivals = Vec::new();
    let mean_per_sample = Tilt::mean(tilt.rate, design);
    let below = lowest as f64 - 9.0 * (lowest as f64).sqrt();
    for peers in &contest.rivals {
        let count = peers.mass;
        let mean = count * mean_per_sample;
        if mean < lowest as f64 {
            // The masses fall at least geometrically from `lowest` on.
            let tail = log_mass(lowest, count, tilt.rate, design)
                - (1.0 - mean / lowest as f64).ln()
                + f64::from(peers.answers).ln();
            if tail < NEGLIGIBLE.ln() {
                pool += peers.total();
                continue;
            }
        }
        let start = (mean - 9.0 * mean.sqrt()).min(below) - 20.0;
        let start = (start.max(0.0) as usize).min(highest);
        let anchor = (mean.round() as usize).min(typical);
        rivals.push(Rival {
            count,
            answers: peers.answers,
            masses: Masses::new(count, tilt.rate, design, start, highest, anchor),
        });
    }
    (rivals, pool)
}

/// The winner's votes that matter, each with its mass and the quadrature of its ties.
fn wins(candidate: &Masses, rivals: &[Rival], ties: Ties) -> Vec<Win> {
    let members: usize = rivals.iter().map(|rival| rival.answers as usize).sum();
    let mut profile = Vec::with_capacity(candidate.mass.len());
    for (i, &mass) in candidate.mass.iter().enumerate() {
        let votes = candidate.start + i;
        let (mut weight, mut spread) = (mass, 0.0);
        for rival in rivals {
            let (below, level) = (rival.masses.less_than(votes), rival.masses.at(votes));
            let reached = match ties {
                Ties::Split | Ties::First => below + level,
                Ties::Wrong => below,
            };
            weight *= reached.powi(rival.answers as i32);
            spread += f64::from(rival.answers) * level / below;
        }
        profile.push((votes, mass, weight, spread));
    }
    let limit = NEGLIGIBLE
        * profile
            .iter()
            .map(|&(.., weight, _)| weight)
            .fold(0.0, f64::max);
    let first = profile
        .iter()
        .position(|&(.., weight, _)| weight > limit)
        .unwrap_or(0);
    let last = profile
        .iter()
        .rposition(|&(.., weight, _)| weight > limit)
        .unwrap_or(0);
    profile[first..=last]
        .iter()
        .map(|&(votes, mass, weight, spread)| {
            let rule = match ties {
                Ties::Wrong => (&[Node {
                    point: 0.0,
                    weight: 1.0,
                }])
                    .into(),
                Ties::Split | Ties::First => rule(nodes_for_spread(
                    members,
                    spread,
                    limit.max(f64::MIN_POSITIVE) / weight,
                )),
            };
            Win { votes, mass, rule }
        })
        .collect()
}
