//! The dynamic programme: products of truncated polynomials, one pass for every `k`.
//!
//! All terms are non-negative, so nothing cancels and the relative error stays at a few units in
//! the last place. Two observations make it cheap:
//!
//! - without replacement, rivals with fewer than `t` samples cannot stand in the way of a winner
//!   with `t` votes: whatever they contribute is one binomial polynomial of their pooled size;
//! - the same holds, in both designs, for every rival once fewer than `t` draws are left for them.
//!
//! The winner's votes `t` are therefore walked in levels over which the set of open rivals is
//! constant; the polynomial of a level is multiplied by its pool once, not once per `t`.

use super::quadrature::{Node, rule_for_degree};
use super::{Contest, Design};
use crate::exact::Peers;
use crate::vote::Ties;
use pulp::{Simd, WithSimd};

/// Beyond this many samples the binomial coefficients of the design leave the range of a double.
pub(super) const MOST_SAMPLES: usize = 1000;
/// Beyond this many draws with replacement the contour is always cheaper.
pub(super) const MOST_DRAWS: usize = 128;

/// The weights of a design: `weight[i]` for `i` draws out of `count` samples, up to a factor that
/// depends on the total number of draws only. Pools of answers have the weights of their sum.
struct Weights {
    design: Design,
    /// With replacement, the draws expected per sample: keeps the weights within range.
    rate: f64,
}

impl Weights {
    fn new(design: Design, n: f64, k_max: usize) -> Self {
        Self {
            design,
            rate: 0.5 * k_max as f64 / n,
        }
    }

    /// `C(count, i)` or `(count rate)^i / i!`, for `i = 0..=degree` (or fewer where zeros follow).
    fn of(&self, count: f64, degree: usize) -> Vec<f64> {
        let mut weights = Vec::with_capacity(degree + 1);
        let mut weight = 1.0;
        weights.push(weight);
        let mean = count * self.rate;
        let last = match self.design {
            Design::WithoutReplacement => degree.min(count as usize),
            Design::WithReplacement if count <= 0.0 => 0,
            Design::WithReplacement => degree,
        };
        for i in 1..=last {
            weight *= match self.design {
                Design::WithoutReplacement => (count - i as f64 + 1.0) / i as f64,
                Design::WithReplacement => mean / i as f64,
            };
            weights.push(weight);
        }
        weights
    }
}

/// The candidate's expected share of first place after each `k` in `0..=k_max`.
pub(super) fn win_shares(contest: &Contest, k_max: usize, design: Design, ties: Ties) -> Vec<f64> {
    pulp::Arch::new().dispatch(Programme::new(contest, k_max, design, ties))
}

/// An estimate of the multiply-adds that [`win_shares`] takes.
pub(super) fn cost(contest: &Contest, k_max: usize, design: Design) -> f64 {
    let mut cost = 0.0;
    for t in 1..=contest.most_votes(k_max, design) {
        let budget = k_max - t;
        if budget < t {
            break;
        }
        let open = open_rivals(contest, t, design);
        let members: usize = open.iter().map(|peers| peers.answers as usize).sum();
        let nodes = if t == 1 {
            1
        } else {
            members.min(budget / t) / 2 + 1
        };
        let mut degree = 0;
        let mut steps = 0.0;
        for peers in open {
            for _ in 0..peers.answers {
                let factor = t.min(budget);
                steps += ((degree.min(budget) + 1) * (factor + 1)) as f64;
                degree = (degree + factor).min(budget);
            }
        }
        cost += nodes as f64 * steps;
    }
    cost + (k_max * k_max) as f64 * 0.5
}

/// The rivals that can still draw `t` votes or more.
fn open_rivals(contest: &Contest, t: usize, design: Design) -> &[Peers] {
    match design {
        Design::WithoutReplacement => {
            let open = contest
                .rivals
                .partition_point(|peers| peers.mass >= t as f64);
            &contest.rivals[..open]
        }
        Design::WithReplacement => &contest.rivals,
    }
}

struct Programme<'a> {
    contest: &'a Contest,
    k_max: usize,
    design: Design,
    ties: Ties,
    weights: Weights,
    /// The weights of the candidate and of one answer of each rival group.
    candidate: Vec<f64>,
    rivals: Vec<Vec<f64>>,
    /// Room for two partial products.
    product: Vec<f64>,
    next: Vec<f64>,
}

/// Compiled for each instruction set.
impl WithSimd for Programme<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f64> {
        self.run()
    }
}

impl<'a> Programme<'a> {
    fn new(contest: &'a Contest, k_max: usize, design: Design, ties: Ties) -> Self {
        let weights = Weights::new(design, contest.n(), k_max);
        let degree = k_max / 2 + 1;
        Self {
            candidate: weights.of(contest.candidate, k_max),
            rivals: contest
                .rivals
                .iter()
                .map(|peers| weights.of(peers.mass, degree))
                .collect(),
            contest,
            k_max,
            design,
            ties,
            weights,
            product: Vec::with_capacity(k_max + 1),
            next: Vec::with_capacity(k_max + 1),
        }
    }

    #[inline(always)]
    fn run(mut self) -> Vec<f64> {
        let mut shares = vec![0.0; self.k_max + 1];
        let mut level = vec![0.0; self.k_max + 1];
        let most = self.contest.most_votes(self.k_max, self.design);
        let mut t = 1;
        while t <= most {
            let open = self.open_at(t);
            let first = t;
            while t <= most && self.open_at(t) == open {
                self.add_wins_with(t, open, &mut level);
                t += 1;
            }
            self.add_pool(first, open, &mut level, &mut shares);
        }
        let totals = self.weights.of(self.contest.n(), self.k_max);
        for (share, total) in shares.iter_mut().zip(&totals) {
            *share /= total;
        }
        shares
    }

    /// How many rival groups can still reach `t` votes in the draws left besides the winner's.
    #[inline(always)]
    fn open_at(&self, t: usize) -> usize {
        if self.k_max - t < t {
            0
        } else {
            open_rivals(self.contest, t, self.design).len()
        }
    }

    /// Adds to `level` the weight of every draw in which the candidate wins with `t` votes, counted
    /// by the draws that the candidate and the open rivals take together.
    #[inline(always)]
    fn add_wins_with(&mut self, t: usize, open: usize, level: &mut [f64]) {
        let scale = self.candidate[t];
        if open == 0 {
            level[t] += scale;
        } else if t == 1 {
            self.add_wins_with_one_vote(open, level);
        } else {
            let budget = self.k_max - t;
            let rivals = &self.contest.rivals[..open];
            let members: usize = rivals.iter().map(|peers| peers.answers as usize).sum();
            let rule = match self.ties {
                Ties::Split | Ties::First => rule_for_degree(members.min(budget / t)),
                Ties::Wrong => (&[Node {
                    point: 0.0,
                    weight: 1.0,
                }])
                    .into(),
            };
            for node in rule.iter() {
                self.multiply_rivals(t, open, node.point, budget);
                add_scaled(&mut level[t..], &self.product, scale * node.weight);
            }
        }
    }

    /// With one vote each, the degree in `z` counts the tied rivals: the share needs no quadrature.
    #[inline(always)]
    fn add_wins_with_one_vote(&mut self, open: usize, level: &mut [f64]) {
        let scale = self.candidate[1];
        if self.ties == Ties::Wrong {
            level[1] += scale;
            return;
        }
        let budget = self.k_max - 1;
        self.product.clear();
        self.product.push(1.0);
        for (peers, weights) in self.contest.rivals[..open].iter().zip(&self.rivals) {
            for _ in 0..peers.answers {
                multiply(&self.product, &[1.0, weights[1]], budget, &mut self.next);
                std::mem::swap(&mut self.product, &mut self.next);
            }
        }
        for (tied, weight) in self.product.iter().enumerate() {
            level[1 + tied] += scale * weight / (tied + 1) as f64;
        }
    }

    /// Leaves in `product` the polynomial of the open rivals, each below `t` votes or, at the price
    /// of a factor `y`, level with the candidate.
    #[inline(always)]
    fn multiply_rivals(&mut self, t: usize, open: usize, y: f64, budget: usize) {
        self.product.clear();
        self.product.push(1.0);
        let mut factor = Vec::with_capacity(t + 1);
        for (peers, weights) in self.contest.rivals[..open].iter().zip(&self.rivals) {
            factor.clear();
            factor.extend_from_slice(&weights[..t.min(weights.len())]);
            if let Some(level) = weights.get(t) {
                factor.push(y * level);
            }
            for _ in 0..peers.answers {
                multiply(&factor, &self.product, budget, &mut self.next);
                std::mem::swap(&mut self.product, &mut self.next);
            }
        }
    }

    /// Closes a level: multiplies it by the pool of everything that cannot win, adds it to `shares`
    /// and clears it.
    #[inline(always)]
    fn add_pool(&self, first: usize, open: usize, level: &mut [f64], shares: &mut [f64]) {
        let pooled: f64 = self.contest.rivals[open..].iter().map(Peers::total).sum();
        let pool = self
            .weights
            .of(pooled + self.contest.inert, self.k_max - first);
        for (draws, weight) in level.iter_mut().enumerate().skip(first) {
            if *weight > 0.0 {
                add_scaled(&mut shares[draws..], &pool, *weight);
                *weight = 0.0;
            }
        }
    }
}

/// `out = a b`, up to degree `degree`; fastest when `a` is the shorter.
#[inline(always)]
fn multiply(a: &[f64], b: &[f64], degree: usize, out: &mut Vec<f64>) {
    out.clear();
    out.resize((a.len() + b.len() - 1).min(degree + 1), 0.0);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    for (i, &coefficient) in short.iter().enumerate().take(out.len()) {
        add_scaled(&mut out[i..], long, coefficient);
    }
}

/// `out += scale * terms`, as far as both reach.
#[inline(always)]
fn add_scaled(out: &mut [f64], terms: &[f64], scale: f64) {
    for (sum, term) in out.iter_mut().zip(terms) {
        *sum = scale.mul_add(*term, *sum);
    }
}
