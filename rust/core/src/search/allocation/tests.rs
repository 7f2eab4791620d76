//! Cases worked by hand, and doubles against integers of many bits.

use super::fixed_point::Groups;
use super::order::{Order, extremes};
use super::{Allocator, Rounding, kept, rebase_widths};
use proptest::prelude::*;

fn widths(rewards: &[f64], budget: u64, temperature: f64, rounding: Rounding) -> Vec<u64> {
    let mut widths = Vec::new();
    rebase_widths(rewards, budget, temperature, rounding, &mut widths);
    widths
}

/// The nodes by descending reward, of equal rewards the later one first.
fn by_descending_reward(rewards: &[f64]) -> Vec<u32> {
    let mut nodes: Vec<u32> = (0..rewards.len() as u32).rev().collect();
    nodes.sort_by(|&a, &b| {
        let (a, b) = (rewards[a as usize], rewards[b as usize]);
        b.partial_cmp(&a).expect("rewards are finite")
    });
    nodes
}

/// The rule as it is written, decided by integers alone.
fn ceil_by_integers(rewards: &[f64], budget: u64, temperature: f64) -> Vec<u64> {
    let nodes = by_descending_reward(rewards);
    let sorted: Vec<f64> = nodes.iter().map(|&node| rewards[node as usize]).collect();
    let mut groups = Groups::new(&sorted, temperature);
    let mut widths = vec![0; rewards.len()];
    let mut left = budget;
    for (position, &node) in nodes.iter().enumerate() {
        let same = |other: &&f64| **other == sorted[position];
        let equal = sorted[position..].iter().take_while(same).count();
        let width = if equal == sorted.len() - position {
            left.div_ceil(equal as u64)
        } else if left > 0 {
            groups.ceil_of_lower(position, equal as u32, left)
        } else {
            0
        };
        widths[node as usize] = width;
        left -= width;
    }
    assert_eq!(left, 0);
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

#[test]
fn differences_that_doubles_cannot_see_decide() {
    assert_eq!(widths(&[0.0, 1e-300], 2, 1.0, Rounding::Ceil), [0, 2]);
    assert_eq!(widths(&[0.0, 5e-324], 2, 1e308, Rounding::Ceil), [0, 2]);
    assert_eq!(widths(&[0.0, 1e-300], 1, 1.0, Rounding::Round), [0, 1]);
    // Twice a half less next to nothing, and a half more.
    assert_eq!(widths(&[0.0, 1e-300], 3, 1.0, Rounding::Round), [1, 2]);
    let far = u64::MAX;
    assert_eq!(widths(&[0.0, 1.0], far, 1e-9, Rounding::Ceil), [0, far]);
    assert_eq!(widths(&[0.0, 1.0], far, 1e-9, Rounding::Round), [0, far]);
    assert_eq!(
        widths(&[0.0; 2], far, 1.0, Rounding::Ceil),
        [far / 2, far / 2 + 1]
    );
}

#[test]
fn what_is_no_case_gets_nothing() {
    for rounding in [Rounding::Ceil, Rounding::Round] {
        assert!(widths(&[], 5, 1.0, rounding).is_empty());
        assert_eq!(widths(&[1.0, 2.0], 0, 1.0, rounding), [0, 0]);
        for temperature in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(widths(&[1.0, 2.0], 5, temperature, rounding), [0, 0]);
        }
        for reward in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in [0, 15, 16, 39] {
                let mut rewards = [0.5; 40];
                rewards[place] = reward;
                assert_eq!(widths(&rewards, 5, 1.0, rounding), [0; 40]);
            }
        }
    }
}

#[test]
fn huge_rewards_and_temperatures_do_not_overflow() {
    let (most, least) = (f64::MAX, f64::MIN);
    for temperature in [5e-324, 1e-300, 1.0, 1e300, f64::MAX] {
        for rewards in [
            vec![most, least],
            vec![least, 0.0, most, 1.0, -5e-324],
            vec![most, least, most.next_down(), 0.0],
            vec![5e-324, 0.0, 1e-320],
        ] {
            for budget in [1, 7, 1000, 1 << 53] {
                let got = widths(&rewards, budget, temperature, Rounding::Ceil);
                assert_eq!(got, ceil_by_integers(&rewards, budget, temperature));
                widths(&rewards, budget, temperature, Rounding::Round);
            }
        }
    }
}

#[test]
fn shares_of_nodes_are_rounded_up() {
    assert_eq!(kept(10, (3, 10)), 3);
    assert_eq!(kept(11, (3, 10)), 4);
    assert_eq!(kept(1, (1, 1_000_000_000)), 1);
    assert_eq!(kept(0, (1, 2)), 0);
    assert_eq!(kept(7, (3, 2)), 7);
    assert_eq!(kept(7, (1, 0)), 7);
    assert_eq!(kept(usize::MAX, (u64::MAX, 1)), usize::MAX);
    let (mut allocator, mut got) = (Allocator::new(), Vec::new());
    for (best, expected) in [
        (4, [9, 6, 1, 0]),
        (2, [10, 6, 0, 0]),
        (1, [16, 0, 0, 0]),
        (0, [0; 4]),
    ] {
        let rewards = [0.9, 0.8, 0.5, 0.3];
        allocator.widths(&rewards, 16, 0.2, Rounding::Ceil, best, &mut got);
        assert_eq!(got, expected);
    }
}

/// Rewards on a grid, anywhere, all but equal, or in a narrow cluster with a few far away.
fn rewards(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let grid = prop_oneof![Just(1_i32), Just(3), Just(100)].prop_flat_map(|top| 0..=top);
    let grid = grid.prop_map(|step| f64::from(step) / 100.0);
    let near = (-9_i32..9).prop_map(|step| 0.5 + f64::from(step) * f64::EPSILON);
    let cluster = prop_oneof![20 => (0.0..1e-7_f64).boxed(), 1 => (-1.0..1.0_f64).boxed()];
    prop_oneof![
        prop::collection::vec(grid, count.clone()),
        prop::collection::vec(0.0..1.0_f64, count.clone()),
        prop::collection::vec(near, count.clone()),
        prop::collection::vec(cluster, count),
    ]
}

proptest! {
    #[test]
    fn doubles_decide_as_integers_do(
        rewards in rewards(1..40),
        budget in prop_oneof![0_u64..300, 0..=u64::MAX],
        temperature in -9.0..9.0_f64,
    ) {
        let temperature = 10.0_f64.powf(temperature);
        let got = widths(&rewards, budget, temperature, Rounding::Ceil);
        prop_assert_eq!(&got, &ceil_by_integers(&rewards, budget, temperature));
        let order = by_descending_reward(&rewards);
        prop_assert!(order.windows(2).all(|pair| got[pair[0] as usize] >= got[pair[1] as usize]));
        // A power of two on both sides changes nothing.
        let scaled: Vec<f64> = rewards.iter().map(|reward| reward * 1024.0).collect();
        prop_assert_eq!(got, widths(&scaled, budget, temperature * 1024.0, Rounding::Ceil));
    }

    #[test]
    fn many_nodes_are_sorted_as_by_comparison(
        rewards in rewards(1..3000),
        reach in prop_oneof![Just(f64::INFINITY), 1e-9..1.0_f64],
    ) {
        let (largest, least) = extremes(&rewards).expect("rewards are finite");
        let mut order = Order::default();
        order.sort(&rewards, largest, least, reach);
        let expected = by_descending_reward(&rewards);
        let near = |&node: &u32| largest - rewards[node as usize] <= reach;
        let count = expected.iter().filter(|node| near(node)).count();
        prop_assert_eq!(&order.nodes[..count], &expected[..count]);
        for (&node, &reward) in order.nodes.iter().zip(&order.rewards) {
            prop_assert_eq!(rewards[node as usize].to_bits(), reward.to_bits());
        }
        let mut nodes = order.nodes.clone();
        nodes.sort_unstable();
        prop_assert!(nodes.iter().copied().eq(0..rewards.len() as u32));
    }
}
