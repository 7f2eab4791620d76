//! Columns of numbers, flags, states and lists.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::text::TextColumn;

/// Why a column does not fit its role.
#[derive(Debug, PartialEq)]
pub(crate) enum Misfit {
    /// No value of this type would do.
    Type,
    /// The value of this row, given as text, will not do.
    Value(usize, String),
}

/// A flag that is missing; the others are 0 and 1.
pub(crate) const NO_FLAG: u8 = 2;

/// A status that is missing.
pub(crate) const NO_STATUS: u8 = u8::MAX;

/// The names of the statuses, in the order of their codes.
pub(crate) const STATUSES: [&str; 4] = ["ok", "no_answer", "truncated", "error"];

/// A column of floats in which nothing is stored until a value comes.
#[derive(Debug, Default)]
pub(crate) struct Floats {
    rows: usize,
    values: Option<Vec<f64>>,
}

impl Floats {
    /// Appends a batch of numbers of any type; null becomes NaN.
    pub(crate) fn push(&mut self, array: &ArrayRef) -> Result<(), Misfit> {
        let array = floats(array)?;
        if array.null_count() < array.len() && self.values.is_none() {
            self.values = Some(vec![f64::NAN; self.rows]);
        }
        self.rows += array.len();
        match &mut self.values {
            None => {}
            Some(values) if array.null_count() == 0 => values.extend_from_slice(array.values()),
            Some(values) => values.extend(array.iter().map(|value| value.unwrap_or(f64::NAN))),
        }
        Ok(())
    }

    /// The values, unless every one is missing.
    pub(crate) fn finish(self) -> Option<Vec<f64>> {
        self.values
            .filter(|values| values.iter().any(|value| !value.is_nan()))
    }
}

/// A column of lists of floats, packed.
#[derive(Debug, Default)]
pub(crate) struct FloatLists {
    ends: Vec<usize>,
    values: Vec<f64>,
}

impl FloatLists {
    /// Appends a batch of lists; a null list is an empty one, a null number NaN.
    pub(crate) fn push(&mut self, array: &ArrayRef) -> Result<(), Misfit> {
        let element = match array.data_type() {
            DataType::Null => {
                self.ends
                    .extend(std::iter::repeat_n(self.values.len(), array.len()));
                return Ok(());
            }
            DataType::List(field)
            | DataType::LargeList(field)
            | DataType::ListView(field)
            | DataType::LargeListView(field)
            | DataType::FixedSizeList(field, _) => field.clone(),
            _ => return Err(Misfit::Type),
        };
        let large = DataType::LargeList(element);
        let lists = cast(array, &large).map_err(|_| Misfit::Type)?;
        let lists = lists.as_list::<i64>();
        let values = floats(lists.values())?;
        let offsets = lists.value_offsets();
        for row in 0..lists.len() {
            if lists.is_valid(row) {
                let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
                self.values.extend((start..end).map(|at| {
                    if values.is_valid(at) {
                        values.value(at)
                    } else {
                        f64::NAN
                    }
                }));
            }
            self.ends.push(self.values.len());
        }
        Ok(())
    }

    /// The lists of the rows in `order` as offsets and values, unless every list is empty.
    pub(crate) fn finish(
        self,
        order: impl ExactSizeIterator<Item = usize>,
    ) -> Option<(Vec<i64>, Vec<f64>)> {
        if self.values.is_empty() {
            return None;
        }
        let mut offsets = Vec::with_capacity(order.len() + 1);
        let mut values = Vec::with_capacity(self.values.len());
        offsets.push(0);
        for row in order {
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            values.extend_from_slice(&self.values[start..self.ends[row]]);
            offsets.push(values.len() as i64);
        }
        Some((offsets, values))
    }
}

/// Numbers of any type as floats.
pub(crate) fn floats(array: &ArrayRef) -> Result<Float64Array, Misfit> {
    let plain = unpacked(array)?;
    let numeric = plain.data_type();
    if !(numeric.is_numeric() || numeric.is_null()) {
        return Err(Misfit::Type);
    }
    let floats = cast(&plain, &DataType::Float64).map_err(|_| Misfit::Type)?;
    Ok(floats.as_primitive::<Float64Type>().clone())
}

/// Whole numbers of any type.
pub(crate) fn integers(array: &ArrayRef) -> Result<Int64Array, Misfit> {
    let plain = unpacked(array)?;
    if !(plain.data_type().is_integer() || plain.data_type().is_null()) {
        let floats = floats(&plain)?;
        for (row, value) in floats.iter().enumerate() {
            if let Some(value) = value
                && (value.fract() != 0.0 || value.abs() > 2.0_f64.powi(53))
            {
                return Err(misfit(&plain, row));
            }
        }
    }
    // What does not fit becomes null.
    let integers = cast(&plain, &DataType::Int64).map_err(|_| Misfit::Type)?;
    match (0..plain.len()).find(|&row| plain.is_valid(row) && integers.is_null(row)) {
        Some(row) => Err(misfit(&plain, row)),
        None => Ok(integers.as_primitive::<Int64Type>().clone()),
    }
}

/// Booleans, numbers that are 0 or 1, and words for them, as 0, 1 or [`NO_FLAG`].
pub(crate) fn flags(array: &ArrayRef, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let plain = unpacked(array)?;
    if plain.data_type() == &DataType::Boolean {
        let values = plain.as_boolean();
        let before = out.len();
        out.resize(before + values.len(), NO_FLAG);
        for (row, (flag, value)) in out[before..].iter_mut().zip(values.values()).enumerate() {
            if values.is_valid(row) {
                *flag = u8::from(value);
            }
        }
        return Ok(());
    }
    let text = TextColumn::new(&plain).ok_or(Misfit::Type)?;
    let mut scratch = Vec::new();
    for row in 0..plain.len() {
        out.push(match text.get(row, &mut scratch) {
            None => NO_FLAG,
            Some(b"0") => 0,
            Some(b"1") => 1,
            Some(word) if word.eq_ignore_ascii_case(b"false") => 0,
            Some(word) if word.eq_ignore_ascii_case(b"true") => 1,
            Some(_) => return Err(Misfit::Value(row, text.describe(row))),
        });
    }
    Ok(())
}

/// Statuses by name or by code, or [`NO_STATUS`].
pub(crate) fn statuses(array: &ArrayRef, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let plain = unpacked(array)?;
    let text = TextColumn::new(&plain).ok_or(Misfit::Type)?;
    let mut scratch = Vec::new();
    for row in 0..plain.len() {
        out.push(match text.get(row, &mut scratch) {
            None => NO_STATUS,
            Some(&[digit @ b'0'..=b'3']) => digit - b'0',
            Some(name) => STATUSES
                .iter()
                .position(|status| status.as_bytes() == name)
                .map(|code| code as u8)
                .ok_or_else(|| Misfit::Value(row, text.describe(row)))?,
        });
    }
    Ok(())
}

/// The values of a dictionary column written out; any other column as it is.
fn unpacked(array: &ArrayRef) -> Result<ArrayRef, Misfit> {
    match array.data_type() {
        DataType::Dictionary(_, values) => cast(array, values).map_err(|_| Misfit::Type),
        _ => Ok(array.clone()),
    }
}

fn misfit(array: &ArrayRef, row: usize) -> Misfit {
    TextColumn::new(array).map_or(Misfit::Type, |text| Misfit::Value(row, text.describe(row)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, DictionaryArray, FixedSizeListArray, Int32Array, ListArray, NullArray,
        StringArray, UInt64Array,
    };
    use arrow::datatypes::Int8Type;

    use super::*;

    fn array(array: impl Array + 'static) -> ArrayRef {
        Arc::new(array)
    }

    #[test]
    fn floats_start_at_the_first_value_and_keep_their_place() {
        let mut column = Floats::default();
        column
            .push(&array(NullArray::new(2)))
            .expect("missing values are numbers");
        column
            .push(&array(Int32Array::from(vec![None, Some(7)])))
            .expect("numbers");
        let values = column.finish().expect("one value");
        assert_eq!(values.len(), 4);
        assert!(values[..3].iter().all(|value| value.is_nan()));
        assert!((values[3] - 7.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_column_of_missing_values_is_no_column() {
        let mut column = Floats::default();
        column
            .push(&array(Float64Array::from(vec![None, Some(f64::NAN)])))
            .expect("numbers");
        assert_eq!(column.finish(), None);
        assert_eq!(
            Floats::default().push(&array(StringArray::from(vec!["1"]))),
            Err(Misfit::Type)
        );
    }

    #[test]
    fn sample_numbers_must_be_whole_and_in_range() {
        let whole = integers(&array(Float64Array::from(vec![Some(3.0), None]))).expect("whole");
        assert_eq!(whole, Int64Array::from(vec![Some(3), None]));
        assert_eq!(
            integers(&array(Float64Array::from(vec![1.0, 1.5]))),
            Err(Misfit::Value(1, "1.5".into()))
        );
        assert_eq!(
            integers(&array(UInt64Array::from(vec![0, u64::MAX]))),
            Err(Misfit::Value(1, "18446744073709551615".into()))
        );
        assert_eq!(
            integers(&array(StringArray::from(vec!["1"]))),
            Err(Misfit::Type)
        );
        assert_eq!(
            integers(&array(BooleanArray::from(vec![true]))),
            Err(Misfit::Type)
        );
    }

    #[test]
    fn flags_are_booleans_zero_and_one_and_words() {
        let read = |array: &ArrayRef| {
            let mut out = Vec::new();
            flags(array, &mut out).map(|()| out)
        };
        assert_eq!(
            read(&array(BooleanArray::from(vec![Some(true), None]))),
            Ok(vec![1, NO_FLAG])
        );
        assert_eq!(
            read(&array(Float64Array::from(vec![0.0, 1.0, f64::NAN]))),
            Ok(vec![0, 1, NO_FLAG])
        );
        assert_eq!(
            read(&array(StringArray::from(vec!["True", "false"]))),
            Ok(vec![1, 0])
        );
        assert_eq!(
            read(&array(DictionaryArray::<Int8Type>::from_iter([
                "true", "false", "true"
            ]))),
            Ok(vec![1, 0, 1])
        );
        assert_eq!(
            read(&array(Float64Array::from(vec![1.0, 0.5]))),
            Err(Misfit::Value(1, "0.5".into()))
        );
        assert_eq!(
            read(&array(StringArray::from(vec!["C"]))),
            Err(Misfit::Value(0, "\"C\"".into()))
        );
    }

    #[test]
    fn statuses_go_by_name_or_code() {
        let read = |array: &ArrayRef| {
            let mut out = Vec::new();
            statuses(array, &mut out).map(|()| out)
        };
        assert_eq!(
            read(&array(StringArray::from(vec![
                Some("truncated"),
                None,
                Some("ok")
            ]))),
            Ok(vec![2, NO_STATUS, 0])
        );
        assert_eq!(read(&array(Int32Array::from(vec![3, 1]))), Ok(vec![3, 1]));
        assert_eq!(
            read(&array(Int32Array::from(vec![4]))),
            Err(Misfit::Value(0, "4".into()))
        );
    }

    #[test]
    fn lists_are_packed_in_the_order_asked_for() {
        let lists = ListArray::from_iter_primitive::<Float64Type, _, _>([
            Some(vec![Some(1.0), Some(2.0)]),
            None,
            Some(vec![Some(3.0)]),
        ]);
        let mut column = FloatLists::default();
        // A slice must not bring the values before it along.
        column.push(&array(lists.slice(1, 2))).expect("lists");
        column.push(&array(lists)).expect("lists");
        let (offsets, values) = column.finish([4, 2, 1, 0, 3].into_iter()).expect("values");
        assert_eq!(offsets, [0, 1, 3, 4, 4, 4]);
        assert_eq!(values, [3.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn fixed_size_lists_are_lists() {
        let lists = FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(
            [
                Some(vec![Some(1.0), Some(2.0)]),
                Some(vec![Some(3.0), Some(4.0)]),
            ],
            2,
        );
        let mut column = FloatLists::default();
        column.push(&array(lists)).expect("lists");
        assert_eq!(
            column.finish(0..2),
            Some((vec![0, 2, 4], vec![1.0, 2.0, 3.0, 4.0]))
        );
        let words = array(StringArray::from(vec!["[1]"]));
        assert_eq!(FloatLists::default().push(&words), Err(Misfit::Type));
    }
}
