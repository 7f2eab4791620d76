//! The letter that a text states as its choice.

use super::braces::Groups;
use super::{is, is_word, reads, skip};

/// The letters there are, as a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters(u32);

impl Letters {
    pub(super) fn new(letters: &str) -> Self {
        let bits = letters.bytes().filter(u8::is_ascii_uppercase);
        Self(bits.fold(0, |bits, letter| bits | 1 << (letter - b'A')))
    }

    fn has(self, byte: u8) -> bool {
        byte.is_ascii_uppercase() && self.0 >> (byte - b'A') & 1 == 1
    }

    fn capital(self, text: &[u8], position: usize) -> Option<u8> {
        let byte = *text.get(position)?;
        self.has(byte).then_some(byte)
    }

    fn any_case(self, text: &[u8], position: usize) -> Option<u8> {
        let byte = text.get(position)?.to_ascii_uppercase();
        self.has(byte).then_some(byte)
    }
}

/// The last letter that is said to be the answer; failing that the last marked one; failing that the
/// last that leads a line; failing that the one that closes the text.
pub(super) fn choice_letter(text: &str, letters: Letters) -> Option<u8> {
    let bytes = text.as_bytes();
    let boxed = Groups::new(text)
        .boxes_from_the_end()
        .find_map(|(start, content)| Some((start, framed(content.as_bytes(), letters)?)));
    let phrase = last_phrase(text, letters);
    boxed
        .max(phrase)
        .map(|(_, letter)| letter)
        .or_else(|| last_marked(bytes, letters))
        .or_else(|| last_leading(text, letters))
        .or_else(|| closing(text, letters))
}

/// Behind a command for upright text and its brace.
fn frame(text: &[u8], start: usize) -> Option<usize> {
    const STYLES: [&str; 9] = [
        "text{", "textbf{", "textrm{", "textsf{", "mathrm{", "mathbf{", "mathsf{", "bf{", "rm{",
    ];
    let rest = text.get(start..)?.strip_prefix(b"\\")?;
    let style = STYLES
        .iter()
        .find(|style| rest.starts_with(style.as_bytes()))?;
    Some(start + 1 + style.len())
}

fn blank_or_star(byte: u8) -> bool {
    matches!(byte, b' ' | b'*')
}

/// The letter that is all of a box, but for its frame and what is written behind it.
fn framed(text: &[u8], letters: Letters) -> Option<u8> {
    let start = skip(text, 0, blank_or_star);
    let start = frame(text, start).unwrap_or(start);
    let start = skip(text, start, blank_or_star);
    let start = start + usize::from(is(text, start, |byte| matches!(byte, b'(' | b'[')));
    let start = skip(text, start, blank_or_star);
    let letter = letters.any_case(text, start)?;
    let ends =
        |position: usize| position == text.len() || matches!(text[position], b'.' | b':' | b')');
    let behind = skip(text, start + 1, blank_or_star);
    let bracket = usize::from(is(text, behind, |byte| matches!(byte, b')' | b']')));
    let accepted = (0..=bracket).any(|bracket| {
        let behind = skip(text, behind + bracket, blank_or_star);
        let brace = usize::from(is(text, behind, |byte| byte == b'}'));
        (0..=brace).any(|brace| ends(skip(text, behind + brace, blank_or_star)))
    });
    accepted.then_some(letter)
}

/// Where the last phrase begins that names a letter, and the letter.
fn last_phrase(whole: &str, letters: Letters) -> Option<(usize, u8)> {
    let text = whole.as_bytes();
    (0..text.len()).rev().find_map(|start| {
        if !matches!(text[start], b'a' | b'A' | b'c' | b'C' | b'o' | b'O') {
            return None;
        }
        let glued = start > 0 && text[start - 1].is_ascii_alphabetic();
        let word = ["answer", "choice", "option"]
            .iter()
            .find(|word| reads(text, start, word.as_bytes()))?;
        let letter = (!glued).then(|| named(whole, start + word.len(), letters))?;
        Some((start, letter?))
    })
}

/// The letter that what follows "answer" names.
fn named(whole: &str, start: usize, letters: Letters) -> Option<u8> {
    let text = whole.as_bytes();
    let filling = |byte| matches!(byte, b' ' | b'*' | b'_');
    let start = skip(text, start, filling);
    let verb = ["is", "would be", "should be", "must be"]
        .iter()
        .find(|verb| {
            let end = start + verb.len();
            reads(text, start, verb.as_bytes()) && !is(text, end, |byte| byte.is_ascii_alphabetic())
        });
    let start = if let Some(verb) = verb {
        let end = skip(text, start + verb.len(), filling);
        end + usize::from(is(text, end, |byte| byte == b':'))
    } else {
        is(text, start, |byte| matches!(byte, b':' | b'=')).then_some(start + 1)?
    };
    let start = skip_decoration(whole, start);
    let word = ["option", "choice", "letter"]
        .iter()
        .find(|word| reads(text, start, word.as_bytes()))
        .map_or(start, |word| start + word.len());
    let behind = skip(text, word, filling);
    let quoted = |byte| matches!(byte, b'$' | b'"' | b'\'' | b'`');
    let start = if word > start && behind > word {
        skip(text, behind, quoted)
    } else {
        start
    };
    bracketed(text, start, letters).or_else(|| bare(text, start, letters))
}

/// Skips space of any kind, emphasis, dollar signs and quotes.
fn skip_decoration(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let decoration = |character: char| {
        character.is_whitespace() || matches!(character, '*' | '_' | '$' | '"' | '\'' | '`')
    };
    start + rest.len() - rest.trim_start_matches(decoration).len()
}

/// `(b)`, `[B]`, `\text{B}`.
fn bracketed(text: &[u8], start: usize, letters: Letters) -> Option<u8> {
    let closed = |open: usize, close: u8| {
        let letter = letters.any_case(text, open)?;
        is(text, open + 1, |byte| byte == close).then_some(letter)
    };
    match text.get(start)? {
        b'(' => closed(start + 1, b')'),
        b'[' => closed(start + 1, b']'),
        _ => in_frame(text, start, |position| letters.any_case(text, position))
            .map(|(letter, _)| letter),
    }
}

/// The letter in `\text{B}` or `\text{(B)}`, and where that ends.
fn in_frame(
    text: &[u8],
    start: usize,
    letter: impl Fn(usize) -> Option<u8>,
) -> Option<(u8, usize)> {
    let start = frame(text, start)?;
    let start = start + usize::from(is(text, start, |byte| byte == b'('));
    let letter = letter(start)?;
    let end = start + 1 + usize::from(is(text, start + 1, |byte| byte == b')'));
    is(text, end, |byte| byte == b'}').then_some((letter, end + 1))
}

/// A capital of its own; A and I only where they cannot be words of the sentence.
fn bare(text: &[u8], start: usize, letters: Letters) -> Option<u8> {
    let letter = letters.capital(text, start)?;
    let end = start + 1;
    if is(text, end, |byte| is_word(byte) || byte == b'\'')
        || text[end..].starts_with("\u{2019}".as_bytes())
    {
        return None;
    }
    if !matches!(letter, b'A' | b'I') {
        return Some(letter);
    }
    let word = skip(text, end, |byte| matches!(byte, b' ' | b'\t'));
    if word == end || !is(text, word, |byte| byte.is_ascii_alphabetic()) {
        return Some(letter);
    }
    let reason = ["because", "since", "as", "so", "which"]
        .iter()
        .any(|reason| {
            text[word..].starts_with(reason.as_bytes())
                && !is(text, word + reason.len(), |byte| byte.is_ascii_alphabetic())
        });
    reason.then_some(letter)
}

/// The last of `(B)`, `[B]`, `**B**`, `\text{B}` and `$B$`.
fn last_marked(text: &[u8], letters: Letters) -> Option<u8> {
    let mut last = None;
    let mut position = 0;
    while position < text.len() {
        if let Some((letter, end)) = marked(text, position, letters) {
            last = Some(letter);
            position = end;
        } else {
            position += 1;
        }
    }
    last
}

fn marked(text: &[u8], start: usize, letters: Letters) -> Option<(u8, usize)> {
    let enclosed = |close: u8| {
        let letter = letters.capital(text, start + 1)?;
        is(text, start + 2, |byte| byte == close).then_some((letter, start + 3))
    };
    match text[start] {
        b'(' => enclosed(b')'),
        b'[' => enclosed(b']'),
        b'$' => enclosed(b'$'),
        b'*' => {
            let rest = text[start..].strip_prefix(b"**")?;
            let rest = rest.strip_prefix(b"(").unwrap_or(rest);
            let letter = letters.capital(rest, 0)?;
            let mark = is(rest, 1, |byte| matches!(byte, b'.' | b')' | b':'));
            let rest = rest[1 + usize::from(mark)..].strip_prefix(b"**")?;
            Some((letter, text.len() - rest.len()))
        }
        b'\\' => in_frame(text, start, |position| letters.capital(text, position)),
        _ => None,
    }
}

/// The last capital at the beginning of a line, alone or with a mark behind it.
fn last_leading(text: &str, letters: Letters) -> Option<u8> {
    text.rsplit('\n').find_map(|whole| {
        let line = whole.as_bytes();
        let bullet = |byte| matches!(byte, b' ' | b'\t' | b'*' | b'#' | b'>' | b'-');
        let start = skip(line, 0, bullet);
        let letter = letters.capital(line, start)?;
        let mark = is(line, start + 1, |byte| matches!(byte, b'.' | b')' | b':'));
        let alone = |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'*');
        let leads = if mark {
            let next = whole[start + 2..].chars().next();
            next.is_none_or(|next| next.is_whitespace() || next == '*')
        } else {
            skip(line, start + 1, alone) == line.len()
        };
        leads.then_some(letter)
    })
}

/// The capital that is the last word of the text.
fn closing(text: &str, letters: Letters) -> Option<u8> {
    let punctuation = |character: char| {
        character.is_whitespace()
            || matches!(character, '.' | '!' | '*' | ')' | '\\' | ']' | '"' | '\'')
    };
    let text = text.trim_end_matches(punctuation);
    let letter = letters.capital(text.as_bytes(), text.len().checked_sub(1)?)?;
    let before = &text[..text.len() - 1];
    let glued = before
        .bytes()
        .next_back()
        .is_some_and(|byte| is_word(byte) || byte == b'\'')
        || before.ends_with('\u{2019}');
    (!glued).then_some(letter)
}
