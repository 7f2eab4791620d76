//! What a rule has seen of a question so far.

use crate::log::NO_ANSWER;

/// The answers of one question, as far as they were drawn.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// How often each answer was drawn.
    pub(super) counts: Vec<u32>,
    /// The rank of each answer drawn, by first appearance, from 1.
    pub(super) rank: Vec<u32>,
    pub(super) drawn: u32,
    pub(super) distinct: u32,
    /// The answer drawn most, and how often it and the second were.
    pub(super) leader: usize,
    pub(super) first: u32,
    pub(super) second: u32,
    /// The answer that all of the last so many draws share, `NO_ANSWER` included.
    last: i32,
    pub(super) run: u32,
}

impl State {
    /// Nothing drawn yet; there are as many different `answers`, coded from 0.
    pub fn new(answers: usize) -> Self {
        Self {
            counts: vec![0; answers],
            rank: vec![0; answers],
            ..Self::default()
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.rank.fill(0);
        (self.drawn, self.distinct, self.run) = (0, 0, 0);
        (self.leader, self.first, self.second) = (0, 0, 0);
    }

    /// Takes in one more answer, [`NO_ANSWER`] for none.
    #[inline]
    pub fn tell(&mut self, code: i32) {
        self.drawn += 1;
        self.run = if self.run > 0 && self.last == code {
            self.run + 1
        } else {
            1
        };
        self.last = code;
        if code == NO_ANSWER {
            return;
        }
        let answer = code as usize;
        if self.counts[answer] == 0 {
            self.distinct += 1;
            self.rank[answer] = self.distinct;
        }
        self.counts[answer] += 1;
        let count = self.counts[answer];
        if answer == self.leader {
            self.first = count;
        } else if count > self.first {
            self.second = self.first;
            self.first = count;
            self.leader = answer;
        } else {
            self.second = self.second.max(count);
        }
    }

    /// How many answers were drawn, missing ones included.
    pub fn drawn(&self) -> u32 {
        self.drawn
    }

    /// Whether the last draws, as many as `window`, all brought the same answer.
    #[inline]
    pub(super) fn unanimous(&self, window: u32) -> bool {
        self.last != NO_ANSWER && self.run >= window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_and_the_second_are_followed() {
        let mut state = State::new(3);
        for (code, first, second) in [
            (1, 1, 0),
            (0, 1, 1),
            (0, 2, 1),
            (-1, 2, 1),
            (1, 2, 2),
            (1, 3, 2),
            (2, 3, 2),
        ] {
            state.tell(code);
            assert_eq!((state.first, state.second), (first, second));
        }
        assert_eq!((state.leader, state.distinct, state.drawn), (1, 3, 7));
        assert_eq!(state.rank, [2, 1, 3]);
        assert!(state.unanimous(1) && !state.unanimous(2));
    }
}
