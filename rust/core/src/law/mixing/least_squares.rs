//! Least squares with coefficients that are not negative (Lawson and Hanson, "Solving Least Squares
//! Problems", 1974, chapter 23), from the normal equations.

/// Minimises `y' A y - 2 b' y` over `y >= 0`, for a positive semidefinite `A`, row-major.
pub(super) fn nonnegative(matrix: &[f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let scale = (0..size).map(|i| matrix[i * size + i]).fold(0.0, f64::max);
    let mut y = vec![0.0; size];
    let mut passive: Vec<usize> = Vec::new();
    for _ in 0..10 * size {
        let pull = |i: usize| {
            right[i]
                - y.iter()
                    .enumerate()
                    .map(|(j, y)| matrix[i * size + j] * y)
                    .sum::<f64>()
        };
        let entering = (0..size)
            .filter(|i| !passive.contains(i))
            .map(|i| (i, pull(i)))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        match entering {
            Some((i, force)) if force > 1e-13 * scale.max(1.0) => passive.push(i),
            _ => break,
        }
        loop {
            let Some(solution) = solved(matrix, right, size, &passive, scale) else {
                // What entered last depends on the others.
                passive.pop();
                return y;
            };
            if solution.iter().all(|&value| value > 0.0) {
                for (&i, value) in passive.iter().zip(solution) {
                    y[i] = value;
                }
                break;
            }
            let share = passive
                .iter()
                .zip(&solution)
                .filter(|&(_, &value)| value <= 0.0)
                .map(|(&i, value)| y[i] / (y[i] - value))
                .fold(1.0, f64::min);
            for (&i, value) in passive.iter().zip(&solution) {
                y[i] += share * (value - y[i]);
            }
            passive.retain(|&i| {
                let stays = y[i] > 1e-14;
                if !stays {
                    y[i] = 0.0;
                }
                stays
            });
            if passive.is_empty() {
                break;
            }
        }
    }
    y
}

/// The solution of the equations of some of the variables, by Cholesky's decomposition.
fn solved(
    matrix: &[f64],
    right: &[f64],
    size: usize,
    chosen: &[usize],
    scale: f64,
) -> Option<Vec<f64>> {
    let n = chosen.len();
    let mut lower = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let mut sum = matrix[chosen[i] * size + chosen[j]];
            for l in 0..j {
                sum -= lower[i * n + l] * lower[j * n + l];
            }
            if i == j {
                if sum <= 1e-15 * scale {
                    return None;
                }
                lower[i * n + i] = sum.sqrt();
            } else {
                lower[i * n + j] = sum / lower[j * n + j];
            }
        }
    }
    let mut solution: Vec<f64> = chosen.iter().map(|&i| right[i]).collect();
    for i in 0..n {
        for l in 0..i {
            solution[i] -= lower[i * n + l] * solution[l];
        }
        solution[i] /= lower[i * n + i];
    }
    for i in (0..n).rev() {
        for l in i + 1..n {
            solution[i] -= lower[l * n + i] * solution[l];
        }
        solution[i] /= lower[i * n + i];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_wants_to_be_negative_stays_zero() {
        // Without the constraint the solution is (2, -1).
        let y = nonnegative(&[2.0, 1.0, 1.0, 2.0], &[3.0, 0.0]);
        assert!((y[0] - 1.5).abs() < 1e-15 && y[1] == 0.0, "{y:?}");
    }

    #[test]
    fn without_active_constraints_it_solves_the_equations() {
        let y = nonnegative(&[2.0, 1.0, 1.0, 2.0], &[4.0, 5.0]);
        assert!(
            (y[0] - 1.0).abs() < 1e-15 && (y[1] - 2.0).abs() < 1e-15,
            "{y:?}"
        );
    }
}
