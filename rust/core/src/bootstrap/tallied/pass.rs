//! pass@k and its kin on the number of correct samples drawn.

use super::{GROUP, Score, Tallied};
use crate::bootstrap::credit::{UNIT, share};
use crate::bootstrap::{Question, Replay};
use crate::exact::{GPassAtK, MeanAtK, PassAtK, PassHatK, Successes};

/// A rule that looks at the number of correct samples only.
trait Passing: Copy + Sync {
    /// The credit of `correct` correct samples among `draws`.
    fn credit(self, correct: u32, draws: u32) -> u32;
}

fn whole(passed: bool) -> u32 {
    if passed { UNIT } else { 0 }
}

impl Passing for PassAtK {
    #[inline(always)]
    fn credit(self, correct: u32, _draws: u32) -> u32 {
        whole(correct > 0)
    }
}

impl Passing for PassHatK {
    #[inline(always)]
    fn credit(self, correct: u32, draws: u32) -> u32 {
        whole(correct == draws)
    }
}

impl Passing for MeanAtK {
    #[inline(always)]
    fn credit(self, correct: u32, draws: u32) -> u32 {
        share(u64::from(correct), u64::from(draws))
    }
}

impl Passing for GPassAtK {
    #[inline(always)]
    fn credit(self, correct: u32, draws: u32) -> u32 {
        let (numerator, denominator) = self.tau;
        whole(u64::from(correct) * denominator >= numerator * u64::from(draws))
    }
}

struct Successful<R> {
    rule: R,
    /// Correct and wrong samples, those that there are.
    categories: Vec<u32>,
    any_correct: bool,
}

impl<R: Passing> Score for Successful<R> {
    fn categories(&self) -> &[u32] {
        &self.categories
    }

    #[inline(always)]
    fn credits(&self, draws: usize, counts: &[[u32; GROUP]]) -> [u32; GROUP] {
        let correct = if self.any_correct {
            counts[0]
        } else {
            [0; GROUP]
        };
        correct.map(
            #[inline(always)]
            |correct| self.rule.credit(correct, draws as u32),
        )
    }
}

macro_rules! replays_successes {
    ($($rule:ty),*) => {$(
        impl Replay for $rule {
            type Counts = Successes;

            fn n(&self, counts: &Successes) -> usize {
                counts.n
            }

            fn question<'a>(&'a self, counts: &'a Successes) -> Box<dyn Question + 'a> {
                let (correct, wrong) = (counts.c as u32, (counts.n - counts.c) as u32);
                Box::new(Tallied::new(Successful {
                    rule: *self,
                    categories: [correct, wrong]
                        .into_iter()
                        .filter(|&count| count > 0)
                        .collect(),
                    any_correct: correct > 0,
                }))
            }
        }
    )*};
}

replays_successes!(PassAtK, PassHatK, MeanAtK, GPassAtK);
