//! Exponential, normal, gamma and beta variates.

use crate::rng::Streams;

/// An exponential variate of mean one.
pub(crate) fn exponential(stream: &mut Streams<1>) -> f64 {
    -libm::log(stream.unit())
}

/// The logarithm of a gamma variate of the given shape and scale one.
///
/// The logarithm, because a variate of a small shape is often less than the least double. Squeeze and
/// rejection from a normal (Marsaglia and Tsang, "A simple method for generating gamma variables",
/// 2000); a shape below one is that of `shape + 1` times a power of a uniform variate.
pub(crate) fn log_gamma(shape: f64, stream: &mut Streams<1>) -> f64 {
    if shape < 1.0 {
        return log_gamma(shape + 1.0, stream) + libm::log(stream.unit()) / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let normal = normal(stream);
        let root = 1.0 + c * normal;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        let square = normal * normal;
        let unit = stream.unit();
        // Nearly every draw passes this bound of the limit, which costs no logarithm.
        if unit < 1.0 - 0.0331 * square * square {
            return libm::log(d * cube);
        }
        let limit = 0.5 * square + d - d * cube + d * libm::log(cube);
        if libm::log(unit) < limit {
            return libm::log(d * cube);
        }
    }
}

/// A beta variate.
pub(crate) fn beta(a: f64, b: f64, stream: &mut Streams<1>) -> f64 {
    let (x, y) = (log_gamma(a, stream), log_gamma(b, stream));
    1.0 / (1.0 + libm::exp(y - x))
}

/// A standard normal variate, by the polar method.
pub(crate) fn normal(stream: &mut Streams<1>) -> f64 {
    loop {
        let (x, y) = (2.0 * stream.unit() - 1.0, 2.0 * stream.unit() - 1.0);
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            return x * (-2.0 * libm::log(square) / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    /// Mean and variance of 200,000 variates.
    fn moments(mut variate: impl FnMut(&mut Streams<1>) -> f64) -> (f64, f64) {
        const DRAWS: u32 = 200_000;
        let mut stream = Streams::<1>::new(Key::new(3, 1, Purpose::Posterior), 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..DRAWS {
            let value = variate(&mut stream);
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(DRAWS);
        (mean, squares / f64::from(DRAWS) - mean * mean)
    }

    #[test]
    fn gamma_variates_have_their_mean_and_variance() {
        for shape in [0.05, 0.7, 1.0, 3.5, 40.0] {
            let (mean, variance) = moments(|stream| log_gamma(shape, stream).exp());
            let error = (shape / 200_000.0).sqrt();
            assert!((mean - shape).abs() < 4.0 * error, "{shape}: {mean}");
            let spread = ((2.0 * shape * shape + 6.0 * shape) / 200_000.0).sqrt();
            assert!(
                (variance - shape).abs() < 4.0 * spread,
                "{shape}: {variance}"
            );
        }
    }

    #[test]
    fn beta_variates_have_their_mean_and_variance() {
        for (a, b) in [(0.1, 0.4), (2.0, 5.0), (60.0, 1.0)] {
            let (mean, variance) = moments(|stream| beta(a, b, stream));
            let total = a + b;
            let expected = a * b / (total * total * (total + 1.0));
            assert!((mean - a / total).abs() < 4.0 * (expected / 200_000.0).sqrt());
            assert!((variance / expected - 1.0).abs() < 0.05, "{a} {b}");
        }
    }

    #[test]
    fn exponential_variates_have_mean_and_variance_one() {
        let (mean, variance) = moments(exponential);
        assert!((mean - 1.0).abs() < 0.01);
        assert!((variance - 1.0).abs() < 0.03);
    }
}
