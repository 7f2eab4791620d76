//! The plurality vote.

use super::super::forecast::{Drawn, Forecast, Pair};
use super::super::walk::Walk;
use crate::exact::Vote;
use crate::vote::Ties;

/// Who leads: the highest count, and how many answers have it.
#[derive(Debug, Clone, Copy, Default)]
struct Lead {
    top: u32,
    right: u32,
    wrong: u32,
}

impl Lead {
    /// The lead by counts of answers, the first `rights` of which are correct. The last two counts are of
    /// answers that were given once each, correct and wrong ones.
    fn of(counts: &[u32], rights: usize) -> Self {
        let (answers, dust) = counts.split_at(counts.len() - 2);
        let alone = u32::from(dust[0] + dust[1] > 0);
        let top = answers.iter().copied().fold(alone, u32::max);
        if top == 0 {
            return Self::default();
        }
        let level = |answers: &[u32], dust: u32| {
            let level = answers.iter().filter(|&&count| count == top).count() as u32;
            if top == 1 { level + dust } else { level }
        };
        Self {
            top,
            right: level(&answers[..rights], dust[0]),
            wrong: level(&answers[rights..], dust[1]),
        }
    }

    /// Tells of an answer that has so many samples now, one more than before.
    fn add(&mut self, count: u32, right: bool) {
        if count > self.top {
            *self = Self {
                top: count,
                right: u32::from(right),
                wrong: u32::from(!right),
            };
        } else if count == self.top {
            self.right += u32::from(right);
            self.wrong += u32::from(!right);
        }
    }

    /// The share of first place of the correct answers.
    fn credit(self, ties: Ties) -> f64 {
        let Self { right, wrong, .. } = self;
        match ties {
            _ if right == 0 => 0.0,
            _ if wrong == 0 && right == 1 => 1.0,
            Ties::Wrong => 0.0,
            Ties::Split | Ties::First => f64::from(right) / f64::from(right + wrong),
        }
    }
}

/// The share of first place of the correct answers by counts as [`Lead::of`] takes them.
pub(super) fn credit(counts: &[u32], rights: usize, ties: Ties) -> f64 {
    Lead::of(counts, rights).credit(ties)
}

impl Forecast for Vote {
    fn scores(&self, _question: usize, draw: Drawn<'_, '_>, k: &[usize], scores: Pair<'_>) {
        let answers = draw.0.answers();
        let rights = answers.right.len();
        let mut probabilities = answers.right;
        probabilities.extend(answers.wrong);
        probabilities.extend([answers.right_dust, answers.wrong_dust]);
        let named = probabilities.len() - 2;
        let walk = Walk::new(&probabilities);
        let mut counts = vec![0; probabilities.len()];
        for scores in scores {
            counts.fill(0);
            let (mut lead, mut drawn) = (Lead::default(), 0);
            for (&k, score) in k.iter().zip(scores) {
                let samples = k - drawn;
                drawn = k;
                if walk.is_short(samples) {
                    for _ in 0..samples {
                        let answer = walk.sample(&mut draw.0.stream);
                        let Some(count) = counts.get_mut(answer) else {
                            continue;
                        };
                        *count += 1;
                        if answer < named {
                            lead.add(*count, answer < rights);
                        } else {
                            lead.add(1, answer == named);
                        }
                    }
                } else {
                    walk.advance(samples, &mut counts, &mut draw.0.stream);
                    lead = Lead::of(&counts, rights);
                }
                *score = lead.credit(self.ties);
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
