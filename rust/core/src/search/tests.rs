//! What holds for every search, driven through trees that are known beforehand.

use super::*;
use crate::rng::{Key, Purpose, Streams};

const METHODS: [Method; 6] = [
    Method::Rebase {
        width: 24,
        temperature: 0.1,
        rounding: Rounding::Ceil,
        keep: (1, 1),
    },
    Method::Rebase {
        width: 24,
        temperature: 0.3,
        rounding: Rounding::Round,
        keep: (1, 2),
    },
    Method::Beam {
        width: 24,
        branching: 4,
        separate: false,
    },
    Method::Beam {
        width: 23,
        branching: 5,
        separate: true,
    },
    Method::Beam {
        width: 24,
        branching: 1,
        separate: true,
    },
    Method::Mcts {
        expansions: 60,
        root_children: 6,
        children: 3,
        exploration: 1.0,
    },
];

const NO_LIMITS: Limits = Limits {
    depth: 25,
    step_tokens: UNLIMITED,
    path_tokens: UNLIMITED,
};

/// The children that a search asks for, from a stream of its own for every ask.
fn children(search: &Search, seed: u64) -> (Vec<f64>, Vec<u32>, Vec<Status>) {
    let n = search.ask().iter().map(|one| one.children as usize).sum();
    let key = Key::new(seed, search.tree().len() as u64, Purpose::Draws);
    let mut random = Streams::<1>::new(key, 0);
    let mut told = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        told.0.push(random.unit());
        told.1.push(1 + random.below(9)[0]);
        told.2.push(match random.below(10)[0] {
            0 | 1 => Status::Complete,
            2 => Status::Failed,
            _ => Status::Open,
        });
    }
    told
}

fn tell(search: &mut Search, seed: u64) {
    let (rewards, tokens, statuses) = children(search, seed);
    let told = Told {
        rewards: &rewards,
        tokens: &tokens,
        statuses: &statuses,
    };
    search.tell(told).expect("what was asked for");
}

#[test]
fn every_search_ends_with_a_sound_tree() {
    for method in METHODS {
        for seed in 0..20 {
            let mut search = Search::new(method, NO_LIMITS).expect("good settings");
            let mut asks = 0;
            while !search.is_done() {
                tell(&mut search, seed);
                search.tree().check().expect("a tree");
                asks += 1;
                assert!(asks <= 60);
            }
            assert!(search.ask().is_empty());
        }
    }
}

#[test]
fn bytes_restore_a_search_at_any_point() {
    for method in METHODS {
        let mut search = Search::new(method, NO_LIMITS).expect("good settings");
        let mut again = search.clone();
        while !search.is_done() {
            again = Search::from_bytes(&again.to_bytes()).expect("sound bytes");
            tell(&mut search, 5);
            tell(&mut again, 5);
            assert_eq!(search.to_bytes(), again.to_bytes());
        }
        assert!(again.is_done());
    }
}

#[test]
fn a_budget_of_solutions_is_never_exceeded() {
    for method in METHODS {
        let (Method::Rebase {
            width,
            rounding: Rounding::Ceil,
            ..
        }
        | Method::Beam { width, .. }) = method
        else {
            continue;
        };
        let mut search = Search::new(method, NO_LIMITS).expect("good settings");
        while !search.is_done() {
            let asked: u64 = search.ask().iter().map(|one| u64::from(one.children)).sum();
            assert!(asked <= search.remaining());
            tell(&mut search, 11);
        }
        assert!(search.tree().solutions().count() <= width as usize);
    }
}

#[test]
fn what_was_not_asked_for_changes_nothing() {
    let mut search = Search::new(METHODS[0], NO_LIMITS).expect("good settings");
    let before = search.to_bytes();
    let (mut rewards, tokens, mut statuses) = children(&search, 1);
    statuses[3] = Status::Open;
    rewards[3] = f64::NAN;
    let told = Told {
        rewards: &rewards,
        tokens: &tokens,
        statuses: &statuses,
    };
    assert!(search.tell(told).is_err());
    let short = Told {
        rewards: &rewards[1..],
        ..told
    };
    assert!(search.tell(short).is_err());
    assert_eq!(search.to_bytes(), before);
}

#[test]
fn paths_and_their_scores_follow_the_parents() {
    let method = Method::Beam {
        width: 2,
        branching: 1,
        separate: true,
    };
    let mut search = Search::new(method, NO_LIMITS).expect("good settings");
    for rewards in [[0.5, 0.2], [0.25, 0.8]] {
        let told = Told {
            rewards: &rewards,
            tokens: &[3, 4],
            statuses: &[Status::Open; 2],
        };
        search.tell(told).expect("what was asked for");
    }
    let tree = search.tree();
    assert_eq!(tree.path(4), [2, 4]);
    assert_eq!(tree.path_tokens()[4], 8);
    let score = |aggregation| tree.score(4, aggregation).to_bits();
    assert_eq!(score(Aggregation::Last), 0.8_f64.to_bits());
    assert_eq!(score(Aggregation::Min), 0.2_f64.to_bits());
    assert_eq!(score(Aggregation::Product), (0.8_f64 * 0.2).to_bits());
    assert_eq!(score(Aggregation::Mean), 0.5_f64.to_bits());
    assert!(tree.score(ROOT, Aggregation::Min).is_nan());
}

#[test]
fn no_bytes_bring_the_reader_down() {
    for method in METHODS {
        let mut search = Search::new(method, NO_LIMITS).expect("good settings");
        tell(&mut search, 2);
        tell(&mut search, 2);
        let bytes = search.to_bytes();
        for place in 0..bytes.len() {
            for flip in [1, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[place] ^= flip;
                if let Ok(mut other) = Search::from_bytes(&changed) {
                    let asked: u64 = other.ask().iter().map(|one| u64::from(one.children)).sum();
                    if !other.is_done() && asked < 100_000 {
                        tell(&mut other, 3);
                    }
                }
            }
            assert!(Search::from_bytes(&bytes[..place]).is_err());
        }
    }
}
