//! The rules that only count correct samples: pass@k, pass^k, G-Pass@k and mean@k.

use super::{Design, Estimator};
use crate::error::Result;
use crate::log::{Ragged, check_length};
use crate::special::binomial_log_mass;
use crate::work::{Interrupted, Watch};

/// A question of `n` samples, `c` of them correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Successes {
    /// Samples.
    pub n: usize,
    /// Correct samples.
    pub c: usize,
}

impl Successes {
    fn deletions(self) -> Vec<(usize, Self)> {
        let Self { n, c } = self;
        let correct = (
            c,
            Self {
                n: n - 1,
                c: c.wrapping_sub(1),
            },
        );
        let wrong = (n - c, Self { n: n - 1, c });
        [correct, wrong]
            .into_iter()
            .filter(|&(samples, _)| samples > 0)
            .collect()
    }
}

/// The number of correct samples of every question of a log.
pub fn successes(questions: Ragged<'_>, correct: &[bool]) -> Result<Vec<Successes>> {
    check_length("correct", correct.len(), questions.n_samples())?;
    Ok((0..questions.len())
        .map(|q| {
            let mut successes = Successes { n: 0, c: 0 };
            for sample in questions.range(q) {
                let count = questions.count(sample) as usize;
                successes.n += count;
                successes.c += count * usize::from(correct[sample]);
            }
            successes
        })
        .collect())
}

/// Implements [`Estimator`] for a rule on [`Successes`], given its curve.
macro_rules! counts_successes {
    ($rule:ty) => {
        impl Estimator for $rule {
            type Counts = Successes;

            fn n(&self, counts: &Successes) -> usize {
                counts.n
            }

            fn curve(
                &self,
                counts: &Successes,
                k: &[usize],
                design: Design,
                _watch: &Watch,
                scores: &mut [f64],
            ) -> std::result::Result<(), Interrupted> {
                self.fill(*counts, k, design, scores);
                Ok(())
            }

            fn deletions(&self, counts: &Successes) -> Vec<(usize, Successes)> {
                counts.deletions()
            }
        }
    };
}

/// pass@k: at least one of the `k` samples is correct, `1 - C(n-c, k) / C(n, k)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassAtK;

/// pass^k: all of the `k` samples are correct, `C(c, k) / C(n, k)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassHatK;

/// mean@k: the share of the `k` samples that is correct, `c / n` for every `k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeanAtK;

/// G-Pass@k: at least `ceil(tau k)` of the `k` samples are correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GPassAtK {
    /// The share of correct samples asked for, `tau`, as a ratio: `ceil(tau k)` is then exact.
    pub tau: (u64, u64),
}

counts_successes!(PassAtK);
counts_successes!(PassHatK);
counts_successes!(MeanAtK);
counts_successes!(GPassAtK);

impl PassAtK {
    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "all rules share one shape"
    )]
    fn fill(&self, Successes { n, c }: Successes, k: &[usize], design: Design, scores: &mut [f64]) {
        match design {
            Design::WithReplacement => {
                let log_failure = (-(c as f64) / n as f64).ln_1p();
                for (score, &k) in scores.iter_mut().zip(k) {
                    *score = if c == n {
                        1.0
                    } else {
                        -(k as f64 * log_failure).exp_m1()
                    };
                }
            }
            Design::WithoutReplacement => {
                // Sums the chance that the first success is draw i: no term cancels another.
                let mut sums = Vec::with_capacity(k.iter().max().map_or(1, |k| k + 1));
                let (mut passed, mut failing) = (0.0, 1.0);
                sums.push(passed);
                for drawn in 0..k.iter().copied().max().unwrap_or(0) {
                    let left = (n - drawn) as f64;
                    passed += failing * c as f64 / left;
                    failing *= (n - c).saturating_sub(drawn) as f64 / left;
                    sums.push(if failing == 0.0 { 1.0 } else { passed });
                }
                for (score, &k) in scores.iter_mut().zip(k) {
                    *score = sums[k];
                }
            }
        }
    }
}

impl PassHatK {
    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "all rules share one shape"
    )]
    fn fill(&self, Successes { n, c }: Successes, k: &[usize], design: Design, scores: &mut [f64]) {
        for (score, &k) in scores.iter_mut().zip(k) {
            *score = match design {
                // Through the distance from one, which is exact.
                Design::WithReplacement => {
                    (k as f64 * (-((n - c) as f64) / n as f64).ln_1p()).exp()
                }
                Design::WithoutReplacement => {
                    let mut product = 1.0;
                    for drawn in 0..k {
                        product *= c.saturating_sub(drawn) as f64 / (n - drawn) as f64;
                        if product == 0.0 {
                            break;
                        }
                    }
                    product
                }
            };
        }
    }
}

impl MeanAtK {
    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "all rules share one shape"
    )]
    fn fill(&self, Successes { n, c }: Successes, _k: &[usize], _: Design, scores: &mut [f64]) {
        scores.fill(c as f64 / n as f64);
    }
}

impl GPassAtK {
    /// The least number of correct samples among `k`: `ceil(tau k)`.
    pub(crate) fn successes_needed(self, k: usize) -> usize {
        let (numerator, denominator) = (u128::from(self.tau.0), u128::from(self.tau.1));
        (k as u128 * numerator).div_ceil(denominator) as usize
    }

    fn fill(&self, counts: Successes, k: &[usize], design: Design, scores: &mut [f64]) {
        for (score, &k) in scores.iter_mut().zip(k) {
            *score = upper_tail(counts, k, self.successes_needed(k), design);
        }
    }
}

/// The probability of at least `threshold` correct samples among `k`.
///
/// Sums masses outward from the largest one at or above the threshold, until they no longer matter.
fn upper_tail(Successes { n, c }: Successes, k: usize, threshold: usize, design: Design) -> f64 {
    let (least, most) = match design {
        Design::WithReplacement if c == 0 => (0, 0),
        Design::WithReplacement if c == n => (k, k),
        Design::WithReplacement => (0, k),
        Design::WithoutReplacement => (k.saturating_sub(n - c), k.min(c)),
    };
    if threshold <= least {
        return 1.0;
    }
    if threshold > most {
        return 0.0;
    }
    // mass(i) / mass(i - 1)
    let ratio = |i: usize| match design {
        Design::WithReplacement => (k + 1 - i) as f64 * c as f64 / (i as f64 * (n - c) as f64),
        Design::WithoutReplacement => {
            (c + 1 - i) as f64 * (k + 1 - i) as f64 / (i as f64 * (n - c + i - k) as f64)
        }
    };
    let mode = ((k as f64 * c as f64 / n as f64) as usize).clamp(threshold, most);
    let mut sum = 1.0;
    let mut mass = 1.0;
    for i in mode + 1..=most {
        mass *= ratio(i);
        sum += mass;
        if mass < 1e-18 * sum {
            break;
        }
    }
    mass = 1.0;
    for i in (threshold + 1..=mode).rev() {
        mass /= ratio(i);
        sum += mass;
        if mass < 1e-18 * sum {
            break;
        }
    }
    (sum * mass_at(n, c, k, mode, design)).min(1.0)
}

/// The probability of exactly `i` correct samples among `k`.
fn mass_at(n: usize, c: usize, k: usize, i: usize, design: Design) -> f64 {
    match design {
        Design::WithReplacement => {
            binomial_log_mass(i as u64, k as u64, c as f64 / (n - c) as f64).exp()
        }
        // A ratio of binomial masses: both kinds and the total, drawn at the same odds.
        Design::WithoutReplacement if k == n => 1.0,
        Design::WithoutReplacement => {
            let odds = k as f64 / (n - k) as f64;
            (binomial_log_mass(i as u64, c as u64, odds)
                + binomial_log_mass((k - i) as u64, (n - c) as u64, odds)
                - binomial_log_mass(k as u64, n as u64, odds))
            .exp()
        }
    }
}
