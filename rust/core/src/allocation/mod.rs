//! One option for every question, so that the values add up to the most within a budget.
//!
//! Each question offers options with a cost and a value; the upper concave hull of these points says
//! what the best steps are, and in which order. All steps of all questions, best value per cost
//! first, solve the linear relaxation: it is reached but for the one step that the budget cuts. What
//! the budget leaves is then filled by smaller steps. The value is within [`Allocation::bound`] less
//! [`Allocation::value`] of the best (Sinha and Zoltners, "The Multiple-Choice Knapsack Problem",
//! 1979).

mod hull;

use crate::error::{Error, Result};
use crate::work::Watch;
use hull::{Point, hull};
use rayon::prelude::*;

/// Share of the budget by which sums of costs may be off, for costs that are no whole numbers.
const SLACK: f64 = 1e-12;

/// What the questions offer.
#[derive(Debug, Clone, Copy)]
pub struct Offers<'a> {
    /// Questions x options.
    pub values: &'a [f64],
    /// Questions x options, or as many as there are options if all questions cost the same.
    pub costs: &'a [f64],
    /// The number of options.
    pub options: usize,
    /// The value of each question if nothing is spent on it; without, every question takes an option.
    pub start: Option<&'a [f64]>,
}

/// What each question gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// The option of each question, -1 for none.
    pub chosen: Vec<i64>,
    /// Cost of all options chosen, added in the order of the questions.
    pub spent: f64,
    /// Value of all options chosen, added in the order of the questions.
    pub value: f64,
    /// The value of the linear relaxation: no choice within the budget is worth more.
    pub bound: f64,
    /// Value per cost of the step that the budget cuts: what a little more of it buys. 0 if nothing is
    /// left to buy.
    pub price: f64,
    /// By question, value per cost of the best step from the option chosen; 0 if there is none.
    pub next: Vec<f64>,
}

impl Offers<'_> {
    fn questions(&self) -> usize {
        self.values.len() / self.options.max(1)
    }

    fn cost(&self, question: usize, option: usize) -> f64 {
        if self.costs.len() == self.values.len() {
            self.costs[question * self.options + option]
        } else {
            self.costs[option]
        }
    }

    fn value(&self, question: usize, option: usize) -> f64 {
        self.values[question * self.options + option]
    }

    /// The points of a question, with the start.
    fn points(&self, question: usize) -> impl Iterator<Item = Point> + '_ {
        let start = self.start.map(|start| Point {
            cost: 0.0,
            value: start[question],
            option: -1,
        });
        let options = (0..self.options).map(move |option| Point {
            cost: self.cost(question, option),
            value: self.value(question, option),
            option: option as i64,
        });
        start.into_iter().chain(options)
    }
}

/// A step along the hull of a question.
#[derive(Debug, Clone, Copy)]
struct Step {
    question: u32,
    /// Position of the point it leads to.
    point: u32,
    cost: f64,
    slope: f64,
}

/// The best options within `budget`, as far as steps along hulls and a filling of the rest find them.
///
/// Ties go to the question that comes first. The bits do not depend on the number of threads.
///
/// # Errors
///
/// [`Error::Shape`] if the arrays disagree, or if the cheapest options exceed the budget.
pub fn allocation(offers: Offers<'_>, budget: f64, watch: &Watch) -> Result<Allocation> {
    let questions = offers.questions();
    check(offers)?;
    watch.check()?;
    let hulls: Vec<Vec<Point>> = (0..questions)
        .into_par_iter()
        .map(|question| hull(offers.points(question)))
        .collect();
    watch.check()?;
    let mut chosen: Vec<Point> = hulls.iter().map(|hull| hull[0]).collect();
    let slack = budget.abs() * SLACK;
    let mut rest = budget - chosen.iter().map(|point| point.cost).sum::<f64>();
    if rest < -slack {
        return Err(Error::Shape(format!(
            "the cheapest options cost {}, more than the budget of {budget}",
            budget - rest
        )));
    }
    let mut steps: Vec<Step> = hulls
        .par_iter()
        .enumerate()
        .flat_map_iter(|(question, hull)| {
            hull.windows(2).enumerate().map(move |(from, pair)| Step {
                question: question as u32,
                point: from as u32 + 1,
                cost: pair[1].cost - pair[0].cost,
                slope: pair[0].slope(&pair[1]),
            })
        })
        .collect();
    // Stable: of equal slopes the first question's comes first, and hulls have no equal slopes.
    steps.par_sort_by(|a, b| b.slope.total_cmp(&a.slope));
    watch.check()?;

    // Up to the step that the budget cuts.
    let mut taken = 0;
    while let Some(step) = steps.get(taken).filter(|step| step.cost <= rest + slack) {
        rest -= step.cost;
        chosen[step.question as usize] = hulls[step.question as usize][step.point as usize];
        taken += 1;
    }
    let cut = steps.get(taken);
    let price = cut.map_or(0.0, |step| step.slope);
    let at_cut: f64 = chosen.iter().map(|point| point.value).sum();
    let bound = at_cut + price * rest.max(0.0);

    // Later steps of other questions that still fit.
    let mut position: Vec<u32> = vec![0; questions];
    for step in &steps[..taken] {
        position[step.question as usize] = step.point;
    }
    for step in &steps[taken..] {
        let question = step.question as usize;
        if position[question] + 1 == step.point && step.cost <= rest + slack {
            rest -= step.cost;
            position[question] = step.point;
            chosen[question] = hulls[question][step.point as usize];
        }
    }
    fill(offers, &mut chosen, rest, slack);

    let next = (0..questions)
        .into_par_iter()
        .map(|question| {
            let now = chosen[question];
            offers
                .points(question)
                .filter(|point| point.cost > now.cost && point.value > now.value)
                .map(|point| now.slope(&point))
                .fold(0.0, f64::max)
        })
        .collect();
    let value = chosen.iter().map(|point| point.value).sum();
    Ok(Allocation {
        spent: chosen.iter().map(|point| point.cost).sum(),
        value,
        bound: bound.max(value),
        price,
        next,
        chosen: chosen.iter().map(|point| point.option).collect(),
    })
}

/// Takes steps off the hull while they fit, best value per cost first.
fn fill(offers: Offers<'_>, chosen: &mut [Point], mut rest: f64, slack: f64) {
    loop {
        let now: &[Point] = chosen;
        let best = (0..now.len())
            .into_par_iter()
            .filter_map(|question| {
                let from = now[question];
                offers
                    .points(question)
                    .filter(|to| to.value > from.value && to.cost - from.cost <= rest + slack)
                    .map(|to| (from.slope(&to), to))
                    // Of equal slopes the longest step.
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cost.total_cmp(&b.1.cost)))
                    .map(|(slope, to)| (slope, question, to))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, question, to)) = best else {
            return;
        };
        rest -= to.cost - chosen[question].cost;
        chosen[question] = to;
    }
}

fn check(offers: Offers<'_>) -> Result<()> {
    let Offers {
        values,
        costs,
        options,
        start,
    } = offers;
    let fits = options > 0
        && values.len().is_multiple_of(options)
        && (costs.len() == values.len() || costs.len() == options)
        && start.is_none_or(|start| start.len() == offers.questions());
    let sound = values
        .iter()
        .chain(start.into_iter().flatten())
        .all(|value| value.is_finite())
        && costs.iter().all(|&cost| cost.is_finite() && cost >= 0.0);
    if fits && sound {
        Ok(())
    } else {
        Err(Error::Shape(
            "values and costs must be finite, costs not negative, and of the same questions and options"
                .into(),
        ))
    }
}
