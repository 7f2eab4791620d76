//! Answers that stand behind agreed words.

use super::{reads, trimmed};

const ANSWER_IS: &[u8] = b"answer is (";

/// X of "answer is (X)": of the last one, or of the first.
pub(super) fn answer_is(text: &str, last: bool) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut ends: Option<Vec<(usize, usize)>> = None;
    let mut answer = |(open, _): (usize, &str)| {
        let start = (open + 1).checked_sub(ANSWER_IS.len())?;
        if !reads(bytes, start, ANSWER_IS) {
            return None;
        }
        let ends = ends.get_or_insert_with(|| matched(bytes));
        let place = ends.binary_search_by_key(&open, |&(open, _)| open).ok()?;
        trimmed(&text[open + 1..ends[place].1])
    };
    if last {
        text.rmatch_indices('(').find_map(&mut answer)
    } else {
        text.match_indices('(').find_map(&mut answer)
    }
}

/// Where every parenthesis that closes on its line opens and closes, by where it opens.
fn matched(text: &[u8]) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut ends = Vec::new();
    for (position, byte) in text.iter().enumerate() {
        match byte {
            b'\n' => open.clear(),
            b'(' => open.push(position),
            b')' => ends.extend(open.pop().map(|start| (start, position))),
            _ => {}
        }
    }
    ends.sort_unstable();
    ends
}

/// The rest of the line behind the last marker that has something behind it.
pub(super) fn behind<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    let starts = 0..(text.len() + 1).saturating_sub(marker.len());
    let marked = starts
        .rev()
        .filter(|&start| reads(text.as_bytes(), start, marker.as_bytes()));
    marked
        .map(|start| rest_of_line(&text[start + marker.len()..]))
        .find(|answer| !answer.is_empty())
}

fn rest_of_line(text: &str) -> &str {
    let decoration = |character: char| character.is_whitespace() || character == '*';
    let text = text.trim_start_matches(|character| decoration(character) || character == ':');
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.trim_end_matches(decoration);
    line.strip_suffix('.')
        .unwrap_or(line)
        .trim_end_matches(decoration)
}
