//! Exact vote curves of one question, against 300 plain bootstrap replicates of the same curve.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use kcurve_bench::{SplitMix64, replicate, tallies};
use kcurve_core::exact::{Design, Vote, curves};
use kcurve_core::tally::Tally;
use kcurve_core::work::Watch;
use std::hint::black_box;

const GRID: [usize; 20] = [
    2, 3, 4, 5, 7, 10, 14, 20, 27, 38, 53, 73, 101, 141, 195, 270, 375, 520, 721, 1000,
];
const QUESTIONS: usize = 100;

fn every_k_of_a_hundred(criterion: &mut Criterion) {
    let k: Vec<usize> = (1..=100).collect();
    let mut group = criterion.benchmark_group("100 questions, n = 100, every k");
    for (answers, peak) in [(4, 1.0), (30, 2.0)] {
        compare(&mut group, answers, peak, &k, Design::WithoutReplacement);
    }
}

fn grid_to_a_thousand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100 questions, n = 100, 20 k up to 1000");
    group.sample_size(10);
    for (answers, peak) in [(4, 1.0), (30, 2.0)] {
        compare(&mut group, answers, peak, &GRID, Design::WithReplacement);
    }
}

fn compare(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    answers: usize,
    peak: f64,
    k: &[usize],
    design: Design,
) {
    let tallies = tallies(QUESTIONS, 100, answers, peak);
    for (name, jackknife) in [("values", false), ("values and jackknife", true)] {
        group.bench_with_input(BenchmarkId::new(name, answers), &tallies, |bench, tallies| {
            bench.iter(|| {
                let rule = Vote::default();
                curves(&rule, black_box(tallies), k, design, jackknife, &Watch::new())
            });
        });
    }
    let samples: Vec<Vec<u8>> = tallies.iter().map(samples_of).collect();
    group.bench_function(BenchmarkId::new("300 bootstrap replicates", answers), |bench| {
        let mut random = SplitMix64(7);
        bench.iter(|| {
            let mut sum = 0.0;
            for question in &samples {
                for _ in 0..300 {
                    sum += replicate(black_box(question), answers, k, &mut random);
                }
            }
            sum
        });
    });
}

/// The samples behind a tally, as answer numbers; 0 is correct.
fn samples_of(tally: &Tally) -> Vec<u8> {
    let mut samples = Vec::new();
    let mut answer = 1;
    for (groups, correct) in [(&tally.correct, true), (&tally.wrong, false)] {
        for group in groups {
            for _ in 0..group.multiplicity {
                let number = if correct { 0 } else { answer };
                samples.extend(std::iter::repeat_n(number, group.count as usize));
                answer += u8::from(!correct);
            }
        }
    }
    samples
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = every_k_of_a_hundred, grid_to_a_thousand
}
criterion_main!(benches);
