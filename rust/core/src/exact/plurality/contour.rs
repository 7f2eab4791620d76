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

use super::quadrature::{Node, nodes_for_spread, rule};
use super::tilt::Tilt;
use super::{Contest, Design};
use crate::special::{binomial_log_mass, poisson_log_mass};
use crate::vote::Ties;
use crate::work::{Interrupted, Watch};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use std::borrow::Cow;
use std::f64::consts::TAU;

/// What is left out of a sum, relative to the sum.
const NEGLIGIBLE: f64 = 1e-16;
/// Below the logarithm of the smallest double, with room for the factors of a product.
const LOG_UNDERFLOW: f64 = -760.0;
/// Points of the circle that are advanced together: the vector lanes.
const LANES: usize = 8;
/// Powers of `z` are advanced by multiplication this often before they are looked up again.
const REFRESH: usize = 64;

/// An estimate of the time [`win_shares`] takes, in multiply-adds of the programme.
pub(super) fn cost(contest: &Contest, k: &[usize], design: Design) -> f64 {
    let n = contest.n() as f64;
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
        let votes = 16.0 * (draws * contest.candidate as f64 / n).sqrt() + 20.0;
        let members: f64 = contest
            .rivals
            .iter()
            .map(|group| f64::from(group.multiplicity))
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
            Design::WithoutReplacement => first * (1.0 - first / contest.n() as f64),
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
        Design::WithoutReplacement => contest.n(),
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
    let limit = match ties {
        Ties::Split | Ties::First => contest.candidate,
        Ties::Wrong => contest.candidate - 1,
    };
    let rivals = contest.rivals.iter();
    rivals
        .map(|group| limit.min(group.count as usize) * group.multiplicity as usize)
        .sum::<usize>()
        + contest.candidate
        + contest.inert
}

/// The candidate's share when every sample is drawn.
fn share_of_whole_log(contest: &Contest, ties: Ties) -> f64 {
    let level = match contest.rivals.first() {
        Some(ahead) if ahead.count as usize > contest.candidate => return 0.0,
        Some(ahead) if ahead.count as usize == contest.candidate => ahead.multiplicity,
        _ => return 1.0,
    };
    match ties {
        Ties::Split | Ties::First => 1.0 / f64::from(level + 1),
        Ties::Wrong => 0.0,
    }
}

/// The masses of one answer on the window of counts that matter.
struct Masses {
    /// The count of the first entry.
    start: usize,
    /// `P(N = start + i)`, scaled.
    mass: Vec<f64>,
    /// `P(start <= N < start + i)`, scaled alike.
    cumulative: Vec<f64>,
    /// Logarithm of the scale: `true mass = scaled mass * exp(log_scale)`.
    log_scale: f64,
}

impl Masses {
    /// Masses on `start..=end`, scaled to one at `anchor`.
    fn new(
        count: usize,
        rate: f64,
        design: Design,
        start: usize,
        end: usize,
        anchor: usize,
    ) -> Self {
        let end = match design {
            Design::WithoutReplacement => end.min(count),
            Design::WithReplacement => end,
        };
        let anchor = anchor.clamp(start, end);
        let mut mass = vec![0.0; end + 1 - start];
        mass[anchor - start] = 1.0;
        // mass(i) / mass(i - 1)
        let ratio = |i: usize| match design {
            Design::WithReplacement => count as f64 * rate / i as f64,
            Design::WithoutReplacement => (count + 1 - i) as f64 * rate / i as f64,
        };
        for i in anchor + 1..=end {
            mass[i - start] = mass[i - 1 - start] * ratio(i);
        }
        for i in (start + 1..=anchor).rev() {
            mass[i - 1 - start] = mass[i - start] / ratio(i);
        }
        let cumulative = std::iter::once(0.0)
            .chain(mass.iter().scan(0.0, |sum, mass| {
                *sum += mass;
                Some(*sum)
            }))
            .collect();
        Self {
            start,
            mass,
            cumulative,
            log_scale: log_mass(anchor, count, rate, design),
        }
    }

    fn at(&self, i: usize) -> f64 {
        i.checked_sub(self.start)
            .and_then(|i| self.mass.get(i))
            .copied()
            .unwrap_or(0.0)
    }

    /// The masses of the counts below `i`.
    fn below(&self, i: usize) -> &[f64] {
        &self.mass[..i.saturating_sub(self.start).min(self.mass.len())]
    }

    /// The probability of fewer than `i`, scaled.
    fn less_than(&self, i: usize) -> f64 {
        self.cumulative[i.saturating_sub(self.start).min(self.mass.len())]
    }

    /// Divides the masses by `scale`.
    fn rescale(&mut self, scale: f64) {
        for mass in self.mass.iter_mut().chain(&mut self.cumulative) {
            *mass /= scale;
        }
        self.log_scale += scale.ln();
    }
}

fn log_mass(i: usize, count: usize, rate: f64, design: Design) -> f64 {
    match design {
        Design::WithReplacement => poisson_log_mass(i as u64, count as f64 * rate),
        Design::WithoutReplacement => binomial_log_mass(i as u64, count as u64, rate),
    }
}

/// A rival that can catch up with the candidate.
struct Rival {
    count: usize,
    answers: u32,
    masses: Masses,
}

/// The votes of one winner, with the quadrature that resolves its ties.
struct Win {
    votes: usize,
    mass: f64,
    rule: Cow<'static, [Node]>,
}

/// Everything the integrand needs.
struct Circle {
    design: Design,
    rate: f64,
    n: usize,
    pool: usize,
    rivals: Vec<Rival>,
    wins: Vec<Win>,
    log_scale: f64,
    /// Points on the whole circle (odd), and how many of one half, from 1 on, are worth evaluating.
    points: usize,
    used: usize,
    /// `exp(2 pi i j / points)`.
    roots: Vec<(f64, f64)>,
}

impl Circle {
    /// `None` if a win is less likely than the smallest double.
    fn new(
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
    fn modulus(&self, count: f64, one_less_cosine: f64) -> f64 {
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
                    self.modulus(rival.count as f64, one_less_cosine)
                        * (-rival.masses.log_scale).exp()
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
            sum * self.modulus(self.pool as f64, one_less_cosine)
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

    /// The integrand at angle zero and at each point used.
    fn integrate(&self, watch: &Watch) -> Result<Vec<(f64, f64)>, Interrupted> {
        let mut values = Vec::with_capacity(self.used + LANES);
        for first in (0..=self.used).step_by(LANES) {
            watch.check()?;
            let lanes = pulp::Arch::new().dispatch(LanesAt {
                circle: self,
                first,
            });
            values.extend(lanes.re.iter().copied().zip(lanes.im));
        }
        values.truncate(self.used + 1);
        Ok(values)
    }

    /// `z^i` at the points `first..first + LANES`.
    #[inline(always)]
    fn power(&self, first: usize, i: usize) -> Lanes {
        let mut power = Lanes::ZERO;
        for lane in 0..LANES {
            (power.re[lane], power.im[lane]) = self.roots[(first + lane) * i % self.points];
        }
        power
    }

    #[inline(always)]
    fn lanes(&self, first: usize) -> Lanes {
        let z = self.power(first, 1);
        let start = self.wins[0].votes;
        let mut below = vec![Lanes::ZERO; self.rivals.len()];
        for (sum, rival) in below.iter_mut().zip(&self.rivals) {
            let mut power = Lanes::ZERO;
            for (i, &mass) in rival.masses.below(start).iter().enumerate() {
                if i % REFRESH == 0 {
                    power = self.power(first, rival.masses.start + i);
                }
                sum.add_scaled(&power, mass);
                power = power.times(&z);
            }
        }
        let mut total = Lanes::ZERO;
        let mut power = Lanes::ZERO;
        let mut level = vec![Lanes::ZERO; self.rivals.len()];
        for (i, win) in self.wins.iter().enumerate() {
            if i % REFRESH == 0 {
                power = self.power(first, win.votes);
            }
            for (level, rival) in level.iter_mut().zip(&self.rivals) {
                *level = power.scaled(rival.masses.at(win.votes));
            }
            let mut share = Lanes::ZERO;
            for node in win.rule.iter() {
                let mut factors = below.iter().zip(&level).zip(&self.rivals).map(
                    #[inline(always)]
                    |((sum, level), rival)| {
                        let mut factor = *sum;
                        factor.add_scaled(level, node.point);
                        factor.raised(rival.answers)
                    },
                );
                let mut product = factors.next().unwrap_or(Lanes::ONE);
                for factor in factors {
                    product = product.times(&factor);
                }
                share.add_scaled(&product, node.weight);
            }
            total.add_scaled(&power.times(&share), win.mass);
            for (sum, level) in below.iter_mut().zip(&level) {
                sum.add(level);
            }
            power = power.times(&z);
        }
        total.times(&self.pool_at(first))
    }

    /// The characteristic function of the pool.
    #[inline(always)]
    fn pool_at(&self, first: usize) -> Lanes {
        let mut value = Lanes::ZERO;
        let size = self.pool as f64;
        let mean = Tilt::mean(self.rate, self.design);
        for lane in 0..LANES {
            let point = (first + lane) % self.points;
            let half = 0.5 * TAU * point as f64 / self.points as f64;
            let modulus = self.modulus(size, 2.0 * half.sin().powi(2));
            let (cosine, sine) = self.roots[point];
            let angle = match self.design {
                Design::WithReplacement => size * mean * sine,
                Design::WithoutReplacement => {
                    size * (mean * sine).atan2(mean * cosine + 1.0 / (1.0 + self.rate))
                }
            };
            value.re[lane] = modulus * angle.cos();
            value.im[lane] = modulus * angle.sin();
        }
        value
    }

    /// The candidate's share after `k` draws, from the values on the circle.
    fn share(&self, values: &[(f64, f64)], k: usize) -> f64 {
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
) -> (Vec<Rival>, usize) {
    let mut pool = contest.inert;
    let mut rivals = Vec::new();
    let mean_per_sample = Tilt::mean(tilt.rate, design);
    let below = lowest as f64 - 9.0 * (lowest as f64).sqrt();
    for group in &contest.rivals {
        let count = group.count as usize;
        let mean = count as f64 * mean_per_sample;
        if mean < lowest as f64 {
            // The masses fall at least geometrically from `lowest` on.
            let tail = log_mass(lowest, count, tilt.rate, design)
                - (1.0 - mean / lowest as f64).ln()
                + f64::from(group.multiplicity).ln();
            if tail < NEGLIGIBLE.ln() {
                pool += count * group.multiplicity as usize;
                continue;
            }
        }
        let start = (mean - 9.0 * mean.sqrt()).min(below) - 20.0;
        let start = (start.max(0.0) as usize).min(highest);
        let anchor = (mean.round() as usize).min(typical);
        rivals.push(Rival {
            count,
            answers: group.multiplicity,
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

/// The integrand at `LANES` points from `first` on, compiled for each instruction set.
struct LanesAt<'a> {
    circle: &'a Circle,
    first: usize,
}

impl WithSimd for LanesAt<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Lanes {
        self.circle.lanes(self.first)
    }
}

/// A complex number per lane. Products are fused, on every machine alike: the bits do not depend on it.
#[derive(Clone, Copy)]
struct Lanes {
    re: [f64; LANES],
    im: [f64; LANES],
}

impl Lanes {
    const ZERO: Self = Self {
        re: [0.0; LANES],
        im: [0.0; LANES],
    };
    const ONE: Self = Self {
        re: [1.0; LANES],
        im: [0.0; LANES],
    };

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        let mut product = Self::ZERO;
        for lane in 0..LANES {
            let (a, b) = (self.re[lane], self.im[lane]);
            let (c, d) = (other.re[lane], other.im[lane]);
            product.re[lane] = a.mul_add(c, -(b * d));
            product.im[lane] = a.mul_add(d, b * c);
        }
        product
    }

    #[inline(always)]
    fn scaled(&self, scale: f64) -> Self {
        let mut scaled = *self;
        for lane in 0..LANES {
            scaled.re[lane] *= scale;
            scaled.im[lane] *= scale;
        }
        scaled
    }

    #[inline(always)]
    fn add(&mut self, other: &Self) {
        for lane in 0..LANES {
            self.re[lane] += other.re[lane];
            self.im[lane] += other.im[lane];
        }
    }

    #[inline(always)]
    fn add_scaled(&mut self, other: &Self, scale: f64) {
        for lane in 0..LANES {
            self.re[lane] = other.re[lane].mul_add(scale, self.re[lane]);
            self.im[lane] = other.im[lane].mul_add(scale, self.im[lane]);
        }
    }

    #[inline(always)]
    fn raised(&self, mut power: u32) -> Self {
        if power == 1 {
            return *self;
        }
        let mut result = Self::ONE;
        let mut square = *self;
        while power > 0 {
            if power & 1 == 1 {
                result = result.times(&square);
            }
            square = square.times(&square);
            power >>= 1;
        }
        result
    }
}
