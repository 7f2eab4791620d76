//! Where on the complex plane to integrate: the radius at which a win after `k` draws is typical.
//!
//! Drawing each answer independently, a Poisson or binomial number of times, and conditioning on a
//! total of `k` gives back the design, whatever the common rate. A well chosen rate makes the
//! event "the candidate wins and the total is `k`" as likely as it can be, and the contour integral
//! then loses nothing to cancellation, even for a win of probability 1e-200.
//!
//! If the candidate is the most frequent answer that rate is the natural one. If not, a win is a
//! large deviation: the candidate and the rivals ahead of it meet at a common number of votes, where
//! the sum of their log-weights' slopes vanishes (for two answers drawn with replacement, the
//! geometric mean of their means), and the rate is raised so that the total still is `k`.

use super::{Contest, Design};
use crate::exact::Peers;

/// The typical draw of a win.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tilt {
    /// With replacement the draws expected per sample; without, the odds that a sample is drawn.
    pub(super) rate: f64,
    /// The candidate's votes.
    pub(super) votes: f64,
    /// The variance of the number of draws.
    pub(super) variance: f64,
}

impl Tilt {
    /// The draws expected per sample.
    pub(super) fn mean(rate: f64, design: Design) -> f64 {
        match design {
            Design::WithReplacement => rate,
            Design::WithoutReplacement => rate / (1.0 + rate),
        }
    }

    /// The tilt of a win after `k` draws, `0 < k`, and `k < n` without replacement.
    pub(super) fn of(contest: &Contest, k: f64, design: Design) -> Self {
        let leads = |rivals: &[Peers]| {
            rivals
                .first()
                .is_none_or(|ahead| ahead.mass <= contest.candidate)
        };
        let votes = match design {
            // With replacement the meeting point scales with the rate: solve for one vote, rescale.
            Design::WithReplacement => k / Meeting::at(contest, 1.0, design).draws,
            Design::WithoutReplacement if leads(&contest.rivals) => {
                contest.candidate * k / contest.n()
            }
            Design::WithoutReplacement => {
                let (mut low, mut high) = (0.0, contest.candidate);
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if Meeting::at(contest, middle, design).draws < k {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                low.max(f64::MIN_POSITIVE)
            }
        };
        let meeting = Meeting::at(contest, votes, design);
        Self {
            rate: meeting.rate,
            votes,
            variance: meeting.variance,
        }
    }
}

/// The candidate and the rivals ahead of it, all at the same number of votes.
struct Meeting {
    rate: f64,
    draws: f64,
    variance: f64,
}

impl Meeting {
    fn at(contest: &Contest, votes: f64, design: Design) -> Self {
        // ln of (votes per unit of rate) an answer of `count` samples needs to stand at `votes`.
        let slope = |count: f64| match design {
            Design::WithReplacement => (votes / count).ln(),
            Design::WithoutReplacement => (votes / (count - votes)).ln(),
        };
        let stiffness = |count: f64| match design {
            Design::WithReplacement => 1.0 / votes,
            Design::WithoutReplacement => 1.0 / votes + 1.0 / (count - votes),
        };
        let candidate = contest.candidate;
        let mut met = 1.0;
        let mut slopes = slope(candidate);
        let mut stiff = stiffness(candidate);
        let mut rest = contest.n() - candidate;
        let mut rate = slopes.exp();
        for peers in &contest.rivals {
            let (count, answers) = (peers.mass, f64::from(peers.answers));
            if count * Tilt::mean(rate, design) <= votes {
                break;
            }
            met += answers;
            slopes += answers * slope(count);
            stiff += answers * stiffness(count);
            rest -= answers * count;
            rate = (slopes / met).exp();
        }
        let mean = Tilt::mean(rate, design);
        let spread = match design {
            Design::WithReplacement => mean,
            Design::WithoutReplacement => mean / (1.0 + rate),
        };
        Self {
            rate,
            draws: met * votes + mean * rest,
            variance: met * met / stiff + spread * rest,
        }
    }
}
