//! The expansion for large `a` and `b` that is uniform from the mean into the tails.
//!
//! Let `a` be the smaller of the two, `p = a / (a + b)`, and let `tau` have the sign of `x - p` and
//! `a tau^2 / 2 = E`, the exponent of `x^a y^b / B(a, b) = g exp(-E)`. Then
//!
//! `I_x(a, b) = exp(-E) [erfcx(-tau sqrt(a / 2)) / 2 + g C(tau)]`,
//!
//! and the derivative in `tau` says `C' - a tau C = tau / u - constant`, where `u = (x - p) / p`. The series of `C`
//! follows from that of `tau / u` from its last coefficient to the first, and that of `u` from
//! `u du/dtau = tau (1 + u) (1 - p (1 + u))`. All of them converge for `|tau| < 2 sqrt(pi)`, whatever `p` is.
//!
//! N. M. Temme, "The uniform asymptotic expansion of a class of integrals related to cumulative distribution functions",
//! 1982, has the form of the expansion; the recurrences are ours.

use super::erfcx::erfcx;
use super::exponent::Pairs;

/// Least `a` and `b` for which the expansion is used.
pub(super) const LEAST: f64 = 20.0;
/// Terms of the series of `C`.
const TERMS: usize = 24;
/// The range of `u` for which the expansion is used; `|tau|` is below 0.77 there, whatever `p` is.
pub(super) const LOWEST: f64 = -0.5;
pub(super) const HIGHEST: f64 = 0.5;

/// Coefficients of `C`, constant first, in each lane.
pub(super) type Coefficients<const LANES: usize> = [[f64; LANES]; TERMS];

#[inline(always)]
pub(super) fn coefficients<const LANES: usize>(pairs: &Pairs<LANES>) -> Coefficients<LANES> {
    let (mut least, mut p) = ([0.0; LANES], [0.0; LANES]);
    // u = u_1 tau + u_2 tau^2 + ..., and the same of its square.
    let mut u = [[0.0; LANES]; TERMS + 3];
    let mut square = [[0.0; LANES]; TERMS + 4];
    let mut inverse = [0.0; LANES];
    for lane in 0..LANES {
        let (a, b) = (pairs.a[lane], pairs.b[lane]);
        least[lane] = a.min(b);
        p[lane] = least[lane] / pairs.n[lane];
        square[2][lane] = a.max(b) / pairs.n[lane];
        u[1][lane] = square[2][lane].sqrt();
        inverse[lane] = 1.0 / u[1][lane];
    }
    for order in 3..TERMS + 4 {
        let mut products = [0.0; LANES];
        for i in 2..order.div_ceil(2) {
            for lane in 0..LANES {
                products[lane] = u[i][lane].mul_add(u[order - i][lane], products[lane]);
            }
        }
        for lane in 0..LANES {
            let slope =
                (1.0 - 2.0 * p[lane]) * u[order - 2][lane] - p[lane] * square[order - 2][lane];
            square[order][lane] = 2.0 / order as f64 * slope;
            let mut pairs = 2.0 * products[lane];
            if order % 2 == 0 && order > 2 {
                let middle = u[order / 2][lane];
                pairs = middle.mul_add(middle, pairs);
            }
            u[order - 1][lane] = 0.5 * inverse[lane] * (square[order][lane] - pairs);
        }
    }
    // tau / u.
    let mut ratio = [[0.0; LANES]; TERMS + 2];
    ratio[0] = inverse;
    for order in 1..TERMS + 2 {
        let mut products = [0.0; LANES];
        for i in 1..=order {
            for lane in 0..LANES {
                products[lane] = u[i + 1][lane].mul_add(ratio[order - i][lane], products[lane]);
            }
        }
        for lane in 0..LANES {
            ratio[order][lane] = -inverse[lane] * products[lane];
        }
    }
    let mut c = [[0.0; LANES]; TERMS];
    for order in (0..TERMS).rev() {
        for lane in 0..LANES {
            let above = if order + 2 < TERMS {
                c[order + 2][lane]
            } else {
                0.0
            };
            c[order][lane] = ((order + 2) as f64 * above - ratio[order + 1][lane]) / least[lane];
        }
    }
    c
}

/// The lower tail below the mean over `exp(-E)`, in each lane.
#[inline(always)]
pub(super) fn tails<const LANES: usize>(
    pairs: &Pairs<LANES>,
    c: &Coefficients<LANES>,
    exponent: &[f64; LANES],
) -> [f64; LANES] {
    let mut tails = [0.0; LANES];
    let mut tau = [0.0; LANES];
    for lane in 0..LANES {
        let (a, b) = (pairs.a[lane], pairs.b[lane]);
        let size = (2.0 * exponent[lane] / a.min(b)).sqrt();
        // Below the mean of the larger one's variable is above that of the smaller one's.
        tau[lane] = if a <= b { -size } else { size };
    }
    let mut series = [0.0; LANES];
    for coefficient in c.iter().rev() {
        for lane in 0..LANES {
            series[lane] = tau[lane].mul_add(series[lane], coefficient[lane]);
        }
    }
    for lane in 0..LANES {
        let sign = if pairs.a[lane] <= pairs.b[lane] {
            1.0
        } else {
            -1.0
        };
        tails[lane] =
            (sign * pairs.peak[lane]).mul_add(series[lane], 0.5 * erfcx(exponent[lane].sqrt()));
    }
    tails
}
