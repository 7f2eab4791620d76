//! The plurality vote.

use super::super::forecast::{Drawn, Forecast, Pair};
use super::super::walk::Walk;
use crate::exact::Vote;
use crate::vote::Ties;

/// The share of first place of the correct answers: those before `rights`. The last two counts are
/// of answers that were given once each, correct and wrong ones.
pub(super) fn credit(counts: &[u32], rights: usize, ties: Ties) -> f64 {
    let (answers, dust) = counts.split_at(counts.len() - 2);
    let alone = u32::from(dust[0] + dust[1] > 0);
    let top = answers.iter().copied().fold(alone, u32::max);
    if top == 0 {
        return 0.0;
    }
    let level = |answers: &[u32], dust: u32| {
        let level = answers.iter().filter(|&&count| count == top).count() as u32;
        if top == 1 { level + dust } else { level }
    };
    let right = level(&answers[..rights], dust[0]);
    let wrong = level(&answers[rights..], dust[1]);
    match ties {
        Ties::Wrong => f64::from(right + wrong == 1 && right == 1),
        Ties::Split | Ties::First => f64::from(right) / f64::from(right + wrong),
    }
}

impl Forecast for Vote {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        let answers = draw.0.answers();
        let rights = answers.right.len();
        let mut probabilities = answers.right;
        probabilities.extend(answers.wrong);
        probabilities.extend([answers.right_dust, answers.wrong_dust]);
        let walk = Walk::new(&probabilities);
        for scores in scores {
            let mut counts = vec![0; probabilities.len()];
            let mut drawn = 0;
            for (&k, score) in k.iter().zip(scores) {
                walk.advance(k - drawn, &mut counts, &mut draw.0.stream);
                drawn = k;
                *score = credit(&counts, rights, self.ties);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_place_is_shared_or_lost() {
        // Two correct answers, two wrong ones, then those given once.
        let of = |counts: &[u32], ties| credit(counts, 2, ties);
        assert_eq!(
            of(&[3, 1, 2, 2, 0, 4], Ties::Split).to_bits(),
            1.0_f64.to_bits()
        );
        assert_eq!(
            of(&[3, 3, 3, 2, 0, 0], Ties::Split).to_bits(),
            (2.0_f64 / 3.0).to_bits()
        );
        assert_eq!(
            of(&[3, 0, 3, 2, 0, 0], Ties::Wrong).to_bits(),
            0.0_f64.to_bits()
        );
        assert_eq!(
            of(&[1, 0, 0, 0, 0, 3], Ties::Split).to_bits(),
            0.25_f64.to_bits()
        );
        assert_eq!(
            of(&[0, 0, 0, 0, 1, 3], Ties::Split).to_bits(),
            0.25_f64.to_bits()
        );
        assert_eq!(of(&[0; 6], Ties::Split).to_bits(), 0.0_f64.to_bits());
    }
}
