//! What the samples of a question say: how often each of its answers was given.

use crate::error::{Error, Result};
use crate::exact::Successes;
use crate::log::{NO_ANSWER, Ragged, check_length};
use crate::vote::NoAnswer;
use rayon::prelude::*;

/// One answer of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Answer {
    /// Samples that gave it.
    pub count: u32,
    /// Those among them that a filter keeps.
    pub kept: u32,
}

/// The samples of one question, up to the names of its answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Evidence {
    /// The correct answers that were given, largest first; usually one.
    pub right: Vec<Answer>,
    /// The wrong answers that were given, largest first.
    pub wrong: Vec<Answer>,
    /// The samples without an answer.
    pub none: Answer,
}

impl Evidence {
    /// Evidence that tells right samples from wrong ones only.
    fn of_outcomes(right: u32, wrong: u32) -> Self {
        let answers = |count: u32| {
            let answer = Answer { count, kept: 0 };
            if count > 0 { vec![answer] } else { Vec::new() }
        };
        Self {
            right: answers(right),
            wrong: answers(wrong),
            none: Answer::default(),
        }
    }

    /// The number of samples.
    pub fn n(&self) -> u32 {
        total(&self.right) + total(&self.wrong) + self.none.count
    }
}

/// The number of samples of some answers.
pub(super) fn total(answers: &[Answer]) -> u32 {
    answers.iter().map(|answer| answer.count).sum()
}

/// The evidence of questions of which only right and wrong is told.
///
/// # Errors
///
/// [`Error::NoSamples`].
pub fn outcomes(successes: &[Successes]) -> Result<Vec<Evidence>> {
    let question = |(question, &Successes { n, c }): (usize, &Successes)| {
        if n == 0 {
            return Err(Error::NoSamples { question });
        }
        Ok(Evidence::of_outcomes(c as u32, (n - c) as u32))
    };
    successes.iter().enumerate().map(question).collect()
}

/// The evidence of every question of a log; `keep` has a filter's flags, all false if there is none.
///
/// # Errors
///
/// [`Error::NoSamples`], and what makes a log unfit for a vote: [`Error::MixedVerdict`] and
/// [`Error::CorrectWithoutAnswer`].
pub fn evidence(
    questions: Ragged<'_>,
    codes: &[i32],
    correct: &[bool],
    keep: Option<&[bool]>,
    no_answer: NoAnswer,
) -> Result<Vec<Evidence>> {
    check_length("codes", codes.len(), questions.n_samples())?;
    check_length("correct", correct.len(), questions.n_samples())?;
    if let Some(keep) = keep {
        check_length("keep", keep.len(), questions.n_samples())?;
    }
    let kept = |sample: usize| keep.is_some_and(|keep| keep[sample]);
    (0..questions.len())
        .into_par_iter()
        .map(|question| of_question(questions, question, codes, correct, kept, no_answer))
        .collect()
}

fn of_question(
    questions: Ragged<'_>,
    question: usize,
    codes: &[i32],
    correct: &[bool],
    kept: impl Fn(usize) -> bool,
    no_answer: NoAnswer,
) -> Result<Evidence> {
    let mut answers: Vec<(Answer, bool)> = Vec::new();
    let mut none = Answer::default();
    for sample in questions.range(question) {
        let count = questions.count(sample);
        let add = |answer: &mut Answer| {
            answer.count += count;
            answer.kept += if kept(sample) { count } else { 0 };
        };
        let right = correct[sample];
        if codes[sample] == NO_ANSWER {
            if right {
                return Err(Error::CorrectWithoutAnswer { question, sample });
            }
            add(&mut none);
            continue;
        }
        let code = codes[sample] as usize;
        if code >= answers.len() {
            answers.resize(code + 1, (Answer::default(), false));
        }
        let (answer, verdict) = &mut answers[code];
        if answer.count == 0 {
            *verdict = right;
        } else if *verdict != right {
            return Err(Error::MixedVerdict { question, sample });
        }
        add(answer);
    }
    let of = |right: bool| {
        let given = answers.iter().filter(|(answer, _)| answer.count > 0);
        let mut of: Vec<Answer> = given
            .filter(|&&(_, verdict)| verdict == right)
            .map(|&(answer, _)| answer)
            .collect();
        of.sort_unstable_by(|a, b| b.cmp(a));
        of
    };
    let (right, mut wrong) = (of(true), of(false));
    if no_answer == NoAnswer::Vote && none.count > 0 {
        wrong.push(none);
        wrong.sort_unstable_by(|a, b| b.cmp(a));
        none = Answer::default();
    }
    let evidence = Evidence { right, wrong, none };
    if evidence.n() == 0 {
        return Err(Error::NoSamples { question });
    }
    Ok(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_with_what_is_kept() {
        let codes = [2, 0, 2, NO_ANSWER, 1, 0];
        let correct = [true, false, true, false, false, false];
        let keep = [true, true, false, true, false, true];
        let questions = Ragged::new(&[0, 6], 6).unwrap();
        let of = |policy| evidence(questions, &codes, &correct, Some(&keep), policy).unwrap();
        let answer = |count, kept| Answer { count, kept };
        let ignored = &of(NoAnswer::Ignore)[0];
        assert_eq!(ignored.right, [answer(2, 1)]);
        assert_eq!(ignored.wrong, [answer(2, 2), answer(1, 0)]);
        assert_eq!((ignored.none, ignored.n()), (answer(1, 1), 6));
        let voting = &of(NoAnswer::Vote)[0];
        assert_eq!(voting.wrong, [answer(2, 2), answer(1, 1), answer(1, 0)]);
        assert_eq!((voting.none, voting.n()), (answer(0, 0), 6));
    }

    #[test]
    fn a_question_without_samples_is_named() {
        let questions = Ragged::new(&[0, 1, 1], 1).unwrap();
        let error = evidence(questions, &[0], &[true], None, NoAnswer::Ignore).unwrap_err();
        assert!(matches!(error, Error::NoSamples { question: 1 }));
    }
}
