//! Result tables for any library that reads Arrow streams.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StructArray};
use arrow::datatypes::Field;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};

use crate::error::LogError;

/// One column of a table of results.
#[derive(FromPyObject)]
pub(crate) enum Numbers<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Reals(PyReadonlyArray1<'py, f64>),
}

/// Named columns of numbers, any number of times.
#[pyclass(frozen, module = "kcurve._core")]
pub(crate) struct TableStream {
    batch: RecordBatch,
}

#[pymethods]
impl TableStream {
    #[new]
    fn new(columns: Vec<(String, Numbers<'_>)>) -> PyResult<Self> {
        let columns = columns
            .into_iter()
            .map(|(name, values)| {
                let array: ArrayRef = match values {
                    Numbers::Integers(values) => {
                        Arc::new(Int64Array::from(values.as_slice()?.to_vec()))
                    }
                    Numbers::Reals(values) => {
                        Arc::new(Float64Array::from(values.as_slice()?.to_vec()))
                    }
                };
                Ok((name, array))
            })
            .collect::<PyResult<Vec<_>>>()?;
        let batch = RecordBatch::try_from_iter(columns)
            .map_err(|error| LogError::new_err(error.to_string()))?;
        Ok(Self { batch })
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.batch.schema().as_ref())?)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let field = Field::new_struct("", self.batch.schema().fields().clone(), false);
        let rows: ArrayRef = Arc::new(StructArray::from(self.batch.clone()));
        let reader = Box::new(ArrayIterator::new(
            std::iter::once(Ok(rows)),
            Arc::new(field),
        ));
        Ok(to_stream_pycapsule(py, reader, requested_schema)?)
    }
}
