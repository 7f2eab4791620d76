//! Counts of many draws at once: a multinomial as a chain of binomials.

use super::GROUP;
use crate::rng::Streams;
use crate::variates::{Binomial, Chance};

/// A multinomial drawn category by category, the most frequent first.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// The category, and its chance among those that have not been drawn yet.
    links: Vec<(usize, Chance)>,
    last: usize,
}

impl Chain {
    pub(super) fn new(categories: &[u32]) -> Self {
        let mut order: Vec<usize> = (0..categories.len()).collect();
        order.sort_by_key(|&category| std::cmp::Reverse(categories[category]));
        let mut left: u64 = categories.iter().map(|&count| u64::from(count)).sum();
        let last = order.pop().unwrap_or(0);
        let links = order
            .into_iter()
            .map(|category| {
                let share = f64::from(categories[category]) / left as f64;
                left -= u64::from(categories[category]);
                (category, Chance::new(share))
            })
            .collect();
        Self { links, last }
    }

    /// Adds `draws` draws of a group of replicates to their totals, by category.
    #[expect(
        clippy::needless_range_loop,
        reason = "totals are by category, then by lane"
    )]
    pub(super) fn draw(
        &self,
        draws: u32,
        streams: &mut Streams<GROUP>,
        totals: &mut [[u32; GROUP]],
    ) {
        let first = self
            .links
            .first()
            .map(|&(_, chance)| Binomial::new(draws, chance));
        for lane in 0..GROUP {
            let mut stream = streams.lane(lane);
            let mut left = draws;
            for (link, &(category, chance)) in self.links.iter().enumerate() {
                if left == 0 {
                    break;
                }
                let count = match (link, &first) {
                    (0, Some(first)) => first.draw(&mut stream),
                    _ => Binomial::new(left, chance).draw(&mut stream),
                };
                totals[category][lane] += count;
                left -= count;
            }
            totals[self.last][lane] += left;
            streams.set_lane(lane, &stream);
        }
    }
}
