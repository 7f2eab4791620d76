//! Best-of-n on drawn samples: the top rank decides.

use super::{Draws, GROUP, Sampled};
use crate::bootstrap::credit::{UNIT, share};
use crate::bootstrap::{Question, Replay};
use crate::exact::{BestOfN, Estimator, Level, Ranking};
use crate::vote::Ties;

/// The credit of each rank, lowest first; see [`BestOfN`].
struct Ranks(Vec<u32>);

impl Ranks {
    fn new(ranking: &Ranking, ties: Ties) -> Self {
        let mut credits = Vec::new();
        for &Level { samples, correct } in &ranking.levels {
            let wrong = samples - correct;
            if ties == Ties::Wrong {
                credits.extend(std::iter::repeat_n(UNIT, correct as usize));
                credits.extend(std::iter::repeat_n(0, wrong as usize));
            } else {
                let fair = share(u64::from(correct), u64::from(samples));
                credits.extend(std::iter::repeat_n(fair, samples as usize));
            }
        }
        Self(credits)
    }
}

impl Draws for Ranks {
    type Drawn = [u32; GROUP];

    fn n(&self) -> usize {
        self.0.len()
    }

    fn nothing(&self) -> Self::Drawn {
        [0; GROUP]
    }

    #[inline(always)]
    fn add(&self, top: &mut Self::Drawn, lane: usize, sample: u32) {
        top[lane] = top[lane].max(sample);
    }

    fn credit(&self, top: &mut Self::Drawn, lane: usize, _draws: usize) -> u32 {
        self.0[top[lane] as usize]
    }
}

impl Replay for BestOfN {
    type Counts = Ranking;

    fn n(&self, ranking: &Ranking) -> usize {
        Estimator::n(self, ranking)
    }

    fn question<'a>(&'a self, ranking: &'a Ranking) -> Box<dyn Question + 'a> {
        Box::new(Sampled(Ranks::new(ranking, self.ties)))
    }
}
