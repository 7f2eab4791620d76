//! One line of JSON: the values of the wanted keys.

use std::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::read::Reading;
use super::text::float_to_text;

/// How many unknown keys are remembered for a message.
const NAMES_KEPT: usize = 100;

/// A value of one row.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Missing,
    Text(String),
    Number(f64),
    Numbers(Vec<f64>),
}

/// The place for the value of one wanted key.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) reading: Reading,
    pub(super) value: Value,
    /// Whether any line so far had the key.
    pub(super) seen: bool,
}

impl Slot {
    pub(super) fn new(name: String, reading: Reading) -> Self {
        Self {
            name,
            reading,
            value: Value::Missing,
            seen: false,
        }
    }
}

/// The wanted values of one line at a time.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) slots: Vec<Slot>,
    unknown: Vec<String>,
    /// The slot whose value is being read.
    current: Option<usize>,
    cleaned: Vec<u8>,
}

impl Row {
    pub(super) fn new(slots: Vec<Slot>) -> Self {
        Self {
            slots,
            unknown: Vec::new(),
            current: None,
            cleaned: Vec::new(),
        }
    }

    /// The keys met so far.
    pub(super) fn names_seen(&self) -> Vec<String> {
        let wanted = self
            .slots
            .iter()
            .filter(|slot| slot.seen)
            .map(|slot| slot.name.clone());
        wanted.chain(self.unknown.iter().cloned()).collect()
    }

    /// Reads a line into the slots.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), String> {
        let Err(error) = self.parse(line) else {
            return Ok(());
        };
        // Python's json module writes NaN and Infinity, which are not JSON.
        let mut cleaned = std::mem::take(&mut self.cleaned);
        let found = replace_non_finite(line, &mut cleaned);
        let retried = if found {
            self.parse(&cleaned)
        } else {
            Err(error)
        };
        self.cleaned = cleaned;
        retried.map_err(|error| match self.current {
            Some(slot) => format!("column {:?}: {error}", self.slots[slot].name),
            None => error.to_string(),
        })
    }

    fn parse(&mut self, line: &[u8]) -> serde_json::Result<()> {
        for slot in &mut self.slots {
            slot.value = Value::Missing;
        }
        self.current = None;
        let mut json = serde_json::Deserializer::from_slice(line);
        json.deserialize_map(&mut *self)?;
        json.end()
    }
}

impl<'de> Visitor<'de> for &mut Row {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object on each line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(position) = map.next_key_seed(Key {
            slots: &self.slots,
            unknown: &mut self.unknown,
        })? {
            self.current = position;
            match position {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(position) => {
                    let slot = &mut self.slots[position];
                    slot.seen = true;
                    slot.value = map.next_value_seed(Cell(slot.reading))?;
                }
            }
            self.current = None;
        }
        Ok(())
    }
}

/// Finds the slot of a key.
struct Key<'a> {
    slots: &'a [Slot],
    unknown: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        let position = self.slots.iter().position(|slot| slot.name == key);
        if position.is_none()
            && self.unknown.len() < NAMES_KEPT
            && !self.unknown.iter().any(|known| known == key)
        {
            self.unknown.push(key.to_owned());
        }
        Ok(position)
    }
}

/// Reads a value the way its column needs.
struct Cell(Reading);

impl<'de> DeserializeSeed<'de> for Cell {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Reading::Text => "text, a number, a boolean or null",
            Reading::Number => "a number or null",
            Reading::Numbers => "a list of numbers or null",
        })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Missing)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.0 {
            Reading::Text => Ok(Value::Text(text.to_owned())),
            _ => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        match self.0 {
            Reading::Text => Ok(Value::Text(value.to_string())),
            _ => Err(E::invalid_type(Unexpected::Bool(value), &self)),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        match self.0 {
            Reading::Text => Ok(Value::Text(value.to_string())),
            Reading::Number => Ok(Value::Number(value as f64)),
            Reading::Numbers => Err(E::invalid_type(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        match self.0 {
            Reading::Text => Ok(Value::Text(value.to_string())),
            Reading::Number => Ok(Value::Number(value as f64)),
            Reading::Numbers => Err(E::invalid_type(Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match self.0 {
            Reading::Text => Ok(float_to_text(value).map_or(Value::Missing, Value::Text)),
            Reading::Number => Ok(Value::Number(value)),
            Reading::Numbers => Err(E::invalid_type(Unexpected::Float(value), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        if self.0 != Reading::Numbers {
            return Err(Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut numbers = Vec::new();
        while let Some(value) = list.next_element_seed(Cell(Reading::Number))? {
            numbers.push(if let Value::Number(number) = value {
                number
            } else {
                f64::NAN
            });
        }
        Ok(Value::Numbers(numbers))
    }
}

/// Copies a line with `NaN`, `Infinity` and `-Infinity` outside strings replaced by `null`.
fn replace_non_finite(line: &[u8], out: &mut Vec<u8>) -> bool {
    const WORDS: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];
    out.clear();
    let (mut in_string, mut found, mut at) = (false, false, 0);
    while at < line.len() {
        let rest = &line[at..];
        let word = if in_string {
            None
        } else {
            WORDS.iter().find(|word| rest.starts_with(word))
        };
        if let Some(word) = word {
            out.extend_from_slice(b"null");
            found = true;
            at += word.len();
            continue;
        }
        match rest[0] {
            b'"' => in_string = !in_string,
            // The character after a backslash never ends a string.
            b'\\' if in_string && rest.len() > 1 => {
                out.push(b'\\');
                at += 1;
            }
            _ => {}
        }
        out.push(line[at]);
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new(vec![
            Slot::new("a".into(), Reading::Text),
            Slot::new("n".into(), Reading::Number),
            Slot::new("s".into(), Reading::Numbers),
        ])
    }

    fn text(line: &str) -> Value {
        let mut row = row();
        row.read(line.as_bytes()).expect("good");
        row.slots.swap_remove(0).value
    }

    #[test]
    fn every_scalar_has_its_text() {
        for (json, expected) in [
            ("\"5.0\"", "5.0"),
            ("5", "5"),
            ("5.0", "5"),
            ("-0.5", "-0.5"),
            ("true", "true"),
            ("\"\"", ""),
            ("18446744073709551615", "18446744073709551615"),
            ("\"\\u03c0\"", "π"),
        ] {
            assert_eq!(
                text(&format!("{{\"a\": {json}}}")),
                Value::Text(expected.into()),
                "{json}"
            );
        }
        assert_eq!(text("{\"a\": null}"), Value::Missing);
        assert_eq!(text("{\"b\": {\"deep\": [1, {\"a\": 2}]}}"), Value::Missing);
        assert_eq!(text("{\"a\": 1, \"a\": 2}"), Value::Text("2".into()));
    }

    #[test]
    fn a_row_forgets_the_one_before() {
        let mut row = row();
        row.read(b"{\"a\": 1, \"n\": 2, \"s\": [1, null, 0.5]}")
            .expect("good");
        assert_eq!(row.slots[1].value, Value::Number(2.0));
        assert!(matches!(&row.slots[2].value, Value::Numbers(v) if v.len() == 3 && v[1].is_nan()));
        row.read(b"{}").expect("good");
        assert!(
            row.slots
                .iter()
                .all(|slot| slot.value == Value::Missing && slot.seen)
        );
    }

    #[test]
    fn python_writes_nan_where_json_has_none() {
        assert_eq!(text("{\"a\": NaN, \"n\": -Infinity}"), Value::Missing);
        assert_eq!(
            text("{\"a\": \"NaN \\\\\\\" Infinity\", \"n\": NaN}"),
            Value::Text("NaN \\\" Infinity".into())
        );
    }

    #[test]
    fn complaints_name_the_column() {
        let complaint = |line: &str| row().read(line.as_bytes()).expect_err("bad");
        assert!(
            complaint("{\"n\": \"x\"}")
                .starts_with("column \"n\": invalid type: string \"x\", expected a number")
        );
        assert!(complaint("{\"a\": [1]}").starts_with("column \"a\": invalid type: sequence"));
        assert!(complaint("[1]").contains("one JSON object on each line"));
        assert!(complaint("{\"a\": 1} x").contains("trailing characters"));
        assert!(complaint("{\"a\": 1").contains("EOF"));
    }
}
