//! The exact plurality vote: one answer's expected share of first place among all answers.
//!
//! With `C(c, i)` ways to draw `i` of an answer's `c` samples, a draw of `k` in which the candidate
//! has `t` votes and wins or ties is counted by
//!
//! ```text
//! C(c_0, t) [z^(k-t)] Int_0^1 prod_j ( sum_{i<t} C(c_j, i) z^i + y C(c_j, t) z^t ) dy
//! ```
//!
//! where `Int y^s dy = 1 / (s + 1)` is exactly the fair share when `s` rivals are level with it. The
//! sum over `t`, divided by `C(n, k)`, is the share. With replacement `C(c, i)` becomes
//! `(c / n)^i / i!` and `C(n, k)` becomes `1 / k!`. Two evaluations of the same sum are provided, a
//! dynamic programme and a contour integral, and the cheaper one is taken.

mod contour;
mod programme;
mod quadrature;
mod tilt;

use super::{Design, Peers, Poll};
use crate::vote::Ties;
use crate::work::{Interrupted, Watch};

/// One answer against all others.
///
/// Masses are numbers of samples or, with replacement, in any unit.
#[derive(Debug, Clone, PartialEq)]
struct Contest {
    /// The mass of the answer whose share is asked for; positive.
    candidate: f64,
    /// The other answers, largest mass first.
    rivals: Vec<Peers>,
    /// The mass of draws that never win.
    inert: f64,
}

impl Contest {
    /// The mass of everything: the number of samples, or the unit of the masses.
    fn n(&self) -> f64 {
        let rivals: f64 = self.rivals.iter().map(Peers::total).sum();
        self.candidate + rivals + self.inert
    }

    /// The most votes the candidate can have among `k` draws.
    fn most_votes(&self, k: usize, design: Design) -> usize {
        match design {
            Design::WithoutReplacement => k.min(self.candidate as usize),
            Design::WithReplacement => k,
        }
    }
}

/// The expected share of first place that the correct answers of `poll` take together, after each
/// number of draws in `k` (at least one each; without replacement at most `poll.total()`).
///
/// # Cost
///
/// About `n^2` multiply-adds for all `k` at once by the programme; about `100 k` per answer that
/// can win and `k` by the contour.
pub(super) fn correct_shares(
    poll: &Poll,
    k: &[usize],
    design: Design,
    ties: Ties,
    watch: &Watch,
    shares: &mut [f64],
) -> Result<(), Interrupted> {
    if poll.wrong.is_empty() && poll.inert <= 0.0 && poll.correct.len() == 1 {
        let alone = poll.correct[0].answers == 1;
        if alone {
            shares.fill(1.0);
            return Ok(());
        }
    }
    shares.fill(0.0);
    let mut room = vec![0.0; k.len()];
    for i in 0..poll.correct.len() {
        let contest = contest_of(poll, i);
        win_shares(&contest, k, design, ties, watch, &mut room)?;
        let answers = f64::from(poll.correct[i].answers);
        for (share, won) in shares.iter_mut().zip(&room) {
            *share += answers * won;
        }
    }
    Ok(())
}

/// One answer of the correct group `i` as the candidate, everything else as its rivals.
#[expect(
    clippy::float_cmp,
    reason = "unequal masses, however close, are unequal"
)]
fn contest_of(poll: &Poll, i: usize) -> Contest {
    let mut rivals: Vec<Peers> = poll.wrong.clone();
    for (j, peers) in poll.correct.iter().enumerate() {
        let answers = peers.answers - u32::from(i == j);
        match rivals.iter_mut().find(|rival| rival.mass == peers.mass) {
            Some(rival) => rival.answers += answers,
            None if answers > 0 => rivals.push(Peers { answers, ..*peers }),
            None => {}
        }
    }
    rivals.sort_unstable_by(|a, b| b.mass.total_cmp(&a.mass));
    Contest {
        candidate: poll.correct[i].mass,
        rivals,
        inert: poll.inert,
    }
}

/// The time of one multiply-add of the programme, in steps of the contour (measured).
const STEPS_PER_MULTIPLY_ADD: f64 = 4.0;
/// Up to here the programme is taken for its precision: it never cancels, however rare the win.
const PRECISE_SAMPLES: usize = 256;
const PRECISE_DRAWS: usize = 32;

fn win_shares(
    contest: &Contest,
    k: &[usize],
    design: Design,
    ties: Ties,
    watch: &Watch,
    shares: &mut [f64],
) -> Result<(), Interrupted> {
    let reach = reach_of_programme(contest, k, design);
    let (near, far): (Vec<usize>, Vec<usize>) = k.iter().partition(|&&k| k <= reach);
    let programme = near
        .iter()
        .max()
        .map(|&k_max| programme::win_shares(contest, k_max, design, ties));
    let contour = contour::win_shares(contest, &far, design, ties, watch)?;
    let mut far = contour.into_iter();
    for (share, &k) in shares.iter_mut().zip(k) {
        *share = match &programme {
            Some(near) if k <= reach => near[k],
            _ => far.next().unwrap_or(f64::NAN),
        };
    }
    Ok(())
}

/// The largest `k` that the programme serves: all of them, a part, or none (zero).
fn reach_of_programme(contest: &Contest, k: &[usize], design: Design) -> usize {
    let fits = |k: usize| match design {
        Design::WithoutReplacement => contest.n() <= programme::MOST_SAMPLES as f64,
        Design::WithReplacement => k <= programme::MOST_DRAWS,
    };
    let cost = |reach: usize| {
        let beyond: Vec<usize> = k.iter().copied().filter(|&k| k > reach).collect();
        let near = if reach == 0 {
            0.0
        } else {
            programme::cost(contest, reach, design)
        };
        STEPS_PER_MULTIPLY_ADD * near + contour::cost(contest, &beyond, design)
    };
    let precise = |k: usize| match design {
        Design::WithoutReplacement => contest.n() <= PRECISE_SAMPLES as f64 || k <= PRECISE_DRAWS,
        Design::WithReplacement => k <= PRECISE_DRAWS,
    };
    let mut reach = k.iter().copied().filter(|&k| precise(k)).max().unwrap_or(0);
    let mut farther: Vec<usize> = k
        .iter()
        .copied()
        .filter(|&k| k > reach && fits(k))
        .collect();
    if farther.is_empty() {
        return reach;
    }
    farther.sort_unstable();
    let mut least = cost(reach);
    for (i, &k_max) in farther.iter().enumerate() {
        // A few candidates are enough: the cost is smooth.
        if farther
            .get(i + 1)
            .is_some_and(|&next| next < k_max + k_max / 4)
        {
            continue;
        }
        let cost = cost(k_max);
        if cost < least {
            (least, reach) = (cost, k_max);
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;
    use proptest::prelude::*;

    fn contest(candidate: usize, rivals: &[u32], inert: usize) -> Contest {
        let tally = Tally::from_counts(&[candidate as u32], rivals, inert as u32);
        contest_of(&Poll::from(&tally), 0)
    }

    fn both(contest: &Contest, k: &[usize], design: Design, ties: Ties) -> (Vec<f64>, Vec<f64>) {
        let k_max = k.iter().copied().max().unwrap();
        let programme = programme::win_shares(contest, k_max, design, ties);
        let contour = contour::win_shares(contest, k, design, ties, &Watch::default()).unwrap();
        (k.iter().map(|&k| programme[k]).collect(), contour)
    }

    /// The contour's rounding error is relative to the typical win at the circle's centre: it is
    /// seen only where a win is all but impossible.
    fn agree(programme: f64, contour: f64) -> bool {
        (programme - contour).abs() <= (1e-10 * programme + 1e-19).min(1e-12)
    }

    proptest! {
        #[test]
        fn programme_and_contour_agree(
            candidate in 1_usize..40,
            rivals in prop::collection::vec(1_u32..40, 0..8),
            inert in 0_usize..20,
            wrong: bool,
            with: bool,
        ) {
            let contest = contest(candidate, &rivals, inert);
            let ties = if wrong { Ties::Wrong } else { Ties::Split };
            let (design, most) = if with {
                (Design::WithReplacement, 60)
            } else {
                (Design::WithoutReplacement, contest.n() as usize)
            };
            let k: Vec<usize> = (1..=most).collect();
            let (programme, contour) = both(&contest, &k, design, ties);
            for ((&k, a), b) in k.iter().zip(programme).zip(contour) {
                prop_assert!(agree(a, b), "k = {}: {} {}", k, a, b);
            }
        }
    }

    #[test]
    fn a_rare_win_keeps_its_relative_precision() {
        let contest = contest(20, &[180, 60], 40);
        let k: Vec<usize> = (1..300).step_by(7).collect();
        let (programme, contour) = both(&contest, &k, Design::WithoutReplacement, Ties::Split);
        assert!(programme[20] < 1e-12);
        for (&a, &b) in programme.iter().zip(&contour) {
            assert!(agree(a, b), "{a} {b}");
        }
    }

    #[test]
    fn hundreds_of_single_answers() {
        let mut rivals = vec![1; 300];
        rivals.extend([40, 30, 2, 2, 2]);
        let contest = contest(35, &rivals, 0);
        let k: Vec<usize> = (1..400).step_by(13).collect();
        let (programme, contour) = both(&contest, &k, Design::WithoutReplacement, Ties::Split);
        for (&a, &b) in programme.iter().zip(&contour) {
            assert!(agree(a, b), "{a} {b}");
        }
    }
}
