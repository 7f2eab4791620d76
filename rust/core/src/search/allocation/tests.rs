//! The cases of the paper's rule and of its programme, and what holds for all rewards.

use super::{Rounding, rebase_widths};

fn widths(rewards: &[f64], budget: u64, temperature: f64, rounding: Rounding) -> Vec<u64> {
    let mut widths = Vec::new();
    rebase_widths(rewards, budget, temperature, rounding, &mut widths);
    widths
}

#[test]
fn small_cases_are_as_by_hand() {
    let rewards = [0.9, 0.8, 0.5, 0.3];
    for (temperature, rounded, ceiled) in [
        (0.1, [12, 4, 0, 0], [12, 4, 0, 0]),
        (0.2, [9, 5, 1, 0], [9, 6, 1, 0]),
        (1.0, [5, 5, 3, 3], [6, 5, 3, 2]),
    ] {
        assert_eq!(widths(&rewards, 16, temperature, Rounding::Round), rounded);
        assert_eq!(widths(&rewards, 16, temperature, Rounding::Ceil), ceiled);
    }
    assert_eq!(widths(&[0.5; 3], 4, 1.0, Rounding::Ceil), [1, 1, 2]);
    assert_eq!(widths(&[0.5; 3], 4, 1.0, Rounding::Round), [1, 1, 1]);
    assert_eq!(widths(&[1.0, 0.0], 16, 0.05, Rounding::Ceil), [16, 0]);
}
