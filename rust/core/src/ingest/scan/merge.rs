//! Blocks of the same questions become one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::error::{Error, Result};
use super::block::{CLUSTER, Entry, IDENTITY, QUESTION, Question, REFERENCE, Reader, combine};
use crate::ingest::columns::{Columns, Role};
use crate::work::Watch;

/// The entries taken in between two looks at the watch.
const ENTRIES_PER_CHECK: usize = 1 << 16;

/// Goes through the questions of all `blocks` in ascending order, each once, with the entries of
/// all blocks together. Returns whether scores were read.
pub(super) fn merge<'a>(
    blocks: impl IntoIterator<Item = &'a [u8]>,
    columns: &Columns,
    watch: &Watch,
    mut each: impl FnMut(&Question<'_>, &mut Vec<Entry>) -> Result<()>,
) -> Result<bool> {
    let mut readers = Vec::new();
    for block in blocks {
        watch.check()?;
        readers.push(Reader::new(block)?);
    }
    let scored = readers.first().is_some_and(Reader::scored);
    if readers.iter().any(|reader| reader.scored() != scored) {
        return Err(Error::Foreign(
            "some were made with a score column and others without",
        ));
    }
    let mut next = BinaryHeap::new();
    for (number, reader) in readers.iter_mut().enumerate() {
        if reader.advance()? {
            next.push(Reverse((identity(reader.question()), number)));
        }
    }
    let (mut entries, mut unchecked) = (Vec::new(), 0);
    while let Some(Reverse((first, number))) = next.pop() {
        entries.clear();
        let mut question = *readers[number].question();
        let mut number = Some(number);
        while let Some(here) = number {
            let reader = &mut readers[here];
            for (place, role) in [(CLUSTER, Role::Cluster), (REFERENCE, Role::Reference)] {
                if let Some(text) = reader.question()[place]
                    && let Some(other) = question[place].replace(text)
                    && other != text
                {
                    return Err(conflict(&question, role, columns, [other, text]));
                }
            }
            entries.extend_from_slice(reader.entries());
            if reader.advance()? {
                next.push(Reverse((identity(reader.question()), here)));
            }
            number = match next.peek() {
                Some(Reverse((other, _))) if *other == first => {
                    next.pop().map(|Reverse((_, number))| number)
                }
                _ => None,
            };
        }
        unchecked += entries.len() + 1;
        if unchecked > ENTRIES_PER_CHECK {
            watch.check()?;
            unchecked = 0;
        }
        combine(&mut entries);
        each(&question, &mut entries)?;
    }
    Ok(scored)
}

/// What tells a question from the others.
pub(super) fn identity<'a>(question: &Question<'a>) -> [Option<&'a [u8]>; IDENTITY] {
    [question[0], question[1], question[2]]
}

fn conflict(question: &Question<'_>, role: Role, columns: &Columns, two: [&[u8]; 2]) -> Error {
    let mut two = two.map(shown);
    two.sort();
    let [first, second] = two;
    Error::ConflictBetweenParts {
        question: shown(question[QUESTION].unwrap_or_default()),
        role,
        name: columns.name(role),
        first,
        second,
    }
}

/// A text for a message.
pub(super) fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
