//! The last number of a text.

use super::{is, is_word, skip};

/// The last number, without separators of thousands and currency sign.
pub(super) fn last_number(text: &str) -> Option<String> {
    // No number goes on in the next line.
    text.rsplit('\n').find_map(last_in_line)
}

fn last_in_line(line: &str) -> Option<String> {
    let line = line.as_bytes();
    let mut last = None;
    let mut position = 0;
    while position < line.len() {
        match token(line, position) {
            None => position += 1,
            Some(token) => {
                if !glued(line, position) {
                    last = token.spelled(line).or(last);
                }
                position = token.end;
            }
        }
    }
    last
}

/// Whether a number at `start` belongs to a word or an index: `x2`, `10^5`; but not that of `\times5`.
fn glued(text: &[u8], start: usize) -> bool {
    let before = text[..start].strip_suffix(b"{").unwrap_or(&text[..start]);
    if matches!(before.last(), Some(b'^' | b'_')) {
        return true;
    }
    if !text[..start].last().is_some_and(|&byte| is_word(byte)) {
        return false;
    }
    let letters = text[..start]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    letters == 0 || !text[..start - letters].ends_with(b"\\")
}

/// A number in a text: where its parts are.
struct Token {
    negative: bool,
    body: Body,
    percent: bool,
    end: usize,
}

type Span = std::ops::Range<usize>;

enum Body {
    /// A fraction, with the whole number before it; its sign counts too.
    Fraction(Option<Span>, Span, Span, bool),
    /// A decimal with separators in it, and the power of ten behind it.
    Decimal(Span, Option<Span>),
    /// A power of ten alone.
    Power(Span),
}

fn token(text: &[u8], start: usize) -> Option<Token> {
    let mut position = start;
    let mut negative = false;
    if let Some(end) = minus(text, position) {
        if !may_be_signed(&text[..position]) {
            return None;
        }
        negative = true;
        position = end;
    }
    if let Some(end) = currency(text, position) {
        position = end;
        if let Some(end) = minus(text, position) {
            negative = !negative;
            position = end;
        }
    }
    let (body, end) = latex_fraction(text, position)
        .or_else(|| fraction(text, position))
        .or_else(|| lone_power(text, position))
        .or_else(|| decimal(text, position))?;
    let blank = usize::from(is(text, end, |byte| byte == b' '));
    let backslash = usize::from(is(text, end + blank, |byte| byte == b'\\'));
    let sign = end + blank + backslash;
    let percent = is(text, sign, |byte| byte == b'%');
    Some(Token {
        negative,
        body,
        percent,
        end: if percent { sign + 1 } else { end },
    })
}

impl Token {
    /// The number as plain text; `None` if it divides by zero.
    fn spelled(&self, text: &[u8]) -> Option<String> {
        let mut negative = self.negative;
        let mut spelled = String::new();
        match &self.body {
            Body::Fraction(whole, over, under, minus) => {
                if text[under.clone()].iter().all(|&digit| digit == b'0') {
                    return None;
                }
                negative ^= minus;
                if let Some(whole) = whole {
                    push(&mut spelled, &text[whole.clone()]);
                    spelled.push(' ');
                }
                push(&mut spelled, &text[over.clone()]);
                spelled.push('/');
                push(&mut spelled, &text[under.clone()]);
            }
            Body::Decimal(digits, power) => {
                let digits = &text[digits.clone()];
                if digits[0] == b'.' {
                    spelled.push('0');
                }
                let plain = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
                spelled.extend(digits.iter().filter(plain).map(|&byte| char::from(byte)));
                if let Some(power) = power {
                    push_exponent(&mut spelled, &text[power.clone()]);
                }
            }
            Body::Power(power) => {
                spelled.push('1');
                push_exponent(&mut spelled, &text[power.clone()]);
            }
        }
        if negative {
            spelled.insert(0, '-');
        }
        if self.percent {
            spelled.push('%');
        }
        Some(spelled)
    }
}

fn push(out: &mut String, digits: &[u8]) {
    out.extend(digits.iter().map(|&byte| char::from(byte)));
}

fn push_exponent(out: &mut String, exponent: &[u8]) {
    out.push('e');
    let start = sign(exponent, 0);
    if minus(exponent, 0).is_some() {
        out.push('-');
    }
    push(out, &exponent[start..]);
}

/// Behind the minus at `position`, if there is one.
fn minus(text: &[u8], position: usize) -> Option<usize> {
    let rest = text.get(position..)?;
    if rest.starts_with(b"-") {
        Some(position + 1)
    } else {
        rest.starts_with("\u{2212}".as_bytes())
            .then_some(position + 3)
    }
}

/// Behind the sign at `position`, or there.
fn sign(text: &[u8], position: usize) -> usize {
    let plus = is(text, position, |byte| byte == b'+');
    minus(text, position).unwrap_or(position + usize::from(plus))
}

/// Whether a minus behind this text is one of a number.
fn may_be_signed(before: &[u8]) -> bool {
    let Some(&last) = before.last() else {
        return true;
    };
    !(is_word(last) || b")]}%.-".contains(&last) || before.ends_with("\u{2212}".as_bytes()))
}

/// Behind the currency sign at `position`.
fn currency(text: &[u8], position: usize) -> Option<usize> {
    let signs = ["$", "\\$", "£", "€", "¥", "₹"];
    let rest = text.get(position..)?;
    let found = signs.iter().find(|sign| rest.starts_with(sign.as_bytes()));
    found.map(|sign| position + sign.len())
}

fn digits(text: &[u8], start: usize) -> Option<usize> {
    let end = skip(text, start.min(text.len()), |byte| byte.is_ascii_digit());
    (end > start).then_some(end)
}

/// `\frac{1}{2}`, `2\frac12`.
fn latex_fraction(text: &[u8], start: usize) -> Option<(Body, usize)> {
    let whole_end = digits(text, start).unwrap_or(start);
    let rest = text[whole_end..].strip_prefix(b"\\")?;
    let rest = match rest.first() {
        Some(b'd' | b't' | b'c') => &rest[1..],
        _ => rest,
    };
    let rest = rest.strip_prefix(b"frac")?;
    let (over, over_minus, end) = argument(text, text.len() - rest.len())?;
    let (under, under_minus, end) = argument(text, end)?;
    let whole = (whole_end > start).then_some(start..whole_end);
    let body = Body::Fraction(whole, over, under, over_minus ^ under_minus);
    Some((body, end))
}

/// An integer in braces, or one digit: where it is, whether it is negative, and where it ends.
fn argument(text: &[u8], start: usize) -> Option<(Span, bool, usize)> {
    if is(text, start, |byte| byte.is_ascii_digit()) {
        return Some((start..start + 1, false, start + 1));
    }
    if !is(text, start, |byte| byte == b'{') {
        return None;
    }
    let start = skip(text, start + 1, |byte| byte == b' ');
    let first = minus(text, start).unwrap_or(start);
    let end = digits(text, first)?;
    let close = skip(text, end, |byte| byte == b' ');
    is(text, close, |byte| byte == b'}').then_some((first..end, first > start, close + 1))
}

/// `3/4`, `1 3/4`; not `3/4/2020`.
fn fraction(text: &[u8], start: usize) -> Option<(Body, usize)> {
    let first = digits(text, start)?;
    if is(text, first, |byte| byte == b' ')
        && let Some((over, under)) = quotient(text, first + 1)
    {
        let end = under.end;
        return Some((Body::Fraction(Some(start..first), over, under, false), end));
    }
    if text[..start].ends_with(b"/") {
        return None;
    }
    let (over, under) = quotient(text, start)?;
    let end = under.end;
    Some((Body::Fraction(None, over, under, false), end))
}

fn quotient(text: &[u8], start: usize) -> Option<(Span, Span)> {
    let slash = digits(text, start)?;
    if !is(text, slash, |byte| byte == b'/') {
        return None;
    }
    let end = digits(text, slash + 1)?;
    let goes_on = is(text, end, |byte| byte == b'/')
        || is(text, end, |byte| byte == b'.') && is(text, end + 1, |byte| byte.is_ascii_digit());
    (!goes_on).then_some((start..slash, slash + 1..end))
}

fn lone_power(text: &[u8], start: usize) -> Option<(Body, usize)> {
    let (exponent, end) = power_of_ten(text, start)?;
    let goes_on = is(text, end, |byte| byte.is_ascii_digit());
    (!goes_on).then_some((Body::Power(exponent), end))
}

/// `10^5`, `10^{-5}`: where the exponent is, and where all of it ends.
pub(super) fn power_of_ten(text: &[u8], start: usize) -> Option<(Span, usize)> {
    let rest = text.get(start..)?.strip_prefix(b"10^")?;
    let start = text.len() - rest.len();
    if rest.starts_with(b"{") {
        let end = digits(text, sign(text, start + 1))?;
        return is(text, end, |byte| byte == b'}').then_some((start + 1..end, end + 1));
    }
    let end = digits(text, sign(text, start))?;
    Some((start..end, end))
}

fn decimal(text: &[u8], start: usize) -> Option<(Body, usize)> {
    let mut end = if let Some(end) = digits(text, start) {
        thousands(text, start, end)
    } else {
        let behind = start
            .checked_sub(1)
            .is_some_and(|before| is_word(text[before]) || text[before] == b'.');
        if behind {
            return None;
        }
        start
    };
    if is(text, end, |byte| byte == b'.') {
        end = digits(text, end + 1).unwrap_or(end);
    }
    if end == start {
        return None;
    }
    let (power, behind) = exponent(text, end).unzip();
    Some((Body::Decimal(start..end, power), behind.unwrap_or(end)))
}

/// Where an integer ends that begins with the digits from `start` to `end`: behind its groups of three.
fn thousands(text: &[u8], start: usize, end: usize) -> usize {
    const SEPARATORS: [&str; 6] = [",\\!", ",", "{,}", "\\,", "\u{202f}", "\u{2009}"];
    let mut end = end;
    if end - start > 3 {
        return end;
    }
    loop {
        let group = SEPARATORS.iter().find_map(|separator| {
            let group = end + separator.len();
            let behind = text[end..].starts_with(separator.as_bytes());
            (behind && digits(text, group) == Some(group + 3)).then_some(group + 3)
        });
        match group {
            Some(behind) => end = behind,
            None => return end,
        }
    }
}

/// The power of ten behind a decimal: where its exponent is, and where all of it ends.
fn exponent(text: &[u8], start: usize) -> Option<(Span, usize)> {
    const TIMES: [&str; 6] = ["\\times", "\\cdot", "×", "·", "*", "x"];
    if is(text, start, |byte| matches!(byte, b'e' | b'E')) {
        let plus_or_minus = is(text, start + 1, |byte| matches!(byte, b'+' | b'-'));
        let end = digits(text, start + 1 + usize::from(plus_or_minus))?;
        return (!is(text, end, is_word)).then_some((start + 1..end, end));
    }
    let blank = |byte| matches!(byte, b' ' | b'\t');
    let times = skip(text, start, blank);
    let sign = TIMES
        .iter()
        .find(|sign| text[times..].starts_with(sign.as_bytes()))?;
    power_of_ten(text, skip(text, times + sign.len(), blank))
}
