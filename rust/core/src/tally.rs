//! From the samples of a question to the counts that its vote depends on.

use crate::error::{Error, Result};
use crate::log::{NO_ANSWER, Ragged, check_length};
use crate::vote::NoAnswer;
use rayon::prelude::*;

/// How often a count occurs: `multiplicity` distinct answers were each given `count` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group {
    /// Samples per answer.
    pub count: u32,
    /// Number of answers with that many samples.
    pub multiplicity: u32,
}

/// The vote counts of one question, up to relabelling of its answers.
///
/// Equal counts are grouped, largest first, so that hundreds of answers given once cost as much as
/// one; two questions with the same tally have the same curve.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Tally {
    /// Counts of the correct answers (usually one; several if samples were graded one by one).
    pub correct: Vec<Group>,
    /// Counts of the wrong answers.
    pub wrong: Vec<Group>,
    /// Samples that are drawn but never win.
    pub inert: u32,
}

impl Tally {
    /// A tally from plain counts per answer; zeros are skipped.
    pub fn from_counts(correct: &[u32], wrong: &[u32], inert: u32) -> Self {
        Self {
            correct: grouped(correct.to_vec()),
            wrong: grouped(wrong.to_vec()),
            inert,
        }
    }

    /// The number of samples.
    pub fn n(&self) -> usize {
        let total = |groups: &[Group]| -> usize {
            groups
                .iter()
                .map(|group| group.count as usize * group.multiplicity as usize)
                .sum()
        };
        total(&self.correct) + total(&self.wrong) + self.inert as usize
    }

    /// Each distinct tally that deleting one sample can leave, with the number of samples whose
    /// deletion leaves it.
    pub fn deletions(&self) -> Vec<(usize, Tally)> {
        let mut deletions = Vec::with_capacity(self.correct.len() + self.wrong.len() + 1);
        for (i, group) in self.correct.iter().enumerate() {
            let mut rest = self.clone();
            delete_one(&mut rest.correct, i);
            deletions.push((group.count as usize * group.multiplicity as usize, rest));
        }
        for (i, group) in self.wrong.iter().enumerate() {
            let mut rest = self.clone();
            delete_one(&mut rest.wrong, i);
            deletions.push((group.count as usize * group.multiplicity as usize, rest));
        }
        if self.inert > 0 {
            let mut rest = self.clone();
            rest.inert -= 1;
            deletions.push((self.inert as usize, rest));
        }
        deletions
    }
}

/// Takes one sample from one of the answers of group `i`.
fn delete_one(groups: &mut Vec<Group>, i: usize) {
    let count = groups[i].count;
    groups[i].multiplicity -= 1;
    let smaller = count - 1;
    match groups.get_mut(i + 1) {
        Some(next) if next.count == smaller => next.multiplicity += 1,
        _ if smaller > 0 => groups.insert(
            i + 1,
            Group {
                count: smaller,
                multiplicity: 1,
            },
        ),
        _ => {}
    }
    if groups[i].multiplicity == 0 {
        groups.remove(i);
    }
}

/// Groups equal counts, largest first.
fn grouped(mut counts: Vec<u32>) -> Vec<Group> {
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let mut groups: Vec<Group> = Vec::new();
    for count in counts.into_iter().take_while(|&count| count > 0) {
        match groups.last_mut() {
            Some(last) if last.count == count => last.multiplicity += 1,
            _ => groups.push(Group {
                count,
                multiplicity: 1,
            }),
        }
    }
    groups
}

/// Counts the samples of one question at a time, with room that is reused between questions.
#[derive(Debug)]
pub struct Counter<'a> {
    questions: Ragged<'a>,
    codes: &'a [i32],
    correct: &'a [bool],
    no_answer: NoAnswer,
    counts: Vec<u32>,
    verdicts: Vec<bool>,
}

impl<'a> Counter<'a> {
    /// A counter over the answer codes and verdicts of a whole log.
    pub fn new(
        questions: Ragged<'a>,
        codes: &'a [i32],
        correct: &'a [bool],
        no_answer: NoAnswer,
    ) -> Self {
        Self {
            questions,
            codes,
            correct,
            no_answer,
            counts: Vec::new(),
            verdicts: Vec::new(),
        }
    }

    /// The tally of the samples of a question that `included` admits.
    pub fn tally(&mut self, question: usize, included: impl Fn(usize) -> bool) -> Result<Tally> {
        self.counts.clear();
        self.verdicts.clear();
        let mut unanswered = 0;
        let range = self.questions.range(question);
        for sample in range.filter(|&sample| included(sample)) {
            let count = self.questions.count(sample);
            let correct = self.correct[sample];
            let code = self.codes[sample];
            if code == NO_ANSWER {
                if correct {
                    return Err(Error::CorrectWithoutAnswer { question, sample });
                }
                unanswered += count;
                continue;
            }
            let code = code as usize;
            if code >= self.counts.len() {
                self.counts.resize(code + 1, 0);
                self.verdicts.resize(code + 1, false);
            }
            if self.counts[code] == 0 {
                self.verdicts[code] = correct;
            } else if self.verdicts[code] != correct {
                return Err(Error::MixedVerdict { question, sample });
            }
            self.counts[code] += count;
        }
        let of = |verdict: bool| {
            let counts = self.counts.iter().zip(&self.verdicts);
            counts
                .filter(|&(_, &correct)| correct == verdict)
                .map(|(&count, _)| count)
                .collect::<Vec<_>>()
        };
        let mut wrong = of(false);
        let inert = match self.no_answer {
            NoAnswer::Ignore => unanswered,
            NoAnswer::Vote => {
                wrong.push(unanswered);
                0
            }
        };
        Ok(Tally {
            correct: grouped(of(true)),
            wrong: grouped(wrong),
            inert,
        })
    }
}

/// The vote tally of every question of a log.
pub fn tallies(
    questions: Ragged<'_>,
    codes: &[i32],
    correct: &[bool],
    no_answer: NoAnswer,
) -> Result<Vec<Tally>> {
    check_length("codes", codes.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    (0..questions.len())
        .into_par_iter()
        .map_init(
            || Counter::new(questions, codes, correct, no_answer),
            |counter, q| counter.tally(q, |_| true),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletions_cover_every_sample_once() {
        let tally = Tally::from_counts(&[3], &[2, 2, 1, 0], 4);
        let deletions = tally.deletions();
        assert_eq!(
            deletions.iter().map(|(samples, _)| samples).sum::<usize>(),
            tally.n()
        );
        assert!(deletions.iter().all(|(_, rest)| rest.n() == tally.n() - 1));
        assert!(deletions.contains(&(4, Tally::from_counts(&[3], &[2, 1, 1], 4))));
        assert!(deletions.contains(&(1, Tally::from_counts(&[3], &[2, 2], 4))));
    }

    #[test]
    fn an_answer_with_two_verdicts_is_refused() {
        let (codes, correct) = ([0, 1, 0], [true, false, false]);
        let questions = Ragged::new(&[0, 3], 3).unwrap();
        let mut counter = Counter::new(questions, &codes, &correct, NoAnswer::Ignore);
        let error = counter.tally(0, |_| true).unwrap_err();
        assert!(matches!(
            error,
            Error::MixedVerdict {
                question: 0,
                sample: 2
            }
        ));
    }

    #[test]
    fn no_answers_are_inert_or_one_more_wrong_answer() {
        let (codes, correct) = ([0, NO_ANSWER, NO_ANSWER], [true, false, false]);
        let questions = Ragged::new(&[0, 3], 3).unwrap();
        let of = |policy| {
            Counter::new(questions, &codes, &correct, policy)
                .tally(0, |_| true)
                .unwrap()
        };
        assert_eq!(of(NoAnswer::Ignore), Tally::from_counts(&[1], &[], 2));
        assert_eq!(of(NoAnswer::Vote), Tally::from_counts(&[1], &[2], 0));
    }

    #[test]
    fn counted_entries_are_as_many_samples() {
        let (codes, correct) = ([0, 1, 0, NO_ANSWER], [true, false, true, false]);
        let questions = Ragged::new(&[0, 4], 4).unwrap();
        let counted = questions.counted(Some(&[3, 2, 1, 5])).unwrap();
        let tallies = tallies(counted, &codes, &correct, NoAnswer::Ignore).unwrap();
        assert_eq!(tallies, [Tally::from_counts(&[4], &[2], 5)]);
    }
}
