//! Answers without their formatting, step by step.

use std::borrow::Cow;

use super::braces::Groups;
use super::{is, skip};

/// What is left of an answer when its formatting is taken away.
///
/// ```
/// use kcurve_core::answers::normalised;
/// assert_eq!(normalised(r"$\dfrac12$.", true), "1/2");
/// assert_eq!(normalised("$1,234.50", true), "1234.50");
/// ```
pub fn normalised(text: &str, ignore_case: bool) -> String {
    let text = plain_characters(text);
    let text = plain_latex(without_wrapping(&text));
    let text = plain_number(&tight(without_wrapping(&text)));
    let text = framed_letter(&text).map_or(text.as_str(), |letter| letter);
    if ignore_case {
        text.chars().flat_map(char::to_lowercase).collect()
    } else {
        text.to_owned()
    }
}

/// Full-width forms become ASCII, dashes that stand for a minus a hyphen, any space a blank.
fn plain_characters(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x80).contains(&byte)) {
        return text.into();
    }
    let plain = |character: char| match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        '\u{2212}' | '\u{2010}'..='\u{2013}' | '\u{fe63}' => '-',
        space if space.is_whitespace() => ' ',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// Without blanks, mathematical delimiters and emphasis around it, and without a period behind it.
fn without_wrapping(text: &str) -> &str {
    const PAIRS: [(&str, &str); 5] = [
        ("$", "$"),
        ("\\(", "\\)"),
        ("\\[", "\\]"),
        ("**", "**"),
        ("`", "`"),
    ];
    let mut text = text;
    loop {
        let before = text;
        text = text.trim_matches(' ');
        for (opening, closing) in PAIRS {
            let inner = text
                .strip_prefix(opening)
                .and_then(|rest| rest.strip_suffix(closing));
            let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
                continue;
            };
            let twice = opening == "$" && inner.starts_with('$') && inner.ends_with('$');
            if twice || !inner.contains(closing) {
                text = inner;
            }
        }
        if let Some(sentence) = text.strip_suffix('.')
            && !sentence.ends_with('.')
        {
            text = sentence;
        }
        if text == before {
            return text;
        }
    }
}

/// Without `\left`, `\right`, spacing and style commands; one spelling of fractions, per cent and dollar signs.
fn plain_latex(text: &str) -> Cow<'_, str> {
    let mut text = Cow::from(text);
    if text.contains('\\') {
        text = replaced(&text, |rest, _| {
            command(rest, &["left", "right"]).map(|length| (length, ""))
        });
        text = replaced(&text, |rest, _| {
            let length = command(rest, &["displaystyle", "limits"]);
            let length = length.or_else(|| rest.starts_with("\\!").then_some(2));
            length.map(|length| (length, ""))
        });
    }
    if text.contains('$') {
        text = without_paired_dollars(text);
    }
    if text.contains("{,}") {
        text = text.replace("{,}", ",").into();
    }
    if text.contains('\\') {
        text = replaced(&text, |rest, before| {
            let digits = rest.as_bytes().get(2..).unwrap_or_default();
            let group = skip(digits, 0, |byte| byte.is_ascii_digit()) == 3;
            let digit = before.ends_with(|character: char| character.is_ascii_digit());
            (digit && group && rest.starts_with("\\,")).then_some((2, ","))
        });
        text = replaced(&text, |rest, _| {
            let length = command(rest, &["quad", "qquad"]);
            let space = is(rest.as_bytes(), 1, |byte| {
                matches!(byte, b',' | b';' | b':' | b' ')
            });
            length
                .or_else(|| space.then_some(2))
                .map(|length| (length, " "))
        });
    }
    if text.contains('~') {
        text = text.replace('~', " ").into();
    }
    if text.contains('\\') {
        text = replaced(&text, |rest, _| {
            command(rest, &["dfrac", "tfrac", "cfrac"]).map(|length| (length, "\\frac"))
        });
        text = replaced(&text, |rest, _| match rest.as_bytes().get(1)? {
            b'%' => Some((2, "%")),
            b'$' => Some((2, "$")),
            _ => None,
        });
        text = unstyled(&text).into();
        text = simple_fractions(&text).into();
    }
    text
}

/// Calls `replacement` with the text from every backslash on, and with the text before it.
fn replaced(
    text: &str,
    replacement: impl Fn(&str, &str) -> Option<(usize, &'static str)>,
) -> Cow<'static, str> {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut position = 0;
    while let Some(start) = text[position..].find('\\').map(|start| position + start) {
        position = start + 1;
        if let Some((length, new)) = replacement(&text[start..], &text[..start]) {
            out.push_str(&text[copied..start]);
            out.push_str(new);
            copied = start + length;
            position = copied;
        }
    }
    out.push_str(&text[copied..]);
    out.into()
}

/// The length of the command the text begins with, if it is one of these.
fn command(text: &str, names: &[&str]) -> Option<usize> {
    let rest = &text[1..];
    let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    names.contains(&&rest[..length]).then_some(length + 1)
}

/// Dollar signs go if there is an even number of them; those behind a backslash are none.
fn without_paired_dollars(text: Cow<'_, str>) -> Cow<'_, str> {
    let delimiter = |place: usize| !text[..place].ends_with('\\');
    let places = text.match_indices('$').map(|(place, _)| place);
    if places.filter(|&place| delimiter(place)).count() % 2 == 1 {
        return text;
    }
    let kept = text
        .char_indices()
        .filter(|&(place, character)| character != '$' || !delimiter(place));
    kept.map(|(_, character)| character).collect()
}

/// Without the commands for upright text, and the braces that belong to them.
fn unstyled(text: &str) -> String {
    const STYLES: [&str; 12] = [
        "text",
        "textbf",
        "textit",
        "textrm",
        "textsf",
        "texttt",
        "mathrm",
        "mathbf",
        "mathsf",
        "mathit",
        "mbox",
        "operatorname",
    ];
    let groups = Groups::new(text);
    let mut out = String::with_capacity(text.len());
    let mut closing = Vec::new();
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        if closing.last() == Some(&position) {
            closing.pop();
            position += 1;
            continue;
        }
        if character == '\\'
            && let Some(length) = command(&text[position..], &STYLES)
        {
            let brace = skip(text.as_bytes(), position + length, |byte| byte == b' ');
            if is(text.as_bytes(), brace, |byte| byte == b'{') {
                position = brace;
                if let Some(end) = groups.end(brace) {
                    closing.push(end - 1);
                    position = brace + 1;
                }
                continue;
            }
        }
        out.push(character);
        position += character.len_utf8();
    }
    out
}

/// Fractions of two integers with a stroke, unless something stands directly before or behind them.
fn simple_fractions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut position = 0;
    while let Some(start) = text[position..]
        .find("\\frac")
        .map(|start| position + start)
    {
        position = start + 5;
        let bytes = text.as_bytes();
        let Some((over, end)) = argument(text, position) else {
            continue;
        };
        let Some((under, end)) = argument(text, end) else {
            continue;
        };
        let operand =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'}' | b')' | b']');
        let factor = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'^' | b'(' | b'{' | b'\\' | b'!')
        };
        let before = text[..start].trim_end_matches(' ').as_bytes();
        let glued = before.last().is_some_and(|&byte| operand(byte)) || is(bytes, end, factor);
        out.push_str(&text[copied..start]);
        let pieces = if glued {
            ["\\frac{", over, "}{", under, "}"]
        } else {
            ["", over, "/", under, ""]
        };
        out.extend(pieces);
        copied = end;
        position = end;
    }
    out.push_str(&text[copied..]);
    out
}

/// An integer in braces, or one digit; and where it ends.
fn argument(text: &str, start: usize) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    if is(bytes, start, |byte| byte == b'{') {
        let first = skip(bytes, start + 1, |byte| byte == b' ');
        let digits = first + usize::from(is(bytes, first, |byte| byte == b'-'));
        let end = skip(bytes, digits, |byte| byte.is_ascii_digit());
        let close = skip(bytes, end, |byte| byte == b' ');
        let found = end > digits && is(bytes, close, |byte| byte == b'}');
        return found.then(|| (&text[first..end], close + 1));
    }
    let digit = skip(bytes, start, |byte| byte == b' ');
    is(bytes, digit, |byte| byte.is_ascii_digit()).then(|| (&text[digit..=digit], digit + 1))
}

/// Without blanks, except one between two words or numbers.
fn tight(text: &str) -> String {
    let outer = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    let mut out = String::with_capacity(text.len());
    for part in text.split(' ').filter(|part| !part.is_empty()) {
        let words = out.bytes().next_back().is_some_and(outer);
        if words && is(part.as_bytes(), 0, outer) {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

/// Without currency sign and separators of thousands, if the text begins as a number and has no other comma.
pub(super) fn plain_number(text: &str) -> String {
    const CURRENCIES: [char; 5] = ['$', '£', '€', '¥', '₹'];
    let minus = text.starts_with('-');
    let rest = &text[usize::from(minus)..];
    let rest = rest.strip_prefix(CURRENCIES).unwrap_or(rest);
    let inner_minus = rest.starts_with('-');
    let rest = &rest[usize::from(inner_minus)..];
    if minus && inner_minus {
        return text.to_owned();
    }
    let bytes = rest.as_bytes();
    let digit = |byte: u8| byte.is_ascii_digit();
    let first = skip(bytes, 0, digit);
    let mut end = first;
    if (1..=3).contains(&first) {
        while is(bytes, end, |byte| byte == b',') && skip(bytes, end + 1, digit) == end + 4 {
            end += 4;
        }
    }
    let point = is(bytes, end, |byte| byte == b'.') && is(bytes, end + 1, digit);
    if end == 0 && !point {
        return text.to_owned();
    }
    let decimals = if point {
        skip(bytes, end + 1, digit)
    } else {
        end
    };
    let unit = &rest[decimals..];
    let begins = |character: char| {
        character.is_ascii_alphabetic() || matches!(character, '%' | ' ' | '\\' | '^' | '°')
    };
    if !(unit.is_empty() || unit.starts_with(begins)) || unit.contains(',') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    if minus || inner_minus {
        out.push('-');
    }
    out.extend(rest[..end].chars().filter(|&character| character != ','));
    out.push_str(&rest[end..]);
    out
}

/// The letter in parentheses or brackets that is all of the text.
fn framed_letter(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let framed = bytes.len() == 3
        && matches!(bytes[0], b'(' | b'[')
        && bytes[1].is_ascii_alphabetic()
        && matches!(bytes[2], b')' | b']');
    framed.then(|| &text[1..2])
}
