//! Rules whose score depends on how often each category of samples was drawn.
//!
//! Three ways to draw, chosen by cost for every interval of the grid: bit planes for few categories,
//! a table look-up per draw for many, binomials for long intervals. Without replacement there is the
//! urn. The choice is a function of the counts and the grid alone: it is part of the result.

mod chain;
mod filter_vote;
mod pass;
mod planes;
mod table;
mod vote;

use super::urn::Urn;
use super::{BLOCK, Block, GROUP, Question};
use crate::exact::Design;
use crate::rng::{Purpose, Streams};
use crate::work::{Interrupted, Watch};
use chain::Chain;
use pulp::{Arch, Simd, WithSimd};
use table::Table;

/// Groups of replicates in a block.
const GROUPS: usize = BLOCK / GROUP;

/// Cost of a draw by table look-up, of one binomial, and of a draw by planes for each category,
/// relative to each other. They decide which numbers are drawn: to change them is to change results.
const TABLE_COST: u64 = 100;
const BINOMIAL_COST: u64 = 5000;
const PLANES_COST: u64 = 7;

/// The score of a rule on the counts that were drawn.
trait Score {
    /// How many samples there are of each category, none of them zero.
    fn categories(&self) -> &[u32];

    /// The credit of a group of replicates that have drawn `counts`, by category, in `draws` draws.
    fn credits(&self, draws: usize, counts: &[[u32; GROUP]]) -> [u32; GROUP];
}

/// How the draws of an interval are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kernel {
    Planes,
    Table,
    Binomial,
}

impl Kernel {
    fn of(categories: usize, draws: u64) -> Self {
        let one_by_one = if categories <= planes::MOST_CATEGORIES {
            (Self::Planes, PLANES_COST * categories as u64 * draws)
        } else {
            (Self::Table, TABLE_COST * draws)
        };
        if one_by_one.1 <= BINOMIAL_COST * (categories as u64 - 1) {
            one_by_one.0
        } else {
            Self::Binomial
        }
    }
}

/// A question of a tallied rule, ready to be replayed.
struct Tallied<S> {
    score: S,
    n: u32,
    /// The category that all samples are of, if there is one.
    only: Option<usize>,
    thresholds: Vec<u32>,
    chain: Chain,
    table: Table,
}

impl<S: Score> Tallied<S> {
    fn new(score: S) -> Self {
        let categories = score.categories();
        let n = categories.iter().sum();
        let narrow = categories.len() <= planes::MOST_CATEGORIES;
        Self {
            n,
            only: (categories.len() == 1).then_some(0),
            thresholds: planes::thresholds(categories),
            chain: Chain::new(categories),
            table: if narrow {
                Table::default()
            } else {
                Table::new(categories)
            },
            score,
        }
    }

    fn is_narrow(&self) -> bool {
        self.score.categories().len() <= planes::MOST_CATEGORIES
    }
}

/// What the draws of a span of groups come from.
struct Sources<'a> {
    planes: Streams<{ planes::WORDS }>,
    groups: Vec<Streams<GROUP>>,
    urn: Option<&'a mut Urn>,
}

impl<S: Score> Question for Tallied<S> {
    fn replay(
        &self,
        grid: &[usize],
        design: Design,
        block: Block,
        watch: &Watch,
        credits: &mut [u32],
    ) -> Result<(), Interrupted> {
        let categories = self.score.categories().len();
        let mut urn = Urn::default();
        // Groups that are taken through the whole grid together.
        let span = match design {
            Design::WithReplacement if self.is_narrow() => GROUPS,
            _ => 1,
        };
        let mut totals = vec![[0; GROUP]; span * categories];
        let arch = Arch::new();
        for first in (0..GROUPS).step_by(span) {
            totals.fill([0; GROUP]);
            let mut sources = Sources {
                planes: Streams::new(block.key(Purpose::Planes), block.first(planes::WORDS)),
                groups: (first..first + span)
                    .map(|group| {
                        let lane = block.first(BLOCK) + (group * GROUP) as u64;
                        Streams::new(block.key(Purpose::Draws), lane)
                    })
                    .collect(),
                urn: None,
            };
            if design == Design::WithoutReplacement {
                urn.fill(self.items().into_iter());
                sources.urn = Some(&mut urn);
            }
            let mut drawn = 0;
            for (&draws, credits) in grid.iter().zip(credits.chunks_exact_mut(BLOCK)) {
                watch.check()?;
                self.draw((draws - drawn) as u32, &mut sources, &mut totals, arch);
                drawn = draws;
                arch.dispatch(Evaluate {
                    score: &self.score,
                    draws,
                    totals: &totals,
                    credits: &mut credits[first * GROUP..(first + span) * GROUP],
                });
            }
        }
        Ok(())
    }
}

impl<S: Score> Tallied<S> {
    /// The category of every sample.
    fn items(&self) -> Vec<u32> {
        let categories = self.score.categories().iter().enumerate();
        categories
            .flat_map(|(category, &count)| std::iter::repeat_n(category as u32, count as usize))
            .collect()
    }

    /// Draws one interval of the grid for a span of groups.
    fn draw(&self, draws: u32, sources: &mut Sources<'_>, totals: &mut [[u32; GROUP]], arch: Arch) {
        let categories = self.score.categories().len();
        if let Some(only) = self.only {
            for totals in totals.chunks_exact_mut(categories) {
                totals[only].iter_mut().for_each(|total| *total += draws);
            }
        } else if let Some(urn) = &mut sources.urn {
            for _ in 0..draws {
                let items = urn.draw(&mut sources.groups[0]);
                for (lane, item) in items.into_iter().enumerate() {
                    totals[item as usize][lane] += 1;
                }
            }
        } else {
            match Kernel::of(categories, u64::from(draws)) {
                Kernel::Planes => arch.dispatch(planes::Draw {
                    streams: &mut sources.planes,
                    thresholds: &self.thresholds,
                    draws,
                    totals,
                }),
                Kernel::Table => arch.dispatch(table::Draw {
                    table: &self.table,
                    n: self.n,
                    streams: &mut sources.groups[0],
                    draws,
                    totals,
                }),
                Kernel::Binomial => {
                    let groups = sources.groups.iter_mut();
                    for (streams, totals) in groups.zip(totals.chunks_exact_mut(categories)) {
                        self.chain.draw(draws, streams, totals);
                    }
                }
            }
        }
    }
}

/// Scores a span of groups.
struct Evaluate<'a, S> {
    score: &'a S,
    draws: usize,
    totals: &'a [[u32; GROUP]],
    credits: &'a mut [u32],
}

impl<S: Score> WithSimd for Evaluate<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let categories = self.score.categories().len();
        let groups = self.totals.chunks_exact(categories);
        for (counts, credits) in groups.zip(self.credits.as_chunks_mut::<GROUP>().0) {
            *credits = self.score.credits(self.draws, counts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_follows_the_categories_and_the_interval() {
        assert_eq!(Kernel::of(4, 10), Kernel::Planes);
        assert_eq!(Kernel::of(4, 100_000), Kernel::Binomial);
        assert_eq!(Kernel::of(100, 100), Kernel::Table);
        assert_eq!(Kernel::of(100, 100_000), Kernel::Binomial);
    }
}
