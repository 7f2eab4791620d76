//! How often each of many small keys occurs.

use super::super::error::Result;
use crate::work::Watch;

/// No key.
const FREE: u64 = u64::MAX;

/// A table with more slots than this does not stay in the processor's caches: keys are then
/// collected, and sorted by the part of the table they belong to, before they are counted.
const CACHED: usize = 1 << 16;

/// Keys that are sorted together, and the parts they are sorted into.
const COLLECTED: usize = 1 << 19;
const PART_BITS: u32 = 8;

/// A key and how often it occurred, side by side: one visit to memory finds both.
pub(super) type Cell = (u64, u64);

/// Counts by key: an open table, at most half full.
#[derive(Debug)]
pub(super) struct Cells {
    slots: Vec<Cell>,
    /// A hash is shifted right by this to be a position.
    shift: u32,
    used: usize,
    /// Keys not counted yet, and room to sort them.
    collected: Vec<u64>,
    sorted: Vec<u64>,
}

impl Default for Cells {
    fn default() -> Self {
        Self::with_bits(12)
    }
}

impl Cells {
    fn with_bits(bits: u32) -> Self {
        Self {
            slots: vec![(FREE, 0); 1 << bits],
            shift: 64 - bits,
            used: 0,
            collected: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// The bytes of memory it takes.
    pub(super) fn allocated(&self) -> usize {
        self.slots.capacity() * size_of::<Cell>()
            + (self.collected.capacity() + self.sorted.capacity()) * size_of::<u64>()
    }

    /// Counts each of `keys` once.
    pub(super) fn count(&mut self, keys: &[u64]) {
        if self.slots.len() <= CACHED {
            self.add_all(keys);
            return;
        }
        if self.collected.len() + keys.len() > COLLECTED {
            self.count_collected();
        }
        self.collected.extend_from_slice(keys);
    }

    fn count_collected(&mut self) {
        let part = |key: u64| (hashed(key) >> (64 - PART_BITS)) as usize;
        let mut places = [0; 1 << PART_BITS];
        for &key in &self.collected {
            places[part(key)] += 1;
        }
        let mut total = 0;
        for place in &mut places {
            (*place, total) = (total, total + *place);
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.resize(self.collected.len(), 0);
        for &key in &self.collected {
            let place = &mut places[part(key)];
            sorted[*place] = key;
            *place += 1;
        }
        self.collected.clear();
        self.add_all(&sorted);
        self.sorted = sorted;
    }

    fn add_all(&mut self, mut keys: &[u64]) {
        while !keys.is_empty() {
            // As many as cannot overfill the table, whatever they are.
            let room = self.slots.len() / 2 - self.used;
            if room == 0 {
                self.grow();
                continue;
            }
            let (now, later) = keys.split_at(room.min(keys.len()));
            for &key in now {
                self.add(key, 1);
            }
            keys = later;
        }
    }

    #[inline(always)]
    fn add(&mut self, key: u64, count: u64) {
        let last = self.slots.len() - 1;
        let mut at = (hashed(key) >> self.shift) as usize;
        loop {
            let slot = &mut self.slots[at & last];
            if slot.0 == key {
                slot.1 += count;
                return;
            }
            if slot.0 == FREE {
                *slot = (key, count);
                self.used += 1;
                return;
            }
            at += 1;
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_bits(64 - self.shift + 1);
        for &(key, count) in self.slots.iter().filter(|cell| cell.0 != FREE) {
            larger.add(key, count);
        }
        self.slots = larger.slots;
        self.shift = larger.shift;
    }

    /// The cells by group, where the group of a key is its upper half: where each group's begin, and
    /// the cells of all groups.
    pub(super) fn by_group(
        mut self,
        groups: usize,
        watch: &Watch,
    ) -> Result<(Vec<usize>, Vec<Cell>)> {
        self.count_collected();
        (self.collected, self.sorted) = (Vec::new(), Vec::new());
        let mut ends = vec![0; groups + 1];
        for slots in self.slots.chunks(1 << 16) {
            watch.check()?;
            for (key, _) in slots.iter().filter(|cell| cell.0 != FREE) {
                ends[(key >> 32) as usize + 1] += 1;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += *end;
            *end = total;
        }
        let mut places = ends.clone();
        let mut cells = vec![(0, 0); self.used];
        for slots in self.slots.chunks(1 << 16) {
            watch.check()?;
            for cell in slots.iter().filter(|cell| cell.0 != FREE) {
                let place = &mut places[(cell.0 >> 32) as usize];
                cells[*place] = *cell;
                *place += 1;
            }
        }
        Ok((ends, cells))
    }
}

/// A number whose high bits depend on all bits of the key.
fn hashed(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_count_while_the_table_grows() {
        let keys: Vec<u64> = (0..1_000_000_u64)
            .map(|row| (row % 7) << 32 | (row % 50_000))
            .collect();
        let mut cells = Cells::default();
        cells.count(&keys);
        cells.count(&keys);
        let (ends, cells) = cells.by_group(7, &Watch::new()).expect("not interrupted");
        assert_eq!(ends[7], 350_000);
        assert_eq!(cells.iter().map(|cell| cell.1).sum::<u64>(), 2_000_000);
        for group in 0..7 {
            let members = &cells[ends[group]..ends[group + 1]];
            assert!(members.iter().all(|cell| cell.0 >> 32 == group as u64));
        }
    }
}
