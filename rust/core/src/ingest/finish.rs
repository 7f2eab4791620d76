//! The log made of the rows.

use super::arrange::{Arrangement, Duplicates, arrange};
use super::cells::{NO_FLAG, NO_STATUS};
use super::columns::Role;
use super::encoded::{Categorical, EncodedLog, OptionalStrings, StepScores, Strings};
use super::encoder::Encoder;
use super::error::{Error, Result};
use super::intern::{Interner, NONE};
use super::texts::Labels;
use crate::work::Watch;

impl Encoder {
    /// The number of rows taken in so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes the log: orders the samples, numbers the answers, decides what is correct.
    pub fn finish(mut self, duplicates: Duplicates, watch: &Watch) -> Result<EncodedLog> {
        if self.rows == 0 {
            return Err(Error::Empty);
        }
        if let Some(row) = self.unnumbered
            && self.numbered
        {
            let name = self.columns.name(Role::Sample);
            return Err(Error::MissingValue {
                role: Role::Sample,
                name,
                row,
            });
        }
        watch.check()?;
        let samples = self.numbered.then_some(self.sample.as_slice());
        let arrangement = arrange(&self.group, self.texts.groups.len(), samples, duplicates)
            .map_err(|clash| {
                let question = self.texts.groups.question(clash.group);
                clash.into_error(self.texts.questions.interner.describe(question))
            })?;
        watch.check()?;
        let correct = self.correct(&arrangement)?;
        watch.check()?;
        let sample = if self.numbered {
            arrangement.take(std::mem::take(&mut self.sample))
        } else {
            numbered(&arrangement.offsets)
        };
        let keep = self.keep(&arrangement)?;
        let status = self.status(&arrangement);
        let reference = self.reference();
        let model = self.category(Role::Model, &self.texts.models, self.texts.groups.models())?;
        let dataset = self.category(
            Role::Dataset,
            &self.texts.datasets,
            self.texts.groups.datasets(),
        )?;
        let cluster = self.category(
            Role::Cluster,
            &self.texts.clusters,
            self.texts.groups.clusters(),
        )?;
        let unnamed = || Categorical::unnamed(self.texts.groups.len());
        let mut question = Strings::default();
        for id in self.texts.groups.questions() {
            question.push(self.texts.questions.interner.get(id));
        }
        let answer = arrangement.take(std::mem::take(&mut self.answer));
        let Answers {
            codes,
            texts,
            offsets,
        } = number_answers(&answer, &arrangement.offsets, &self.texts.answers)?;
        drop(answer);
        watch.check()?;
        let [score, tokens_in, tokens_out, cost, latency] = std::mem::take(&mut self.floats)
            .map(|floats| floats.finish().map(|values| arrangement.take(values)));
        let step_scores = std::mem::take(&mut self.step_scores)
            .finish(arrangement.rows())
            .map(|(offsets, values)| StepScores { offsets, values });
        Ok(EncodedLog {
            offsets: arrangement
                .offsets
                .iter()
                .map(|&offset| offset as i64)
                .collect(),
            codes,
            correct,
            sample,
            question,
            answers: texts,
            answer_offsets: offsets,
            reference,
            model: model.unwrap_or_else(unnamed),
            dataset: dataset.unwrap_or_else(unnamed),
            cluster,
            score,
            keep,
            step_scores,
            tokens_in,
            tokens_out,
            cost,
            latency,
            status,
        })
    }

    /// A sample's flag decides; without one, whether its answer is the reference.
    fn correct(&self, arrangement: &Arrangement) -> Result<Vec<bool>> {
        let references = self.texts.groups.references();
        let no_flags = self.flag.iter().all(|&flag| flag == NO_FLAG);
        if no_flags && references.iter().all(|&reference| reference == NONE) {
            return Err(self.columns.no_truth(self.available.clone()));
        }
        let mut correct = Vec::with_capacity(arrangement.len());
        for (group, &reference) in references.iter().enumerate() {
            let question = || {
                self.texts
                    .questions
                    .interner
                    .describe(self.texts.groups.question(group as u32))
            };
            let places = arrangement.offsets[group]..arrangement.offsets[group + 1];
            let flagged = |place: usize| self.flag[arrangement.row(place)] != NO_FLAG;
            if reference == NONE && !places.clone().any(flagged) {
                return Err(Error::UngradedQuestion {
                    question: question(),
                });
            }
            for place in places {
                let row = arrangement.row(place);
                let answer = self.answer[row];
                correct.push(match self.flag[row] {
                    NO_FLAG if answer == NONE => false,
                    NO_FLAG if reference == NONE => {
                        let answer = self.texts.answers.describe(answer);
                        return Err(Error::UngradedAnswer {
                            question: question(),
                            row,
                            answer,
                        });
                    }
                    NO_FLAG => answer == reference,
                    flag => flag == 1,
                });
            }
        }
        Ok(correct)
    }

    /// The filter decisions; every row must have one if any has.
    fn keep(&mut self, arrangement: &Arrangement) -> Result<Option<Vec<bool>>> {
        let keep = std::mem::take(&mut self.keep);
        if keep.iter().all(|&flag| flag == NO_FLAG) {
            return Ok(None);
        }
        if let Some(row) = keep.iter().position(|&flag| flag == NO_FLAG) {
            return Err(Error::MissingValue {
                role: Role::Keep,
                name: self.columns.name(Role::Keep),
                row,
            });
        }
        Ok(Some(arrangement.rows().map(|row| keep[row] == 1).collect()))
    }

    /// The statuses; a missing one is that of a sample with, or without, an answer.
    fn status(&mut self, arrangement: &Arrangement) -> Option<Vec<u8>> {
        let status = std::mem::take(&mut self.status);
        if status.iter().all(|&status| status == NO_STATUS) {
            return None;
        }
        let implied = |row: usize| u8::from(self.answer[row] == NONE);
        let known = |row: usize| {
            if status[row] == NO_STATUS {
                implied(row)
            } else {
                status[row]
            }
        };
        Some(arrangement.rows().map(known).collect())
    }

    fn reference(&self) -> Option<OptionalStrings> {
        let references = self.texts.groups.references();
        if references.iter().all(|&reference| reference == NONE) {
            return None;
        }
        let mut texts = OptionalStrings::default();
        for &reference in references {
            texts.push((reference != NONE).then(|| self.texts.answers.get(reference)));
        }
        Some(texts)
    }

    /// The categories of a role; every question must have one if any has.
    fn category(
        &self,
        role: Role,
        labels: &Labels,
        ids: impl Iterator<Item = u32> + Clone,
    ) -> Result<Option<Categorical>> {
        if ids.clone().all(|id| id == NONE) {
            return Ok(None);
        }
        if let Some(group) = ids.clone().position(|id| id == NONE) {
            let row = self.texts.groups.first_row(group);
            return Err(Error::MissingValue {
                role,
                name: self.columns.name(role),
                row,
            });
        }
        let mut names = Strings::default();
        for id in 0..labels.interner.len() {
            names.push(labels.interner.get(id as u32));
        }
        Ok(Some(Categorical {
            codes: ids.map(|id| id as i32).collect(),
            names,
        }))
    }
}

/// 0, 1, 2, … within each group.
fn numbered(offsets: &[usize]) -> Vec<i64> {
    offsets
        .windows(2)
        .flat_map(|bounds| 0..(bounds[1] - bounds[0]) as i64)
        .collect()
}

/// The answers of each question, numbered within it.
struct Answers {
    codes: Vec<i32>,
    texts: Strings,
    offsets: Vec<i64>,
}

/// Numbers the answers of each group by first appearance.
fn number_answers(answers: &[u32], offsets: &[usize], interner: &Interner) -> Result<Answers> {
    let mut codes = Vec::with_capacity(answers.len());
    let mut texts = Strings::default();
    let mut text_offsets = Vec::with_capacity(offsets.len());
    text_offsets.push(0);
    // The code of each distinct text of the log within the group that used it last.
    let mut local = vec![(NONE, 0_i32); interner.len()];
    for (group, bounds) in offsets.windows(2).enumerate() {
        let group = group as u32;
        let mut next = 0;
        for &answer in &answers[bounds[0]..bounds[1]] {
            if answer == NONE {
                codes.push(-1);
                continue;
            }
            let (seen_in, code) = &mut local[answer as usize];
            if *seen_in != group {
                (*seen_in, *code) = (group, next);
                next = next.checked_add(1).ok_or(Error::TooMany {
                    what: "distinct answers of a question",
                    limit: i32::MAX as u64,
                })?;
                texts.push(interner.get(answer));
            }
            codes.push(*code);
        }
        text_offsets.push(texts.len() as i64);
    }
    Ok(Answers {
        codes,
        texts,
        offsets: text_offsets,
    })
}
