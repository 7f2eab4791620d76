//! Stopping rules followed through random orders of the logged samples.

use super::judge::{Judge, Rule};
use super::state::State;
use crate::bootstrap::UNIT;
use crate::error::{Error, Result};
use crate::log::{NO_ANSWER, Ragged, check_length};
use crate::rng::{Key, Purpose, Streams};
use crate::vote::{NoAnswer, Ties};
use crate::work::Watch;
use rayon::prelude::*;
use std::ops::Range;

/// The random orders of each question: how many, and who the questions are.
#[derive(Debug, Clone, Copy)]
pub struct Orders<'a> {
    /// How many orders of each question.
    pub orders: u32,
    /// The seed.
    pub seed: u64,
    /// Who each question is; its orders depend on nothing else.
    pub identities: &'a [u64],
}

/// What is replayed, and how its votes are scored.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// When drawing stops.
    pub rule: Rule,
    /// The score of a tie.
    pub ties: Ties,
    /// What a missing answer counts for; one that votes is an answer for the rule too.
    pub no_answer: NoAnswer,
    /// The most calls of each question; one that has fewer samples ends with them.
    pub most: &'a [u32],
    /// The fewest calls of each question: before, the rule is not asked.
    pub least: Option<&'a [u32]>,
    /// What each sample cost.
    pub cost: Option<&'a [f64]>,
}

/// Sums over the orders of each question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replayed {
    /// Credit of the vote, in units of [`UNIT`].
    pub credit: Vec<u64>,
    /// Calls.
    pub calls: Vec<u64>,
    /// Orders in which the rule stopped the drawing; in the others the calls or samples ran out.
    pub stopped: Vec<u64>,
    /// Cost of the calls.
    pub cost: Vec<f64>,
    /// Of all questions and orders, how many took 0, 1, 2, ... calls.
    pub histogram: Vec<u64>,
}

/// Follows a rule through the orders of every question.
///
/// The numbers of a question depend on its samples, on the plan and on its identity alone.
///
/// # Errors
///
/// [`Error::NoSamples`], [`Error::MixedVerdict`], [`Error::CorrectWithoutAnswer`], [`Error::Shape`] if
/// lengths disagree or the rule is out of range, [`Error::Interrupted`].
pub fn replay(
    questions: Ragged<'_>,
    codes: &[i32],
    correct: &[bool],
    plan: &Plan<'_>,
    orders: Orders<'_>,
    watch: &Watch,
) -> Result<Replayed> {
    check_length("codes", codes.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    if let Some(cost) = plan.cost {
        check_length("cost", cost.len(), questions.n_samples())?;
    }
    let per_question = [orders.identities.len(), plan.most.len()];
    if per_question.iter().any(|&length| length != questions.len())
        || plan.least.is_some_and(|least| least.len() != questions.len())
    {
        return Err(Error::Shape(format!(
            "identities, most and least must have {} entries",
            questions.len()
        )));
    }
    let longest = (0..questions.len())
        .map(|q| questions.range(q).len().min(plan.most[q] as usize))
        .max()
        .unwrap_or(0);
    let judge = Judge::new(plan.rule, longest)?;
    let one = |follower: &mut Follower<'_>, question: usize| -> Result<Sums> {
        watch.check()?;
        let sums = follower.follow(question)?;
        watch.advance(1);
        Ok(sums)
    };
    let follower = || Follower {
        questions,
        codes,
        correct,
        plan,
        orders,
        judge: judge.clone(),
        votes: Votes::default(),
        histogram: vec![0; longest + 1],
    };
    let parts: Vec<(Vec<Sums>, Vec<u64>)> = blocks(questions.len())
        .into_par_iter()
        .map_init(follower, |follower, block| {
            follower.histogram.fill(0);
            let sums = block.map(|q| one(follower, q)).collect::<Result<Vec<_>>>()?;
            Ok((sums, follower.histogram.clone()))
        })
        .collect::<Result<_>>()?;
    let mut found = Replayed {
        histogram: vec![0; longest + 1],
        ..Replayed::default()
    };
    for (sums, histogram) in parts {
        for sum in sums {
            found.credit.push(sum.credit);
            found.calls.push(sum.calls);
            found.stopped.push(sum.stopped);
            found.cost.push(sum.cost);
        }
        for (total, count) in found.histogram.iter_mut().zip(histogram) {
            *total += count;
        }
    }
    Ok(found)
}

/// Questions that one task takes: few enough to share them out, enough to be worth it.
fn blocks(questions: usize) -> Vec<Range<usize>> {
    const SIZE: usize = 32;
    (0..questions.div_ceil(SIZE))
        .map(|block| block * SIZE..((block + 1) * SIZE).min(questions))
        .collect()
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    credit: u64,
    calls: u64,
    stopped: u64,
    cost: f64,
}

/// The samples of a question as votes, and which answers are right.
#[derive(Debug, Default)]
struct Votes {
    codes: Vec<i32>,
    right: Vec<bool>,
    order: Vec<u32>,
    state: State,
}

impl Votes {
    fn load(
        &mut self,
        question: usize,
        range: Range<usize>,
        codes: &[i32],
        correct: &[bool],
        no_answer: NoAnswer,
    ) -> Result<()> {
        if range.is_empty() {
            return Err(Error::NoSamples { question });
        }
        self.codes.clear();
        self.right.clear();
        let mut known: Vec<Option<bool>> = Vec::new();
        for sample in range {
            let (code, right) = (codes[sample], correct[sample]);
            self.codes.push(code);
            if code == NO_ANSWER {
                if right {
                    return Err(Error::CorrectWithoutAnswer { question, sample });
                }
                continue;
            }
            let answer = code as usize;
            if answer >= known.len() {
                known.resize(answer + 1, None);
            }
            if known[answer].is_some_and(|before| before != right) {
                return Err(Error::MixedVerdict { question, sample });
            }
            known[answer] = Some(right);
        }
        self.right
            .extend(known.iter().map(|verdict| verdict == &Some(true)));
        if no_answer == NoAnswer::Vote {
            let none = self.right.len() as i32;
            self.right.push(false);
            for code in &mut self.codes {
                if *code == NO_ANSWER {
                    *code = none;
                }
            }
        }
        self.state = State::new(self.right.len());
        Ok(())
    }

    /// The credit of a vote among the answers seen.
    fn credit(&self, ties: Ties) -> u64 {
        let state = &self.state;
        if state.first == 0 {
            return 0;
        }
        let leaders = || {
            let counts = state.counts.iter().enumerate();
            counts
                .filter(|&(_, &count)| count == state.first)
                .map(|(answer, _)| answer)
        };
        let unit = u64::from(UNIT);
        if state.first > state.second {
            return unit * u64::from(self.right[state.leader]);
        }
        match ties {
            Ties::Wrong => 0,
            Ties::First => {
                let earliest = leaders().min_by_key(|&answer| state.rank[answer]);
                unit * u64::from(earliest.is_some_and(|answer| self.right[answer]))
            }
            Ties::Split => {
                let tied = leaders().count() as u64;
                let right = leaders().filter(|&answer| self.right[answer]).count() as u64;
                unit * right / tied
            }
        }
    }
}

struct Follower<'a> {
    questions: Ragged<'a>,
    codes: &'a [i32],
    correct: &'a [bool],
    plan: &'a Plan<'a>,
    orders: Orders<'a>,
    judge: Judge,
    votes: Votes,
    histogram: Vec<u64>,
}

impl Follower<'_> {
    fn follow(&mut self, question: usize) -> Result<Sums> {
        let range = self.questions.range(question);
        let votes = &mut self.votes;
        votes.load(
            question,
            range.clone(),
            self.codes,
            self.correct,
            self.plan.no_answer,
        )?;
        let samples = votes.codes.len() as u32;
        let most = samples.min(self.plan.most[question]);
        let least = self.plan.least.map_or(1, |least| least[question]);
        let cost = self.plan.cost.map(|cost| &cost[range]);
        let key = Key::new(
            self.orders.seed,
            self.orders.identities[question],
            Purpose::Orders,
        );
        let mut sums = Sums::default();
        for order in 0..self.orders.orders {
            votes.state.clear();
            votes.order.clear();
            votes.order.extend(0..samples);
            let mut stream = Streams::<1>::new(key, u64::from(order));
            let mut stopped = false;
            while !stopped && votes.state.drawn < most {
                let place = votes.state.drawn;
                let [ahead] = stream.below(samples - place);
                votes.order.swap(place as usize, (place + ahead) as usize);
                let sample = votes.order[place as usize] as usize;
                votes.state.tell(votes.codes[sample]);
                if let Some(cost) = cost {
                    sums.cost += cost[sample];
                }
                stopped = votes.state.drawn >= least && self.judge.stops(&votes.state);
            }
            sums.credit += votes.credit(self.plan.ties);
            sums.calls += u64::from(votes.state.drawn);
            sums.stopped += u64::from(stopped);
            self.histogram[votes.state.drawn as usize] += 1;
        }
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replayed(rule: Rule, codes: &[i32], orders: u32) -> Replayed {
        let offsets = [0, codes.len() as i64];
        let questions = Ragged::new(&offsets, codes.len()).unwrap();
        let correct: Vec<bool> = codes.iter().map(|&code| code == 0).collect();
        let plan = Plan {
            rule,
            ties: Ties::Split,
            no_answer: NoAnswer::Ignore,
            most: &[u32::MAX],
            least: None,
            cost: None,
        };
        let orders = Orders {
            orders,
            seed: 1,
            identities: &[9],
        };
        replay(questions, codes, &correct, &plan, orders, &Watch::new()).unwrap()
    }

    #[test]
    fn a_rule_that_never_stops_is_the_vote_of_all() {
        let rule = Rule::EarlyStopping { window: 100 };
        let found = replayed(rule, &[0, 1, 0, 2, -1], 10);
        assert_eq!(found.credit, [10 * u64::from(UNIT)]);
        assert_eq!((found.calls[0], found.stopped[0]), (50, 0));
        assert_eq!(found.histogram, [0, 0, 0, 0, 0, 10]);
    }

    #[test]
    fn the_first_window_of_one_decides_by_the_first_answer() {
        let found = replayed(Rule::EarlyStopping { window: 1 }, &[0, 0, 0, 1], 4000);
        let share = found.credit[0] as f64 / (4000.0 * f64::from(UNIT));
        assert!((share - 0.75).abs() < 0.03, "{share}");
        assert_eq!(found.calls, [4000]);
    }
}
