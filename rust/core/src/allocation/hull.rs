//! The upper concave hull of a question's points, from the cheapest to the best.

/// An option, or the start: -1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) cost: f64,
    pub(super) value: f64,
    pub(super) option: i64,
}

impl Point {
    /// Value per cost of the step to a better point; infinite if it is free.
    pub(super) fn slope(&self, to: &Self) -> f64 {
        (to.value - self.value) / (to.cost - self.cost)
    }
}

/// The points that no mixture of others beats, by rising cost and value; slopes strictly fall.
///
/// The first is the best of the cheapest. Of equal points the first option stays.
pub(super) fn hull(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|a, b| {
        a.cost
            .total_cmp(&b.cost)
            .then(b.value.total_cmp(&a.value))
            .then(a.option.cmp(&b.option))
    });
    let mut hull: Vec<Point> = Vec::new();
    for point in points {
        if hull.last().is_some_and(|last| point.value <= last.value) {
            continue;
        }
        while let [.., before, last] = hull.as_slice() {
            if before.slope(last) <= last.slope(&point) {
                hull.pop();
            } else {
                break;
            }
        }
        hull.push(point);
    }
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: &[(f64, f64)]) -> Vec<i64> {
        let points = points
            .iter()
            .enumerate()
            .map(|(option, &(cost, value))| Point {
                cost,
                value,
                option: option as i64,
            });
        hull(points).iter().map(|point| point.option).collect()
    }

    #[test]
    fn dominated_points_and_points_below_a_mixture_are_left_out() {
        assert_eq!(
            of(&[(0.0, 0.0), (1.0, 0.1), (2.0, 1.0), (3.0, 0.9)]),
            [0, 2]
        );
        assert_eq!(of(&[(1.0, 0.5), (0.0, 0.0), (2.0, 0.75)]), [1, 0, 2]);
        assert_eq!(of(&[(1.0, 0.5), (1.0, 0.7), (1.0, 0.7)]), [1]);
        assert_eq!(of(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]), [0, 2]);
        assert_eq!(of(&[(0.0, 0.5), (1.0, 0.4)]), [0]);
    }
}
