//! The rules, with the tables that make a decision a look-up.

use super::MOST_CALLS;
use super::half::HalfTails;
use super::mode::{mode_probability, pair_bounds};
use super::state::State;
use crate::error::{Error, Result};
use crate::log::NO_ANSWER;
use std::collections::HashMap;

/// A threshold met within this counts as met: values that equal it are not lost to rounding.
const SLACK: f64 = 1e-12;

/// When to stop drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// The leader is likelier than the second with this probability, under a uniform prior of the share
    /// between the two.
    AdaptiveConsistency {
        /// The probability, above one half and below 1.
        confidence: f64,
    },
    /// All answers of a window agree; windows follow each other.
    EarlyStopping {
        /// The length of a window.
        window: u32,
    },
    /// The Bayes factor for the leader being the likeliest answer.
    BestOfInfinity {
        /// The factor, above 0.
        bayes_factor: f64,
    },
    /// An e-process against every rival of the leader.
    AnytimeValid {
        /// The probability of ever stopping with an answer that is not the likeliest.
        error: f64,
    },
}

impl Rule {
    fn check(self) -> Result<Self> {
        let fine = match self {
            Self::AdaptiveConsistency { confidence } => confidence > 0.5 && confidence < 1.0,
            Self::EarlyStopping { window } => window > 0,
            Self::BestOfInfinity { bayes_factor } => bayes_factor > 0.0 && bayes_factor.is_finite(),
            Self::AnytimeValid { error } => error > 0.0 && error < 1.0,
        };
        if fine {
            Ok(self)
        } else {
            Err(Error::Shape(format!("{self:?} is out of range")))
        }
    }
}

/// A rule made ready for so many calls.
#[derive(Debug, Clone)]
pub struct Judge {
    rule: Rule,
    tails: HalfTails,
    /// By how often the second was drawn: the least count of the leader at which the rule may stop.
    least: Vec<u32>,
    log_factorial: Vec<f64>,
    /// Verdicts on counts that needed an integral.
    seen: HashMap<Box<[u32]>, bool>,
}

impl Judge {
    /// Makes the tables for at most `most` answers.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if a setting of the rule is out of range, or `most` beyond [`MOST_CALLS`].
    pub fn new(rule: Rule, most: usize) -> Result<Self> {
        let rule = rule.check()?;
        if most > MOST_CALLS {
            return Err(Error::Shape(format!(
                "a stopping rule follows at most {MOST_CALLS} calls, got {most}"
            )));
        }
        let tabled = match rule {
            Rule::EarlyStopping { .. } => 0,
            _ => most,
        };
        let mut judge = Self {
            rule,
            tails: HalfTails::new(tabled + 3),
            least: Vec::new(),
            log_factorial: log_factorials(tabled + 3),
            seen: HashMap::new(),
        };
        judge.least = judge.least_leads(tabled);
        Ok(judge)
    }

    /// Whether drawing stops with these answers.
    #[inline]
    pub fn stops(&mut self, state: &State) -> bool {
        if let Rule::EarlyStopping { window } = self.rule {
            return state.drawn % window == 0 && state.unanimous(window);
        }
        if state.first <= state.second || state.first < self.least[state.second as usize] {
            return false;
        }
        match self.rule {
            Rule::BestOfInfinity { bayes_factor } => self.leads(state, bayes_factor),
            Rule::AnytimeValid { error } => {
                let rank = state.rank[state.leader];
                rank == 1 || self.evidence(state.first, state.second) >= needed(rank, error)
            }
            _ => true,
        }
    }

    /// The least counts of the leader that pass what is necessary: all there is to it for Adaptive
    /// Consistency, the first rank for the anytime-valid rule, the second answer alone for Best-of-infinity.
    fn least_leads(&self, most: usize) -> Vec<u32> {
        let mut least = Vec::with_capacity(most + 1);
        let mut first = 1;
        for second in 0..=most {
            first = first.max(second + 1);
            while first + second <= most && !self.may_stop(first as u32, second as u32) {
                first += 1;
            }
            least.push(if first + second <= most {
                first as u32
            } else {
                u32::MAX
            });
        }
        least
    }

    fn may_stop(&self, first: u32, second: u32) -> bool {
        let (a, b) = (first as usize, second as usize);
        match self.rule {
            Rule::AdaptiveConsistency { confidence } => {
                self.tails.at(a + 1, b + 1) <= 1.0 - confidence + SLACK
            }
            Rule::AnytimeValid { error } => self.evidence(first, second) >= needed(1, error),
            // The prior odds depend on the number of answers, so that only a state can say.
            Rule::BestOfInfinity { .. } | Rule::EarlyStopping { .. } => true,
        }
    }

    /// The logarithm of the e-process for the leader against a rival: the mean likelihood ratio of
    /// coins that favour the leader, uniform between fair and certain, over the fair coin. The first
    /// draw of the leader, which made it known, is left out.
    fn evidence(&self, first: u32, rival: u32) -> f64 {
        let (a, b) = (first as usize - 1, rival as usize);
        let beta = self.log_factorial[a] + self.log_factorial[b] - self.log_factorial[a + b + 1];
        (a + b + 1) as f64 * std::f64::consts::LN_2 + beta + self.tails.at(b + 1, a + 1).ln()
    }

    fn leads(&mut self, state: &State, bayes_factor: f64) -> bool {
        let answers = f64::from(state.distinct) + 1.0;
        let wanted = bayes_factor / (bayes_factor + answers);
        let mut others: Vec<u32> = state
            .counts
            .iter()
            .enumerate()
            .filter(|&(answer, &count)| answer != state.leader && count > 0)
            .map(|(_, &count)| count)
            .collect();
        let (least, most) = pair_bounds(&self.tails, state.first, &others);
        if most + SLACK < wanted {
            return false;
        }
        if least >= wanted {
            return true;
        }
        others.sort_unstable();
        others.push(state.first);
        let key = others.into_boxed_slice();
        if let Some(&verdict) = self.seen.get(&key) {
            return verdict;
        }
        let probability = mode_probability(state.first, &key[..key.len() - 1]);
        let verdict = probability + SLACK >= wanted;
        self.seen.insert(key, verdict);
        verdict
    }
}

/// What the leader's evidence against every rival must reach if it was the `rank`-th answer to appear:
/// the errors allowed to the ranks, `error / (rank (rank + 1))`, sum to `error`.
fn needed(rank: u32, error: f64) -> f64 {
    (f64::from(rank) * (f64::from(rank) + 1.0) / error).ln() - SLACK
}

fn log_factorials(most: usize) -> Vec<f64> {
    let mut sum = 0.0;
    (0..=most)
        .map(|i| {
            sum += (i.max(1) as f64).ln();
            sum
        })
        .collect()
}

/// Whether a rule stops after exactly these answers, any numbers, negative for none.
///
/// # Errors
///
/// As [`Judge::new`].
pub fn stops(rule: Rule, codes: &[i64]) -> Result<bool> {
    let mut judge = Judge::new(rule, codes.len())?;
    let (codes, answers) = dense(codes);
    let mut state = State::new(answers);
    for code in codes {
        state.tell(code);
    }
    Ok(state.drawn > 0 && judge.stops(&state))
}

/// After how many of these answers a rule first stops; none if it asks for more than there are.
///
/// # Errors
///
/// As [`Judge::new`].
pub fn first_stop(rule: Rule, codes: &[i64]) -> Result<Option<usize>> {
    let mut judge = Judge::new(rule, codes.len())?;
    let (codes, answers) = dense(codes);
    let mut state = State::new(answers);
    Ok(codes
        .into_iter()
        .position(|code| {
            state.tell(code);
            judge.stops(&state)
        })
        .map(|place| place + 1))
}

/// The answers numbered from 0 by first appearance, and how many there are.
fn dense(codes: &[i64]) -> (Vec<i32>, usize) {
    let mut numbers = HashMap::new();
    let numbered = codes
        .iter()
        .map(|&code| {
            if code < 0 {
                return NO_ANSWER;
            }
            let next = numbers.len() as i32;
            *numbers.entry(code).or_insert(next)
        })
        .collect();
    (numbered, numbers.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adaptive_consistency_needs_four_equal_answers_for_95_percent() {
        let rule = Rule::AdaptiveConsistency { confidence: 0.95 };
        assert_eq!(first_stop(rule, &[7; 10]).unwrap(), Some(4));
        assert_eq!(first_stop(rule, &[1, 2, 1, 1, 1, 1, 1, 1]).unwrap(), Some(7));
        // 1 - I_{1/2}(2, 1) is 3/4 exactly.
        let equal = Rule::AdaptiveConsistency { confidence: 0.75 };
        assert_eq!(first_stop(equal, &[3, 3]).unwrap(), Some(1));
    }

    #[test]
    fn windows_follow_each_other() {
        let rule = Rule::EarlyStopping { window: 3 };
        assert_eq!(first_stop(rule, &[1, 2, 2, 2, 2, 2]).unwrap(), Some(6));
        assert_eq!(first_stop(rule, &[-1, -1, -1, 2, 2]).unwrap(), None);
        assert!(stops(rule, &[1, 2, 5, 4, 4, 4]).unwrap());
        assert!(!stops(rule, &[1, 4, 4, 4]).unwrap());
    }

    #[test]
    fn the_first_answer_needs_the_evidence_of_nine() {
        // 2^9 / 9 (1 - 2^-9) = 56.8 reaches 40 = 2 / 0.05; 2^8 / 8 does not.
        let rule = Rule::AnytimeValid { error: 0.05 };
        assert_eq!(first_stop(rule, &[5; 20]).unwrap(), Some(9));
    }

    #[test]
    fn the_bayes_factor_grows_with_agreement() {
        let rule = Rule::BestOfInfinity { bayes_factor: 100.0 };
        let stop = first_stop(rule, &[5; 30]).unwrap().unwrap();
        // Two hypotheses: P / (1 - P) >= 50 with 1 - P = 2^-n.
        assert_eq!(stop, 6);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        for rule in [
            Rule::AdaptiveConsistency { confidence: 0.5 },
            Rule::EarlyStopping { window: 0 },
            Rule::BestOfInfinity { bayes_factor: 0.0 },
            Rule::AnytimeValid { error: 1.0 },
        ] {
            assert!(Judge::new(rule, 5).is_err());
        }
        assert!(Judge::new(Rule::EarlyStopping { window: 2 }, MOST_CALLS + 1).is_err());
    }
}
