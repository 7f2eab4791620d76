//! REBASE's allocation of a budget over as many nodes, from 10^2 to 10^6 of them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kcurve_bench::SplitMix64;
use kcurve_core::search::allocation::{Allocator, Rounding};
use std::hint::black_box;

const SIZES: [usize; 6] = [64, 100, 1_000, 10_000, 50_000, 1_000_000];

/// Rewards of four kinds: any, as percentages, close to 1 as those of a sure reward model, and all but equal.
fn rewards(kind: &str, count: usize) -> Vec<f64> {
    let mut random = SplitMix64(42);
    let reward = |unit: f64| match kind {
        "percent" => (unit * 100.0).floor() / 100.0,
        "sure" => 1.0 - unit.powi(8),
        "narrow" => 0.5 + 1e-6 * unit,
        _ => unit,
    };
    (0..count).map(|_| reward(random.unit())).collect()
}

fn allocation(criterion: &mut Criterion) {
    for (rounding, name) in [(Rounding::Ceil, "ceil"), (Rounding::Round, "round")] {
        let mut group = criterion.benchmark_group(format!("allocation, {name}"));
        for count in SIZES {
            group.throughput(Throughput::Elements(count as u64));
            for kind in ["any", "percent", "sure", "narrow"] {
                let rewards = rewards(kind, count);
                let mut allocator = Allocator::new();
                let mut widths = Vec::new();
                let id = BenchmarkId::new(kind, count);
                group.bench_with_input(id, &rewards, |bench, rewards| {
                    bench.iter(|| {
                        let budget = count as u64;
                        let rewards = black_box(rewards);
                        allocator.widths(rewards, budget, 0.2, rounding, count, &mut widths);
                        widths[0]
                    });
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = allocation
}
criterion_main!(benches);
