//! A simulated world of step-by-step reasoning, for searches to be compared in.
//!
//! Every question takes `steps` steps. From a path on the right track the next step is right with the question's
//! accuracy p, otherwise the path derails into one of several mistakes, and the answer at its end will be the
//! mistake's; a derailed path comes back with probability `recovery`. The reward model sees whether a path is on the
//! track, through noise. A last step that a limit of tokens breaks off is gone on with, and nothing can go wrong in it
//! any more. The luck of a node depends on the seed, the question, the run and the path of child
//! numbers to it alone: all searches explore one and the same infinite tree.

use rayon::prelude::*;

use super::state::{Limits, Method, Search, Told};
use super::tree::{Aggregation, Status};
use crate::error::{Error, Result};
use crate::rng::{Key, Purpose, Streams, descendant, identity};
use crate::variates::normal;
use crate::work::Watch;

/// The answer of a path that is on the right track.
const RIGHT: u32 = 0;

/// What all questions have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Steps to the end of a path.
    pub steps: u32,
    /// Chance that a step brings a derailed path back.
    pub recovery: f64,
    /// Chances of the mistakes that a path can derail into; their sum is one.
    pub mistakes: Vec<f64>,
    /// Mean tokens of a step.
    pub tokens: f64,
    /// Standard deviation of the logarithm of a step's tokens.
    pub tokens_spread: f64,
    /// Distance of the mean scores, before the logistic function, on and off the track; their deviation is one.
    pub shift: f64,
}

/// What a search brought on one question. Ties share their credit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// Credit of the vote among the solutions.
    pub vote: f64,
    /// Credit of the vote weighted by scores.
    pub weighted_vote: f64,
    /// Credit of the solution with the best score.
    pub best_of_n: f64,
    /// Whether any solution is right.
    pub any_right: f64,
    /// Share of the solutions that is right; NaN if there is none.
    pub share_right: f64,
    /// Paths that came to their end.
    pub solutions: u32,
    /// Paths that a limit cut.
    pub cut: u32,
    /// Steps, each scored once.
    pub steps: u32,
    /// Tokens of all steps.
    pub tokens: u64,
}

/// Which outcomes are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The search.
    pub method: Method,
    /// Its limits.
    pub limits: Limits,
    /// How the rewards of a path become its score.
    pub aggregation: Aggregation,
    /// Runs of each question, with other luck each.
    pub runs: usize,
    /// Where all luck comes from.
    pub seed: u64,
}

/// A node as the world knows it.
#[derive(Clone, Copy)]
struct Place {
    identity: u64,
    answer: u32,
}

impl World {
    /// The outcomes of a search, run after run of each question, whose accuracies are given.
    ///
    /// # Errors
    ///
    /// [`Error::Search`] if settings are out of range, [`Error::Interrupted`].
    pub fn searched(&self, accuracies: &[f64], plan: &Plan, watch: &Watch) -> Result<Vec<Outcome>> {
        self.check(accuracies)?;
        let searches = 0..accuracies.len() * plan.runs;
        searches
            .into_par_iter()
            .map(|number| {
                let (question, run) = (number / plan.runs, number % plan.runs);
                let outcome = self.outcome(accuracies[question], question, run, plan, watch)?;
                watch.advance(1);
                Ok(outcome)
            })
            .collect()
    }

    fn outcome(
        &self,
        accuracy: f64,
        question: usize,
        run: usize,
        plan: &Plan,
        watch: &Watch,
    ) -> Result<Outcome> {
        let root = Place {
            identity: identity([&question.to_le_bytes()[..], &run.to_le_bytes()[..]]),
            answer: RIGHT,
        };
        let mut places = vec![root];
        let mut search = Search::new(plan.method, plan.limits)?;
        let (mut rewards, mut tokens, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
        while !search.is_done() {
            watch.check()?;
            rewards.clear();
            tokens.clear();
            statuses.clear();
            for one in search.ask() {
                let parent = places[one.node as usize];
                let depth = search.tree().depth()[one.node as usize] + 1;
                for child in 0..one.children {
                    let identity = descendant(parent.identity, child);
                    let mut luck =
                        Streams::<1>::new(Key::new(plan.seed, identity, Purpose::World), 0);
                    let answer = if depth <= self.steps {
                        self.answer(parent.answer, accuracy, &mut luck)
                    } else {
                        parent.answer
                    };
                    rewards.push(self.reward(answer, &mut luck));
                    let wanted = self.tokens(&mut luck);
                    tokens.push(wanted.min(one.tokens));
                    // What a limit of tokens broke off has not come to its answer.
                    let ends = depth >= self.steps && wanted <= one.tokens;
                    statuses.push(if ends { Status::Complete } else { Status::Open });
                    places.push(Place { identity, answer });
                }
            }
            search.tell(Told {
                rewards: &rewards,
                tokens: &tokens,
                statuses: &statuses,
            })?;
        }
        Ok(self.judged(&search, &places, plan.aggregation))
    }

    /// Where a step leads from a path with this answer.
    fn answer(&self, before: u32, accuracy: f64, luck: &mut Streams<1>) -> u32 {
        let (step, mut which) = (luck.unit(), luck.unit());
        if before != RIGHT {
            return if step < self.recovery { RIGHT } else { before };
        }
        if step < accuracy {
            return RIGHT;
        }
        for (mistake, chance) in (1..).zip(&self.mistakes) {
            which -= chance;
            if which < 0.0 {
                return mistake;
            }
        }
        // Rounding can leave the sum of the chances a little below one.
        self.mistakes.len() as u32
    }

    fn reward(&self, answer: u32, luck: &mut Streams<1>) -> f64 {
        let side = if answer == RIGHT { 0.5 } else { -0.5 };
        1.0 / (1.0 + libm::exp(-(side * self.shift + normal(luck))))
    }

    /// Log-normal about the mean, at least one.
    fn tokens(&self, luck: &mut Streams<1>) -> u32 {
        let spread = self.tokens_spread;
        let factor = libm::exp(spread * normal(luck) - spread * spread / 2.0);
        (self.tokens * factor)
            .round()
            .clamp(1.0, f64::from(u32::MAX)) as u32
    }

    fn judged(&self, search: &Search, places: &[Place], aggregation: Aggregation) -> Outcome {
        let tree = search.tree();
        let mut outcome = Outcome {
            share_right: f64::NAN,
            steps: tree.len() as u32 - 1,
            tokens: tree.total_tokens(),
            ..Outcome::default()
        };
        outcome.cut = tree
            .status()
            .iter()
            .filter(|&&one| one == Status::Cut)
            .count() as u32;
        let mut votes = vec![0.0; self.mistakes.len() + 1];
        let mut weights = votes.clone();
        let mut best = (f64::NEG_INFINITY, 0.0, 0.0);
        for node in tree.solutions() {
            let answer = places[node as usize].answer;
            let score = tree.score(node, aggregation);
            outcome.solutions += 1;
            votes[answer as usize] += 1.0;
            weights[answer as usize] += score;
            if score > best.0 {
                best = (score, 0.0, 0.0);
            }
            if score >= best.0 {
                best.1 += f64::from(u8::from(answer == RIGHT));
                best.2 += 1.0;
            }
        }
        if outcome.solutions > 0 {
            outcome.any_right = f64::from(u8::from(votes[RIGHT as usize] > 0.0));
            outcome.share_right = votes[RIGHT as usize] / f64::from(outcome.solutions);
            outcome.vote = credit(&votes);
            outcome.weighted_vote = credit(&weights);
            outcome.best_of_n = best.1 / best.2;
        }
        outcome
    }

    fn check(&self, accuracies: &[f64]) -> Result<()> {
        let chance = |p: &f64| (0.0..=1.0).contains(p);
        let sum: f64 = self.mistakes.iter().sum();
        let sound = self.steps > 0
            && chance(&self.recovery)
            && !self.mistakes.is_empty()
            && self.mistakes.iter().all(chance)
            && (sum - 1.0).abs() < 1e-9
            && self.tokens >= 1.0
            && self.tokens.is_finite()
            && (0.0..=10.0).contains(&self.tokens_spread)
            && self.shift.is_finite()
            && accuracies.iter().all(chance);
        if sound {
            Ok(())
        } else {
            Err(Error::Search(format!(
                "the world is out of range: {self:?}"
            )))
        }
    }
}

/// The share of the first place that the right answer has.
fn credit(claims: &[f64]) -> f64 {
    let highest = claims.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let leaders = claims.iter().filter(|&&claim| claim >= highest).count();
    if claims[RIGHT as usize] >= highest {
        1.0 / leaders as f64
    } else {
        0.0
    }
}
