//! The least value of a smooth function of two variables inside a box, by damped Newton steps.

/// What a function says of itself at a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surface {
    pub(super) value: f64,
    pub(super) gradient: [f64; 2],
    /// The second derivatives: xx, xy, yy.
    pub(super) hessian: [f64; 3],
    /// A matrix like it that is never negative, for where the function curves downward.
    pub(super) convex: [f64; 3],
}

/// The box that the variables stay in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: [f64; 2],
    pub(super) high: [f64; 2],
}

/// The most steps; functions that fall for ever towards infinity end here.
const MOST_STEPS: usize = 200;

/// Walks downhill from `start` until steps gain less than `precision`; returns point and value.
///
/// A variable on its bound that the function pushes outward is held there for the step.
pub(super) fn descend(
    start: [f64; 2],
    bounds: Bounds,
    precision: f64,
    mut evaluate: impl FnMut([f64; 2]) -> Surface,
) -> ([f64; 2], f64) {
    let mut point = clamped(start, bounds);
    let mut here = evaluate(point);
    let mut damping = 0.0;
    let mut small_gains = 0;
    for _ in 0..MOST_STEPS {
        let free = free(point, bounds, here.gradient);
        let Some(step) = step(&here, free, damping) else {
            break;
        };
        let trial = clamped([point[0] + step[0], point[1] + step[1]], bounds);
        if trial.map(f64::to_bits) == point.map(f64::to_bits) {
            break;
        }
        let there = evaluate(trial);
        if there.value < here.value {
            let gain = here.value - there.value;
            (point, here) = (trial, there);
            damping = if damping > 1e-4 { damping / 8.0 } else { 0.0 };
            small_gains = if gain < precision { small_gains + 1 } else { 0 };
            if small_gains == 2 {
                break;
            }
        } else {
            // At the bottom only rounding differs, and no shorter step would gain either.
            if expected_gain(&here, step) < precision || damping > 1e10 {
                break;
            }
            damping = if damping == 0.0 { 1e-2 } else { damping * 8.0 };
        }
    }
    (point, here.value)
}

fn clamped(point: [f64; 2], bounds: Bounds) -> [f64; 2] {
    [0, 1].map(|i| point[i].clamp(bounds.low[i], bounds.high[i]))
}

/// Which variables may move: not those that would leave the box at once.
fn free(point: [f64; 2], bounds: Bounds, gradient: [f64; 2]) -> [bool; 2] {
    [0, 1].map(|i| {
        let stuck_low = point[i] <= bounds.low[i] && gradient[i] >= 0.0;
        let stuck_high = point[i] >= bounds.high[i] && gradient[i] <= 0.0;
        !(stuck_low || stuck_high)
    })
}

/// First-order gain of a step.
fn expected_gain(here: &Surface, step: [f64; 2]) -> f64 {
    -(here.gradient[0] * step[0] + here.gradient[1] * step[1])
}

/// The damped Newton step of the free variables, or none at a stationary point.
fn step(here: &Surface, free: [bool; 2], damping: f64) -> Option<[f64; 2]> {
    let [g, h] = here.gradient;
    match free {
        [false, false] => None,
        [true, false] => Some([one(g, here, 0, damping)?, 0.0]),
        [false, true] => Some([0.0, one(h, here, 2, damping)?]),
        [true, true] => {
            if g == 0.0 && h == 0.0 {
                return None;
            }
            two(here.gradient, here.hessian, here.convex, damping)
                .or_else(|| two(here.gradient, here.convex, here.convex, damping))
                .or_else(|| two(here.gradient, here.convex, here.convex, damping.max(1e-3)))
        }
    }
}

/// The step of one variable.
fn one(gradient: f64, here: &Surface, entry: usize, damping: f64) -> Option<f64> {
    if gradient == 0.0 {
        return None;
    }
    let (exact, convex) = (here.hessian[entry], here.convex[entry]);
    let curvature = if exact > 0.0 { exact } else { convex };
    let damped = curvature + damping * convex;
    (damped > 0.0).then(|| -gradient / damped)
}

/// The step of both variables, if the damped matrix is safely positive.
fn two(gradient: [f64; 2], matrix: [f64; 3], scale: [f64; 3], damping: f64) -> Option<[f64; 2]> {
    let xx = matrix[0] + damping * scale[0];
    let yy = matrix[2] + damping * scale[2];
    let xy = matrix[1];
    let determinant = xx * yy - xy * xy;
    if !(xx > 0.0 && yy > 0.0 && determinant > 1e-14 * xx * yy) {
        return None;
    }
    let [g, h] = gradient;
    Some([
        (xy * h - yy * g) / determinant,
        (xy * g - xx * h) / determinant,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Bounds = Bounds {
        low: [-10.0; 2],
        high: [10.0; 2],
    };

    fn rosenbrock([x, y]: [f64; 2]) -> Surface {
        let rest = y - x * x;
        Surface {
            value: (1.0 - x).powi(2) + 100.0 * rest * rest,
            gradient: [-2.0 * (1.0 - x) - 400.0 * x * rest, 200.0 * rest],
            hessian: [2.0 - 400.0 * (rest - 2.0 * x * x), -400.0 * x, 200.0],
            convex: [2.0 + 800.0 * x * x, -400.0 * x, 200.0],
        }
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let ([x, y], value) = descend([-1.2, 1.0], FAR, 1e-18, rosenbrock);
        assert!((x - 1.0).abs() < 1e-8 && (y - 1.0).abs() < 1e-8, "{x} {y}");
        assert!(value < 1e-16);
    }

    #[test]
    fn a_bound_is_kept_and_left_again() {
        let bounds = Bounds {
            low: [1.5, -10.0],
            high: [10.0; 2],
        };
        let ([x, y], value) = descend([9.0, -3.0], bounds, 1e-18, rosenbrock);
        assert!(
            (x - 1.5).abs() < 1e-15 && (y - 2.25).abs() < 1e-9,
            "{x} {y}"
        );
        assert!((value - 0.25).abs() < 1e-14);
    }
}
