//! Answers in texts, and which of them are the same.
//!
//! - [`Extractor`] finds the answer of a text, [`extract`] those of many;
//! - [`normalised`] takes the formatting off an answer, [`Rational::parse`] reads its exact value;
//! - [`classes`] numbers the classes of equal answers of many questions.
//!
//! What counts as an answer is described where users read it, in the Python package; here is how it is
//! found, in time proportional to the text.

mod braces;
mod classes;
mod extractor;
mod json;
mod letter;
mod normal;
mod number;
mod phrase;
mod rational;

pub use classes::{Classes, Equivalence, classes};
pub use extractor::{Extractor, Step, extract};
pub use normal::normalised;
pub use rational::Rational;

/// The text without the space around it, unless nothing is left.
fn trimmed(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// Whether `text` goes on with `word` at `position`, in any case of ASCII.
fn reads(text: &[u8], position: usize, word: &[u8]) -> bool {
    text.get(position..position + word.len())
        .is_some_and(|part| part.eq_ignore_ascii_case(word))
}

/// Whether the byte at `position` is there and satisfies `test`.
fn is(text: &[u8], position: usize, test: impl Fn(u8) -> bool) -> bool {
    text.get(position).is_some_and(|&byte| test(byte))
}

/// The first position from `start` on whose byte does not satisfy `test`.
fn skip(text: &[u8], start: usize, test: impl Fn(u8) -> bool) -> usize {
    text[start..]
        .iter()
        .position(|&byte| !test(byte))
        .map_or(text.len(), |length| start + length)
}

/// A letter, a digit or an underscore.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
