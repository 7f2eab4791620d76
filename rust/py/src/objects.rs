//! Columns of Python objects as Arrow arrays.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Float64Builder, Int64Array, LargeListBuilder,
    LargeStringArray, UInt64Array, make_array, new_null_array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::concat;
use arrow::datatypes::DataType;
use numpy::{PyArrayDescrMethods, PyReadonlyArray1, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyString, PyTuple};
use pyo3_arrow::input::AnyArray;

use crate::error::LogError;

/// The values of a column: anything that speaks Arrow, a one-dimensional numpy array of numbers
/// or booleans, or a list.
pub(crate) fn array(name: &str, values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(list) = values.cast::<PyList>() {
        return list_array(name, list);
    }
    if let Ok(numbers) = values.cast::<PyUntypedArray>() {
        return numpy_array(name, numbers);
    }
    let chunks = values.extract::<AnyArray>()?.into_chunked_array()?;
    let data_type = chunks.data_type().clone();
    let (chunks, _) = chunks.into_inner();
    let chunks: Vec<_> = chunks.iter().map(AsRef::as_ref).collect();
    match chunks.as_slice() {
        [] => Ok(new_null_array(&data_type, 0)),
        [only] => Ok(make_array(only.to_data())),
        several => concat(several).map_err(|error| bad_column(name, &error)),
    }
}

/// Marks values as missing.
pub(crate) fn masked(array: &ArrayRef, mask: &PyReadonlyArray1<'_, bool>) -> PyResult<ArrayRef> {
    let valid: NullBuffer = mask.as_slice()?.iter().map(|missing| !missing).collect();
    let data = array.to_data().into_builder().nulls(Some(valid)).build();
    data.map(make_array)
        .map_err(|error| bad_column("mask", &error))
}

fn bad_column(name: &str, reason: &dyn std::fmt::Display) -> PyErr {
    LogError::new_err(format!("column {name:?}: {reason}"))
}

fn numpy_array(name: &str, values: &Bound<'_, PyUntypedArray>) -> PyResult<ArrayRef> {
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, i64>>() {
        return Ok(Arc::new(Int64Array::from(values.as_slice()?.to_vec())));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, u64>>() {
        return Ok(Arc::new(UInt64Array::from(values.as_slice()?.to_vec())));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, f64>>() {
        return Ok(Arc::new(Float64Array::from(values.as_slice()?.to_vec())));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, bool>>() {
        return Ok(Arc::new(BooleanArray::from(values.as_slice()?.to_vec())));
    }
    let reason = format!(
        "an array of {} dimensions and kind {:?} is not a column of numbers or booleans",
        values.ndim(),
        char::from(values.dtype().kind()),
    );
    Err(bad_column(name, &reason))
}

/// A Python value as a log can hold it.
enum Value {
    Missing,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Numbers(Vec<f64>),
}

fn list_array(name: &str, list: &Bound<'_, PyList>) -> PyResult<ArrayRef> {
    let mut values = Vec::with_capacity(list.len());
    for (row, item) in list.iter().enumerate() {
        let value = value(&item)?.ok_or_else(|| {
            let class = item.get_type().to_string();
            let reason = format!("row {row} holds a {class}, which is not text, a number, a boolean or a list of numbers");
            bad_column(name, &reason)
        });
        values.push(value?);
    }
    typed(&values).ok_or_else(|| bad_column(name, &"lists do not mix with other values"))
}

/// What an object is, or `None` if it is nothing a log can hold.
fn value(item: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    if let Ok(text) = item.cast::<PyString>() {
        return Ok(Some(Value::Text(text.to_cow()?.into_owned())));
    }
    if item.is_none() {
        return Ok(Some(Value::Missing));
    }
    if let Ok(flag) = item.cast::<PyBool>() {
        return Ok(Some(Value::Boolean(flag.is_true())));
    }
    if item.is_instance_of::<PyInt>() {
        // An integer too large for a column of integers is still text.
        let large = || item.str().map(|text| Value::Text(text.to_string()));
        return item
            .extract()
            .map(Value::Integer)
            .or_else(|_| large())
            .map(Some);
    }
    if let Ok(float) = item.cast::<PyFloat>() {
        return Ok(Some(Value::Float(float.value())));
    }
    if item.is_instance_of::<PyList>() || item.is_instance_of::<PyTuple>() {
        return Ok(item.extract().ok().map(Value::Numbers));
    }
    if item
        .cast::<PyUntypedArray>()
        .is_ok_and(|array| array.ndim() == 1)
    {
        return Ok(item
            .call_method0("tolist")?
            .extract()
            .ok()
            .map(Value::Numbers));
    }
    // The missing values of pandas, which cannot be imported here to compare with.
    let class = item.get_type();
    if class.module()?.to_cow()?.starts_with("pandas.")
        && matches!(&*class.name()?.to_cow()?, "NAType" | "NaTType")
    {
        return Ok(Some(Value::Missing));
    }
    // NumPy scalars, arrays without dimensions.
    if item.hasattr("dtype")? && item.hasattr("item")? {
        let plain = item.call_method0("item")?;
        if !plain.hasattr("dtype")? {
            return value(&plain);
        }
    }
    Ok(None)
}

/// Values of one type stay of that type; scalars of several become text.
fn typed(values: &[Value]) -> Option<ArrayRef> {
    use Value::{Boolean, Float, Integer, Missing, Numbers};
    if values.iter().all(|value| matches!(value, Missing)) {
        return Some(new_null_array(&DataType::Null, values.len()));
    }
    if values
        .iter()
        .all(|value| matches!(value, Missing | Integer(_)))
    {
        let integer = |value: &Value| {
            if let Integer(value) = value {
                Some(*value)
            } else {
                None
            }
        };
        return Some(Arc::new(values.iter().map(integer).collect::<Int64Array>()));
    }
    if values
        .iter()
        .all(|value| matches!(value, Missing | Integer(_) | Float(_)))
    {
        let number = |value: &Value| match value {
            Integer(value) => Some(*value as f64),
            Float(value) => Some(*value),
            _ => None,
        };
        return Some(Arc::new(
            values.iter().map(number).collect::<Float64Array>(),
        ));
    }
    if values
        .iter()
        .all(|value| matches!(value, Missing | Boolean(_)))
    {
        let flag = |value: &Value| {
            if let Boolean(value) = value {
                Some(*value)
            } else {
                None
            }
        };
        return Some(Arc::new(values.iter().map(flag).collect::<BooleanArray>()));
    }
    if values.iter().any(|value| matches!(value, Numbers(_))) {
        let mut lists = LargeListBuilder::new(Float64Builder::new());
        for value in values {
            match value {
                Numbers(numbers) => {
                    lists.values().append_slice(numbers);
                    lists.append(true);
                }
                Missing => lists.append_null(),
                Float(value) if value.is_nan() => lists.append_null(),
                _ => return None,
            }
        }
        return Some(Arc::new(lists.finish()));
    }
    Some(Arc::new(
        values.iter().map(text).collect::<LargeStringArray>(),
    ))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Float(float) => kcurve_core::ingest::float_to_text(*float),
        Value::Missing | Value::Numbers(_) => None,
    }
}
