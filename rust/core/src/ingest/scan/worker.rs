//! What one thread counts: rows in, partial tallies out.

use ahash::RandomState;
use arrow::array::{Array, Float64Array, RecordBatch};
use std::collections::HashMap;

use super::super::cells::{self, NO_FLAG};
use super::super::columns::{Columns, Layout, Role};
use super::super::error::Result;
use super::super::faults::Faults;
use super::super::intern::NONE;
use super::super::texts::Texts;
use super::block::{Entry, IDENTITY, Question, Writer, combine};
use super::cells::Cells;
use super::hash::hash;
use crate::work::Watch;

/// The bits of a cell's key below the variant: verdict and filter decision.
const FLAG_BITS: u32 = 4;

/// Variants must fit between the flags and the question.
const MOST_VARIANTS: usize = (1 << (32 - FLAG_BITS)) - (1 << 20);

/// Counts rows by question, answer, verdict, filter decision and score.
///
/// A cell's key is `question << 32 | variant << 4 | keep << 2 | verdict`, where the variant is the
/// answer raised by one, 0 for none, or with scores the number of an (answer, score).
#[derive(Debug, Default)]
pub(super) struct Worker {
    scored: bool,
    texts: Texts,
    cells: Cells,
    variants: Variants,
    keys: Vec<u64>,
    groups: Vec<u32>,
    flags: Vec<u8>,
}

/// The distinct (answer, score) pairs.
#[derive(Debug, Default)]
struct Variants {
    pairs: Vec<(u32, Option<u64>)>,
    numbers: HashMap<(u32, Option<u64>), u32, RandomState>,
}

impl Variants {
    fn number(&mut self, pair: (u32, Option<u64>)) -> u32 {
        let next = self.pairs.len() as u32;
        let number = *self.numbers.entry(pair).or_insert(next);
        if number == next {
            self.pairs.push(pair);
        }
        number
    }

    fn allocated(&self) -> usize {
        24 * self.pairs.capacity() + 33 * self.numbers.capacity()
    }
}

impl Worker {
    /// A worker that tells samples of different score apart, or not.
    pub(super) fn new(scored: bool) -> Self {
        Self {
            scored,
            ..Self::default()
        }
    }

    /// Counts the rows of a batch, the first of which is row `first` of its file.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        columns: &Columns,
        first: usize,
    ) -> Result<()> {
        let faults = Faults::of(batch, columns, first);
        let rows = batch.num_rows();
        self.groups.clear();
        self.texts
            .push_questions(batch, layout, &faults, &mut self.groups)?;
        self.keys.clear();
        self.keys
            .extend(self.groups.iter().map(|&group| u64::from(group) << 32));
        self.add_answers(batch, layout, &faults)?;
        for (role, shift) in [(Role::Correct, 0), (Role::Keep, 2)] {
            self.flags.clear();
            match layout.column(batch, role) {
                None => self.flags.resize(rows, NO_FLAG),
                Some(column) => cells::flags(column, &mut self.flags)
                    .map_err(|misfit| faults.misfit(role, misfit))?,
            }
            for (key, &flag) in self.keys.iter_mut().zip(&self.flags) {
                *key |= u64::from(flag) << shift;
            }
        }
        self.cells.count(&self.keys);
        Ok(())
    }

    fn add_answers(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        faults: &Faults<'_>,
    ) -> Result<()> {
        let answers = self.texts.answers(batch, layout, faults)?;
        if !self.scored {
            for (key, &answer) in self.keys.iter_mut().zip(answers.unwrap_or_default()) {
                *key |= u64::from(answer.wrapping_add(1)) << FLAG_BITS;
            }
            return Ok(());
        }
        let scores = match layout.column(batch, Role::Score) {
            None => Float64Array::new_null(batch.num_rows()),
            Some(column) => {
                cells::floats(column).map_err(|misfit| faults.misfit(Role::Score, misfit))?
            }
        };
        for (row, key) in self.keys.iter_mut().enumerate() {
            let score = scores.is_valid(row).then(|| scores.value(row));
            // Zero and minus zero are one score, and NaN is none.
            let score = score.filter(|score| !score.is_nan());
            let bits = score.map(|score| (score + 0.0).to_bits());
            let answer = answers.map_or(NONE, |answers| answers[row]);
            *key |= u64::from(self.variants.number((answer, bits))) << FLAG_BITS;
        }
        Ok(())
    }

    /// About how many bytes of memory it takes.
    pub(super) fn allocated(&self) -> usize {
        self.texts.allocated() + self.cells.allocated() + self.variants.allocated()
    }

    /// Whether the numbering of answers is about to run out.
    pub(super) fn full(&self) -> bool {
        self.texts.answers.len().max(self.variants.pairs.len()) > MOST_VARIANTS
    }

    /// The tallies as one block for each bucket, which is handed to `store`.
    pub(super) fn drain(
        &mut self,
        buckets: usize,
        watch: &Watch,
        mut store: impl FnMut(usize, Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let Self {
            texts,
            cells,
            variants,
            scored,
            ..
        } = std::mem::replace(self, Self::new(self.scored));
        let (ends, cells) = cells.by_group(texts.groups.len(), watch)?;
        let mut hashes = Vec::with_capacity(texts.answers.len());
        for answer in 0..texts.answers.len() as u32 {
            if answer % (1 << 16) == 0 {
                watch.check()?;
            }
            hashes.push(hash(texts.answers.get(answer)));
        }
        let entry = |&(key, count): &(u64, u64)| {
            let variant = (key as u32) >> FLAG_BITS;
            let (answer, score) = if scored {
                variants.pairs[variant as usize]
            } else {
                (variant.wrapping_sub(1), None)
            };
            Entry {
                answer: (answer != NONE).then(|| hashes[answer as usize]),
                verdict: key as u8 & 3,
                keep: (key as u8 >> 2) & 3,
                score,
                count,
            }
        };
        let mut members = vec![Vec::new(); buckets];
        let mut scratch = Vec::new();
        for group in 0..texts.groups.len() as u32 {
            let bucket = bucket_of(&question(&texts, group), buckets, &mut scratch);
            members[bucket].push(group);
        }
        let mut entries = Vec::new();
        for (bucket, mut members) in members.into_iter().enumerate() {
            watch.check()?;
            if members.is_empty() {
                continue;
            }
            members.sort_unstable_by_key(|&group| identity(&texts, group));
            let mut block = Writer::new(scored);
            for (place, group) in members.into_iter().enumerate() {
                if place % (1 << 12) == 0 {
                    watch.check()?;
                }
                let at = group as usize;
                entries.clear();
                entries.extend(cells[ends[at]..ends[at + 1]].iter().map(entry));
                combine(&mut entries);
                block.push(&question(&texts, group), &entries);
            }
            store(bucket, block.finish())?;
        }
        Ok(())
    }
}

/// The texts of a group.
fn question(texts: &Texts, group: u32) -> Question<'_> {
    let [question, model, dataset] = texts.groups.key(group);
    let reference = texts.groups.references()[group as usize];
    let cluster = texts.groups.cluster(group);
    [
        (dataset != NONE).then(|| texts.datasets.interner.get(dataset)),
        (model != NONE).then(|| texts.models.interner.get(model)),
        Some(texts.questions.interner.get(question)),
        (cluster != NONE).then(|| texts.clusters.interner.get(cluster)),
        (reference != NONE).then(|| texts.answers.get(reference)),
    ]
}

/// What tells a group from the others.
fn identity(texts: &Texts, group: u32) -> [Option<&[u8]>; IDENTITY] {
    let [dataset, model, id, ..] = question(texts, group);
    [dataset, model, id]
}

/// The bucket of a question: it depends on what tells it from the others and on nothing else.
fn bucket_of(question: &Question<'_>, buckets: usize, scratch: &mut Vec<u8>) -> usize {
    scratch.clear();
    for text in &question[..IDENTITY] {
        let length = text.map_or(0, |text| text.len() as u64 + 1);
        scratch.extend_from_slice(&length.to_le_bytes());
        scratch.extend_from_slice(text.unwrap_or_default());
    }
    (hash(scratch)[0] % buckets as u64) as usize
}
