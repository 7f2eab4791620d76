//! The integrand, several points of the circle at a time.

use super::circle::Circle;
use super::lanes::{LANES, Lanes};
use crate::exact::Design;
use crate::exact::plurality::tilt::Tilt;
use crate::work::{Interrupted, Watch};
use pulp::{Simd, WithSimd};
use std::f64::consts::TAU;

/// Powers of `z` are advanced by multiplication this often before they are looked up again.
const REFRESH: usize = 64;

impl Circle {
    /// The integrand at angle zero and at each point used.
    pub(super) fn integrate(&self, watch: &Watch) -> Result<Vec<(f64, f64)>, Interrupted> {
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
        let size = self.pool;
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
