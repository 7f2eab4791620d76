//! The inverses of the incomplete beta function in `x`.
//!
//! Newton's method for the logarithm of a tail as a function of the logarithm of `t`, where `t <= 1/2` is `x` or
//! `1 - x` and the tail is the one below 1/2: nearly a straight line where the tail is small, so that tails as small as
//! doubles take few steps, and `t` keeps its relative precision. A bracket catches the steps that go astray.

use super::exponent::power_front;
use super::tails::{Tail, incomplete};

/// Arguments solved together.
const BLOCK: usize = 256;
/// Bisection alone would need about 1,100 steps for the smallest doubles, and no argument needs bisection alone.
const MOST_STEPS: usize = 2_000;

/// The `x` at which the tail is `y`; arguments as in [`incomplete`].
pub fn inverse(a: &[f64], b: &[f64], y: &[f64], tail: Tail, out: &mut [f64]) {
    let at = |values: &[f64], index: usize| values[if values.len() == 1 { 0 } else { index }];
    for start in (0..out.len()).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(out.len());
        let problems: Vec<Problem> = block
            .clone()
            .map(|index| Problem::new(at(a, index), at(b, index), at(y, index), tail))
            .collect();
        solve(problems, &mut out[block]);
    }
}

/// Find `t <= 1/2` where the tail of `a`, `b` is `target`, at most a half.
#[derive(Clone, Copy)]
struct Problem {
    a: f64,
    b: f64,
    target: f64,
    tail: Tail,
    /// Whether `t` is `1 - x`.
    mirrored: bool,
    t: f64,
    low: f64,
    high: f64,
    done: bool,
}

impl Problem {
    fn new(a: f64, b: f64, target: f64, tail: Tail) -> Self {
        let mut problem = Self {
            a,
            b,
            target,
            tail,
            mirrored: false,
            t: f64::NAN,
            low: 0.0,
            high: 0.5,
            done: false,
        };
        if let Some(x) = edge(a, b, target, tail) {
            problem.t = x;
            problem.done = true;
        }
        problem
    }

    /// Chooses the end that is nearer to `x`, given the tail at 1/2, and the smaller tail.
    fn orient(&mut self, at_half: f64) {
        self.mirrored = match self.tail {
            Tail::Lower => self.target > at_half,
            Tail::Upper => self.target < at_half,
        };
        if self.mirrored {
            (self.a, self.b) = (self.b, self.a);
            self.tail = self.tail.other();
        }
        if self.target > 0.5 {
            self.target = 1.0 - self.target;
            self.tail = self.tail.other();
        }
        self.t = (self.a / (self.a + self.b)).clamp(f64::MIN_POSITIVE, 0.5);
    }

    /// One step, from the tail at `t`.
    fn step(&mut self, tail: f64) {
        let off = match (tail - self.target) / self.target {
            near if near.abs() < 0.5 => near.ln_1p(),
            _ => tail.ln() - self.target.ln(),
        };
        let off = match self.tail {
            Tail::Lower => off,
            Tail::Upper => -off,
        };
        if off > 0.0 {
            self.high = self.t;
        } else {
            self.low = self.t;
        }
        let step = -off * tail * (1.0 - self.t) / power_front(self.a, self.b, self.t);
        let next = self.t * step.exp();
        if off == 0.0 || step.abs() < 2e-16 {
            self.done = true;
        } else if next > self.low && next < self.high {
            self.t = next;
        } else if (next - self.t).abs() <= 2e-16 * self.t {
            self.done = true;
        } else {
            let middle = self.low.max(5e-324).sqrt() * self.high.sqrt();
            self.done = middle <= self.low || middle >= self.high;
            self.t = middle;
        }
        if self.high <= 5e-324 {
            (self.t, self.done) = (0.0, true);
        }
    }

    fn x(&self) -> f64 {
        if self.mirrored { 1.0 - self.t } else { self.t }
    }
}

/// NaN where nothing is defined, and the ends.
fn edge(a: f64, b: f64, y: f64, tail: Tail) -> Option<f64> {
    let inside = a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&y);
    if !inside || (a == f64::INFINITY && b == f64::INFINITY) {
        return Some(f64::NAN);
    }
    if y == 0.0 || y == 1.0 {
        return Some(if tail == Tail::Lower { y } else { 1.0 - y });
    }
    if a == f64::INFINITY {
        return Some(1.0);
    }
    (b == f64::INFINITY).then_some(0.0)
}

fn solve(mut problems: Vec<Problem>, out: &mut [f64]) {
    evaluate(&mut problems, |_| 0.5, Problem::orient);
    for _ in 0..MOST_STEPS {
        if problems.iter().all(|problem| problem.done) {
            break;
        }
        evaluate(&mut problems, |problem| problem.t, Problem::step);
    }
    for (out, problem) in out.iter_mut().zip(&problems) {
        *out = problem.x();
    }
}

/// Hands to each open problem its tail at a point.
fn evaluate(
    problems: &mut [Problem],
    point: impl Fn(&Problem) -> f64,
    mut tell: impl FnMut(&mut Problem, f64),
) {
    // Telling may change a problem's tail, so who is asked is settled first.
    let tails: Vec<Option<Tail>> = problems
        .iter()
        .map(|problem| (!problem.done).then_some(problem.tail))
        .collect();
    for tail in [Tail::Lower, Tail::Upper] {
        let mut open: Vec<&mut Problem> = problems
            .iter_mut()
            .zip(&tails)
            .filter_map(|(problem, asked)| (*asked == Some(tail)).then_some(problem))
            .collect();
        let a: Vec<f64> = open.iter().map(|problem| problem.a).collect();
        let b: Vec<f64> = open.iter().map(|problem| problem.b).collect();
        let x: Vec<f64> = open.iter().map(|problem| point(problem)).collect();
        let mut values = vec![0.0; open.len()];
        incomplete(&a, &b, &x, tail, &mut values);
        for (problem, value) in open.iter_mut().zip(values) {
            tell(problem, value);
        }
    }
}
