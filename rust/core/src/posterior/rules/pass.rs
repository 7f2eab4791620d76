//! Rules that count correct samples: their scores are known once the chance of one is.

use super::super::forecast::{Drawn, Forecast, Pair};
use super::super::walk::Walk;
use crate::exact::{GPassAtK, MeanAtK, PassAtK, PassHatK};

/// Writes a score that is a function of the chance of a correct sample and k.
fn known(draw: &Drawn<'_, '_>, k: &[usize], scores: Pair<'_>, score: impl Fn(f64, f64) -> f64) {
    let p = draw.0.correct();
    for scores in scores {
        for (&k, value) in k.iter().zip(scores) {
            *value = score(p, k as f64);
        }
    }
}

impl Forecast for PassAtK {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        known(&draw, k, scores, |p, k| -libm::expm1(k * libm::log1p(-p)));
    }
}

impl Forecast for PassHatK {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        known(&draw, k, scores, |p, k| libm::exp(k * libm::log(p)));
    }
}

impl Forecast for MeanAtK {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        known(&draw, k, scores, |p, _| p);
    }
}

impl Forecast for GPassAtK {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        let correct = [draw.0.correct()];
        let walk = Walk::new(&correct);
        for scores in scores {
            let mut correct = [0];
            let mut drawn = 0;
            for (&k, score) in k.iter().zip(scores) {
                walk.advance(k - drawn, &mut correct, &mut draw.0.stream);
                drawn = k;
                *score = f64::from(correct[0] as usize >= self.successes_needed(k));
            }
        }
    }
}
