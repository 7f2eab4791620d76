//! Filter-Vote: each answer has its own chance to be kept.

use super::super::answers::Draw;
use super::super::evidence::Answer;
use super::super::forecast::{Drawn, Forecast, Pair};
use super::super::walk::Walk;
use super::vote::credit;
use crate::exact::FilterVote;
use crate::variates::beta;

/// Whose share a filter keeps: the order of [`super::super::population::Estimate::kept`].
#[derive(Clone, Copy)]
enum Of {
    Right,
    Wrong,
    None,
}

/// The chance that a sample of this answer is kept.
fn kept(draw: &mut Draw<'_>, of: Of, answer: Answer) -> f64 {
    let shares = &draw.population.library.kept;
    let weights = &draw.estimate.kept[of as usize];
    let dropped = answer.count - answer.kept;
    let likelihood = |i: usize| libm::exp(shares[i].log_likelihood(answer.kept, dropped));
    let masses: Vec<f64> = (0..shares.len())
        .map(|i| weights[i] * likelihood(i))
        .collect();
    let mut left = draw.stream.unit() * masses.iter().sum::<f64>();
    let chosen = masses.iter().position(|mass| {
        left -= mass;
        left < 0.0
    });
    let share = shares[chosen.unwrap_or(shares.len() - 1)];
    beta(
        share.a + f64::from(answer.kept),
        share.b + f64::from(dropped),
        &mut draw.stream,
    )
}

impl Forecast for FilterVote {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        let draw = draw.0;
        let answers = draw.answers();
        let rights = answers.right.len();
        // The probability of every answer, and of it with being kept.
        let mut probabilities = Vec::new();
        let mut keeps = Vec::new();
        for (of, given, shares) in [
            (Of::Right, &draw.evidence.right, &answers.right),
            (Of::Wrong, &draw.evidence.wrong, &answers.wrong),
        ] {
            for (i, &probability) in shares.iter().enumerate() {
                let answer = given.get(i).copied().unwrap_or_default();
                keeps.push(kept(draw, of, answer));
                probabilities.push(probability);
            }
        }
        for (of, probability) in [
            (Of::Right, answers.right_dust),
            (Of::Wrong, answers.wrong_dust),
        ] {
            keeps.push(kept(draw, of, Answer::default()));
            probabilities.push(probability);
        }
        let silence = (1.0 - probabilities.iter().sum::<f64>()).max(0.0);
        keeps.push(kept(draw, Of::None, draw.evidence.none));
        probabilities.push(silence);
        let joint = |of: fn(f64) -> f64| {
            probabilities
                .iter()
                .zip(&keeps)
                .map(move |(p, &keep)| p * of(keep))
        };
        let categories: Vec<f64> = joint(|keep| keep).chain(joint(|keep| 1.0 - keep)).collect();
        let walk = Walk::new(&categories);
        for scores in scores {
            let mut counts = vec![0; categories.len()];
            let mut drawn = 0;
            for (&k, score) in k.iter().zip(scores) {
                let candidates = k / self.calls_per_candidate;
                walk.advance(candidates - drawn, &mut counts, &mut draw.stream);
                drawn = candidates;
                let (kept, dropped) = counts.split_at(probabilities.len());
                // Samples without an answer are candidates too, but never win.
                let (pool, answers) = if kept.iter().any(|&count| count > 0) {
                    (kept, kept.len() - 1)
                } else {
                    (dropped, dropped.len() - 1)
                };
                *score = credit(&pool[..answers], rights, self.ties);
            }
        }
    }
}
