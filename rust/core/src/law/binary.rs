//! The vote between two answers, of which the correct one has probability `p` in every call.
//!
//! `F(K) = I_p((K + 1) / 2, (K + 1) / 2)` for odd `K`, and `F(K) = F(K - 1)` for even `K` with fair
//! ties. With `q = 1 - p` and `F(1) = p` it grows by
//! `F(2m + 1) - F(2m - 1) = C(2m, m) (p q)^m (p - 1/2)`.

use crate::error::{Error, Result};

/// Terms below this change no sum any more.
const NOTHING: f64 = 1e-19;

/// Value and first and second derivative by `p`.
pub(super) type Jet = [f64; 3];

/// Pairs of calls beyond the first call: `m` of the two numbers of calls `2m + 1` and `2m + 2`.
pub(super) fn pairs(k: usize) -> usize {
    k.saturating_sub(1) / 2
}

/// The accuracies of votes with each `p`, row-major: probabilities x numbers of calls.
///
/// # Errors
///
/// [`Error::Shape`] if a `p` is not in [0, 1], or `k` does not increase from at least 1.
///
/// # Cost
///
/// One multiplication for each `p` and pair of calls, until they add nothing more.
pub fn values(p: &[f64], k: &[usize]) -> Result<Vec<f64>> {
    if !p.iter().all(|p| (0.0..=1.0).contains(p)) {
        return Err(Error::Shape("probabilities must be in [0, 1]".into()));
    }
    check(k)?;
    let mut table = Vec::with_capacity(p.len() * k.len());
    for &p in p {
        walk(p, k, |value, _, _| table.push(value.clamp(0.0, 1.0)));
    }
    Ok(table)
}

pub(super) fn check(k: &[usize]) -> Result<()> {
    if k.first().is_none_or(|&k| k < 1) || k.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Error::Shape("k must increase from at least 1".into()));
    }
    Ok(())
}

/// Values and derivatives for increasing `k`.
pub(super) fn jets(p: f64, k: &[usize], jets: &mut Vec<Jet>) {
    jets.clear();
    walk(p, k, |value, term, m| {
        let m = m as f64;
        let slope = (2.0 * m + 1.0) * term;
        let product = p * (1.0 - p);
        let bend = if product > 0.0 {
            slope * m * (1.0 - 2.0 * p) / product
        } else {
            0.0
        };
        jets.push([value, slope, bend]);
    });
}

/// Visits the value, `C(2m, m) (p q)^m` and `m` for each of the increasing `k`.
fn walk(p: f64, k: &[usize], mut visit: impl FnMut(f64, f64, usize)) {
    let product = p * (1.0 - p);
    let lead = p - 0.5;
    let (mut value, mut term, mut m) = (p, 1.0, 0);
    for &k in k {
        let wanted = pairs(k);
        while m < wanted && term > NOTHING {
            m += 1;
            term *= product * 2.0 * (2 * m - 1) as f64 / m as f64;
            value += term * lead;
        }
        if m < wanted {
            term = 0.0;
            m = wanted;
        }
        visit(value, term, m);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_accuracies() {
        let k = [1, 2, 3, 4, 5, 11, 101];
        let expected = [0.6, 0.6, 0.648, 0.648, 0.68256, 0.753_498_13, 0.979_103_31];
        for (value, expected) in values(&[0.6], &k).unwrap().iter().zip(expected) {
            assert!((value - expected).abs() < 5e-9, "{value} {expected}");
        }
    }

    #[test]
    fn derivatives_are_differences() {
        let k = [1, 4, 9, 30];
        let mut jets = Vec::new();
        super::jets(0.37, &k, &mut jets);
        let near = values(&[0.37 - 1e-4, 0.37, 0.37 + 1e-4], &k).unwrap();
        for (i, jet) in jets.iter().enumerate() {
            let [below, at, above] = [near[i], near[4 + i], near[8 + i]];
            assert!((jet[1] - (above - below) / 2e-4).abs() < 1e-5);
            assert!(
                (jet[2] - (above - 2.0 * at + below) / 1e-8).abs() < 1e-4 * (1.0 + jet[2].abs())
            );
        }
    }

    #[test]
    fn many_calls_reach_the_limit() {
        let far = values(&[0.0, 0.45, 0.5, 0.55, 1.0], &[1_000_001]).unwrap();
        let limits = [0.0, 0.0, 0.5, 1.0, 1.0];
        for (value, limit) in far.iter().zip(limits) {
            assert!((value - limit).abs() < 1e-13, "{value} {limit}");
        }
    }
}
