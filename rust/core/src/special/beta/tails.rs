//! Which expansion serves which arguments, many arguments at a time.

use super::exponent::Pairs;
use super::{asymptotic, fraction, near_zero};
use crate::special::double_double::{Double, exponential, scaled};
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

/// The regularised incomplete beta function of `a`, `b` and `x`, or its complement.
///
/// The three slices have the length of `out`, or 1 to stand for that many equal values.
pub fn incomplete(a: &[f64], b: &[f64], x: &[f64], tail: Tail, out: &mut [f64]) {
    pulp::Arch::new().dispatch(Incomplete {
        a,
        b,
        x,
        tail,
        out,
    });
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
        let Self {
            a,
            b,
            x,
            tail,
            out,
        } = self;
        let at = |values: &[f64], index: usize| if values.len() == 1 { values[0] } else { values[index] };
        // The lower and the upper tails apart: equal `a` and `b` then come together.
        let mut queues = [
            Queue::new(Method::Fraction),
            Queue::new(Method::Fraction),
            Queue::new(Method::Asymptotic),
            Queue::new(Method::Asymptotic),
        ];
        for index in 0..out.len() {
            let (a, b, x) = (at(a, index), at(b, index), at(x, index));
            match place(a, b, x) {
                Place::Known(lower, upper) => {
                    out[index] = match tail {
                        Tail::Lower => lower,
                        Tail::Upper => upper,
                    }
                }
                Place::Queued(method, mut point) => {
                    let queue = 2 * method as usize + usize::from(point.complement);
                    point.index = index;
                    point.complement ^= tail == Tail::Upper;
                    queues[queue].push(point, out);
                }
            }
        }
        for queue in &mut queues {
            queue.flush(out);
        }
    }
}

/// The ways to a lower tail.
#[derive(Clone, Copy, Debug)]
enum Method {
    Fraction,
    Asymptotic,
}

/// A lower tail to be found.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    a: f64,
    b: f64,
    x: Double,
    y: Double,
    index: usize,
    /// Whether one minus the tail is wanted.
    complement: bool,
}

enum Place {
    /// Both tails.
    Known(f64, f64),
    Queued(Method, Point),
}

#[inline(always)]
fn place(a: f64, b: f64, x: f64) -> Place {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY && x > 0.0 && x < 1.0) {
        let lower = edge(a, b, x);
        return Place::Known(lower, 1.0 - lower);
    }
    let y = Double::sum(1.0, -x);
    let least = a.min(b);
    if least < 1.0 {
        return beside_an_end(a, b, x, y);
    }
    let difference = x * b - y.hi * a;
    let below = difference <= 0.0;
    let u = if a <= b { difference } else { -difference } / least;
    let method = if least >= asymptotic::LEAST && u > asymptotic::LOWEST && u < asymptotic::HIGHEST {
        Method::Asymptotic
    } else {
        Method::Fraction
    };
    Place::Queued(method, oriented(a, b, x.into(), y, below))
}

/// The lower tail, or the upper one as the lower one of the mirror image.
#[inline(always)]
fn oriented(a: f64, b: f64, x: Double, y: Double, lower: bool) -> Point {
    Point {
        a: if lower { a } else { b },
        b: if lower { b } else { a },
        x: if lower { x } else { y },
        y: if lower { y } else { x },
        index: 0,
        complement: !lower,
    }
}

/// Where `a` or `b` is below 1: the density is greatest at an end.
fn beside_an_end(a: f64, b: f64, x: f64, y: Double) -> Place {
    if a < 1.0 && x <= 0.5 && b * x <= 1.0 {
        let (lower, upper) = near_zero::tails(a, b, x.into());
        return Place::Known(lower, upper);
    }
    if b < 1.0 && y.hi <= 0.5 && a * y.hi <= 1.0 {
        let (upper, lower) = near_zero::tails(b, a, y);
        return Place::Known(lower, upper);
    }
    // What is left of the mass lies towards the other end.
    let lower = b < a;
    Place::Queued(Method::Fraction, oriented(a, b, x.into(), y, lower))
}

/// Values at the ends, limits at infinity, and NaN where there is none.
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
    if a == 0.0 || b == f64::INFINITY { 1.0 } else { 0.0 }
}

/// Points waiting for company, and what was found of their `a` and `b`.
struct Queue {
    method: Method,
    points: [Point; LANES],
    length: usize,
    pairs: Pairs<LANES>,
    coefficients: asymptotic::Coefficients<LANES>,
}

impl Queue {
    fn new(method: Method) -> Self {
        Self {
            method,
            points: [Point::default(); LANES],
            length: 0,
            pairs: Pairs::NONE,
            coefficients: asymptotic::Coefficients::default(),
        }
    }

    #[inline(always)]
    fn push(&mut self, point: Point, out: &mut [f64]) {
        self.points[self.length] = point;
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
        let first = self.points[0];
        self.points[self.length..].fill(first);
        let tails = self.tails();
        for (point, tail) in self.points[..self.length].iter().zip(tails) {
            out[point.index] = if point.complement { 1.0 - tail } else { tail };
        }
        self.length = 0;
    }

    #[inline(always)]
    fn tails(&mut self) -> [f64; LANES] {
        let (mut a, mut b) = ([0.0; LANES], [0.0; LANES]);
        let (mut x, mut x_rest) = ([0.0; LANES], [0.0; LANES]);
        let (mut y, mut y_rest) = ([0.0; LANES], [0.0; LANES]);
        for (lane, point) in self.points.iter().enumerate() {
            (a[lane], b[lane]) = (point.a, point.b);
            (x[lane], x_rest[lane]) = (point.x.hi, point.x.lo);
            (y[lane], y_rest[lane]) = (point.y.hi, point.y.lo);
        }
        if a != self.pairs.a || b != self.pairs.b {
            self.pairs = Pairs::new(&a, &b);
            if let Method::Asymptotic = self.method {
                self.coefficients = asymptotic::coefficients(&self.pairs);
            }
        }
        let (mut exponent, mut rest) = ([0.0; LANES], [0.0; LANES]);
        let mut difference = [0.0; LANES];
        for lane in 0..LANES {
            let x = Double { hi: x[lane], lo: x_rest[lane] };
            let y = Double { hi: y[lane], lo: y_rest[lane] };
            let found;
            (found, difference[lane]) = self.pairs.lane(lane).exponent(x, y);
            (exponent[lane], rest[lane]) = (found.hi, found.lo);
        }
        let mut tails = match self.method {
            Method::Fraction => {
                let mut tails = fraction::fractions(&self.pairs, &x, &y, &difference);
                for (tail, peak) in tails.iter_mut().zip(self.pairs.peak) {
                    *tail *= peak;
                }
                tails
            }
            Method::Asymptotic => asymptotic::tails(&self.pairs, &self.coefficients, &exponent),
        };
        for lane in 0..LANES {
            let (fraction, power) = exponential(Double {
                hi: -exponent[lane],
                lo: -rest[lane],
            });
            tails[lane] = scaled(tails[lane] * fraction, power);
        }
        tails
    }
}
