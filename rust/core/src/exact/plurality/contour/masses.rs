//! Poisson and binomial masses on the window of counts that matter.

use crate::exact::Design;
use crate::special::{binomial_log_mass, poisson_log_mass};

/// The masses of one answer on the window of counts that matter.
pub(super) struct Masses {
    /// The count of the first entry.
    pub(super) start: usize,
    /// `P(N = start + i)`, scaled.
    pub(super) mass: Vec<f64>,
    /// `P(start <= N < start + i)`, scaled alike.
    cumulative: Vec<f64>,
    /// Logarithm of the scale: `true mass = scaled mass * exp(log_scale)`.
    pub(super) log_scale: f64,
}

impl Masses {
    /// Masses on `start..=end`, scaled to one at `anchor`.
    pub(super) fn new(
        count: f64,
        rate: f64,
        design: Design,
        start: usize,
        end: usize,
        anchor: usize,
    ) -> Self {
        let end = match design {
            Design::WithoutReplacement => end.min(count as usize),
            Design::WithReplacement => end,
        };
        let anchor = anchor.clamp(start, end);
        let mut mass = vec![0.0; end + 1 - start];
        mass[anchor - start] = 1.0;
        // mass(i) / mass(i - 1)
        let ratio = |i: usize| match design {
            Design::WithReplacement => count * rate / i as f64,
            Design::WithoutReplacement => (count + 1.0 - i as f64) * rate / i as f64,
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

    pub(super) fn at(&self, i: usize) -> f64 {
        i.checked_sub(self.start)
            .and_then(|i| self.mass.get(i))
            .copied()
            .unwrap_or(0.0)
    }

    /// The masses of the counts below `i`.
    pub(super) fn below(&self, i: usize) -> &[f64] {
        &self.mass[..i.saturating_sub(self.start).min(self.mass.len())]
    }

    /// The probability of fewer than `i`, scaled.
    pub(super) fn less_than(&self, i: usize) -> f64 {
        self.cumulative[i.saturating_sub(self.start).min(self.mass.len())]
    }

    /// Divides the masses by `scale`.
    pub(super) fn rescale(&mut self, scale: f64) {
        for mass in self.mass.iter_mut().chain(&mut self.cumulative) {
            *mass /= scale;
        }
        self.log_scale += scale.ln();
    }
}

pub(super) fn log_mass(i: usize, count: f64, rate: f64, design: Design) -> f64 {
    match design {
        Design::WithReplacement => poisson_log_mass(i as u64, count * rate),
        Design::WithoutReplacement => binomial_log_mass(i as u64, count as u64, rate),
    }
}
