//! Logs to measure on, and the resampling that an exact curve replaces.

use kcurve_core::tally::Tally;

/// A small generator for benchmark data; nothing of the package depends on its bits.
#[derive(Debug, Clone)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `questions` tallies of `samples` samples over `answers` answers, the first of them correct, with
/// answer probabilities drawn from a flat Dirichlet distribution raised to `peak`.
pub fn tallies(questions: usize, samples: usize, answers: usize, peak: f64) -> Vec<Tally> {
    let mut random = SplitMix64(42);
    (0..questions)
        .map(|_| {
            let weights: Vec<f64> = (0..answers)
                .map(|_| (-(1.0 - random.unit()).ln()).powf(peak))
                .collect();
            let total: f64 = weights.iter().sum();
            let mut counts = vec![0_u32; answers];
            for _ in 0..samples {
                let mut left = random.unit() * total;
                let drawn = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                counts[drawn.unwrap_or(0)] += 1;
            }
            Tally::from_counts(&counts[..1], &counts[1..], 0)
        })
        .collect()
}

/// One bootstrap replicate of a vote curve, the plain way: `k_max` draws with replacement from the
/// samples, running tallies, and the vote read off at every `k` of the grid.
pub fn replicate(samples: &[u8], answers: usize, grid: &[usize], random: &mut SplitMix64) -> f64 {
    let mut counts = vec![0_u32; answers];
    let mut score = 0.0;
    let mut drawn = 0;
    for &k in grid {
        while drawn < k {
            let sample = ((u128::from(random.bits()) * samples.len() as u128) >> 64) as usize;
            counts[usize::from(samples[sample])] += 1;
            drawn += 1;
        }
        let top = counts.iter().copied().max().unwrap_or(0);
        if counts[0] == top {
            let level = counts.iter().filter(|&&count| count == top).count();
            score += 1.0 / level as f64;
        }
    }
    score
}
