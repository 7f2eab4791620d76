//! Tails of fair coins: the regularised incomplete beta function at one half, at whole numbers.

/// `I_{1/2}(a, b)` for all whole `a, b >= 0` up to a sum.
///
/// It is the probability of at least `a` heads among `a + b - 1` tosses. Each value is the mean of two
/// neighbours, `I(a, b) = (I(a - 1, b) + I(a, b - 1)) / 2`, so that no digits cancel, however small.
#[derive(Debug, Clone)]
pub(super) struct HalfTails(Vec<f64>);

impl HalfTails {
    /// The table for all `a + b <= most`.
    pub(super) fn new(most: usize) -> Self {
        let mut values = Vec::with_capacity(place(most + 1, 0));
        for sum in 0..=most {
            for a in 0..=sum {
                let value = match (a, sum - a) {
                    (0, _) => 1.0,
                    (_, 0) => 0.0,
                    _ => {
                        let before: &[f64] = &values[place(sum - 1, 0)..];
                        f64::midpoint(before[a - 1], before[a])
                    }
                };
                values.push(value);
            }
        }
        Self(values)
    }

    /// `I_{1/2}(a, b)`.
    #[inline]
    pub(super) fn at(&self, a: usize, b: usize) -> f64 {
        self.0[place(a + b, a)]
    }
}

const fn place(sum: usize, a: usize) -> usize {
    sum * (sum + 1) / 2 + a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_fair_coins() {
        let tails = HalfTails::new(60);
        for (a, b) in [(1, 1), (2, 1), (5, 1), (3, 4), (20, 30), (1, 59)] {
            let tosses = a + b - 1;
            let mut mass = 0.5_f64.powi(tosses as i32);
            let mut tail = 0.0;
            for heads in 0..=tosses {
                if heads >= a {
                    tail += mass;
                }
                mass *= (tosses - heads) as f64 / (heads + 1) as f64;
            }
            assert!((tails.at(a, b) - tail).abs() < 1e-14, "{a} {b}");
        }
        assert!((tails.at(59, 1) / 0.5_f64.powi(59) - 1.0).abs() < 1e-15);
    }
}
