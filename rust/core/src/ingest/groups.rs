//! The questions met so far.

use ahash::RandomState;
use hashbrown::HashTable;

use super::error::{Error, Result};
use super::intern::NONE;

/// A question's identity: the ids of its question, model and data set, [`NONE`] where missing.
pub(crate) type GroupKey = [u32; 3];

/// The distinct (question, model, data set) of the rows, numbered by first appearance.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    keys: Vec<GroupKey>,
    first_rows: Vec<usize>,
    references: Vec<u32>,
    clusters: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: RandomState,
    /// The group that each question id was met in last: it tends to be its only one.
    recent: Vec<u32>,
}

impl Groups {
    /// The number of groups.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The group of `key`, new if it has not been seen before `row`.
    #[inline]
    pub(crate) fn find_or_insert(&mut self, key: GroupKey, row: usize) -> Result<u32> {
        match self.recent.get(key[0] as usize) {
            Some(&group) if self.keys.get(group as usize) == Some(&key) => Ok(group),
            _ => self.search_or_insert(key, row),
        }
    }

    #[inline(never)]
    fn search_or_insert(&mut self, key: GroupKey, row: usize) -> Result<u32> {
        let Self {
            keys,
            numbers,
            hasher,
            ..
        } = self;
        let hash = hasher.hash_one(key);
        let known = numbers.find(hash, |&group| keys[group as usize] == key);
        let group = if let Some(&group) = known {
            group
        } else {
            let group = u32::try_from(keys.len()).map_err(|_| Error::TooMany {
                what: "questions",
                limit: u64::from(u32::MAX),
            })?;
            keys.push(key);
            numbers.insert_unique(hash, group, |&group| hasher.hash_one(keys[group as usize]));
            self.first_rows.push(row);
            self.references.push(NONE);
            self.clusters.push(NONE);
            group
        };
        let question = key[0] as usize;
        if question >= self.recent.len() {
            self.recent.resize(question + 1, NONE);
        }
        self.recent[question] = group;
        Ok(group)
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn allocated(&self) -> usize {
        12 * self.keys.capacity()
            + 8 * self.first_rows.capacity()
            + 4 * (self.references.capacity() + self.clusters.capacity() + self.recent.capacity())
            + self.numbers.allocation_size()
    }

    /// What a group is of.
    pub(crate) fn key(&self, group: u32) -> GroupKey {
        self.keys[group as usize]
    }

    /// The cluster id of a group; [`NONE`] where missing.
    pub(crate) fn cluster(&self, group: u32) -> u32 {
        self.clusters[group as usize]
    }

    /// Notes the reference of a group; returns the one it had if that is another.
    pub(crate) fn set_reference(&mut self, group: u32, id: u32) -> Option<u32> {
        set_once(&mut self.references[group as usize], id)
    }

    /// Notes the cluster of a group; returns the one it had if that is another.
    pub(crate) fn set_cluster(&mut self, group: u32, id: u32) -> Option<u32> {
        set_once(&mut self.clusters[group as usize], id)
    }

    /// The question id of a group.
    pub(crate) fn question(&self, group: u32) -> u32 {
        self.keys[group as usize][0]
    }

    /// The question ids, by group.
    pub(crate) fn questions(&self) -> impl Iterator<Item = u32> + Clone {
        self.keys.iter().map(|key| key[0])
    }

    /// The model ids, by group.
    pub(crate) fn models(&self) -> impl Iterator<Item = u32> + Clone {
        self.keys.iter().map(|key| key[1])
    }

    /// The data set ids, by group.
    pub(crate) fn datasets(&self) -> impl Iterator<Item = u32> + Clone {
        self.keys.iter().map(|key| key[2])
    }

    /// The cluster ids, by group; [`NONE`] where missing.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = u32> + Clone {
        self.clusters.iter().copied()
    }

    /// The reference ids, by group; [`NONE`] where missing.
    pub(crate) fn references(&self) -> &[u32] {
        &self.references
    }

    /// The row in which a group first appeared.
    pub(crate) fn first_row(&self, group: usize) -> usize {
        self.first_rows[group]
    }
}

fn set_once(slot: &mut u32, id: u32) -> Option<u32> {
    if id == NONE || *slot == id {
        return None;
    }
    if *slot == NONE {
        *slot = id;
        return None;
    }
    Some(*slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_under_another_model_is_another_group() {
        let mut groups = Groups::default();
        let found: Vec<u32> = [[0, 0, NONE], [0, 1, NONE], [0, 0, NONE], [0, 0, 0]]
            .into_iter()
            .enumerate()
            .map(|(row, key)| groups.find_or_insert(key, row).expect("few"))
            .collect();
        assert_eq!(found, [0, 1, 0, 2]);
        assert_eq!(groups.first_row(2), 3);
    }

    #[test]
    fn a_value_is_set_once_and_missing_ones_do_not_count() {
        let mut groups = Groups::default();
        groups.find_or_insert([0, NONE, NONE], 0).expect("few");
        assert_eq!(groups.set_reference(0, NONE), None);
        assert_eq!(groups.set_reference(0, 4), None);
        assert_eq!(groups.set_reference(0, NONE), None);
        assert_eq!(groups.set_reference(0, 4), None);
        assert_eq!(groups.set_reference(0, 5), Some(4));
        assert_eq!(groups.references(), [4]);
    }
}
