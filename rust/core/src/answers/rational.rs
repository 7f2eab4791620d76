//! The exact values of answers that are numbers.

use num_bigint::BigUint;
use num_integer::Integer;

use super::normal::{normalised, plain_number};
use super::number::power_of_ten;
use super::{is, skip};

/// The most characters of a number, and the largest power of ten.
const MOST_DIGITS: usize = 400;

/// Words of one or two letters, and other spellings, that name a unit.
const UNITS: &str = " mm cm dm m km in ft yd mi inch inches foot feet yard yards mile miles mg g kg lb lbs oz t ton tons gram grams pound pounds ounce ounces ms s sec secs second seconds min mins minute minutes h hr hrs hour hours day days week weeks month months year years ml cl dl l liter liters litre litres gallon gallons cup cups mph kph km/h m/s N J W V A K C F Hz kHz MHz Pa kPa dollar dollars cent cents usd eur euro euros rupees deg degree degrees radian radians unit units percent ";

/// Words that make of a number something else.
const NO_UNITS: &str = " and or not to than plus minus times over hundred thousand million billion trillion dozen half quarter third mod modulo if when where ";

/// An exact number: a fraction in lowest terms.
///
/// Ordered by value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rational {
    negative: bool,
    over: BigUint,
    under: BigUint,
}

impl Rational {
    /// The value of an answer, if it is a number; with `percent`, 50% is one half, else 50.
    ///
    /// ```
    /// use kcurve_core::answers::Rational;
    /// let half = Rational::parse(r"$\frac{1}{2}$", true);
    /// assert_eq!(Rational::parse("0.50", true), half);
    /// assert_eq!(Rational::parse(r"50\%", true), half);
    /// assert_eq!(Rational::parse("5x", true), None);
    /// ```
    pub fn parse(text: &str, percent: bool) -> Option<Self> {
        let text = normalised(text, false);
        let text = match assigned(&text) {
            Some(value) => plain_number(value),
            None => text,
        };
        let (minus, text) = signed(&text);
        let bare = text.strip_prefix(['$', '£', '€', '¥', '₹']).unwrap_or(text);
        let (negative, text) = if let Some(negative) = minus {
            (negative, bare)
        } else {
            let (minus, text) = signed(bare);
            (minus.unwrap_or(false), text)
        };
        let (value, end) = magnitude(text)?;
        let mut value = value?;
        let rest = &text[end..];
        if ["%", " percent", "percent"]
            .iter()
            .any(|word| rest.eq_ignore_ascii_case(word))
        {
            if percent {
                value = value.over(&Self::integer("100")?)?;
            }
        } else if !is_unit(rest) {
            return None;
        }
        value.negative ^= negative && value.over != BigUint::ZERO;
        Some(value)
    }

    /// A number written as an integer or a decimal, with or without an exponent; as settings are.
    pub fn of_decimal(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (value, end) = decimal_digits(mantissa.as_bytes(), 0)
            .map(|end| (Self::integer(&mantissa[..end]), end))?;
        let value = value?;
        if end < mantissa.len() {
            return None;
        }
        value.shifted(exponent.strip_prefix('+').unwrap_or(exponent))
    }

    /// Numerator, with its sign, and denominator.
    pub fn parts(&self) -> (String, String) {
        let sign = if self.negative { "-" } else { "" };
        (format!("{sign}{}", self.over), self.under.to_string())
    }

    /// Whether two numbers differ by no more than `absolute`, or `relative` of the larger one.
    pub fn is_close(&self, other: &Self, relative: &Self, absolute: &Self) -> bool {
        if self == other {
            return true;
        }
        let (left, right) = (&self.over * &other.under, &other.over * &self.under);
        let under = &self.under * &other.under;
        let difference = if self.negative == other.negative {
            if left > right {
                &left - &right
            } else {
                &right - &left
            }
        } else {
            &left + &right
        };
        &difference * &absolute.under <= &absolute.over * under
            || difference * &relative.under <= &relative.over * left.max(right)
    }

    /// Digits with at most one point, and possibly a minus before them.
    fn integer(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let over: BigUint = format!("0{whole}{decimals}").parse().ok()?;
        let value = Self {
            negative: text.len() > digits.len() && over != BigUint::ZERO,
            over,
            under: power(decimals.len()),
        };
        Some(value.reduced())
    }

    fn reduced(mut self) -> Self {
        if self.under != BigUint::from(1_u8) {
            let common = self.over.gcd(&self.under);
            self.over /= &common;
            self.under /= common;
        }
        self
    }

    fn over(&self, other: &Self) -> Option<Self> {
        if other.over == BigUint::ZERO {
            return None;
        }
        let value = Self {
            negative: self.negative != other.negative && self.over != BigUint::ZERO,
            over: &self.over * &other.under,
            under: &self.under * &other.over,
        };
        Some(value.reduced())
    }

    /// The number times a power of ten.
    fn shifted(mut self, exponent: &str) -> Option<Self> {
        if exponent.len() > 6 {
            return None;
        }
        let exponent: i32 = exponent.parse().ok()?;
        let size = exponent.unsigned_abs() as usize;
        if size > MOST_DIGITS {
            return None;
        }
        let factor = power(size);
        if exponent < 0 {
            self.under *= factor;
        } else {
            self.over *= factor;
        }
        Some(self.reduced())
    }
}

impl Default for Rational {
    /// Zero.
    fn default() -> Self {
        Self {
            negative: false,
            over: BigUint::ZERO,
            under: BigUint::from(1_u8),
        }
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let magnitudes = || (&self.over * &other.under).cmp(&(&other.over * &self.under));
        match (self.negative, other.negative) {
            (false, false) => magnitudes(),
            (true, true) => magnitudes().reverse(),
            (negative, _) => (!negative).cmp(&negative),
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn power(exponent: usize) -> BigUint {
    BigUint::from(10_u8).pow(exponent as u32)
}

/// The value in `x = 5`.
fn assigned(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let name = name.strip_prefix('\\').unwrap_or(name);
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    (named && !value.is_empty()).then_some(value)
}

/// Whether there is a sign and it is a minus; and what comes behind it.
fn signed(text: &str) -> (Option<bool>, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (Some(true), &text[1..]),
        Some(b'+') => (Some(false), &text[1..]),
        _ => (None, text),
    }
}

/// The number at the beginning of the text, and where it ends. No value inside: too long, or divided by zero.
fn magnitude(text: &str) -> Option<(Option<Rational>, usize)> {
    mixed(text)
        .or_else(|| quotient(text))
        .or_else(|| latex_quotient(text))
        .or_else(|| lone_power(text))
        .or_else(|| decimal(text))
}

fn digits(text: &[u8], start: usize) -> Option<usize> {
    let end = skip(text, start.min(text.len()), |byte| byte.is_ascii_digit());
    (end > start).then_some(end)
}

/// Behind `12`, `1.5` or `.5`.
fn decimal_digits(text: &[u8], start: usize) -> Option<usize> {
    let whole = digits(text, start);
    let end = whole.unwrap_or(start);
    if is(text, end, |byte| byte == b'.') {
        return digits(text, end + 1).or(whole);
    }
    whole
}

/// Behind a decimal that may have a minus.
fn signed_decimal(text: &[u8], start: usize) -> Option<usize> {
    let minus = is(text, start, |byte| byte == b'-');
    decimal_digits(text, start + usize::from(minus))
}

fn divided(over: &str, under: &str) -> Option<Rational> {
    if over.len() + under.len() > MOST_DIGITS {
        return None;
    }
    Rational::integer(over)?.over(&Rational::integer(under)?)
}

fn ends_number(text: &[u8], end: usize) -> bool {
    !is(text, end, |byte| byte.is_ascii_digit() || byte == b'.')
}

fn mixed(text: &str) -> Option<(Option<Rational>, usize)> {
    let bytes = text.as_bytes();
    let end = digits(bytes, 0)?;
    let whole = &text[..end];
    let (over, under, end) = match bytes.get(end)? {
        b' ' => {
            let slash = digits(bytes, end + 1)?;
            if bytes.get(slash) != Some(&b'/') {
                return None;
            }
            let close = digits(bytes, slash + 1)?;
            if !ends_number(bytes, close) || is(bytes, close, |byte| byte == b'/') {
                return None;
            }
            (&text[end + 1..slash], &text[slash + 1..close], close)
        }
        b'\\' => braced(text, end, digits)?,
        _ => return None,
    };
    if whole.len() + over.len() + under.len() > MOST_DIGITS {
        return Some((None, end));
    }
    let value = divided(over, under).and_then(|mut value| {
        value.over += Rational::integer(whole)?.over * &value.under;
        Some(value)
    });
    Some((value, end))
}

fn quotient(text: &str) -> Option<(Option<Rational>, usize)> {
    let bytes = text.as_bytes();
    let slash = signed_decimal(bytes, 0)?;
    if bytes.get(slash) != Some(&b'/') {
        return None;
    }
    let end = signed_decimal(bytes, slash + 1)?;
    if !ends_number(bytes, end) || is(bytes, end, |byte| byte == b'/') {
        return None;
    }
    Some((divided(&text[..slash], &text[slash + 1..end]), end))
}

fn latex_quotient(text: &str) -> Option<(Option<Rational>, usize)> {
    let (over, under, end) = braced(text, 0, signed_decimal)?;
    Some((divided(over, under), end))
}

/// The two arguments of `\frac{}{}`, each read by `number`, and where they end.
fn braced(
    text: &str,
    start: usize,
    number: impl Fn(&[u8], usize) -> Option<usize>,
) -> Option<(&str, &str, usize)> {
    let bytes = text.as_bytes();
    let first = text[start..].strip_prefix("\\frac{")?;
    let first = text.len() - first.len();
    let middle = number(bytes, first)?;
    let second = text[middle..].strip_prefix("}{")?;
    let second = text.len() - second.len();
    let end = number(bytes, second)?;
    let closed = is(bytes, end, |byte| byte == b'}');
    closed.then(|| (&text[first..middle], &text[second..end], end + 1))
}

fn lone_power(text: &str) -> Option<(Option<Rational>, usize)> {
    let (exponent, end) = power_of_ten(text.as_bytes(), 0)?;
    if !ends_number(text.as_bytes(), end) {
        return None;
    }
    let exponent = text[exponent].trim_start_matches('+');
    let value = Rational::integer("1").and_then(|one| one.shifted(exponent));
    Some((value, end))
}

fn decimal(text: &str) -> Option<(Option<Rational>, usize)> {
    let bytes = text.as_bytes();
    let mut end = decimal_digits(bytes, 0)?;
    // A point with nothing behind it belongs to the number.
    let point = is(bytes, end, |byte| byte == b'.') && !text[..end].contains('.');
    let mantissa = &text[..end];
    end += usize::from(point);
    if !ends_number(bytes, end) {
        return None;
    }
    let exponent = exponent(text, end);
    let (exponent, end) = exponent.unwrap_or(("0", end));
    if mantissa.len() > MOST_DIGITS {
        return Some((None, end));
    }
    let value = Rational::integer(mantissa).and_then(|value| value.shifted(exponent));
    Some((value, end))
}

/// The exponent behind a decimal, and where all of it ends.
fn exponent(text: &str, start: usize) -> Option<(&str, usize)> {
    const TIMES: [&str; 6] = ["\\times", "\\cdot", "×", "·", "*", "x"];
    let bytes = text.as_bytes();
    let (exponent, end) = if is(bytes, start, |byte| matches!(byte, b'e' | b'E')) {
        let sign = is(bytes, start + 1, |byte| matches!(byte, b'+' | b'-'));
        let end = digits(bytes, start + 1 + usize::from(sign))?;
        if is(bytes, end, |byte| byte == b'.' || super::is_word(byte)) {
            return None;
        }
        (&text[start + 1..end], end)
    } else {
        let blank = |position| usize::from(is(bytes, position, |byte| byte == b' '));
        let times = start + blank(start);
        let sign = TIMES.iter().find(|sign| text[times..].starts_with(*sign))?;
        let ten = times + sign.len();
        let (exponent, end) = power_of_ten(bytes, ten + blank(ten))?;
        if !ends_number(bytes, end) {
            return None;
        }
        (&text[exponent], end)
    };
    Some((exponent.trim_start_matches('+'), end))
}

/// Whether what stands behind a number only says what is counted.
fn is_unit(text: &str) -> bool {
    if matches!(
        text,
        "" | "°" | "^\\circ" | "^{\\circ}" | "\\degree" | "\\degrees"
    ) {
        return true;
    }
    let spaced = text.starts_with(' ');
    let text = without_exponents(text.trim_matches(' ')).replace("\\cdot", " ");
    text.split(' ').enumerate().all(|(place, word)| {
        let mut parts = if listed(UNITS, word) {
            vec![word]
        } else {
            word.split('/').collect()
        }
        .into_iter();
        parts.all(|part| {
            listed(UNITS, part)
                || (place > 0 || spaced)
                    && part.len() >= 3
                    && part.bytes().all(|byte| byte.is_ascii_alphabetic())
                    && !listed(NO_UNITS, &part.to_ascii_lowercase())
        })
    })
}

fn listed(list: &str, word: &str) -> bool {
    !word.is_empty() && list.contains(&format!(" {word} "))
}

/// Without `^2`, `^{3}`, `²` and `³`.
fn without_exponents(text: &str) -> String {
    const EXPONENTS: [&str; 6] = ["^{2}", "^{3}", "^2", "^3", "²", "³"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(exponent) = EXPONENTS
            .iter()
            .find(|exponent| rest.starts_with(*exponent))
        {
            rest = &rest[exponent.len()..];
        } else {
            out.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    out
}
