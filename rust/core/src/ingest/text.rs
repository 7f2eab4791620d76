//! The text form of any scalar column.
//!
//! Strings are themselves; integers are decimal; whole floats lose their fraction, so that `5`
//! and `5.0` are one answer; other floats are the shortest text that reads back the same;
//! booleans are `true` and `false`. NaN, like null, has no text.

use std::io::Write as _;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int64Array,
    LargeStringArray, StringArray, StringViewArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};

/// A scalar column, read as text row by row without allocating.
#[derive(Debug)]
pub(crate) enum TextColumn {
    Null,
    Utf8(StringArray),
    LargeUtf8(LargeStringArray),
    Utf8View(StringViewArray),
    Signed(Int64Array),
    Unsigned(UInt64Array),
    Single(Float32Array),
    Double(Float64Array),
    Boolean(BooleanArray),
}

impl TextColumn {
    /// A view of `array`, or `None` if its type has no text form here.
    pub(crate) fn new(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Utf8 => Self::Utf8(array.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeUtf8(array.as_string().clone()),
            DataType::Utf8View => Self::Utf8View(array.as_string_view().clone()),
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            DataType::Float64 => Self::Double(array.as_primitive::<Float64Type>().clone()),
            // A half float prints as the single it widens to.
            DataType::Float32 | DataType::Float16 => {
                let single = cast(array, &DataType::Float32).ok()?;
                Self::Single(single.as_primitive::<Float32Type>().clone())
            }
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            signed_or_smaller if signed_or_smaller.is_integer() => {
                let signed = cast(array, &DataType::Int64).ok()?;
                Self::Signed(signed.as_primitive::<Int64Type>().clone())
            }
            decimal if decimal.is_decimal() => {
                let text = cast(array, &DataType::Utf8).ok()?;
                let trimmed = text
                    .as_string::<i32>()
                    .iter()
                    .map(|text| text.map(trim_fraction));
                Self::Utf8(trimmed.collect())
            }
            _ => return None,
        })
    }

    /// The text of `row`, if it has one. `scratch` holds it where it has to be written out.
    pub(crate) fn get<'a>(&'a self, row: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        match self {
            Self::Null => None,
            Self::Utf8(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::LargeUtf8(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::Utf8View(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::Boolean(array) => array.is_valid(row).then(|| {
                if array.value(row) {
                    b"true".as_slice()
                } else {
                    b"false".as_slice()
                }
            }),
            Self::Signed(array) => array
                .is_valid(row)
                .then(|| written(scratch, &array.value(row))),
            Self::Unsigned(array) => array
                .is_valid(row)
                .then(|| written(scratch, &array.value(row))),
            Self::Single(array) => array
                .is_valid(row)
                .then(|| single_text(array.value(row), scratch))
                .flatten(),
            Self::Double(array) => array
                .is_valid(row)
                .then(|| float_text(array.value(row), scratch))
                .flatten(),
        }
    }

    /// The text of `row` for a message.
    pub(crate) fn describe(&self, row: usize) -> String {
        let mut scratch = Vec::new();
        match self.get(row, &mut scratch) {
            None => "null".to_owned(),
            Some(text) => {
                let text = String::from_utf8_lossy(text);
                match self {
                    Self::Utf8(_) | Self::LargeUtf8(_) | Self::Utf8View(_) => format!("{text:?}"),
                    _ => text.into_owned(),
                }
            }
        }
    }
}

/// The text form of a float, unless it is NaN.
pub fn float_to_text(value: f64) -> Option<String> {
    let mut scratch = Vec::new();
    float_text(value, &mut scratch).map(|text| String::from_utf8_lossy(text).into_owned())
}

/// The text of a float, unless it is NaN.
pub(crate) fn float_text(value: f64, scratch: &mut Vec<u8>) -> Option<&[u8]> {
    if value.fract() == 0.0 {
        // Adding zero turns −0 into 0.
        Some(written(scratch, &(value + 0.0)))
    } else {
        (!value.is_nan()).then(|| written(scratch, &format_args!("{value:?}")))
    }
}

/// The text of a single-precision float: fewer digits are needed to tell it from its neighbours.
fn single_text(value: f32, scratch: &mut Vec<u8>) -> Option<&[u8]> {
    if value.fract() == 0.0 {
        Some(written(scratch, &(value + 0.0)))
    } else {
        (!value.is_nan()).then(|| written(scratch, &format_args!("{value:?}")))
    }
}

/// Writes `value` over `scratch`.
fn written<'a>(scratch: &'a mut Vec<u8>, value: &impl std::fmt::Display) -> &'a [u8] {
    scratch.clear();
    // Writing to a vector cannot fail.
    let _ = write!(scratch, "{value}");
    scratch
}

/// Removes the zeros a decimal type prints after the point.
fn trim_fraction(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, Int8Array, NullArray};

    use super::*;

    fn texts(array: impl Array + 'static) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        let column = TextColumn::new(&array).expect("a scalar type");
        let mut scratch = Vec::new();
        (0..array.len())
            .map(|row| {
                column
                    .get(row, &mut scratch)
                    .map(|t| String::from_utf8_lossy(t).into_owned())
            })
            .collect()
    }

    fn some(values: &[&str]) -> Vec<Option<String>> {
        values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect()
    }

    #[test]
    fn whole_floats_read_like_integers() {
        assert_eq!(
            texts(Float64Array::from(vec![5.0, -0.0, -3.0, 1e20])),
            some(&["5", "0", "-3", "100000000000000000000"])
        );
        assert_eq!(texts(Int8Array::from(vec![5, -3])), some(&["5", "-3"]));
        assert_eq!(
            texts(UInt64Array::from(vec![u64::MAX])),
            some(&["18446744073709551615"])
        );
    }

    #[test]
    fn other_floats_are_the_shortest_that_read_back() {
        assert_eq!(
            texts(Float64Array::from(vec![0.1, 1e-7, 2.5])),
            some(&["0.1", "1e-7", "2.5"])
        );
        assert_eq!(texts(Float32Array::from(vec![0.1])), some(&["0.1"]));
        assert_eq!(
            texts(Float64Array::from(vec![f64::INFINITY])),
            some(&["inf"])
        );
    }

    #[test]
    fn nan_and_null_have_no_text_but_the_empty_string_has() {
        assert_eq!(texts(Float64Array::from(vec![f64::NAN])), [None]);
        assert_eq!(
            texts(StringArray::from(vec![Some(""), None])),
            [Some(String::new()), None]
        );
        assert_eq!(texts(NullArray::new(2)), [None, None]);
    }

    #[test]
    fn decimals_lose_trailing_zeros_only() {
        let array = Decimal128Array::from(vec![500, 1250, 0])
            .with_precision_and_scale(10, 2)
            .expect("fits");
        assert_eq!(texts(array), some(&["5", "12.5", "0"]));
        let array = Decimal128Array::from(vec![500])
            .with_precision_and_scale(10, 0)
            .expect("fits");
        assert_eq!(texts(array), some(&["500"]));
    }

    #[test]
    fn booleans_and_strings_are_themselves() {
        assert_eq!(
            texts(BooleanArray::from(vec![true, false])),
            some(&["true", "false"])
        );
        assert_eq!(
            texts(StringViewArray::from(vec![" x ", "π"])),
            some(&[" x ", "π"])
        );
        assert_eq!(texts(LargeStringArray::from(vec!["5.0"])), some(&["5.0"]));
    }
}
