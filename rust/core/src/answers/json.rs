//! A value in the last JSON object of a text.

use std::collections::HashMap;
use std::fmt::Write;

use super::{is, skip};

/// How deep objects and lists may nest; it also bounds how often a character is read.
const DEEPEST: usize = 100;

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The key of an object.
    Key(String),
    /// The position in a list.
    Position(usize),
}

/// The value at `path` in the last object of the text: a text as it is, anything else as compact JSON.
pub(super) fn json_field(text: &str, path: &[Step]) -> Option<String> {
    let mut value = last_object(text)?;
    for step in path {
        value = match (value, step) {
            (Value::Object(pairs), Step::Key(key)) => {
                let mut from_the_end = pairs.into_iter().rev();
                from_the_end.find(|(name, _)| name == key)?.1
            }
            (Value::List(items), Step::Position(place)) => items.into_iter().nth(*place)?,
            _ => return None,
        };
    }
    let spelled = match value {
        Value::Null => return None,
        Value::Text(text) => text,
        other => {
            let mut out = String::new();
            write(&other, &mut out);
            out
        }
    };
    super::trimmed(&spelled).map(str::to_owned)
}

enum Value<'a> {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(&'a str),
    Text(String),
    List(Vec<Value<'a>>),
    Object(Vec<(String, Value<'a>)>),
}

fn last_object(text: &str) -> Option<Value<'_>> {
    let mut last = None;
    let mut position = 0;
    while let Some(start) = text[position..].find('{').map(|start| position + start) {
        let mut reader = Reader {
            text,
            position: start,
            depth: 0,
        };
        if let Some(value) = reader.value() {
            last = Some(value);
            position = reader.position;
        } else {
            position = start + 1;
        }
    }
    last
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn skip_space(&mut self) {
        let space = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.position = skip(self.bytes(), self.position, space);
    }

    /// Takes a byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let taken = is(self.bytes(), self.position, |next| next == byte);
        self.position += usize::from(taken);
        taken
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match self.bytes().get(self.position)? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::list),
            b'"' => self.string().map(Value::Text),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: impl Fn(&mut Self) -> Option<Value<'a>>) -> Option<Value<'a>> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        self.position += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Option<Value<'a>> {
        let mut pairs = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Some(Value::Object(pairs));
        }
        loop {
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return None;
            }
            self.skip_space();
            pairs.push((key, self.value()?));
            self.skip_space();
            if self.take(b'}') {
                return Some(Value::Object(pairs));
            }
            if !self.take(b',') {
                return None;
            }
            self.skip_space();
        }
    }

    fn list(&mut self) -> Option<Value<'a>> {
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.take(b']') {
                return Some(Value::List(items));
            }
            if !self.take(b',') {
                return None;
            }
            self.skip_space();
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.text[self.position..].starts_with(word).then(|| {
            self.position += word.len();
            value
        })
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let text = self.bytes();
        let digits = |start: usize| {
            let end = skip(text, start, |byte| byte.is_ascii_digit());
            (end > start).then_some(end)
        };
        let start = self.position;
        let first = start + usize::from(is(text, start, |byte| byte == b'-'));
        let mut end = if is(text, first, |byte| byte == b'0') {
            first + 1
        } else {
            digits(first)?
        };
        if is(text, end, |byte| byte == b'.') {
            end = digits(end + 1).unwrap_or(end);
        }
        if is(text, end, |byte| matches!(byte, b'e' | b'E')) {
            let sign = is(text, end + 1, |byte| matches!(byte, b'+' | b'-'));
            end = digits(end + 1 + usize::from(sign)).unwrap_or(end);
        }
        self.position = end;
        Some(Value::Number(&self.text[start..end]))
    }

    fn string(&mut self) -> Option<String> {
        if !self.take(b'"') {
            return None;
        }
        let mut out = String::new();
        loop {
            let start = self.position;
            let plain = |byte| byte >= b' ' && byte != b'"' && byte != b'\\';
            self.position = skip(self.bytes(), start, plain);
            out.push_str(&self.text[start..self.position]);
            if self.take(b'"') {
                return Some(out);
            }
            if !self.take(b'\\') {
                return None;
            }
            let escape = *self.bytes().get(self.position)?;
            self.position += 1;
            out.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    /// A character by its number; one half of a pair alone is the replacement character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.code_unit()?;
        if (0xD800..0xDC00).contains(&first) && self.text[self.position..].starts_with("\\u") {
            let before = self.position;
            self.position += 2;
            let second = self.code_unit()?;
            if (0xDC00..0xE000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
            self.position = before;
        }
        Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.bytes().get(self.position..self.position + 4)?;
        let value = digits.iter().try_fold(0, |value, &digit| {
            Some(value << 4 | char::from(digit).to_digit(16)?)
        });
        self.position += 4;
        value
    }
}

fn write(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(spelled) => out.push_str(spelled),
        Value::Text(text) => write_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(pairs) => {
            // A key that comes again keeps its place and takes the later value.
            let mut places = HashMap::new();
            let mut kept: Vec<(&str, &Value<'_>)> = Vec::new();
            for (key, value) in pairs {
                let place = *places.entry(key.as_str()).or_insert(kept.len());
                if place == kept.len() {
                    kept.push((key, value));
                } else {
                    kept[place].1 = value;
                }
            }
            out.push('{');
            for (place, (key, value)) in kept.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
