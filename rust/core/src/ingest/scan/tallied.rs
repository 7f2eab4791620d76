//! The tallied log: what all parts say together about every question.

use super::super::columns::{Columns, Role};
use super::super::encoded::{Categorical, Strings};
use super::super::error::{Error, Result};
use super::block::{CLUSTER, DATASET, Entry, MODEL, QUESTION, Question, REFERENCE};
use super::hash::hash;
use super::merge::shown;
use crate::log::NO_ANSWER;
use crate::work::Watch;
use std::cmp::Reverse;
use std::collections::HashMap;

/// A log with equal samples counted instead of listed.
///
/// Questions are in ascending order of (data set, model, question), so that the order of the rows
/// has no say. The entries of question `q` are `offsets[q]..offsets[q + 1]`: correct ones
/// first, then by falling count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TalliedLog {
    /// Where each question's entries begin, and the end of the last.
    pub offsets: Vec<i64>,
    /// The answer of each entry, numbered within its question by first appearance; −1 for none.
    pub codes: Vec<i32>,
    /// Whether the samples of each entry are correct.
    pub correct: Vec<bool>,
    /// The number of samples of each entry.
    pub count: Vec<i64>,
    /// Filter decisions.
    pub keep: Option<Vec<bool>>,
    /// Verifier scores; NaN for missing.
    pub score: Option<Vec<f64>>,
    /// The id of each question.
    pub question: Strings,
    /// The model that answered.
    pub model: Categorical,
    /// The data set.
    pub dataset: Categorical,
    /// The cluster, where the log has clusters.
    pub cluster: Option<Categorical>,
}

/// The questions of one bucket, resolved one after another.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    texts: [Vec<Option<Box<[u8]>>>; 4],
    ends: Vec<usize>,
    codes: Vec<i32>,
    entries: Vec<Entry>,
}

impl Resolved {
    /// Decides what is correct, and puts the entries of a question in order.
    pub(super) fn push(&mut self, question: &Question<'_>, entries: &mut Vec<Entry>) -> Result<()> {
        let name = || shown(question[QUESTION].unwrap_or_default());
        let reference = question[REFERENCE].map(hash);
        if reference.is_none() && entries.iter().all(|entry| entry.verdict > 1) {
            return Err(Error::UngradedQuestion { question: name() });
        }
        for entry in entries.iter_mut().filter(|entry| entry.verdict > 1) {
            entry.verdict = match (entry.answer, reference) {
                (None, _) => 0,
                (Some(_), None) => return Err(Error::UngradedSamples { question: name() }),
                (answer, reference) => u8::from(answer == reference),
            };
        }
        super::block::combine(entries);
        // The hash decides between entries that nothing else tells apart.
        entries.sort_unstable_by_key(|entry| {
            (
                Reverse(entry.verdict),
                Reverse(entry.count),
                Reverse(entry.keep),
                entry.score.map(ascending),
                entry.answer,
            )
        });
        let mut codes: HashMap<[u64; 2], i32, ahash::RandomState> = HashMap::default();
        for entry in entries.iter() {
            let code = match entry.answer {
                None => NO_ANSWER,
                Some(answer) => {
                    let next = codes.len() as i32;
                    *codes.entry(answer).or_insert(next)
                }
            };
            self.codes.push(code);
        }
        self.entries.extend_from_slice(entries);
        self.ends.push(self.entries.len());
        for (texts, text) in self.texts.iter_mut().zip(question) {
            texts.push(text.map(Box::from));
        }
        Ok(())
    }

    fn identity(&self, question: usize) -> [Option<&[u8]>; 3] {
        [DATASET, MODEL, QUESTION].map(|place| self.texts[place][question].as_deref())
    }
}

/// Numbers that are in the order of the floats with these bits.
fn ascending(bits: u64) -> u64 {
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// Puts the questions of all buckets in order.
pub(super) fn gather(
    buckets: &[Resolved],
    scored: bool,
    columns: &Columns,
    watch: &Watch,
) -> Result<TalliedLog> {
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (bucket, resolved) in buckets.iter().enumerate() {
        order.extend((0..resolved.ends.len()).map(|question| (bucket, question)));
    }
    if order.is_empty() {
        return Err(Error::Empty);
    }
    // A merge sort: every bucket is in order already.
    order.sort_by(|a, b| buckets[a.0].identity(a.1).cmp(&buckets[b.0].identity(b.1)));

    let total = buckets.iter().map(|bucket| bucket.entries.len()).sum();
    let mut log = TalliedLog {
        offsets: Vec::with_capacity(order.len() + 1),
        codes: Vec::with_capacity(total),
        correct: Vec::with_capacity(total),
        count: Vec::with_capacity(total),
        ..TalliedLog::default()
    };
    log.offsets.push(0);
    let (mut keep, mut score) = (Vec::new(), Vec::new());
    for (place, &(bucket, question)) in order.iter().enumerate() {
        if place % (1 << 12) == 0 {
            watch.check()?;
        }
        let resolved = &buckets[bucket];
        let start = question
            .checked_sub(1)
            .map_or(0, |last| resolved.ends[last]);
        let entries = start..resolved.ends[question];
        log.codes
            .extend_from_slice(&resolved.codes[entries.clone()]);
        for entry in &resolved.entries[entries] {
            log.correct.push(entry.verdict == 1);
            log.count.push(entry.count as i64);
            keep.push(entry.keep);
            if scored {
                score.push(entry.score.map_or(f64::NAN, f64::from_bits));
            }
        }
        log.offsets.push(log.codes.len() as i64);
        log.question.push(
            resolved.texts[QUESTION][question]
                .as_deref()
                .unwrap_or_default(),
        );
    }
    let name = |place: usize| {
        let (bucket, question) = order[place];
        shown(
            buckets[bucket].texts[QUESTION][question]
                .as_deref()
                .unwrap_or_default(),
        )
    };
    let missing = |role: Role, place: usize| Error::PartlyMissing {
        question: name(place),
        role,
        name: columns.name(role),
    };
    if keep.iter().any(|&flag| flag < 2) {
        if let Some(entry) = keep.iter().position(|&flag| flag > 1) {
            let place = log.offsets.partition_point(|&start| start <= entry as i64) - 1;
            return Err(missing(Role::Keep, place));
        }
        log.keep = Some(keep.iter().map(|&flag| flag == 1).collect());
    }
    log.score = Some(score).filter(|score| score.iter().any(|score| !score.is_nan()));
    let category = |role: Role, place: usize| {
        let texts = || {
            let all = order.iter();
            all.map(|&(bucket, question)| buckets[bucket].texts[place][question].as_deref())
        };
        match texts().position(|text| text.is_none()) {
            None => Ok(Some(categorical(texts().flatten()))),
            Some(_) if texts().all(|text| text.is_none()) => Ok(None),
            Some(place) => Err(missing(role, place)),
        }
    };
    let unnamed = || Categorical::unnamed(order.len());
    log.model = category(Role::Model, MODEL)?.unwrap_or_else(unnamed);
    log.dataset = category(Role::Dataset, DATASET)?.unwrap_or_else(unnamed);
    log.cluster = category(Role::Cluster, CLUSTER)?;
    Ok(log)
}

/// Categories by first appearance.
fn categorical<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Categorical {
    let mut names = Strings::default();
    let mut codes_by_name: HashMap<&[u8], i32, ahash::RandomState> = HashMap::default();
    let codes = texts
        .map(|text| {
            let next = names.len() as i32;
            *codes_by_name.entry(text).or_insert_with(|| {
                names.push(text);
                next
            })
        })
        .collect();
    Categorical { codes, names }
}
