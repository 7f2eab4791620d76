//! The columns whose texts become small integers: questions, what is said of them, and answers.

use arrow::array::{ArrayRef, RecordBatch};

use super::cells::Misfit;
use super::columns::{Layout, Role};
use super::error::Result;
use super::faults::Faults;
use super::groups::{GroupKey, Groups};
use super::intern::{ColumnIds, Interner, NONE};

/// A column of texts with its own numbering.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) interner: Interner,
    column: ColumnIds,
}

impl Labels {
    fn encode(&mut self, column: &ArrayRef, role: Role, faults: &Faults<'_>) -> Result<&[u32]> {
        encode(&mut self.column, column, &mut self.interner, role, faults)
    }

    fn allocated(&self) -> usize {
        self.interner.allocated() + self.column.allocated()
    }
}

/// The distinct texts of the rows met so far, and the questions they make.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) questions: Labels,
    pub(super) models: Labels,
    pub(super) datasets: Labels,
    pub(super) clusters: Labels,
    /// Answers and references share one numbering: equal ids are equal texts.
    pub(super) answers: Interner,
    answer_column: ColumnIds,
    reference_column: ColumnIds,
    pub(super) groups: Groups,
}

impl Texts {
    /// Appends the question of each row to `groups`, and notes what is said of the question.
    pub(super) fn push_questions(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        faults: &Faults<'_>,
        groups: &mut Vec<u32>,
    ) -> Result<()> {
        let Some(questions) = layout.column(batch, Role::Question) else {
            return Ok(());
        };
        let questions = self.questions.encode(questions, Role::Question, faults)?;
        if let Some(row) = questions.iter().position(|&id| id == NONE) {
            return Err(faults.missing(Role::Question, row));
        }
        let models = match layout.column(batch, Role::Model) {
            Some(column) => Some(self.models.encode(column, Role::Model, faults)?),
            None => None,
        };
        let datasets = match layout.column(batch, Role::Dataset) {
            Some(column) => Some(self.datasets.encode(column, Role::Dataset, faults)?),
            None => None,
        };
        let at = |ids: Option<&[u32]>, row: usize| ids.map_or(NONE, |ids| ids[row]);
        let before = groups.len();
        groups.reserve(questions.len());
        let mut last: Option<(GroupKey, u32)> = None;
        for (row, &question) in questions.iter().enumerate() {
            let key = [question, at(models, row), at(datasets, row)];
            // Rows of one question tend to stand together.
            let group = match last {
                Some((known, group)) if known == key => group,
                _ => self
                    .groups
                    .find_or_insert(key, faults.rows_before() + row)?,
            };
            last = Some((key, group));
            groups.push(group);
        }
        self.push_references(batch, layout, faults, &groups[before..])?;
        self.push_clusters(batch, layout, faults, &groups[before..])
    }

    fn push_references(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        faults: &Faults<'_>,
        groups: &[u32],
    ) -> Result<()> {
        let role = Role::Reference;
        let Some(column) = layout.column(batch, role) else {
            return Ok(());
        };
        let ids = encode(
            &mut self.reference_column,
            column,
            &mut self.answers,
            role,
            faults,
        )?;
        for (row, (&group, &id)) in groups.iter().zip(ids).enumerate() {
            if let Some(first) = self.groups.set_reference(group, id) {
                let question = self
                    .questions
                    .interner
                    .describe(self.groups.question(group));
                return Err(faults.conflict(role, row, question, &self.answers, [first, id]));
            }
        }
        Ok(())
    }

    fn push_clusters(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        faults: &Faults<'_>,
        groups: &[u32],
    ) -> Result<()> {
        let role = Role::Cluster;
        let Some(column) = layout.column(batch, role) else {
            return Ok(());
        };
        let ids = self.clusters.encode(column, role, faults)?;
        for (row, (&group, &id)) in groups.iter().zip(ids).enumerate() {
            if let Some(first) = self.groups.set_cluster(group, id) {
                let question = self
                    .questions
                    .interner
                    .describe(self.groups.question(group));
                let clusters = &self.clusters.interner;
                return Err(faults.conflict(role, row, question, clusters, [first, id]));
            }
        }
        Ok(())
    }

    /// The id of each row's answer, unless the rows have no answer column.
    pub(super) fn answers(
        &mut self,
        batch: &RecordBatch,
        layout: &Layout,
        faults: &Faults<'_>,
    ) -> Result<Option<&[u32]>> {
        let Some(column) = layout.column(batch, Role::Answer) else {
            return Ok(None);
        };
        let (ids, interner) = (&mut self.answer_column, &mut self.answers);
        encode(ids, column, interner, Role::Answer, faults).map(Some)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn allocated(&self) -> usize {
        self.questions.allocated()
            + self.models.allocated()
            + self.datasets.allocated()
            + self.clusters.allocated()
            + self.answers.allocated()
            + self.answer_column.allocated()
            + self.reference_column.allocated()
            + self.groups.allocated()
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
