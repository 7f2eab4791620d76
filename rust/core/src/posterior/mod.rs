//! What few samples tell: a hierarchical model of questions, and rules predicted by it.
//!
//! A question's samples are draws from its own distribution over answers. With few samples that
//! distribution is hardly known, but other questions of the same log tell what to expect of it. So
//! the questions are taken as draws from a population: a mixture over a fixed library of
//! kinds of questions, whose weights are estimated from the log ([`Population`]). Given the
//! population, the posterior of a question is known in closed form and drawn exactly:
//!
//! 1. its component, by prior weight times likelihood;
//! 2. the share of correct samples, of samples without an answer, and how the rest splits among the
//!    wrong answers seen so far and those not seen yet (Dirichlet, beta, and a broken stick);
//! 3. two independent runs of the rule with all the samples a grid of k asks for.
//!
//! The mean of the two runs estimates the expected score, their product its square without the
//! noise of a run: see [`prediction`].

mod answers;
mod describe;
mod evidence;
mod forecast;
mod library;
mod population;
mod rules;
mod walk;
mod weights;

pub use describe::{Component, answer_draws, components, unseen_mass};
pub use evidence::{Answer, Evidence, evidence, outcomes};
pub use forecast::{Drawn, Forecast, Prediction, prediction};
pub use population::{ESTIMATES, Population};
pub use rules::{BestOfN, Scores, scores};
