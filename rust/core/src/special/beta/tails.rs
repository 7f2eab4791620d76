//! Which expansion serves which arguments, many arguments at a time.

use super::exponent::Pairs;
use super::{asymptotic, fraction, near_zero};
use crate::special::double_double::{Double, exponential, is_near_zero, scaled};
use pulp::{Simd, WithSimd};

/// Arguments that are evaluated together.
const LANES: usize = 8;

/// Which of the two probabilities is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// `I_x(a, b)`.
    Lower,
    /// `1 - I_x(a, b)`.
    Upper,
}

impl Tail {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }
}

/// The regularised incomplete beta function of `a`, `b` and `x`, or its complement.
///
/// The three slices have the length of `out`, or 1 to stand for that many equal values.
pub fn incomplete(a: &[f64], b: &[f64], x: &[f64], tail: Tail, out: &mut [f64]) {
    pulp::Arch::new().dispatch(Incomplete { a, b, x, tail, out });
}

struct Incomplete<'a> {
    a: &'a [f64],
    b: &'a [f64],
    x: &'a [f64],
    tail: Tail,
    out: &'a mut [f64],
}

impl WithSimd for Incomplete<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { a, b, x, tail, out } = self;
        let at = |values: &[f64], index: usize| {
            if values.len() == 1 {
                values[0]
            } else {
                values[index]
            }
        };
        let mut queues = [
            Queue::new(Method::Fraction),
            Queue::new(Method::Fraction),
            Queue::new(Method::Asymptotic),
            Queue::new(Method::Asymptotic),
            Queue::new(Method::NearZero),
            Queue::new(Method::NearZero),
        ];
        for index in 0..out.len() {
            let (a, b, x) = (at(a, index), at(b, index), at(x, index));
            let y = Double::sum(1.0, -x);
            let (method, mirrored) = match place(a, b, x, y.hi) {
                Ok(place) => place,
                Err(lower) => {
                    out[index] = match tail {
                        Tail::Lower => lower,
                        Tail::Upper => 1.0 - lower,
                    };
                    continue;
                }
            };
            // Equal a and b come together if the mirror images are apart. Selected, not branched on, for which it is
            // cannot be foreseen.
            let queue = &mut queues[2 * method as usize + usize::from(mirrored)];
            let x = Double::from(x);
            queue.push(
                Point {
                    a: if mirrored { b } else { a },
                    b: if mirrored { a } else { b },
                    x: if mirrored { y.hi } else { x.hi },
                    x_rest: if mirrored { y.lo } else { x.lo },
                    y: if mirrored { x.hi } else { y.hi },
                    y_rest: if mirrored { x.lo } else { y.lo },
                },
                mirrored != (tail == Tail::Upper),
                index,
                out,
            );
        }
        for queue in &mut queues {
            queue.flush(out);
        }
    }
}

/// The ways to the tails.
#[derive(Clone, Copy, Debug)]
enum Method {
    Fraction,
    Asymptotic,
    NearZero,
}

/// `E` is at least `d^2 / (2 a)` below the mean and `d^2 / (2 b)` above it: beyond this it is 900 and more, and the tail
/// far below the smallest double.
const FAR: f64 = 1800.0;

/// The method for these arguments, and whether it is applied to their mirror image; or the lower tail where it is
/// plain without one.
#[inline(always)]
fn place(a: f64, b: f64, x: f64, y: f64) -> Result<(Method, bool), f64> {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY && x > 0.0 && x < 1.0) {
        return Err(edge(a, b, x));
    }
    let least = a.min(b);
    if least < 1.0 {
        return Ok(beside_an_end(a, b, x, y));
    }
    let difference = x * b - y * a;
    let side = if difference < 0.0 { a } else { b };
    if difference * difference > FAR * side {
        return Err(if difference < 0.0 { 0.0 } else { 1.0 });
    }
    let from_least = if a <= b { difference } else { -difference };
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "no branches: which it is cannot be foreseen"
    )]
    let central = (least >= asymptotic::LEAST)
        & (from_least > asymptotic::LOWEST * least)
        & (from_least < asymptotic::HIGHEST * least);
    let method = if central {
        Method::Asymptotic
    } else {
        Method::Fraction
    };
    Ok((method, difference > 0.0))
}

/// Where `a` or `b` is below 1: the density is greatest at an end.
#[inline(always)]
fn beside_an_end(a: f64, b: f64, x: f64, y: f64) -> (Method, bool) {
    if a < 1.0 && x <= 0.5 && b * x <= 1.0 {
        (Method::NearZero, false)
    } else if b < 1.0 && y <= 0.5 && a * y <= 1.0 {
        (Method::NearZero, true)
    } else {
        // What is left of the mass lies towards the other end.
        (Method::Fraction, b >= a)
    }
}

/// The lower tail at the ends, limits at infinity, and NaN where there is none.
#[cold]
fn edge(a: f64, b: f64, x: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    if (a == 0.0 && b == 0.0) || (a == f64::INFINITY && b == f64::INFINITY) {
        return f64::NAN;
    }
    if x == 0.0 || x == 1.0 {
        return x;
    }
    // All the mass is at 0 or at 1.
    if a == 0.0 || b == f64::INFINITY {
        1.0
    } else {
        0.0
    }
}

/// Arguments of a lower tail; `x + x_rest` and `y + y_rest` sum to 1.
#[derive(Clone, Copy)]
struct Point {
    a: f64,
    b: f64,
    x: f64,
    x_rest: f64,
    y: f64,
    y_rest: f64,
}

/// Arguments waiting for company, and what was found of their `a` and `b`.
struct Queue {
    method: Method,
    a: [f64; LANES],
    b: [f64; LANES],
    x: [f64; LANES],
    x_rest: [f64; LANES],
    y: [f64; LANES],
    y_rest: [f64; LANES],
    index: [usize; LANES],
    upper: [bool; LANES],
    length: usize,
    pairs: Pairs<LANES>,
    coefficients: asymptotic::Coefficients<LANES>,
    scales: [[f64; LANES]; 2],
}

impl Queue {
    fn new(method: Method) -> Self {
        let zeros = [0.0; LANES];
        Self {
            method,
            a: zeros,
            b: zeros,
            x: zeros,
            x_rest: zeros,
            y: zeros,
            y_rest: zeros,
            index: [0; LANES],
            upper: [false; LANES],
            length: 0,
            pairs: Pairs::NONE,
            coefficients: asymptotic::Coefficients::default(),
            scales: [zeros; 2],
        }
    }

    /// Queues the lower tail at `x`, or the upper one.
    #[inline(always)]
    fn push(&mut self, point: Point, upper: bool, index: usize, out: &mut [f64]) {
        let lane = self.length;
        (self.a[lane], self.b[lane]) = (point.a, point.b);
        (self.x[lane], self.x_rest[lane]) = (point.x, point.x_rest);
        (self.y[lane], self.y_rest[lane]) = (point.y, point.y_rest);
        self.index[lane] = index;
        self.upper[lane] = upper;
        self.length += 1;
        if self.length == LANES {
            self.flush(out);
        }
    }

    #[inline(always)]
    fn flush(&mut self, out: &mut [f64]) {
        if self.length == 0 {
            return;
        }
        // The first of the arguments fills the lanes that are left.
        for values in [
            &mut self.a,
            &mut self.b,
            &mut self.x,
            &mut self.x_rest,
            &mut self.y,
            &mut self.y_rest,
        ] {
            let first = values[0];
            for value in &mut values[self.length..] {
                *value = first;
            }
        }
        self.renew();
        let (lower, upper) = self.tails();
        for lane in 0..self.length {
            out[self.index[lane]] = if self.upper[lane] {
                upper[lane]
            } else {
                lower[lane]
            };
        }
        self.length = 0;
    }

    /// Finds what depends on `a` and `b` alone, unless they are those of last time.
    #[inline(always)]
    fn renew(&mut self) {
        let mut same = true;
        for lane in 0..LANES {
            same &= self.a[lane] == self.pairs.a[lane] && self.b[lane] == self.pairs.b[lane];
        }
        if same {
            return;
        }
        self.pairs = Pairs::new(&self.a, &self.b);
        match self.method {
            Method::Fraction => self.pairs.find_peaks(),
            Method::Asymptotic => {
                self.pairs.find_peaks();
                self.coefficients = asymptotic::coefficients(&self.pairs);
            }
            Method::NearZero => self.scales = near_zero::scales(&self.pairs),
        }
    }

    #[inline(always)]
    fn tails(&self) -> ([f64; LANES], [f64; LANES]) {
        if let Method::NearZero = self.method {
            return near_zero::tails(&self.pairs, &self.scales, &self.x, &self.x_rest);
        }
        let (exponent, rest, difference) = self.exponents();
        let factor = match self.method {
            Method::Asymptotic => asymptotic::tails(&self.pairs, &self.coefficients, &exponent),
            _ => fraction::tails(&self.pairs, &self.x, &self.y, &difference),
        };
        let (mut lower, mut upper) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let (fraction, power) = exponential(Double {
                hi: -exponent[lane],
                lo: -rest[lane],
            });
            lower[lane] = scaled(factor[lane] * fraction, power);
            upper[lane] = 1.0 - lower[lane];
        }
        (lower, upper)
    }

    /// The exponents, and the distances from the mean.
    #[inline(always)]
    fn exponents(&self) -> ([f64; LANES], [f64; LANES], [f64; LANES]) {
        let (mut exponent, mut rest) = ([0.0; LANES], [0.0; LANES]);
        let mut difference = [0.0; LANES];
        let (mut first, mut second) = ([[0.0; LANES]; 2], [[0.0; LANES]; 2]);
        let mut near = true;
        for lane in 0..LANES {
            let x = Double {
                hi: self.x[lane],
                lo: self.x_rest[lane],
            };
            let (distance, one, other) = self.pairs.lane(lane).distances(x);
            difference[lane] = distance;
            (first[0][lane], first[1][lane]) = (one.hi, one.lo);
            (second[0][lane], second[1][lane]) = (other.hi, other.lo);
            near &= is_near_zero(one.hi) & is_near_zero(other.hi);
        }
        if near {
            for lane in 0..LANES {
                let (one, other) = (share(&first, lane), share(&second, lane));
                let found = self.pairs.lane(lane).exponent_near_mean(one, other);
                (exponent[lane], rest[lane]) = (found.hi, found.lo);
            }
            return (exponent, rest, difference);
        }
        for lane in 0..LANES {
            let x = Double {
                hi: self.x[lane],
                lo: self.x_rest[lane],
            };
            let y = Double {
                hi: self.y[lane],
                lo: self.y_rest[lane],
            };
            let found = self.pairs.lane(lane).exponent(x, y);
            (exponent[lane], rest[lane]) = (found.hi, found.lo);
        }
        (exponent, rest, difference)
    }
}

/// A lane of numbers in two parts.
#[inline(always)]
fn share(parts: &[[f64; LANES]; 2], lane: usize) -> Double {
    Double {
        hi: parts[0][lane],
        lo: parts[1][lane],
    }
}
