//! Classes of equal answers, question by question.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rayon::prelude::*;

use super::normal::normalised;
use super::rational::Rational;
use crate::error::{Error, Result};
use crate::work::Watch;

/// When two answers are the same.
#[derive(Debug, Clone)]
pub enum Equivalence {
    /// Their normalised texts are equal.
    SameText {
        /// Capitals equal small letters.
        ignore_case: bool,
    },
    /// Their values are close, or equal if the tolerances are zero; answers that are no numbers, by text.
    SameNumber {
        /// The share of the larger number by which close ones may differ.
        relative: Rational,
        /// By how much close numbers may differ.
        absolute: Rational,
        /// 50% is one half, not 50.
        percent: bool,
    },
}

/// The classes of the answers of many questions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes {
    /// The class of each answer, numbered within its question as they come up; -1 for no answer.
    pub codes: Vec<i32>,
    /// The position of the first answer of each class, question after question.
    pub first: Vec<i64>,
    /// How many classes each question has.
    pub counts: Vec<i64>,
    /// The class of each reference; -1 if there is no reference or no answer equals it.
    pub correct: Vec<i32>,
}

/// Numbers the classes of equal answers.
///
/// The answers of question `q` are those from `offsets[q]` to `offsets[q + 1]`, its right answer is
/// `references[q]`. Closeness is not transitive: the reference claims every number close to it, then the least number
/// that is left founds a class and claims every number left that is close to it, and so on.
pub fn classes(
    answers: &[Option<&str>],
    offsets: &[i64],
    references: &[Option<&str>],
    equivalence: &Equivalence,
    watch: &Watch,
) -> Result<Classes> {
    let questions = references.len();
    let partition = offsets.len() == questions + 1
        && offsets.first() == Some(&0)
        && offsets.last() == Some(&(answers.len() as i64))
        && offsets.is_sorted();
    if !partition {
        return Err(Error::Shape(
            "offsets must rise from 0 to the number of answers, one question each".to_owned(),
        ));
    }
    let parts: Vec<Classes> = (0..questions)
        .into_par_iter()
        .map(|question| {
            watch.check()?;
            let (start, end) = (offsets[question] as usize, offsets[question + 1] as usize);
            let keys = Keys::new(equivalence, &answers[start..end], references[question]);
            Ok(keys.numbered(&answers[start..end], references[question], start))
        })
        .collect::<Result<_>>()?;
    let mut all = Classes::default();
    for part in parts {
        all.codes.extend(part.codes);
        all.first.extend(part.first);
        all.counts.extend(part.counts);
        all.correct.extend(part.correct);
    }
    Ok(all)
}

/// What equal answers have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Text(String),
    Number(Rational),
}

/// The keys of the distinct spellings of one question.
struct Keys<'a>(HashMap<&'a str, Key>);

impl<'a> Keys<'a> {
    fn new(
        equivalence: &Equivalence,
        answers: &[Option<&'a str>],
        reference: Option<&'a str>,
    ) -> Self {
        let mut keys = HashMap::new();
        for spelling in answers.iter().copied().chain([reference]).flatten() {
            if let Entry::Vacant(entry) = keys.entry(spelling) {
                entry.insert(key(equivalence, spelling));
            }
        }
        if let Equivalence::SameNumber {
            relative, absolute, ..
        } = equivalence
        {
            let close =
                |left: &Rational, right: &Rational| left.is_close(right, relative, absolute);
            let zero = Rational::default();
            if *relative != zero || *absolute != zero {
                unite(&mut keys, reference, close);
            }
        }
        Self(keys)
    }

    fn numbered(&self, answers: &[Option<&str>], reference: Option<&str>, start: usize) -> Classes {
        let mut codes_of = HashMap::new();
        let mut classes = Classes::default();
        for (place, answer) in answers.iter().enumerate() {
            let Some(key) = answer.and_then(|answer| self.0.get(answer)) else {
                classes.codes.push(-1);
                continue;
            };
            let next = codes_of.len() as i32;
            let code = *codes_of.entry(key).or_insert(next);
            if code == next {
                classes.first.push((start + place) as i64);
            }
            classes.codes.push(code);
        }
        let key = reference.and_then(|reference| self.0.get(reference));
        let correct = key.and_then(|key| codes_of.get(key)).copied();
        classes.correct.push(correct.unwrap_or(-1));
        classes.counts.push(codes_of.len() as i64);
        classes
    }
}

fn key(equivalence: &Equivalence, spelling: &str) -> Key {
    match equivalence {
        Equivalence::SameText { ignore_case } => Key::Text(normalised(spelling, *ignore_case)),
        Equivalence::SameNumber { percent, .. } => match Rational::parse(spelling, *percent) {
            Some(value) => Key::Number(value),
            None => Key::Text(normalised(spelling, true)),
        },
    }
}

/// Gives every number the value of the one that claims it.
fn unite(
    keys: &mut HashMap<&str, Key>,
    reference: Option<&str>,
    close: impl Fn(&Rational, &Rational) -> bool,
) {
    let value = |key: &Key| match key {
        Key::Number(value) => Some(value.clone()),
        Key::Text(_) => None,
    };
    let mut left: Vec<Rational> = keys.values().filter_map(value).collect();
    left.sort_unstable();
    left.dedup();
    let mut claimed: HashMap<Rational, Rational> = HashMap::new();
    let anchor = reference
        .and_then(|reference| keys.get(reference))
        .and_then(value);
    if let Some(anchor) = anchor {
        left.retain(|value| {
            let claims = close(&anchor, value);
            if claims {
                claimed.insert(value.clone(), anchor.clone());
            }
            !claims
        });
    }
    // What is close to the least number left lies next to it, for the tolerance grows more slowly than the gap.
    let mut founder: Option<Rational> = None;
    for value in left {
        let by = match founder {
            Some(founder) if close(&founder, &value) => founder,
            _ => value.clone(),
        };
        claimed.insert(value, by.clone());
        founder = Some(by);
    }
    for key in keys.values_mut() {
        if let Key::Number(value) = key {
            *key = Key::Number(claimed[value].clone());
        }
    }
}
