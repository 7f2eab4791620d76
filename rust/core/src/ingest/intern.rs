//! Distinct texts as small integers.
//!
//! Ids are given in the order of first appearance, so they never depend on hash seeds.

use std::collections::HashMap;
use std::ops::Range;

use ahash::RandomState;
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{ArrowDictionaryKeyType, ArrowNativeType, DataType, Int32Type, Int64Type};
use hashbrown::HashTable;

use super::error::{Error, Result};
use super::text::TextColumn;

/// The id of a missing value.
pub(crate) const NONE: u32 = u32::MAX;

/// An id and the hash of its text, kept so that neither growing nor most misses touch the text.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    id: u32,
}

/// The hash as the table needs it: it takes buckets from the low bits, tags from the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// A set of distinct texts, each stored once, numbered by first appearance.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    ids: HashTable<Entry>,
    hasher: RandomState,
    /// The id given last: sorted columns repeat it, and comparing is cheaper than hashing.
    last: Option<u32>,
}

impl Interner {
    /// The number of distinct texts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of an id.
    pub(crate) fn get(&self, id: u32) -> &[u8] {
        &self.bytes[span(&self.ends, id)]
    }

    /// The text of an id, for messages.
    pub(crate) fn describe(&self, id: u32) -> String {
        String::from_utf8_lossy(self.get(id)).into_owned()
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn allocated(&self) -> usize {
        self.bytes.capacity() + 8 * self.ends.capacity() + self.ids.allocation_size()
    }

    /// The id of `text`, new if it has not been seen.
    pub(crate) fn intern(&mut self, text: &[u8]) -> Result<u32> {
        if let Some(last) = self.last
            && self.get(last) == text
        {
            return Ok(last);
        }
        let Self {
            bytes,
            ends,
            ids,
            hasher,
            last,
        } = self;
        let hash = hasher.hash_one(text) as u32;
        let known = ids.find(spread(hash), |entry| {
            entry.hash == hash && &bytes[span(ends, entry.id)] == text
        });
        let id = if let Some(entry) = known {
            entry.id
        } else {
            let id = u32::try_from(ends.len())
                .ok()
                .filter(|&id| id < UNUSED)
                .ok_or(Error::TooMany {
                    what: "distinct values",
                    limit: u64::from(UNUSED),
                })?;
            bytes.extend_from_slice(text);
            ends.push(bytes.len());
            ids.insert_unique(spread(hash), Entry { hash, id }, |entry| spread(entry.hash));
            id
        };
        *last = Some(id);
        Ok(id)
    }
}

/// Where the text of `id` lies in the packed bytes.
fn span(ends: &[usize], id: u32) -> Range<usize> {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] };
    start..ends[id]
}

/// Turns the batches of one column into ids.
///
/// The values of a dictionary are looked up once each, when a row first uses them, and kept for
/// the next batch if it brings the same dictionary, as Parquet row groups do.
#[derive(Debug, Default)]
pub(crate) struct ColumnIds {
    dictionary: Option<MappedDictionary>,
    /// The ids of integers below [`SMALL`], as far as they occur; [`NONE`] where not used yet.
    small: Vec<u32>,
    /// The ids of all other integers.
    large: HashMap<i64, u32, RandomState>,
    ids: Vec<u32>,
    scratch: Vec<u8>,
}

/// Integers below this are looked up in an array, others in a hash table; each is written out once.
const SMALL: usize = 1 << 20;

/// The id of a dictionary's value that no row has used yet.
const UNUSED: u32 = NONE - 1;

/// A dictionary with the ids of those of its values that have been used.
#[derive(Debug)]
struct MappedDictionary {
    values: ArrayRef,
    text: TextColumn,
    /// [`UNUSED`] until a row uses the value, [`NONE`] if it has no text.
    ids: Vec<u32>,
}

impl ColumnIds {
    /// The ids of a batch's values, [`NONE`] where there is none.
    ///
    /// The outer `None` says that the column's type has no text form.
    pub(crate) fn encode(
        &mut self,
        array: &ArrayRef,
        interner: &mut Interner,
    ) -> Option<Result<&[u32]>> {
        self.ids.clear();
        self.ids.reserve(array.len());
        let encoded = if let DataType::Dictionary(..) = array.data_type() {
            let dictionary = array.as_any_dictionary();
            self.remember(dictionary.values())?;
            // What Parquet files bring is taken as it is.
            if let Some(keys) = dictionary.keys().as_primitive_opt::<Int32Type>() {
                self.encode_keys(keys, interner)
            } else {
                let keys = cast(dictionary.keys(), &DataType::Int64).ok()?;
                self.encode_keys(keys.as_primitive::<Int64Type>(), interner)
            }
        } else {
            let text = TextColumn::new(array)?;
            match &text {
                TextColumn::Signed(integers) => self.encode_integers(&text, integers, interner),
                _ => self.encode_rows(&text, array.len(), interner),
            }
        };
        Some(encoded.map(|()| self.ids.as_slice()))
    }

    fn encode_rows(
        &mut self,
        text: &TextColumn,
        rows: usize,
        interner: &mut Interner,
    ) -> Result<()> {
        for row in 0..rows {
            let id = match text.get(row, &mut self.scratch) {
                Some(text) => interner.intern(text)?,
                None => NONE,
            };
            self.ids.push(id);
        }
        Ok(())
    }

    fn encode_integers(
        &mut self,
        text: &TextColumn,
        integers: &Int64Array,
        interner: &mut Interner,
    ) -> Result<()> {
        if integers.null_count() > 0 {
            for (row, &integer) in integers.values().iter().enumerate() {
                let id = if integers.is_null(row) {
                    NONE
                } else {
                    self.integer(text, row, integer, interner)?
                };
                self.ids.push(id);
            }
            return Ok(());
        }
        for (row, &integer) in integers.values().iter().enumerate() {
            let id = self.integer(text, row, integer, interner)?;
            self.ids.push(id);
        }
        Ok(())
    }

    #[inline(always)]
    fn integer(
        &mut self,
        text: &TextColumn,
        row: usize,
        integer: i64,
        interner: &mut Interner,
    ) -> Result<u32> {
        match self.small.get(integer as usize) {
            Some(&id) if id != NONE => Ok(id),
            _ => self.other_integer(text, row, integer, interner),
        }
    }

    /// The id of an integer that is large or met for the first time.
    #[inline(never)]
    fn other_integer(
        &mut self,
        text: &TextColumn,
        row: usize,
        integer: i64,
        interner: &mut Interner,
    ) -> Result<u32> {
        match self.large.get(&integer) {
            Some(&id) => Ok(id),
            None => self.new_integer(text, row, integer, interner),
        }
    }

    /// The id of an integer met for the first time, remembered for the next.
    fn new_integer(
        &mut self,
        text: &TextColumn,
        row: usize,
        integer: i64,
        interner: &mut Interner,
    ) -> Result<u32> {
        let Some(text) = text.get(row, &mut self.scratch) else {
            return Ok(NONE);
        };
        let id = interner.intern(text)?;
        match usize::try_from(integer) {
            Ok(small) if small < SMALL => {
                if small >= self.small.len() {
                    self.small.resize((small + 1).next_power_of_two(), NONE);
                }
                self.small[small] = id;
            }
            _ => drop(self.large.insert(integer, id)),
        }
        Ok(id)
    }

    fn encode_keys<T: ArrowDictionaryKeyType>(
        &mut self,
        keys: &PrimitiveArray<T>,
        interner: &mut Interner,
    ) -> Result<()> {
        let Some(MappedDictionary { text, ids, .. }) = &mut self.dictionary else {
            return Ok(());
        };
        for (row, key) in keys.values().iter().enumerate() {
            let key = key.as_usize();
            let id = match ids.get(key) {
                _ if keys.is_null(row) => NONE,
                None => NONE,
                Some(&UNUSED) => {
                    let id = match text.get(key, &mut self.scratch) {
                        Some(text) => interner.intern(text)?,
                        None => NONE,
                    };
                    ids[key] = id;
                    id
                }
                Some(&id) => id,
            };
            self.ids.push(id);
        }
        Ok(())
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn allocated(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, |known| {
            known.values.get_array_memory_size() + 4 * known.ids.capacity()
        });
        // An entry of the table is 16 bytes and its tag.
        4 * (self.small.capacity() + self.ids.capacity()) + 17 * self.large.capacity() + dictionary
    }

    /// Makes `values` the current dictionary, keeping the ids if it already is.
    fn remember(&mut self, values: &ArrayRef) -> Option<()> {
        let known = self
            .dictionary
            .as_ref()
            .is_some_and(|known| known.values.to_data().ptr_eq(&values.to_data()));
        if !known {
            self.dictionary = Some(MappedDictionary {
                values: values.clone(),
                text: TextColumn::new(values)?,
                ids: vec![UNUSED; values.len()],
            });
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Int8Array, StringArray};
    use arrow::datatypes::Int8Type;

    use super::*;

    fn encoded(ids: &mut ColumnIds, array: &ArrayRef, interner: &mut Interner) -> Vec<u32> {
        ids.encode(array, interner)
            .expect("a text type")
            .expect("few values")
            .to_vec()
    }

    #[test]
    fn ids_follow_first_appearance() {
        let mut interner = Interner::default();
        let texts = ["b", "a", "b", "", "a", "", "c"];
        let ids: Vec<u32> = texts
            .iter()
            .map(|text| interner.intern(text.as_bytes()).expect("few"))
            .collect();
        assert_eq!(ids, [0, 1, 0, 2, 1, 2, 3]);
        assert_eq!(interner.describe(1), "a");
        assert_eq!(interner.get(2), b"");
    }

    #[test]
    fn many_texts_survive_the_table_growing() {
        let mut interner = Interner::default();
        for round in 0..2 {
            for number in 0..10_000_u32 {
                let id = interner.intern(number.to_string().as_bytes()).expect("few");
                assert_eq!(id, number, "round {round}");
            }
        }
        assert_eq!(interner.len(), 10_000);
    }

    #[test]
    fn only_the_used_values_of_a_dictionary_are_interned_and_in_row_order() {
        let values: ArrayRef = Arc::new(StringArray::from(vec![
            Some("unused"),
            Some("x"),
            None,
            Some("y"),
        ]));
        let batch = |keys: Vec<Option<i8>>| -> ArrayRef {
            let keys = Int8Array::from(keys);
            Arc::new(DictionaryArray::<Int8Type>::try_new(keys, values.clone()).expect("in range"))
        };
        let (mut ids, mut interner) = (ColumnIds::default(), Interner::default());
        let first = batch(vec![Some(3), Some(1), None, Some(2), Some(3)]);
        assert_eq!(
            encoded(&mut ids, &first, &mut interner),
            [0, 1, NONE, NONE, 0]
        );
        let second = batch(vec![Some(1), Some(0)]);
        assert_eq!(encoded(&mut ids, &second, &mut interner), [1, 2]);
        assert_eq!(interner.len(), 3);
    }

    #[test]
    fn another_dictionary_is_not_mistaken_for_the_last_one() {
        let (mut ids, mut interner) = (ColumnIds::default(), Interner::default());
        for (value, expected) in [("a", 0), ("b", 1), ("a", 0)] {
            let array: ArrayRef = Arc::new(DictionaryArray::<Int8Type>::from_iter([value]));
            assert_eq!(encoded(&mut ids, &array, &mut interner), [expected]);
        }
    }
}
