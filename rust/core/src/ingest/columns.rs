//! Which column of the input plays which role.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;

use super::error::{Error, Result};

/// What a column stands for in an answer log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The question's id.
    Question,
    /// The extracted answer; null for none.
    Answer,
    /// The correct answer of the question.
    Reference,
    /// Whether this sample is correct.
    Correct,
    /// The number of the sample within its question.
    Sample,
    /// A verifier's score of the sample.
    Score,
    /// Whether a filter kept the sample.
    Keep,
    /// A process reward model's score of every step.
    StepScores,
    /// Tokens of the prompt.
    TokensIn,
    /// Tokens generated.
    TokensOut,
    /// Money spent.
    Cost,
    /// Seconds taken.
    Latency,
    /// How the sample ended: ok, no answer, truncated, error.
    Status,
    /// The model that answered.
    Model,
    /// The data set of the question.
    Dataset,
    /// The cluster of questions that are not independent of each other.
    Cluster,
}

impl Role {
    /// Every role, in the order in which a log is written.
    pub const ALL: [Self; 16] = [
        Self::Question,
        Self::Answer,
        Self::Reference,
        Self::Correct,
        Self::Sample,
        Self::Score,
        Self::Keep,
        Self::StepScores,
        Self::TokensIn,
        Self::TokensOut,
        Self::Cost,
        Self::Latency,
        Self::Status,
        Self::Model,
        Self::Dataset,
        Self::Cluster,
    ];

    /// The name of the argument that names this column.
    pub const fn argument(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Reference => "reference",
            Self::Correct => "correct",
            Self::Sample => "sample",
            Self::Score => "score",
            Self::Keep => "keep",
            Self::StepScores => "step_scores",
            Self::TokensIn => "tokens_in",
            Self::TokensOut => "tokens_out",
            Self::Cost => "cost",
            Self::Latency => "latency",
            Self::Status => "status",
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Cluster => "cluster",
        }
    }

    /// The column looked for when none is named; also the name a written log uses.
    pub const fn default_column(self) -> &'static str {
        match self {
            Self::Question => "question_id",
            Self::Sample => "sample_index",
            other => other.argument(),
        }
    }

    /// What the values of this column may be, for messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Question
            | Self::Answer
            | Self::Reference
            | Self::Model
            | Self::Dataset
            | Self::Cluster => "text, a number or a boolean",
            Self::Correct => "a boolean, 0 or 1, \"true\" or \"false\"",
            Self::Keep => "a boolean, 0 or 1",
            Self::Sample => "a whole number",
            Self::Score | Self::TokensIn | Self::TokensOut | Self::Cost | Self::Latency => {
                "a number"
            }
            Self::StepScores => "a list of numbers",
            Self::Status => {
                "\"ok\", \"no_answer\", \"truncated\" or \"error\", or their codes 0 to 3"
            }
        }
    }
}

/// The column a role is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the input.
    pub name: String,
    /// Whether its absence is an error.
    pub required: bool,
}

/// The columns to read, by role.
#[derive(Clone, Debug)]
pub struct Columns([Option<Column>; Role::ALL.len()]);

impl Default for Columns {
    /// Every role under its default name; only the question and the answer are required.
    fn default() -> Self {
        Self(Role::ALL.map(|role| {
            Some(Column {
                name: role.default_column().to_owned(),
                required: matches!(role, Role::Question | Role::Answer),
            })
        }))
    }
}

impl Columns {
    /// Reads `role` from `column`; with `None`, not at all.
    #[must_use]
    pub fn with(mut self, role: Role, column: Option<Column>) -> Self {
        self.0[role as usize] = column;
        self
    }

    /// The column `role` is read from, if any.
    pub fn get(&self, role: Role) -> Option<&Column> {
        self.0[role as usize].as_ref()
    }

    /// The name `role` is, or by default would be, read from.
    pub(crate) fn name(&self, role: Role) -> String {
        self.get(role).map_or_else(
            || role.default_column().to_owned(),
            |column| column.name.clone(),
        )
    }

    /// The error for a column of `role` that is not among `available`.
    pub(crate) fn missing(&self, role: Role, available: Vec<String>) -> Error {
        Error::MissingColumn {
            role,
            name: self.name(role),
            available,
        }
    }

    /// The error for an input that has neither flags nor references.
    pub(crate) fn no_truth(&self, available: Vec<String>) -> Error {
        Error::NoTruth {
            correct: self.name(Role::Correct),
            reference: self.name(Role::Reference),
            available,
        }
    }
}

/// Where in a schema each role is found.
#[derive(Clone, Debug)]
pub struct Layout([Option<usize>; Role::ALL.len()]);

impl Layout {
    /// Looks the columns up by name.
    pub fn resolve(schema: &Schema, columns: &Columns) -> Result<Self> {
        let available = || {
            schema
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect()
        };
        let mut layout = Self([None; Role::ALL.len()]);
        for role in Role::ALL {
            let Some(column) = columns.get(role) else {
                continue;
            };
            let mut positions = schema
                .fields()
                .iter()
                .enumerate()
                .filter_map(|(position, field)| (*field.name() == column.name).then_some(position));
            layout.0[role as usize] = positions.next();
            let repeats = positions.count();
            if repeats > 0 {
                return Err(Error::AmbiguousColumn {
                    name: column.name.clone(),
                    count: repeats + 1,
                });
            }
            if column.required && layout.position(role).is_none() {
                return Err(columns.missing(role, available()));
            }
        }
        if layout.position(Role::Correct).is_none() && layout.position(Role::Reference).is_none() {
            return Err(columns.no_truth(available()));
        }
        Ok(layout)
    }

    /// The position of a role's column, if the schema has it.
    pub fn position(&self, role: Role) -> Option<usize> {
        self.0[role as usize]
    }

    /// The column of a role in a batch of the schema's columns.
    pub(super) fn column<'a>(&self, batch: &'a RecordBatch, role: Role) -> Option<&'a ArrayRef> {
        self.position(role).map(|position| batch.column(position))
    }

    /// The positions of all columns to read, each once, in the order of the schema.
    pub fn projection(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = self.0.iter().copied().flatten().collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

    use super::*;

    fn schema(names: &[&str]) -> Schema {
        Schema::new(
            names
                .iter()
                .map(|name| Field::new(*name, DataType::Utf8, true))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn roles_stand_at_their_own_position() {
        for (position, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, position);
        }
    }

    #[test]
    fn a_column_that_plays_two_roles_is_read_once() {
        let columns = Columns::default().with(
            Role::Cluster,
            Some(Column {
                name: "question_id".into(),
                required: true,
            }),
        );
        let layout = Layout::resolve(
            &schema(&["x", "question_id", "answer", "correct"]),
            &columns,
        )
        .expect("all columns are there");
        assert_eq!(layout.projection(), [1, 2, 3]);
        assert_eq!(layout.position(Role::Cluster), Some(1));
        assert_eq!(layout.position(Role::Score), None);
    }

    #[test]
    fn errors_name_the_columns_there_are() {
        let message = |names: &[&str]| {
            Layout::resolve(&schema(names), &Columns::default())
                .expect_err("incomplete")
                .to_string()
        };
        assert_eq!(
            message(&["id", "answer", "correct"]),
            r#"no column "question_id"; the columns are "id", "answer", "correct"; pass question= to name the one to use"#
        );
        assert!(message(&["question_id", "answer"]).starts_with(
            r#"neither column "correct" nor column "reference" says which answers are correct"#
        ));
        assert_eq!(
            message(&["question_id", "answer", "answer", "correct"]),
            r#"column "answer" appears 2 times; rename all but one"#
        );
    }
}
