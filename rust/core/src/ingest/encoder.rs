//! Rows in, one batch at a time.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::Schema;

use super::cells::{self, FloatLists, Floats, Misfit};
use super::columns::{Columns, Layout, Role};
use super::error::{Error, Result};
use super::groups::Groups;
use super::intern::{ColumnIds, Interner, NONE};

/// The roles read as one float per sample.
pub(crate) const FLOAT_ROLES: [Role; 5] = [
    Role::Score,
    Role::TokensIn,
    Role::TokensOut,
    Role::Cost,
    Role::Latency,
];

/// A column of texts with its own numbering.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) interner: Interner,
    column: ColumnIds,
}

/// Collects rows and encodes them as they come; [`finish`](Self::finish) makes the log of them.
///
/// Text is interned at once, so what is kept per row is a few integers. Columns and rows are in
/// the order of arrival until the end.
#[derive(Debug)]
pub struct Encoder {
    pub(super) columns: Columns,
    layout: Layout,
    pub(super) available: Vec<String>,
    pub(super) rows: usize,

    pub(super) questions: Labels,
    pub(super) models: Labels,
    pub(super) datasets: Labels,
    pub(super) clusters: Labels,
    /// Answers and references share one numbering: equal ids are equal texts.
    pub(super) answers: Interner,
    answer_column: ColumnIds,
    reference_column: ColumnIds,

    pub(super) groups: Groups,
    /// Per row.
    pub(super) group: Vec<u32>,
    pub(super) answer: Vec<u32>,
    pub(super) flag: Vec<u8>,
    pub(super) sample: Vec<i64>,
    /// Whether any row has a sample number, and the first row that has none.
    pub(super) numbered: bool,
    pub(super) unnumbered: Option<usize>,
    pub(super) keep: Vec<u8>,
    pub(super) status: Vec<u8>,
    pub(super) floats: [Floats; FLOAT_ROLES.len()],
    pub(super) step_scores: FloatLists,
}

impl Encoder {
    /// An encoder for batches of `schema`.
    pub fn new(schema: &Schema, columns: &Columns) -> Result<Self> {
        Ok(Self {
            columns: columns.clone(),
            layout: Layout::resolve(schema, columns)?,
            available: schema
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect(),
            rows: 0,
            questions: Labels::default(),
            models: Labels::default(),
            datasets: Labels::default(),
            clusters: Labels::default(),
            answers: Interner::default(),
            answer_column: ColumnIds::default(),
            reference_column: ColumnIds::default(),
            groups: Groups::default(),
            group: Vec::new(),
            answer: Vec::new(),
            flag: Vec::new(),
            sample: Vec::new(),
            numbered: false,
            unnumbered: None,
            keep: Vec::new(),
            status: Vec::new(),
            floats: Default::default(),
            step_scores: FloatLists::default(),
        })
    }

    /// Adds the rows of a batch.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        self.push_groups(batch)?;
        self.push_answers(batch)?;
        self.push_samples(batch)?;
        self.push_optional(batch)?;
        self.rows += batch.num_rows();
        Ok(())
    }

    /// Which question each row belongs to, and what is said about the question as a whole.
    fn push_groups(&mut self, batch: &RecordBatch) -> Result<()> {
        let faults = Faults::of(batch, &self.columns, self.rows);
        let Some(questions) = self.layout.column(batch, Role::Question) else {
            return Ok(());
        };
        let questions = self.questions.encode(questions, Role::Question, &faults)?;
        if let Some(row) = questions.iter().position(|&id| id == NONE) {
            return Err(faults.missing(Role::Question, row));
        }
        let models = match self.layout.column(batch, Role::Model) {
            Some(column) => Some(self.models.encode(column, Role::Model, &faults)?),
            None => None,
        };
        let datasets = match self.layout.column(batch, Role::Dataset) {
            Some(column) => Some(self.datasets.encode(column, Role::Dataset, &faults)?),
            None => None,
        };
        let at = |ids: Option<&[u32]>, row: usize| ids.map_or(NONE, |ids| ids[row]);
        let before = self.group.len();
        for (row, &question) in questions.iter().enumerate() {
            let key = [question, at(models, row), at(datasets, row)];
            self.group
                .push(self.groups.find_or_insert(key, self.rows + row)?);
        }
        let groups = &self.group[before..];

        if let Some(column) = self.layout.column(batch, Role::Reference) {
            let ids = encode(
                &mut self.reference_column,
                column,
                &mut self.answers,
                Role::Reference,
                &faults,
            )?;
            for (row, (&group, &id)) in groups.iter().zip(ids).enumerate() {
                if let Some(first) = self.groups.set_reference(group, id) {
                    let question = self
                        .questions
                        .interner
                        .describe(self.groups.question(group));
                    return Err(faults.conflict(
                        Role::Reference,
                        row,
                        question,
                        &self.answers,
                        [first, id],
                    ));
                }
            }
        }
        if let Some(column) = self.layout.column(batch, Role::Cluster) {
            let ids = self.clusters.encode(column, Role::Cluster, &faults)?;
            for (row, (&group, &id)) in groups.iter().zip(ids).enumerate() {
                if let Some(first) = self.groups.set_cluster(group, id) {
                    let question = self
                        .questions
                        .interner
                        .describe(self.groups.question(group));
                    let clusters = &self.clusters.interner;
                    return Err(faults.conflict(
                        Role::Cluster,
                        row,
                        question,
                        clusters,
                        [first, id],
                    ));
                }
            }
        }
        Ok(())
    }

    fn push_answers(&mut self, batch: &RecordBatch) -> Result<()> {
        let faults = Faults::of(batch, &self.columns, self.rows);
        match self.layout.column(batch, Role::Answer) {
            None => self.answer.resize(self.rows + batch.num_rows(), NONE),
            Some(column) => {
                let ids = encode(
                    &mut self.answer_column,
                    column,
                    &mut self.answers,
                    Role::Answer,
                    &faults,
                )?;
                self.answer.extend_from_slice(ids);
            }
        }
        match self.layout.column(batch, Role::Correct) {
            None => self
                .flag
                .resize(self.rows + batch.num_rows(), cells::NO_FLAG),
            Some(column) => cells::flags(column, &mut self.flag)
                .map_err(|misfit| faults.misfit(Role::Correct, misfit))?,
        }
        Ok(())
    }

    fn push_samples(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(column) = self.layout.column(batch, Role::Sample) else {
            return Ok(());
        };
        let faults = Faults::of(batch, &self.columns, self.rows);
        let samples =
            cells::integers(column).map_err(|misfit| faults.misfit(Role::Sample, misfit))?;
        if self.unnumbered.is_none() {
            self.unnumbered = (0..samples.len())
                .find(|&row| samples.is_null(row))
                .map(|row| self.rows + row);
        }
        self.numbered |= samples.null_count() < samples.len();
        self.sample.extend_from_slice(samples.values());
        Ok(())
    }

    fn push_optional(&mut self, batch: &RecordBatch) -> Result<()> {
        let faults = Faults::of(batch, &self.columns, self.rows);
        for (role, floats) in FLOAT_ROLES.into_iter().zip(&mut self.floats) {
            if let Some(column) = self.layout.column(batch, role) {
                floats
                    .push(column)
                    .map_err(|misfit| faults.misfit(role, misfit))?;
            }
        }
        if let Some(column) = self.layout.column(batch, Role::Keep) {
            cells::flags(column, &mut self.keep)
                .map_err(|misfit| faults.misfit(Role::Keep, misfit))?;
        }
        if let Some(column) = self.layout.column(batch, Role::Status) {
            cells::statuses(column, &mut self.status)
                .map_err(|misfit| faults.misfit(Role::Status, misfit))?;
        }
        if let Some(column) = self.layout.column(batch, Role::StepScores) {
            self.step_scores
                .push(column)
                .map_err(|misfit| faults.misfit(Role::StepScores, misfit))?;
        }
        Ok(())
    }
}

impl Layout {
    fn column<'a>(&self, batch: &'a RecordBatch, role: Role) -> Option<&'a ArrayRef> {
        self.position(role).map(|position| batch.column(position))
    }
}

impl Labels {
    fn encode(&mut self, column: &ArrayRef, role: Role, faults: &Faults<'_>) -> Result<&[u32]> {
        encode(&mut self.column, column, &mut self.interner, role, faults)
    }
}

fn encode<'a>(
    ids: &'a mut ColumnIds,
    column: &ArrayRef,
    interner: &mut Interner,
    role: Role,
    faults: &Faults<'_>,
) -> Result<&'a [u32]> {
    ids.encode(column, interner)
        .unwrap_or_else(|| Err(faults.misfit(role, Misfit::Type)))
}

/// What an error message needs to know about the batch it arose in.
struct Faults<'a> {
    schema: &'a Schema,
    columns: &'a Columns,
    rows_before: usize,
}

impl<'a> Faults<'a> {
    fn of(batch: &'a RecordBatch, columns: &'a Columns, rows_before: usize) -> Self {
        Self {
            schema: batch.schema_ref(),
            columns,
            rows_before,
        }
    }

    fn misfit(&self, role: Role, misfit: Misfit) -> Error {
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

    fn missing(&self, role: Role, row: usize) -> Error {
        Error::MissingValue {
            role,
            name: self.columns.name(role),
            row: self.rows_before + row,
        }
    }

    fn conflict(
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
