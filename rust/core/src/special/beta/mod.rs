//! The beta functions: regularised incomplete beta, its complement, its inverses, and the logarithm of beta.

#![allow(
    clippy::float_cmp,
    reason = "ends of ranges and repeated arguments are compared as they are"
)]

mod asymptotic;
mod erfcx;
mod exponent;
mod fraction;
mod inverse;
mod logarithm;
mod near_zero;
mod pieces;
mod stirling;
mod tails;

pub use exponent::power_front;
pub use inverse::inverse;
pub use logarithm::log_beta;
pub use tails::{Tail, incomplete};

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(a: f64, b: f64, x: f64, tail: Tail) -> f64 {
        let mut out = [0.0];
        incomplete(&[a], &[b], &[x], tail, &mut out);
        out[0]
    }

    #[test]
    fn powers_where_one_shape_is_one() {
        for (a, x) in [
            (1e-10, 1e-300),
            (0.3, 0.2),
            (3.0, 0.9),
            (40.0, 0.5),
            (1e5, 0.9999),
        ] {
            let exact = f64::powf(x, a);
            assert!(
                (tail(a, 1.0, x, Tail::Lower) / exact - 1.0).abs() < 1e-11,
                "{a} {x}"
            );
        }
    }

    #[test]
    fn the_tails_are_complements_and_mirror_images() {
        for a in [1e-8, 0.4, 2.5, 30.0, 1e4, 1e12] {
            for b in [1e-9, 0.7, 4.0, 25.0, 1e5] {
                for x in [0.125, 0.5, 0.75] {
                    let (lower, upper) = (tail(a, b, x, Tail::Lower), tail(a, b, x, Tail::Upper));
                    assert!((lower + upper - 1.0).abs() < 1e-14, "{a} {b} {x}");
                    let mirrored = tail(b, a, 1.0 - x, Tail::Upper);
                    assert!((lower - mirrored).abs() <= 4e-15 * lower, "{a} {b} {x}");
                }
            }
        }
    }

    #[test]
    fn the_inverse_undoes_it() {
        // An upper tail of 1e-200 would need an x nearer to 1 than a double can be.
        let least = [(Tail::Lower, 1e-200), (Tail::Upper, 1e-6)];
        for (which, smallest) in least {
            for y in [smallest, 1e-5, 0.3, 0.9] {
                let mut x = [0.0];
                inverse(&[7.0], &[9.5], &[y], which, &mut x);
                let again = tail(7.0, 9.5, x[0], which);
                assert!((again / y - 1.0).abs() < 1e-12, "{y}");
            }
        }
    }

    #[test]
    fn logarithms_of_beta() {
        let mut out = [0.0; 4];
        log_beta(&[2.0, 1.0, 0.5, 1e-200], &[3.0, 1.0, 0.5, 5.0], &mut out);
        for (got, exact) in out.into_iter().zip([
            -12_f64.ln(),
            0.0,
            std::f64::consts::PI.ln(),
            200.0 * 10_f64.ln(),
        ]) {
            assert!((got - exact).abs() < 1e-13, "{got} {exact}");
        }
    }

    #[test]
    fn edges() {
        assert!(tail(f64::NAN, 1.0, 0.5, Tail::Lower).is_nan());
        assert!(tail(1.0, 2.0, 1.5, Tail::Upper).is_nan());
        assert!((tail(1.0, f64::INFINITY, 0.5, Tail::Lower) - 1.0).abs() < 1e-300);
        let mut none: [f64; 0] = [];
        incomplete(&[1.0], &[1.0], &[], Tail::Lower, &mut none);
    }
}
