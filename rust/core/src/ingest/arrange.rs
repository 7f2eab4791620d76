//! Rows in the order of the log: question by question, sample by sample.

use super::error::{Error, Result};

/// What to do with rows that claim to be the same sample of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// Refuse the log.
    #[default]
    Error,
    /// Keep the row that came first.
    First,
    /// Keep the row that came last, as logs with retries need.
    Last,
}

/// Where the samples of each group are among the rows.
#[derive(Debug, PartialEq)]
pub(crate) struct Arrangement {
    /// Where each group begins in the order.
    pub(crate) offsets: Vec<usize>,
    /// The rows in order; `None` if they already are.
    order: Option<Vec<usize>>,
}

impl Arrangement {
    /// The number of rows that are kept.
    pub(crate) fn len(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// The row at a place of the order.
    pub(crate) fn row(&self, place: usize) -> usize {
        self.order.as_ref().map_or(place, |order| order[place])
    }

    /// The rows, in order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.len()).map(|place| self.row(place))
    }

    /// The values of a column, in order.
    pub(crate) fn take<T: Copy>(&self, column: Vec<T>) -> Vec<T> {
        match &self.order {
            None => column,
            Some(order) => order.iter().map(|&row| column[row]).collect(),
        }
    }
}

/// Two rows of one group with the same sample number.
#[derive(Debug, PartialEq)]
pub(crate) struct Clash {
    pub(crate) group: u32,
    pub(crate) sample: i64,
    pub(crate) rows: [usize; 2],
}

/// Orders rows by group, then by sample number if there are any, then as they came.
pub(crate) fn arrange(
    groups: &[u32],
    n_groups: usize,
    samples: Option<&[i64]>,
    duplicates: Duplicates,
) -> Result<Arrangement, Clash> {
    let key = |row: usize| {
        (
            groups[row],
            samples.map_or(row as i64, |samples| samples[row]),
        )
    };
    let mut offsets = vec![0; n_groups + 1];
    for &group in groups {
        offsets[group as usize + 1] += 1;
    }
    for group in 0..n_groups {
        offsets[group + 1] += offsets[group];
    }
    if (1..groups.len()).all(|row| key(row - 1) < key(row)) {
        return Ok(Arrangement {
            offsets,
            order: None,
        });
    }

    let mut next = offsets.clone();
    let mut order = vec![0; groups.len()];
    for (row, &group) in groups.iter().enumerate() {
        order[next[group as usize]] = row;
        next[group as usize] += 1;
    }
    if let Some(samples) = samples {
        for group in 0..n_groups {
            let rows = &mut order[offsets[group]..offsets[group + 1]];
            if !rows.is_sorted_by_key(|&row| samples[row]) {
                rows.sort_by_key(|&row| samples[row]);
            }
        }
        resolve_duplicates(&mut order, &mut offsets, samples, duplicates)?;
    }
    Ok(Arrangement {
        offsets,
        order: Some(order),
    })
}

/// Leaves one row of each run of equal samples, or reports the first run.
fn resolve_duplicates(
    order: &mut Vec<usize>,
    offsets: &mut [usize],
    samples: &[i64],
    duplicates: Duplicates,
) -> Result<(), Clash> {
    let mut kept = 0;
    let mut start = 0;
    for group in 0..offsets.len() - 1 {
        let first_kept = kept;
        for place in start..offsets[group + 1] {
            let row = order[place];
            if kept > first_kept && samples[order[kept - 1]] == samples[row] {
                match duplicates {
                    Duplicates::First => {}
                    Duplicates::Last => order[kept - 1] = row,
                    Duplicates::Error => {
                        return Err(Clash {
                            group: group as u32,
                            sample: samples[row],
                            rows: [order[kept - 1], row],
                        });
                    }
                }
            } else {
                order[kept] = row;
                kept += 1;
            }
        }
        start = std::mem::replace(&mut offsets[group + 1], kept);
    }
    order.truncate(kept);
    Ok(())
}

impl Clash {
    pub(crate) fn into_error(self, question: String) -> Error {
        let [first, second] = self.rows;
        Error::Duplicate {
            question,
            sample: self.sample,
            first,
            second,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_already_in_order_are_left_alone() {
        let arranged = arrange(&[0, 0, 1], 2, Some(&[0, 5, 1]), Duplicates::Error);
        assert_eq!(
            arranged,
            Ok(Arrangement {
                offsets: vec![0, 2, 3],
                order: None
            })
        );
    }

    #[test]
    fn without_samples_rows_stay_as_they_came_within_their_group() {
        let arranged = arrange(&[0, 1, 0, 1], 2, None, Duplicates::Error).expect("no samples");
        assert_eq!(arranged.rows().collect::<Vec<_>>(), [0, 2, 1, 3]);
        assert_eq!(
            arranged.take(vec!['a', 'b', 'c', 'd']),
            ['a', 'c', 'b', 'd']
        );
    }

    #[test]
    fn duplicates_are_refused_or_resolved() {
        let arranged =
            |duplicates| arrange(&[0, 1, 0, 0, 1], 2, Some(&[1, 0, 1, 0, 3]), duplicates);
        let clash = Clash {
            group: 0,
            sample: 1,
            rows: [0, 2],
        };
        assert_eq!(arranged(Duplicates::Error), Err(clash));
        let rows = |duplicates| {
            arranged(duplicates)
                .expect("resolved")
                .rows()
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(Duplicates::First), [3, 0, 1, 4]);
        assert_eq!(rows(Duplicates::Last), [3, 2, 1, 4]);
        assert_eq!(
            arranged(Duplicates::Last).expect("resolved").offsets,
            [0, 2, 4]
        );
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(
            rows in prop::collection::vec((0_u32..5, -3_i64..4), 1..60),
            keep_first: bool,
        ) {
            let (groups, samples): (Vec<u32>, Vec<i64>) = rows.iter().copied().unzip();
            let duplicates = if keep_first { Duplicates::First } else { Duplicates::Last };
            let arranged = arrange(&groups, 5, Some(&samples), duplicates).expect("resolved");

            let mut expected: Vec<usize> = (0..rows.len()).collect();
            expected.sort_by_key(|&row| rows[row]);
            if !keep_first {
                expected.reverse();
            }
            expected.dedup_by_key(|row| rows[*row]);
            expected.sort_by_key(|&row| rows[row]);
            prop_assert_eq!(arranged.rows().collect::<Vec<_>>(), expected);
            for group in 0..5 {
                for place in arranged.offsets[group]..arranged.offsets[group + 1] {
                    prop_assert_eq!(groups[arranged.row(place)] as usize, group);
                }
            }
        }
    }
}
