//! DSC across questions: their ranking by difficulty decides which of them need samples at all, and how
//! many come at once.

use super::leads::Leads;
use super::replay::{Orders, Replayed, Samples, credit, learn_verdicts};
use super::standings::Standings;
use crate::error::{Error, Result};
use crate::log::NO_ANSWER;
use crate::rng::{Key, Purpose, Streams};
use crate::vote::Ties;
use crate::work::Watch;
use rayon::prelude::*;
use std::collections::VecDeque;

/// Difficulty-adaptive self-consistency (Wang et al., arXiv 2408.13457).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Of the leader, in [0.5, 1).
    pub confidence: f64,
    /// Answers that every question of the hard part begins with.
    pub window: u32,
    /// Answers in every extension.
    pub extension: u32,
    /// Questions in a row whose windows are unanimous, after which all easier ones count as easy.
    pub judged: usize,
    /// Questions that a first batch is guessed from.
    pub neighbours: usize,
}

/// What one order of the samples brings, by question.
#[derive(Debug)]
struct Once {
    credit: Vec<u32>,
    calls: Vec<u32>,
    rounds: Vec<u32>,
    stopped: Vec<bool>,
    cost: Vec<f64>,
}

/// What all orders share.
struct Plan<'a> {
    rule: Ranked,
    leads: Leads,
    samples: Samples<'a>,
    /// The questions, the hardest first.
    ranking: &'a [usize],
    identities: &'a [u64],
    /// The verdicts of each question's answers, one question after the other.
    verdicts: Vec<Option<bool>>,
    /// Where those of each question begin, and the end of the last.
    begins: Vec<usize>,
    orders: Orders,
    ties: Ties,
}

/// Replays a rule that goes through the questions of `ranking`, the hardest first, and through the hard
/// ones back again.
///
/// A question's samples have the orders that [`super::replay()`] gives them. The bits do not depend on the
/// number of threads. `watch` counts orders.
///
/// # Errors
///
/// What a replay of a rule for single questions fails for.
pub fn ranked_replay(
    rule: &Ranked,
    samples: Samples<'_>,
    ranking: &[usize],
    identities: &[u64],
    orders: Orders,
    ties: Ties,
    watch: &Watch,
) -> Result<Replayed> {
    let questions = samples.questions.len();
    if identities.len() != questions || ranking.len() != questions {
        return Err(Error::Shape(
            "every question needs an identity and a rank".into(),
        ));
    }
    let (mut verdicts, mut begins) = (Vec::new(), vec![0]);
    let mut own = Vec::new();
    for question in 0..questions {
        samples.check_most(question, orders.most)?;
        learn_verdicts(samples, question, &mut own)?;
        verdicts.append(&mut own);
        begins.push(verdicts.len());
    }
    let plan = Plan {
        rule: *rule,
        leads: Leads::of_confidence(rule.confidence, orders.most),
        samples,
        ranking,
        identities,
        verdicts,
        begins,
        orders,
        ties,
    };
    let mut all = Replayed {
        credit: vec![0; questions],
        calls: vec![0; questions],
        stopped: vec![0; questions],
        rounds: Some(vec![0; questions]),
        cost: samples.cost.map(|_| vec![0.0; questions]),
        distribution: vec![0; orders.most + 1],
    };
    // As many orders at a time as there are threads are held; their sums are taken in their order.
    let width = rayon::current_num_threads() as u64;
    for start in (0..orders.number).step_by(width as usize) {
        let end = orders.number.min(start + width);
        let parts = (start..end)
            .into_par_iter()
            .map(|order| plan.once(order, watch))
            .collect::<Result<Vec<_>>>()?;
        for part in &parts {
            all.add(part);
        }
    }
    Ok(all)
}

impl Replayed {
    fn add(&mut self, part: &Once) {
        for (question, &calls) in part.calls.iter().enumerate() {
            self.credit[question] += u64::from(part.credit[question]);
            self.calls[question] += u64::from(calls);
            self.stopped[question] += u64::from(part.stopped[question]);
            self.distribution[calls as usize] += 1;
        }
        for (sum, &rounds) in self.rounds.iter_mut().flatten().zip(&part.rounds) {
            *sum += u64::from(rounds);
        }
        for (sum, &cost) in self.cost.iter_mut().flatten().zip(&part.cost) {
            *sum += cost;
        }
    }
}

impl Plan<'_> {
    fn once(&self, order: u64, watch: &Watch) -> Result<Once> {
        let questions = self.ranking.len();
        let mut once = Once {
            credit: vec![0; questions],
            calls: vec![0; questions],
            rounds: vec![0; questions],
            stopped: vec![false; questions],
            cost: vec![0.0; questions],
        };
        let mut drawing = Drawing::default();
        let mut hard = questions;
        let mut unanimous = 0;
        for (rank, &question) in self.ranking.iter().enumerate() {
            watch.check()?;
            drawing.begin(self, question, order);
            drawing.answers(self.rule.window);
            let same = drawing.standings.answers() == self.rule.window
                && drawing.standings.distinct() == 1;
            unanimous = if same { unanimous + 1 } else { 0 };
            if unanimous == self.rule.judged {
                hard = rank + 1;
                break;
            }
        }
        for &question in &self.ranking[hard..] {
            watch.check()?;
            drawing.begin(self, question, order);
            drawing.answers(1);
            let stopped = drawing.standings.answers() == 1;
            self.record(&mut once, question, &drawing, 1, stopped);
        }
        let mut latest = VecDeque::with_capacity(self.rule.neighbours + 1);
        let mut sum = 0_u64;
        for &question in self.ranking[..hard].iter().rev() {
            watch.check()?;
            drawing.begin(self, question, order);
            let guessed = sum.div_ceil(latest.len().max(1) as u64);
            let (rounds, stopped) = self.draw(&mut drawing, guessed as usize);
            self.record(&mut once, question, &drawing, rounds, stopped);
            let calls = drawing.calls as u64;
            latest.push_back(calls);
            sum += calls;
            if latest.len() > self.rule.neighbours {
                sum -= latest.pop_front().unwrap_or(0);
            }
        }
        watch.advance(1);
        Ok(once)
    }

    /// Draws samples of a hard question, about `guessed` of them at once; returns the rounds, and whether
    /// the rule stopped.
    fn draw(&self, drawing: &mut Drawing<'_>, guessed: usize) -> (u32, bool) {
        let Ranked {
            window, extension, ..
        } = self.rule;
        let clear = |standings: &Standings| {
            standings.answers() > 0 && self.leads.clear(standings.first(), standings.second())
        };
        drawing.answers(window);
        let mut rounds = 1;
        let standings = &drawing.standings;
        let mut stopped =
            standings.answers() == window && (standings.distinct() == 1 || clear(standings));
        if !stopped && drawing.calls < guessed.min(self.orders.most) {
            while drawing.calls < guessed.min(self.orders.most) {
                drawing.call();
            }
            rounds += 1;
            stopped = clear(&drawing.standings);
        }
        while !stopped && drawing.calls < self.orders.most {
            drawing.answers(drawing.standings.answers() + extension);
            rounds += 1;
            stopped = clear(&drawing.standings);
        }
        (rounds, stopped)
    }

    fn record(
        &self,
        once: &mut Once,
        question: usize,
        drawing: &Drawing<'_>,
        rounds: u32,
        stopped: bool,
    ) {
        let verdicts = &self.verdicts[self.begins[question]..self.begins[question + 1]];
        once.credit[question] = credit(&drawing.standings, verdicts, self.ties);
        once.calls[question] = drawing.calls as u32;
        once.rounds[question] = rounds;
        once.stopped[question] = stopped;
        if let Some(costs) = self.samples.cost {
            let costs = &costs[self.samples.questions.range(question)];
            let drawn = &drawing.items[..drawing.calls];
            once.cost[question] = drawn.iter().map(|&item| costs[item as usize]).sum();
        }
    }
}

/// The samples of a question in one of their orders, as far as they are drawn.
#[derive(Default)]
struct Drawing<'a> {
    codes: &'a [i32],
    /// The samples drawn, and the rest behind them.
    items: Vec<u32>,
    stream: Option<Streams<1>>,
    standings: Standings,
    calls: usize,
    most: usize,
}

impl<'a> Drawing<'a> {
    fn begin(&mut self, plan: &Plan<'a>, question: usize, order: u64) {
        let range = plan.samples.questions.range(question);
        self.codes = &plan.samples.codes[range];
        self.items.clear();
        self.items.extend(0..self.codes.len() as u32);
        let key = Key::new(plan.orders.seed, plan.identities[question], Purpose::Orders);
        self.stream = Some(Streams::new(key, order));
        self.standings
            .clear(plan.begins[question + 1] - plan.begins[question]);
        self.calls = 0;
        self.most = plan.orders.most;
    }

    /// Draws one sample.
    fn call(&mut self) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let drawn = self.calls;
        let [ahead] = stream.below((self.items.len() - drawn) as u32);
        self.items.swap(drawn, drawn + ahead as usize);
        self.calls += 1;
        let code = self.codes[self.items[drawn] as usize];
        if code != NO_ANSWER {
            self.standings.add(code as u32);
        }
    }

    /// Draws until there are so many answers, or no more calls are allowed.
    fn answers(&mut self, wanted: u32) {
        while self.standings.answers() < wanted && self.calls < self.most {
            self.call();
        }
    }
}
