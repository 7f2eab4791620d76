//! Partial tallies as bytes: what is spilled to disk, and what travels between machines.
//!
//! A block is a header and a body. The header is eight bytes of magic, whose last one is the version
//! of the format; the length of the body and the first word of its [`hash`] (eight bytes each, low
//! byte first). The body begins with a byte that says whether scores were read, then come the
//! questions in ascending order of (data set, model, question); a missing text is before
//! every other. A question is five texts (data set, model, question, cluster, reference), the
//! number of its entries, and the entries in ascending order. An entry is a tag, the hash of the
//! answer (16 bytes, unless there is none), the bits of the score (8 bytes, if it has one) and
//! how many rows were alike. Numbers are varints of seven bits a byte; the length of a text is
//! raised by one, 0 is a missing text.

use super::super::error::{Error, Result};
use super::hash::{hash, word};

const MAGIC: [u8; 8] = *b"kctally\x01";
const HEADER: usize = 8 + 2 * 8;

/// The texts of a question that say which it is; there are more in a [`Question`].
pub(super) const IDENTITY: usize = 3;
pub(super) const DATASET: usize = 0;
pub(super) const MODEL: usize = 1;
pub(super) const QUESTION: usize = 2;
pub(super) const CLUSTER: usize = 3;
pub(super) const REFERENCE: usize = 4;

/// Data set, model, question, cluster and reference of a question.
pub(super) type Question<'a> = [Option<&'a [u8]>; 5];

/// Rows of a question that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The hash of the answer's text.
    pub(super) answer: Option<[u64; 2]>,
    /// 0 wrong, 1 correct, 2 not said.
    pub(super) verdict: u8,
    /// 0 dropped, 1 kept, 2 not said.
    pub(super) keep: u8,
    /// The bits of the score, unless it is missing.
    pub(super) score: Option<u64>,
    /// How many rows.
    pub(super) count: u64,
}

impl Entry {
    fn tag(&self) -> u8 {
        self.verdict
            | self.keep << 2
            | u8::from(self.answer.is_some()) << 4
            | u8::from(self.score.is_some()) << 5
    }

    /// All but the count.
    fn kind(&self) -> (Option<[u64; 2]>, u8, u8, Option<u64>) {
        (self.answer, self.verdict, self.keep, self.score)
    }
}

/// Sorts entries and adds up those that are alike.
pub(super) fn combine(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup_by(|later, first| {
        let alike = later.kind() == first.kind();
        if alike {
            first.count += later.count;
        }
        alike
    });
}

/// Builds a block, question by question in ascending order.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(scored: bool) -> Self {
        let mut bytes = vec![0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes.push(u8::from(scored));
        Self { bytes }
    }

    /// Appends a question with its entries.
    pub(super) fn push(&mut self, question: &Question<'_>, entries: &[Entry]) {
        let bytes = &mut self.bytes;
        for text in question {
            varint(bytes, text.map_or(0, |text| text.len() as u64 + 1));
            bytes.extend_from_slice(text.unwrap_or_default());
        }
        varint(bytes, entries.len() as u64);
        for entry in entries {
            bytes.push(entry.tag());
            for word in entry.answer.iter().flatten().chain(&entry.score) {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            varint(bytes, entry.count);
        }
    }

    /// The block.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let body = &self.bytes[HEADER..];
        let numbers = [body.len() as u64, hash(body)[0]];
        for (place, number) in self.bytes[8..HEADER].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        self.bytes
    }
}

/// Blocks that stand one after another.
pub(super) fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    while !bytes.is_empty() {
        let length = bytes.get(8..16).map_or(0, word);
        let end = HEADER.saturating_add(length as usize).min(bytes.len());
        let (block, rest) = bytes.split_at(end);
        blocks.push(block);
        bytes = rest;
    }
    blocks
}

/// Goes through the questions of a block.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    scored: bool,
    question: Question<'a>,
    entries: Vec<Entry>,
}

impl<'a> Reader<'a> {
    /// Checks that `block` is whole.
    pub(super) fn new(block: &'a [u8]) -> Result<Self> {
        if block.len() < 8 || block[..7] != MAGIC[..7] {
            return Err(Error::Foreign("they begin otherwise"));
        }
        if block[7] != MAGIC[7] {
            return Err(Error::Foreign("another version of kcurve wrote them"));
        }
        let damaged = || Error::Foreign("they are cut off or damaged");
        let (header, body) = block.split_at_checked(HEADER).ok_or_else(damaged)?;
        if word(&header[8..16]) != body.len() as u64 || word(&header[16..]) != hash(body)[0] {
            return Err(damaged());
        }
        let (&scored, rest) = body.split_first().ok_or_else(damaged)?;
        Ok(Self {
            rest,
            scored: scored == 1,
            question: [None; 5],
            entries: Vec::new(),
        })
    }

    /// Whether scores were read.
    pub(super) fn scored(&self) -> bool {
        self.scored
    }

    /// Reads the next question, unless there is none.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if self.rest.is_empty() {
            return Ok(false);
        }
        for place in 0..self.question.len() {
            self.question[place] = match self.varint()? {
                0 => None,
                length => Some(self.take(length as usize - 1)?),
            };
        }
        self.entries.clear();
        for _ in 0..self.varint()? {
            let tag = self.take(1)?[0];
            let answer = match tag >> 4 & 1 {
                0 => None,
                _ => Some([self.word()?, self.word()?]),
            };
            let score = match tag >> 5 & 1 {
                0 => None,
                _ => Some(self.word()?),
            };
            let count = self.varint()?;
            self.entries.push(Entry {
                answer,
                verdict: tag & 3,
                keep: tag >> 2 & 3,
                score,
                count,
            });
        }
        Ok(true)
    }

    /// The question read last.
    pub(super) fn question(&self) -> &Question<'a> {
        &self.question
    }

    /// Its entries.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Error::Foreign("they end too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u64> {
        self.take(8).map(word)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Error::Foreign("a number in them is too long"))
    }
}

fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(answer: Option<[u64; 2]>, score: Option<u64>, count: u64) -> Entry {
        Entry {
            answer,
            verdict: 1,
            keep: 2,
            score,
            count,
        }
    }

    fn block() -> Vec<u8> {
        let mut writer = Writer::new(true);
        let entries = [
            entry(None, Some(7), 300),
            entry(Some([1, 2]), None, 1 << 40),
        ];
        writer.push(&[None, Some(b""), Some(b"q"), None, Some(b"42")], &entries);
        writer.finish()
    }

    #[test]
    fn what_is_written_is_read() {
        let block = block();
        let mut reader = Reader::new(&block).expect("whole");
        assert!(reader.scored());
        assert!(reader.advance().expect("whole"));
        let question: Question<'_> = [None, Some(b""), Some(b"q"), None, Some(b"42")];
        assert_eq!(reader.question(), &question);
        assert_eq!(
            reader.entries(),
            [
                entry(None, Some(7), 300),
                entry(Some([1, 2]), None, 1 << 40)
            ]
        );
        assert!(!reader.advance().expect("whole"));
    }

    #[test]
    fn any_damage_is_noticed() {
        let whole = block();
        for at in 0..whole.len() {
            assert!(Reader::new(&whole[..at]).is_err(), "cut at {at}");
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            assert!(Reader::new(&damaged).is_err(), "bit of byte {at}");
        }
    }

    #[test]
    fn equal_entries_add_up() {
        let mut entries = vec![
            entry(Some([3, 4]), None, 2),
            entry(None, None, 1),
            entry(Some([3, 4]), None, 5),
        ];
        combine(&mut entries);
        assert_eq!(
            entries,
            [entry(None, None, 1), entry(Some([3, 4]), None, 7)]
        );
    }
}
