//! The continued fraction of the lower tail.
//!
//! `I_x(a, b) = x^a y^b / B(a, b) * 1/(beta_0 + alpha_1/(beta_1 + ...))`, the even part of the classical fraction, which
//! takes half as many steps. Below the mean its terms are positive, as long as they number fewer than `b`.
//!
//! `DiDonato` and Morris, "Algorithm 708", 1992, has it as the function BFRAC.

use super::exponent::Pairs;

/// Steps between looks at the change.
const STEPS: usize = 4;
/// Far beyond any need, so that no argument hangs.
const MOST_STEPS: usize = 20_000;

/// The lower tail over `exp(-E)` in each lane, from `x`, `y = 1 - x` and `difference = x (a + b) - a`.
#[inline(always)]
pub(super) fn tails<const LANES: usize>(
    pairs: &Pairs<LANES>,
    x: &[f64; LANES],
    y: &[f64; LANES],
    difference: &[f64; LANES],
) -> [f64; LANES] {
    let Pairs { a, b, n, .. } = pairs;
    // Numerators and denominators of two successive convergents.
    let (mut top, mut bottom) = ([1.0; LANES], [0.0; LANES]);
    let (mut last_top, mut last_bottom) = ([0.0; LANES], [1.0; LANES]);
    let mut inverse = [0.0; LANES];
    for lane in 0..LANES {
        inverse[lane] = 1.0 / (a[lane] + 1.0);
        bottom[lane] = a[lane] * inverse[lane] * (1.0 - difference[lane]);
    }
    let mut value = [0.0; LANES];
    let mut open = [true; LANES];
    let mut step = 0.0;
    for _ in 0..MOST_STEPS / STEPS {
        for _ in 0..STEPS {
            step += 1.0;
            for lane in 0..LANES {
                let (a, b, n, x, y) = (a[lane], b[lane], n[lane], x[lane], y[lane]);
                let before = a + (step - 1.0);
                let next = 1.0 / (a + (2.0 * step + 1.0));
                let share = step * (b - step) * inverse[lane];
                let alpha = before * (n + (step - 1.0)) * inverse[lane] * (share * (x * x));
                let slope = (1.0 - difference[lane]) + step * (1.0 + y);
                let beta = share.mul_add(x, step) + (a + step) * next * slope;
                let new_top = beta.mul_add(top[lane], alpha * last_top[lane]);
                let new_bottom = beta.mul_add(bottom[lane], alpha * last_bottom[lane]);
                last_top[lane] = top[lane];
                last_bottom[lane] = bottom[lane];
                top[lane] = new_top;
                bottom[lane] = new_bottom;
                inverse[lane] = next;
            }
        }
        let mut any = false;
        for lane in 0..LANES {
            let scale = 1.0 / bottom[lane];
            let new = top[lane] * scale;
            let moved = (new - value[lane]).abs() > 2e-16 * new.abs();
            value[lane] = if open[lane] { new } else { value[lane] };
            open[lane] &= moved;
            any |= open[lane];
            top[lane] = new;
            bottom[lane] = 1.0;
            last_top[lane] *= scale;
            last_bottom[lane] *= scale;
        }
        if !any {
            break;
        }
    }
    for (value, peak) in value.iter_mut().zip(pairs.peak) {
        *value *= peak;
    }
    value
}
