//! When to stop drawing: rules that judge the answers so far, and their replay on a log.
//!
//! A [`Rule`] is what was asked for; a [`Judge`] is the rule with its tables, ready to look at the
//! [`Standings`] of one question after every call. The same judge serves a live system and
//! [`replay`], so that both stop after the same answers. A sample without an answer is a call that
//! changes no standing.

mod leads;
mod mode;
mod ranked;
mod replay;
mod standings;
mod wealth;

pub use mode::{Mode, other_mode};
pub use ranked::{Ranked, ranked_replay};
pub use replay::{Orders, Replayed, Samples, replay};
pub use standings::Standings;

use crate::log::NO_ANSWER;
use ahash::RandomState;
use hashbrown::HashMap;
use leads::Leads;
use wealth::Certificates;

/// Relative width within which a number counts as having reached its bound.
const SLACK: f64 = 1e-12;

/// A rule for when to stop, by its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Stop once `P(p1 > p2)` of the two leaders, by a uniform prior, is at least `confidence`.
    AdaptiveConsistency {
        /// In [0.5, 1).
        confidence: f64,
    },
    /// Stop at the end of a window of equal answers.
    EarlyStopping {
        /// Answers in a window.
        window: u32,
    },
    /// Stop after a first window of equal answers, or after an extension, by the leaders.
    DifficultyAdaptive {
        /// In [0.5, 1).
        confidence: f64,
        /// Answers in the first window.
        window: u32,
        /// Answers in every extension.
        extension: u32,
    },
    /// Stop once the Bayes factor for the leader being the mode is large enough.
    BestOfInfinity {
        /// At least 1.
        bayes_factor: f64,
        /// Weight of unseen answers, in samples.
        concentration: f64,
    },
    /// Stop once the leader is certified to be the mode.
    AnytimeValid {
        /// In (0, 1).
        error: f64,
    },
}

/// A rule with tables for up to so many answers.
#[derive(Debug)]
pub struct Judge(Tables);

#[derive(Debug)]
enum Tables {
    Leads(Leads),
    Window(u32),
    Extensions {
        leads: Leads,
        window: u32,
        extension: u32,
    },
    Mode(Mode),
    Certificates(Certificates),
}

/// Judgements that were costly, kept for when the same standings come again.
#[derive(Debug, Default)]
pub struct Memory(HashMap<Box<[u32]>, bool, RandomState>);

impl Rule {
    /// The rule, ready to judge up to `most` answers.
    pub fn judge(&self, most: usize) -> Judge {
        Judge(match *self {
            Self::AdaptiveConsistency { confidence } => {
                Tables::Leads(Leads::of_confidence(confidence, most))
            }
            Self::EarlyStopping { window } => Tables::Window(window),
            Self::DifficultyAdaptive {
                confidence,
                window,
                extension,
            } => Tables::Extensions {
                leads: Leads::of_confidence(confidence, most),
                window,
                extension,
            },
            Self::BestOfInfinity {
                bayes_factor,
                concentration,
            } => Tables::Mode(Mode::new(bayes_factor, concentration, most)),
            Self::AnytimeValid { error } => Tables::Certificates(Certificates::new(error, most)),
        })
    }
}

impl Judge {
    /// Whether drawing stops with these standings.
    #[inline]
    pub fn stops(&self, standings: &Standings, memory: &mut Memory) -> bool {
        if standings.answers() == 0 {
            return false;
        }
        match &self.0 {
            Tables::Leads(leads) => leads.clear(standings.first(), standings.second()),
            Tables::Window(window) => {
                standings.answers().is_multiple_of(*window) && standings.run() >= *window
            }
            Tables::Extensions {
                leads,
                window,
                extension,
            } => {
                let Some(beyond) = standings.answers().checked_sub(*window) else {
                    return false;
                };
                (beyond == 0 && standings.distinct() == 1)
                    || (beyond.is_multiple_of(*extension)
                        && leads.clear(standings.first(), standings.second()))
            }
            Tables::Mode(mode) => mode.favoured(standings, memory),
            Tables::Certificates(certificates) => certificates.reached(standings),
        }
    }
}

/// Whether `rule` stops after each of these answers, looking at all up to it; codes are arbitrary but
/// for -1, no answer.
pub fn verdicts(rule: &Rule, codes: &[i64]) -> Vec<bool> {
    let judge = rule.judge(codes.len());
    let mut memory = Memory::default();
    let mut names = HashMap::<i64, u32, RandomState>::default();
    let mut standings = Standings::default();
    codes
        .iter()
        .map(|&code| {
            if code != i64::from(NO_ANSWER) {
                let next = names.len() as u32;
                let answer = *names.entry(code).or_insert(next);
                standings.admit(answer as usize + 1);
                standings.add(answer);
            }
            judge.stops(&standings, &mut memory)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(rule: &Rule, codes: &[i64]) -> Option<usize> {
        verdicts(rule, codes)
            .iter()
            .position(|&stops| stops)
            .map(|index| index + 1)
    }

    #[test]
    fn equal_answers_stop_every_rule() {
        let same = [5; 30];
        let cases = [
            (Rule::AdaptiveConsistency { confidence: 0.95 }, 4),
            (Rule::EarlyStopping { window: 5 }, 5),
            (
                Rule::DifficultyAdaptive {
                    confidence: 0.95,
                    window: 3,
                    extension: 4,
                },
                3,
            ),
            (
                Rule::BestOfInfinity {
                    bayes_factor: 100.0,
                    concentration: 0.3,
                },
                5,
            ),
            (Rule::AnytimeValid { error: 0.05 }, 9),
        ];
        for (rule, calls) in cases {
            assert_eq!(first(&rule, &same), Some(calls), "{rule:?}");
            assert_eq!(first(&rule, &[-1; 30]), None, "{rule:?}");
        }
    }

    #[test]
    fn a_bound_that_is_met_exactly_is_reached() {
        let rule = Rule::AdaptiveConsistency { confidence: 0.9375 };
        assert_eq!(first(&rule, &[1, 1, 1]), Some(3));
    }

    #[test]
    fn no_answers_are_calls_that_change_nothing() {
        let rule = Rule::EarlyStopping { window: 3 };
        assert_eq!(first(&rule, &[1, -1, 1, -1, 1, 1]), Some(5));
    }
}
