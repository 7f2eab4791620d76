//! Who leads by how much, kept up to date answer by answer.

/// The counts of one question's answers so far, and what rules ask of them.
#[derive(Debug, Clone, Default)]
pub struct Standings {
    counts: Vec<u32>,
    /// By answer: the how-manieth it was to appear, from 1.
    places: Vec<u32>,
    answers: u32,
    distinct: u32,
    leader: u32,
    first: u32,
    second: u32,
    last: u32,
    run: u32,
}

impl Standings {
    /// Forgets all answers and makes room for the answers `0..answers`.
    pub fn clear(&mut self, answers: usize) {
        let (mut counts, mut places) = (
            std::mem::take(&mut self.counts),
            std::mem::take(&mut self.places),
        );
        counts.clear();
        counts.resize(answers, 0);
        places.clear();
        places.resize(answers, 0);
        *self = Self {
            counts,
            places,
            ..Self::default()
        };
    }

    /// Makes room for the answers `0..answers`.
    pub fn admit(&mut self, answers: usize) {
        if answers > self.counts.len() {
            self.counts.resize(answers, 0);
            self.places.resize(answers, 0);
        }
    }

    /// Counts one more sample with this answer.
    ///
    /// Answers are random: selections in place of branches, which would be mispredicted.
    #[inline(always)]
    pub fn add(&mut self, answer: u32) {
        let count = self.counts[answer as usize] + 1;
        self.counts[answer as usize] = count;
        let new = count == 1;
        self.distinct += u32::from(new);
        let place = &mut self.places[answer as usize];
        *place = if new { self.distinct } else { *place };
        let leads = count > self.first;
        // Who overtakes was level with the leader before.
        let passed = if answer == self.leader {
            self.second
        } else {
            self.first
        };
        self.second = if leads {
            passed
        } else {
            self.second.max(count)
        };
        self.leader = if leads { answer } else { self.leader };
        self.first = self.first.max(count);
        let goes_on = answer == self.last && self.answers > 0;
        self.run = if goes_on { self.run } else { 0 } + 1;
        self.last = answer;
        self.answers += 1;
    }

    /// Samples with an answer.
    #[inline(always)]
    pub fn answers(&self) -> u32 {
        self.answers
    }

    /// Different answers.
    #[inline(always)]
    pub fn distinct(&self) -> u32 {
        self.distinct
    }

    /// Samples of the most frequent answer.
    #[inline(always)]
    pub fn first(&self) -> u32 {
        self.first
    }

    /// Samples of the next, 0 if there is none; as many as the first's in a tie.
    #[inline(always)]
    pub fn second(&self) -> u32 {
        self.second
    }

    /// How many of the latest answers are equal.
    #[inline(always)]
    pub fn run(&self) -> u32 {
        self.run
    }

    /// The how-manieth the leader was to appear, from 1; of tied leaders the one that got there first.
    #[inline(always)]
    pub fn place(&self) -> u32 {
        self.places[self.leader as usize]
    }

    /// The leader; of tied leaders the one that got there first.
    #[inline(always)]
    pub fn leader(&self) -> u32 {
        self.leader
    }

    /// The answers that share first place, and when each appeared.
    pub fn leaders(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let leads = self.counts.iter().zip(&self.places).enumerate();
        leads
            .filter(|&(_, (&count, _))| count > 0 && count == self.first)
            .map(|(answer, (_, &place))| (answer, place))
    }

    /// Samples of each answer that occurs, in no particular order.
    pub fn counts(&self) -> impl Iterator<Item = u32> + '_ {
        self.counts.iter().copied().filter(|&count| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose, Streams};

    #[test]
    fn they_are_what_counting_afresh_gives() {
        let mut stream = Streams::<1>::new(Key::new(1, 2, Purpose::Draws), 0);
        let mut standings = Standings::default();
        for trial in 0..200 {
            standings.clear(5);
            let mut drawn = Vec::new();
            for _ in 0..30 {
                let [answer] = stream.below(1 + trial % 5);
                standings.add(answer);
                drawn.push(answer);
                let mut counts: Vec<u32> = (0..5)
                    .map(|a| drawn.iter().filter(|&&other| other == a).count() as u32)
                    .collect();
                let of_leader = counts[standings.leader() as usize];
                counts.sort_unstable_by(|a, b| b.cmp(a));
                assert_eq!([standings.first(), standings.second()], counts[..2]);
                assert_eq!(of_leader, counts[0]);
                let mut appeared = drawn.clone();
                let mut seen = Vec::new();
                appeared.retain(|answer| {
                    let new = !seen.contains(answer);
                    seen.push(*answer);
                    new
                });
                assert_eq!(standings.distinct() as usize, appeared.len());
                assert_eq!(appeared[standings.place() as usize - 1], standings.leader());
                let run = drawn.iter().rev().take_while(|&&a| a == answer).count();
                assert_eq!(standings.run() as usize, run);
            }
        }
    }
}
