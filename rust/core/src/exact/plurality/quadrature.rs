//! Gauss-Legendre rules on [0, 1]: the fair share of a tie is an integral over [0, 1].

use std::borrow::Cow;
use std::sync::LazyLock;

/// A point of a quadrature rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) point: f64,
    pub(super) weight: f64,
}

const TABULATED: usize = 32;

static RULES: LazyLock<Vec<Vec<Node>>> =
    LazyLock::new(|| (0..=TABULATED).map(gauss_legendre).collect());

/// The rule that integrates polynomials up to `degree` exactly.
pub(super) fn rule_for_degree(degree: usize) -> Cow<'static, [Node]> {
    rule(nodes_for_degree(degree))
}

/// The rule with `size` nodes.
pub(super) fn rule(size: usize) -> Cow<'static, [Node]> {
    if size <= TABULATED {
        RULES[size].as_slice().into()
    } else {
        gauss_legendre(size).into()
    }
}

/// How many nodes integrate polynomials up to `degree` exactly.
fn nodes_for_degree(degree: usize) -> usize {
    (degree + 2) / 2
}

/// For products `f(y) = prod_j (1 + e_j y)` of `degree` factors with `sum_j |e_j| <= spread`: the
/// least number of nodes whose error is at most `tolerance * prod_j (1 + |e_j|)`.
///
/// The error of `q` nodes is `c_q f^(2q)(x)` for some x in [0, 1], with
/// `c_q = (q!)^4 / ((2q + 1) ((2q)!)^3)`; and the `m`-th derivative of such a product is at most
/// `spread^m prod_j (1 + |e_j|)`.
pub(super) fn nodes_for_spread(degree: usize, spread: f64, tolerance: f64) -> usize {
    let exact = nodes_for_degree(degree);
    let mut nodes = 1;
    // c_1 spread^2; then c_{q+1} / c_q follows from the factorials.
    let mut error = spread * spread / 24.0;
    while nodes < exact && error > tolerance {
        let q = nodes as f64;
        let growth = (q + 1.0).powi(4) * (2.0 * q + 1.0)
            / ((2.0 * q + 3.0) * ((2.0 * q + 1.0) * (2.0 * q + 2.0)).powi(3));
        error *= growth * spread * spread;
        nodes += 1;
    }
    nodes
}

/// Newton's iteration on the Legendre polynomial of degree `size`, mapped to [0, 1].
fn gauss_legendre(size: usize) -> Vec<Node> {
    let n = size as f64;
    (0..size)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut previous, mut current) = (1.0, x);
                for j in 2..=size {
                    let j = j as f64;
                    let next = ((2.0 * j - 1.0) * x * current - (j - 1.0) * previous) / j;
                    (previous, current) = (current, next);
                }
                slope = n * (x * current - previous) / (x * x - 1.0);
                let step = current / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            Node {
                point: 0.5 * (1.0 - x),
                weight: 1.0 / ((1.0 - x * x) * slope * slope),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monomials_up_to_the_degree_are_exact() {
        for degree in 0..40 {
            let rule = rule_for_degree(degree);
            for power in 0..=degree {
                let sum: f64 = rule
                    .iter()
                    .map(|node| node.weight * node.point.powi(power as i32))
                    .sum();
                let exact = 1.0 / (power as f64 + 1.0);
                assert!(
                    (sum / exact - 1.0).abs() < 1e-13,
                    "degree {degree}, power {power}"
                );
            }
        }
    }

    #[test]
    fn the_spread_bound_holds_for_a_product() {
        let factors = [0.4, 0.3, 0.3, 0.2, 0.2, 0.1];
        let value = |y: f64| factors.iter().map(|e| 1.0 + e * y).product::<f64>();
        let integral = |nodes: usize| -> f64 {
            gauss_legendre(nodes)
                .iter()
                .map(|node| node.weight * value(node.point))
                .sum()
        };
        let spread = factors.iter().sum();
        for tolerance in [1e-4, 1e-8, 1e-12] {
            let nodes = nodes_for_spread(factors.len(), spread, tolerance);
            assert!((integral(nodes) - integral(8)).abs() <= tolerance * value(1.0) + 1e-15);
        }
    }
}
