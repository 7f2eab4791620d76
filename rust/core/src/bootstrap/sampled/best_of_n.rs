//! Best-of-n on drawn samples: those of the top score decide.

use super::{Draws, GROUP, Sampled};
use crate::bootstrap::credit::{UNIT, quick_share};
use crate::bootstrap::{Question, Replay};
use crate::exact::{BestOfN, Estimator, Ranking};
use crate::vote::Ties;

/// The level of each sample, from zero for the lowest score, and whether it is correct.
struct Ranked {
    samples: Vec<(u32, bool)>,
    ties: Ties,
}

/// The top level drawn by each replicate, how many samples of it, and how many correct ones.
#[derive(Default)]
struct Top {
    level: [u32; GROUP],
    drawn: [u32; GROUP],
    right: [u32; GROUP],
}

impl Draws for Ranked {
    type Drawn = Top;

    fn n(&self) -> usize {
        self.samples.len()
    }

    fn nothing(&self) -> Top {
        Top::default()
    }

    #[inline(always)]
    fn add(&self, top: &mut Top, lane: usize, sample: u32) {
        let (level, correct) = self.samples[sample as usize];
        let (drawn, right) = match level.cmp(&top.level[lane]) {
            std::cmp::Ordering::Less => return,
            std::cmp::Ordering::Equal => (top.drawn[lane], top.right[lane]),
            std::cmp::Ordering::Greater => (0, 0),
        };
        top.level[lane] = level;
        top.drawn[lane] = drawn + 1;
        top.right[lane] = right + u32::from(correct);
    }

    fn credit(&self, top: &mut Top, lane: usize, _draws: usize) -> u32 {
        let (right, drawn) = (top.right[lane], top.drawn[lane]);
        match self.ties {
            Ties::Split | Ties::First => quick_share(right, drawn),
            Ties::Wrong if right == drawn => UNIT,
            Ties::Wrong => 0,
        }
    }
}

impl Replay for BestOfN {
    type Counts = Ranking;

    fn n(&self, ranking: &Ranking) -> usize {
        Estimator::n(self, ranking)
    }

    fn question<'a>(&'a self, ranking: &'a Ranking) -> Box<dyn Question + 'a> {
        let levels = ranking.levels.iter().enumerate();
        let samples = levels
            .flat_map(|(number, level)| {
                (0..level.samples).map(move |i| (number as u32, i < level.correct))
            })
            .collect();
        Box::new(Sampled(Ranked {
            samples,
            ties: self.ties,
        }))
    }
}
