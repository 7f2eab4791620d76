//! Answers that are integers already.

use std::collections::HashMap;

use ahash::RandomState;

use super::error::{Error, Result};
use crate::work::Watch;

/// Answers numbered within their question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recoded {
    /// The number of each answer within its question, by first appearance; −1 for none.
    pub codes: Vec<i32>,
    /// The distinct answers of each question, as given.
    pub distinct: Vec<i64>,
    /// Where each question's distinct answers begin, and the end of the last.
    pub distinct_offsets: Vec<i64>,
}

/// Answers below this are looked up in an array, others in a hash table.
const SMALL: usize = 1 << 16;

/// Numbers the answers of each question by first appearance; negative ones are none.
///
/// The samples of question `q` are `given[offsets[q]..offsets[q + 1]]`.
pub fn recode<T: Copy + Into<i64>>(offsets: &[i64], given: &[T], watch: &Watch) -> Result<Recoded> {
    let mut recoded = Recoded {
        codes: Vec::with_capacity(given.len()),
        distinct: Vec::new(),
        distinct_offsets: vec![0],
    };
    // The number of a small answer within the question, counted from 1, that used it last.
    let mut small = vec![(0_usize, 0_i32); SMALL];
    let mut large: HashMap<i64, i32, RandomState> = HashMap::default();
    for (question, bounds) in offsets.windows(2).enumerate() {
        watch.check()?;
        large.clear();
        let first = recoded.distinct.len();
        for &answer in &given[bounds[0] as usize..bounds[1] as usize] {
            let answer: i64 = answer.into();
            let next =
                i32::try_from(recoded.distinct.len() - first).map_err(|_| Error::TooMany {
                    what: "distinct answers of a question",
                    limit: i32::MAX as u64,
                })?;
            let code = match usize::try_from(answer) {
                Err(_) => -1,
                Ok(answer) if answer < SMALL => {
                    let (seen_in, code) = &mut small[answer];
                    if *seen_in != question + 1 {
                        (*seen_in, *code) = (question + 1, next);
                    }
                    *code
                }
                Ok(_) => *large.entry(answer).or_insert(next),
            };
            if code == next {
                recoded.distinct.push(answer);
            }
            recoded.codes.push(code);
        }
        recoded.distinct_offsets.push(recoded.distinct.len() as i64);
        watch.advance((bounds[1] - bounds[0]) as u64);
    }
    Ok(recoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_question_counts_from_zero() {
        let given = [7, -1, 7, 1_000_000, 3, 1_000_000, 7, -5];
        let recoded = recode(&[0, 4, 4, 8], &given, &Watch::new()).expect("few answers");
        assert_eq!(recoded.codes, [0, -1, 0, 1, 0, 1, 2, -1]);
        assert_eq!(recoded.distinct, [7, 1_000_000, 3, 1_000_000, 7]);
        assert_eq!(recoded.distinct_offsets, [0, 2, 2, 5]);
    }

    proptest! {
        #[test]
        fn codes_stand_for_the_answers_given(
            questions in prop::collection::vec(prop::collection::vec(-2_i64..70_000, 0..20), 0..6),
        ) {
            let mut offsets = vec![0_i64];
            offsets.extend(questions.iter().scan(0, |end, q| { *end += q.len() as i64; Some(*end) }));
            let given: Vec<i64> = questions.concat();
            let recoded = recode(&offsets, &given, &Watch::new()).expect("few answers");
            for (question, bounds) in offsets.windows(2).enumerate() {
                let base = recoded.distinct_offsets[question];
                let mut next = 0;
                let samples = bounds[0] as usize..bounds[1] as usize;
                for (&code, &answer) in recoded.codes[samples.clone()].iter().zip(&given[samples]) {
                    prop_assert!(code <= next);
                    next = next.max(code + 1);
                    if answer < 0 {
                        prop_assert_eq!(code, -1);
                    } else {
                        prop_assert_eq!(recoded.distinct[(base + i64::from(code)) as usize], answer);
                    }
                }
                prop_assert_eq!(i64::from(next), recoded.distinct_offsets[question + 1] - base);
            }
        }
    }
}
