//! Binomial variates: by inversion where few successes are expected, by rejection elsewhere.

use crate::rng::Streams;
use std::sync::LazyLock;

/// Above this mean the binomial is drawn by rejection, below by walking its distribution.
const REJECTION_MEAN: f64 = 10.0;

/// `ln k!` for small `k`.
static LOG_FACTORIALS: LazyLock<[f64; 4096]> = LazyLock::new(|| {
    let mut logs = [0.0; 4096];
    for k in 1..logs.len() {
        logs[k] = logs[k - 1] + libm::log(k as f64);
    }
    logs
});

/// The probability of success of a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance {
    /// Of the rarer outcome.
    p: f64,
    /// Whether that is failure.
    flipped: bool,
    log_odds: f64,
}

impl Chance {
    pub(crate) fn new(p: f64) -> Self {
        let flipped = p > 0.5;
        let p = if flipped { 1.0 - p } else { p };
        Self {
            p,
            flipped,
            log_odds: libm::log(p / (1.0 - p)),
        }
    }
}

/// A binomial distribution, set up for drawing.
///
/// Every step is correctly rounded arithmetic, or a logarithm of the `libm` crate, which is the same
/// on every machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binomial {
    n: u32,
    /// Drawn for the rarer of the two outcomes.
    flipped: bool,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Certain,
    /// Inversion: the odds and the probability of zero.
    Walk {
        odds: f64,
        none: f64,
    },
    /// Transformed rejection with squeeze (Hörmann, "The generation of binomial random variates",
    /// 1993, algorithm BTRS).
    Reject {
        odds: f64,
        centre: f64,
        a: f64,
        b: f64,
        squeeze: f64,
        alpha: f64,
        mode: f64,
        log_odds: f64,
    },
}

impl Binomial {
    /// Of `n` trials with the given chance of success.
    pub(crate) fn new(n: u32, chance: Chance) -> Self {
        let Chance {
            p,
            flipped,
            log_odds,
        } = chance;
        let (trials, q) = (f64::from(n), 1.0 - p);
        let mean = trials * p;
        let way = if n == 0 || p <= 0.0 {
            Way::Certain
        } else if mean < REJECTION_MEAN {
            Way::Walk {
                odds: p / q,
                none: power(q, n),
            }
        } else {
            let deviation = (mean * q).sqrt();
            let b = 1.15 + 2.53 * deviation;
            let odds = p / q;
            Way::Reject {
                odds,
                centre: mean + 0.5,
                a: -0.0873 + 0.0248 * b + 0.01 * p,
                b,
                squeeze: 0.92 - 4.2 / b,
                alpha: (2.83 + 5.1 / b) * deviation,
                mode: ((trials + 1.0) * p).floor(),
                log_odds,
            }
        };
        Self { n, flipped, way }
    }

    /// The next number of successes.
    pub(crate) fn draw(&self, stream: &mut Streams<1>) -> u32 {
        let count = match self.way {
            Way::Certain => 0,
            Way::Walk { odds, none } => self.walk(odds, none, stream),
            Way::Reject { .. } => self.reject(stream),
        };
        if self.flipped { self.n - count } else { count }
    }

    fn walk(&self, odds: f64, none: f64, stream: &mut Streams<1>) -> u32 {
        let mut left = stream.unit();
        let mut mass = none;
        let mut count = 0;
        // The masses may sum to a little less than one.
        while left > mass && count < self.n {
            left -= mass;
            count += 1;
            mass *= odds * f64::from(self.n - count + 1) / f64::from(count);
        }
        count
    }

    fn reject(&self, stream: &mut Streams<1>) -> u32 {
        let Way::Reject {
            odds,
            centre,
            a,
            b,
            squeeze,
            alpha,
            mode,
            log_odds,
        } = self.way
        else {
            return 0;
        };
        let trials = f64::from(self.n);
        loop {
            let (u, v) = (stream.unit() - 0.5, stream.unit());
            let distance = 0.5 - u.abs();
            let count = ((2.0 * a / distance + b) * u + centre).floor();
            if distance >= 0.07 && v <= squeeze {
                return count as u32;
            }
            if !(0.0..=trials).contains(&count) {
                continue;
            }
            let height = libm::log(v * alpha / (a / (distance * distance) + b));
            // The log of the mass over that of the mode.
            let limit = if trials < LOG_FACTORIALS.len() as f64 {
                let of = |k: f64| LOG_FACTORIALS[k as usize];
                of(mode) + of(trials - mode) - of(count) - of(trials - count)
                    + (count - mode) * log_odds
            } else {
                let rest = trials - count + 1.0;
                (mode + 0.5) * libm::log((mode + 1.0) / (odds * (trials - mode + 1.0)))
                    + (trials + 1.0) * libm::log((trials - mode + 1.0) / rest)
                    + (count + 0.5) * libm::log(rest * odds / (count + 1.0))
                    + stirling_tail(mode)
                    + stirling_tail(trials - mode)
                    - stirling_tail(count)
                    - stirling_tail(trials - count)
            };
            if height <= limit {
                return count as u32;
            }
        }
    }
}

/// `q^n` by squaring.
fn power(q: f64, mut n: u32) -> f64 {
    let (mut result, mut square) = (1.0, q);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// `ln k! - [ln sqrt(2 pi) + (k + 1/2) ln(k + 1) - (k + 1)]`, to about 1e-11.
fn stirling_tail(k: f64) -> f64 {
    const FIRST: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    if k < 10.0 {
        return FIRST[k as usize];
    }
    let reciprocal = 1.0 / (k + 1.0);
    let square = reciprocal * reciprocal;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 * square) * square) * square)
        * reciprocal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    /// Pearson's statistic of 200,000 draws against the mass function, in standard deviations.
    fn excess(n: u32, p: f64) -> f64 {
        const DRAWS: u32 = 200_000;
        let binomial = Binomial::new(n, Chance::new(p));
        let mut stream = Streams::<1>::new(Key::new(5, u64::from(n), Purpose::Draws), 0);
        let mut seen = vec![0_u32; n as usize + 1];
        for _ in 0..DRAWS {
            seen[binomial.draw(&mut stream) as usize] += 1;
        }
        let (mut statistic, mut degrees) = (0.0, -1.0);
        let (mut rare, mut rare_expected) = (0.0, 0.0);
        let mut log_mass = f64::from(n) * (1.0 - p).ln();
        for (count, &seen) in seen.iter().enumerate() {
            let expected = log_mass.exp() * f64::from(DRAWS);
            if expected > 10.0 {
                statistic += (f64::from(seen) - expected).powi(2) / expected;
                degrees += 1.0;
            } else {
                rare += f64::from(seen);
                rare_expected += expected;
            }
            log_mass += (f64::from(n - count as u32) / (count as f64 + 1.0) * p / (1.0 - p)).ln();
        }
        if rare_expected > 1.0 {
            statistic += (rare - rare_expected).powi(2) / rare_expected;
            degrees += 1.0;
        }
        (statistic - degrees) / (2.0_f64 * degrees).sqrt()
    }

    #[test]
    fn draws_follow_the_mass_function() {
        for (n, p) in [
            (1, 0.3),
            (9, 0.5),
            (40, 0.1),
            (40, 0.93),
            (20, 0.5),
            (100, 0.11),
            (300, 0.5),
            (1000, 0.9),
            (5000, 0.01),
            (5000, 0.4),
        ] {
            let excess = excess(n, p);
            assert!(excess.abs() < 4.0, "n = {n}, p = {p}: {excess}");
        }
    }

    #[test]
    fn certain_outcomes_are_certain() {
        let mut stream = Streams::<1>::new(Key::new(0, 0, Purpose::Draws), 0);
        assert_eq!(Binomial::new(5, Chance::new(1.0)).draw(&mut stream), 5);
        assert_eq!(Binomial::new(5, Chance::new(0.0)).draw(&mut stream), 0);
        assert_eq!(Binomial::new(0, Chance::new(0.5)).draw(&mut stream), 0);
    }
}
