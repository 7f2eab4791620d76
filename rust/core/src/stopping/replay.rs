//! Replays: the samples of a question in many orders, each drawn until the rule stops.

use super::standings::Standings;
use super::{Judge, Memory, Rule};
use crate::bootstrap::{UNIT, share};
use crate::error::{Error, Result};
use crate::log::{NO_ANSWER, Ragged, check_length};
use crate::rng::{Key, Purpose, Streams};
use crate::vote::Ties;
use crate::work::Watch;
use rayon::prelude::*;

/// Which orders, and how many calls at most.
#[derive(Debug, Clone, Copy)]
pub struct Orders {
    /// The seed of all of them.
    pub seed: u64,
    /// How many for each question.
    pub number: u64,
    /// The most calls; no question may have fewer samples.
    pub most: usize,
}

/// Sums over the orders of each question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replayed {
    /// Credit of the votes, in [`UNIT`]s.
    pub credit: Vec<u64>,
    /// Calls.
    pub calls: Vec<u64>,
    /// Orders in which the rule stopped, by the last call at the latest.
    pub stopped: Vec<u64>,
    /// Rounds of calls made at once, if the rule makes such.
    pub rounds: Option<Vec<u64>>,
    /// Costs of the samples drawn, if samples have costs.
    pub cost: Option<Vec<f64>>,
    /// Of all questions together: orders that took so many calls, from 0 to the most.
    pub distribution: Vec<u64>,
}

/// The columns of a log that a replay reads.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    pub(super) questions: Ragged<'a>,
    pub(super) codes: &'a [i32],
    pub(super) correct: &'a [bool],
    pub(super) cost: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    /// The columns, and what each sample costs if costs are asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if columns are not of one log.
    pub fn new(
        questions: Ragged<'a>,
        codes: &'a [i32],
        correct: &'a [bool],
        cost: Option<&'a [f64]>,
    ) -> Result<Self> {
        check_length("codes", codes.len(), questions.n_samples())?;
        check_length("correct", correct.len(), questions.n_samples())?;
        if let Some(cost) = cost {
            check_length("cost", cost.len(), questions.n_samples())?;
        }
        Ok(Self {
            questions,
            codes,
            correct,
            cost,
        })
    }

    /// Checks that a question has samples for the most calls.
    pub(super) fn check_most(&self, question: usize, most: usize) -> Result<()> {
        let n = self.questions.range(question).len();
        if n < most {
            return Err(Error::CallsOutOfRange {
                question,
                k: most,
                least: 1,
                most: n,
            });
        }
        Ok(())
    }
}

/// Replays `rule` on every question.
///
/// `identities` say who the questions are, whatever their order. The bits do not depend on the number
/// of threads.
///
/// # Errors
///
/// [`Error::CallsOutOfRange`] if a question has fewer samples than the most calls, and what a vote fails
/// for.
pub fn replay(
    rule: &Rule,
    samples: Samples<'_>,
    identities: &[u64],
    orders: Orders,
    ties: Ties,
    watch: &Watch,
) -> Result<Replayed> {
    let questions = samples.questions;
    if identities.len() != questions.len() {
        return Err(Error::Shape("every question needs an identity".into()));
    }
    let judge = rule.judge(orders.most);
    let chunk = (questions.len() / (8 * rayon::current_num_threads())).clamp(1, 256);
    let parts = (0..questions.len().div_ceil(chunk))
        .into_par_iter()
        .map(|number| {
            let mut part = Part::new(&judge, samples, orders, ties);
            let few = identities.iter().enumerate();
            for (question, &identity) in few.skip(number * chunk).take(chunk) {
                part.question(question, identity, watch)?;
            }
            Ok(part.sums)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut all = Replayed {
        cost: samples.cost.map(|_| Vec::new()),
        distribution: vec![0; orders.most + 1],
        ..Replayed::default()
    };
    for part in parts {
        all.credit.extend(part.credit);
        all.calls.extend(part.calls);
        all.stopped.extend(part.stopped);
        if let (Some(all), Some(part)) = (&mut all.cost, part.cost) {
            all.extend(part);
        }
        for (all, part) in all.distribution.iter_mut().zip(part.distribution) {
            *all += part;
        }
    }
    Ok(all)
}

/// Some of the questions, with room that is used again for the next.
struct Part<'a> {
    judge: &'a Judge,
    samples: Samples<'a>,
    orders: Orders,
    ties: Ties,
    sums: Replayed,
    memory: Memory,
    standings: Standings,
    verdicts: Vec<Option<bool>>,
    /// The samples in the order drawn so far, the rest behind them.
    items: Vec<u32>,
    /// How far ahead each drawn sample was found.
    ahead: Vec<u32>,
}

impl<'a> Part<'a> {
    fn new(judge: &'a Judge, samples: Samples<'a>, orders: Orders, ties: Ties) -> Self {
        Self {
            judge,
            samples,
            orders,
            ties,
            sums: Replayed {
                cost: samples.cost.map(|_| Vec::new()),
                distribution: vec![0; orders.most + 1],
                ..Replayed::default()
            },
            memory: Memory::default(),
            standings: Standings::default(),
            verdicts: Vec::new(),
            items: Vec::new(),
            ahead: Vec::new(),
        }
    }

    fn question(&mut self, question: usize, identity: u64, watch: &Watch) -> Result<()> {
        let range = self.samples.questions.range(question);
        let n = range.len();
        self.samples.check_most(question, self.orders.most)?;
        learn_verdicts(self.samples, question, &mut self.verdicts)?;
        let codes = &self.samples.codes[range.clone()];
        let costs = self.samples.cost.map(|cost| &cost[range]);
        self.items.clear();
        self.items.extend(0..n as u32);
        let key = Key::new(self.orders.seed, identity, Purpose::Orders);
        let (mut credit, mut calls, mut stopped, mut cost) = (0, 0, 0, 0.0);
        for order in 0..self.orders.number {
            watch.check()?;
            let by_rule = self.draw(codes, Streams::new(key, order));
            credit += u64::from(self::credit(&self.standings, &self.verdicts, self.ties));
            calls += self.ahead.len() as u64;
            stopped += u64::from(by_rule);
            self.sums.distribution[self.ahead.len()] += 1;
            if let Some(costs) = costs {
                let drawn = &self.items[..self.ahead.len()];
                cost += drawn.iter().map(|&item| costs[item as usize]).sum::<f64>();
            }
            for (drawn, &ahead) in self.ahead.iter().enumerate().rev() {
                self.items.swap(drawn, drawn + ahead as usize);
            }
        }
        self.sums.credit.push(credit);
        self.sums.calls.push(calls);
        self.sums.stopped.push(stopped);
        if let Some(sums) = &mut self.sums.cost {
            sums.push(cost);
        }
        watch.advance(1);
        Ok(())
    }

    /// Draws samples until the rule stops; returns whether it did.
    #[inline(always)]
    fn draw(&mut self, codes: &[i32], mut stream: Streams<1>) -> bool {
        self.standings.clear(self.verdicts.len());
        self.ahead.clear();
        for drawn in 0..self.orders.most {
            let [ahead] = stream.below((self.items.len() - drawn) as u32);
            self.items.swap(drawn, drawn + ahead as usize);
            self.ahead.push(ahead);
            let code = codes[self.items[drawn] as usize];
            if code == NO_ANSWER {
                continue;
            }
            self.standings.add(code as u32);
            if self.judge.stops(&self.standings, &mut self.memory) {
                return true;
            }
        }
        false
    }
}

/// Fills in whether each answer of a question is correct; None for codes that do not occur.
pub(super) fn learn_verdicts(
    samples: Samples<'_>,
    question: usize,
    verdicts: &mut Vec<Option<bool>>,
) -> Result<()> {
    verdicts.clear();
    for sample in samples.questions.range(question) {
        let (code, correct) = (samples.codes[sample], samples.correct[sample]);
        if code == NO_ANSWER {
            if correct {
                return Err(Error::CorrectWithoutAnswer { question, sample });
            }
            continue;
        }
        let code = code as usize;
        if code >= verdicts.len() {
            verdicts.resize(code + 1, None);
        }
        match verdicts[code].replace(correct) {
            Some(earlier) if earlier != correct => {
                return Err(Error::MixedVerdict { question, sample });
            }
            _ => {}
        }
    }
    Ok(())
}

/// The credit of a vote with these standings.
pub(super) fn credit(standings: &Standings, verdicts: &[Option<bool>], ties: Ties) -> u32 {
    let right = |answer: usize| verdicts[answer] == Some(true);
    if standings.answers() == 0 {
        return 0;
    }
    if standings.first() > standings.second() {
        return if right(standings.leader() as usize) {
            UNIT
        } else {
            0
        };
    }
    match ties {
        Ties::Wrong => 0,
        Ties::First => {
            let earliest = standings.leaders().min_by_key(|&(_, place)| place);
            earliest.map_or(0, |(answer, _)| if right(answer) { UNIT } else { 0 })
        }
        Ties::Split => {
            let (mut correct, mut tied) = (0, 0);
            for (answer, _) in standings.leaders() {
                tied += 1;
                correct += u64::from(right(answer));
            }
            share(correct, tied)
        }
    }
}
