//! Complaints about one value of a batch, with its row.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use super::cells::Misfit;
use super::columns::{Columns, Role};
use super::error::Error;
use super::intern::Interner;

/// What an error message needs to know about the batch it arose in.
pub(super) struct Faults<'a> {
    schema: &'a Schema,
    columns: &'a Columns,
    rows_before: usize,
}

impl<'a> Faults<'a> {
    pub(super) fn of(batch: &'a RecordBatch, columns: &'a Columns, rows_before: usize) -> Self {
        Self {
            schema: batch.schema_ref(),
            columns,
            rows_before,
        }
    }

    /// The rows of the input that came before the batch.
    pub(super) fn rows_before(&self) -> usize {
        self.rows_before
    }

    pub(super) fn misfit(&self, role: Role, misfit: Misfit) -> Error {
        let name = self.columns.name(role);
        match misfit {
            Misfit::Value(row, value) => Error::Value {
                role,
                name,
                row: self.rows_before + row,
                value,
            },
            Misfit::Type => {
                let field = self.schema.field_with_name(&name);
                let data_type = field.map(|field| field.data_type().clone());
                Error::ColumnType {
                    role,
                    name,
                    data_type: data_type.unwrap_or(arrow::datatypes::DataType::Null),
                }
            }
        }
    }

    pub(super) fn missing(&self, role: Role, row: usize) -> Error {
        Error::MissingValue {
            role,
            name: self.columns.name(role),
            row: self.rows_before + row,
        }
    }

    pub(super) fn conflict(
        &self,
        role: Role,
        row: usize,
        question: String,
        texts: &Interner,
        ids: [u32; 2],
    ) -> Error {
        let [first, second] = ids.map(|id| texts.describe(id));
        let name = self.columns.name(role);
        Error::Conflict {
            question,
            role,
            name,
            first,
            second,
            row: self.rows_before + row,
        }
    }
}
