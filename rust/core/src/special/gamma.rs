//! The upper tail of the gamma distribution.

/// `P(X > x)` for `X ~ Gamma(shape, 1)`, `shape > 0`, `x >= 0`.
///
/// Below the mean by the power series of the other tail, above it by Legendre's continued fraction
/// (Lentz's method), which keeps the relative precision of small tails.
pub fn gamma_tail(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        1.0 - front * series(shape, x)
    } else {
        front * fraction(shape, x)
    }
}

/// `sum over i of x^i / (shape (shape + 1) ... (shape + i))`.
fn series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    let mut denominator = shape;
    while term > sum * 1e-17 {
        denominator += 1.0;
        term *= x / denominator;
        sum += term;
    }
    sum
}

/// `1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...)))`.
fn fraction(shape: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    const MOST_STEPS: usize = 100_000;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / LEAST;
    let mut d = 1.0 / b;
    let mut value = d;
    for step in 1..MOST_STEPS {
        let step = step as f64;
        let a = -step * (step - shape);
        b += 2.0;
        d = 1.0 / nonzero(a * d + b, LEAST);
        c = nonzero(b + a / c, LEAST);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

fn nonzero(value: f64, least: f64) -> f64 {
    if value.abs() < least { least } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_shapes_count_poisson_events() {
        for shape in [1_u32, 2, 5, 40, 300] {
            for x in [0.01, 0.5, 1.0, 3.0, 20.0, 45.0, 280.0, 350.0] {
                let mut term = libm::exp(-x);
                let mut sum = 0.0;
                for i in 0..shape {
                    sum += term;
                    term *= x / f64::from(i + 1);
                }
                let tail = gamma_tail(f64::from(shape), x);
                assert!(
                    (tail - sum).abs() < 1e-11 * sum,
                    "{shape} {x}: {tail} {sum}"
                );
            }
        }
    }

    #[test]
    fn a_half_is_the_normal_distribution() {
        for x in [1e-6, 0.1, 1.4, 1.6, 9.0, 300.0] {
            let exact = libm::erfc(f64::sqrt(x));
            assert!((gamma_tail(0.5, x) / exact - 1.0).abs() < 1e-12, "{x}");
        }
        assert!((gamma_tail(0.5, 0.0) - 1.0).abs() < 1e-300);
    }
}
