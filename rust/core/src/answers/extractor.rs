//! The extractors, and how one is applied to many texts.

use std::borrow::Cow;

use rayon::prelude::*;

use super::braces::Groups;
pub use super::json::Step;
use super::letter::{Letters, choice_letter};
use super::{json, number, phrase, trimmed};
use crate::error::Result;
use crate::work::Watch;

/// What in a text is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extractor {
    /// The text without the space around it.
    WholeText,
    /// "yes" if the text contains a phrase.
    Contains {
        /// What is looked for.
        phrase: String,
        /// Whether A to Z count as a to z.
        ignore_case: bool,
    },
    /// What the last box of LaTeX holds.
    Boxed,
    /// The last number.
    LastNumber,
    /// X of "answer is (X)".
    AnswerIs {
        /// The last one counts, not the first.
        last: bool,
    },
    /// The rest of the line behind the last marker.
    TheAnswerIs {
        /// The marker, in any case of ASCII.
        marker: String,
    },
    /// The letter the text states as its choice.
    ChoiceLetter {
        /// The letters there are, as capitals.
        choices: String,
    },
    /// A value in the last JSON object.
    JsonField {
        /// The way to the value.
        path: Vec<Step>,
    },
    /// What the first extractor finds that finds anything.
    FirstOf(Vec<Extractor>),
}

impl Extractor {
    /// The answer in the text.
    ///
    /// ```
    /// use kcurve_core::answers::Extractor;
    /// assert_eq!(Extractor::Boxed.answer(r"$\boxed{\frac{1}{2}}$").as_deref(), Some(r"\frac{1}{2}"));
    /// ```
    pub fn answer<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        match self {
            Self::WholeText => trimmed(text).map(Cow::from),
            Self::Contains {
                phrase,
                ignore_case,
            } => contains(text, phrase, *ignore_case).then_some(Cow::from("yes")),
            Self::Boxed => {
                let groups = Groups::new(text);
                let last = groups.boxes_from_the_end().next();
                last.map(|(_, content)| content.into())
            }
            Self::LastNumber => number::last_number(text).map(Cow::from),
            Self::AnswerIs { last } => phrase::answer_is(text, *last).map(Cow::from),
            Self::TheAnswerIs { marker } => phrase::behind(text, marker).map(Cow::from),
            Self::ChoiceLetter { choices } => choice_letter(text, Letters::new(choices))
                .map(|letter| char::from(letter).to_string().into()),
            Self::JsonField { path } => json::json_field(text, path).map(Cow::from),
            Self::FirstOf(extractors) => extractors
                .iter()
                .find_map(|extractor| extractor.answer(text)),
        }
    }
}

fn contains(text: &str, phrase: &str, ignore_case: bool) -> bool {
    if !ignore_case {
        return text.contains(phrase);
    }
    let (text, phrase) = (text.as_bytes(), phrase.as_bytes());
    phrase.is_empty()
        || text
            .windows(phrase.len())
            .any(|part| part.eq_ignore_ascii_case(phrase))
}

/// The answers of many texts, in parallel.
pub fn extract(
    extractor: &Extractor,
    texts: &[Option<&str>],
    watch: &Watch,
) -> Result<Vec<Option<String>>> {
    let answer = |text: Option<&str>| extractor.answer(text?).map(Cow::into_owned);
    let parts: Vec<Vec<_>> = texts
        .par_chunks(256)
        .map(|texts| {
            watch.check()?;
            Ok(texts.iter().copied().map(answer).collect())
        })
        .collect::<Result<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}
