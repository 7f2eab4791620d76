//! Rows in, one batch at a time.

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::Schema;

use super::cells::{self, FloatLists, Floats};
use super::columns::{Columns, Layout, Role};
use super::error::Result;
use super::faults::Faults;
use super::intern::NONE;
use super::texts::Texts;

/// The roles read as one float per sample.
pub(crate) const FLOAT_ROLES: [Role; 5] = [
    Role::Score,
    Role::TokensIn,
    Role::TokensOut,
    Role::Cost,
    Role::Latency,
];

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

    pub(super) texts: Texts,
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
            texts: Texts::default(),
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
        let faults = Faults::of(batch, &self.columns, self.rows);
        self.texts
            .push_questions(batch, &self.layout, &faults, &mut self.group)?;
        self.push_answers(batch)?;
        self.push_samples(batch)?;
        self.push_optional(batch)?;
        self.rows += batch.num_rows();
        Ok(())
    }

    fn push_answers(&mut self, batch: &RecordBatch) -> Result<()> {
        let faults = Faults::of(batch, &self.columns, self.rows);
        match self.texts.answers(batch, &self.layout, &faults)? {
            None => self.answer.resize(self.rows + batch.num_rows(), NONE),
            Some(ids) => self.answer.extend_from_slice(ids),
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
