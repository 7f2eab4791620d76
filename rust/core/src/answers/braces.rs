//! Groups in braces, and the boxes of LaTeX.

use std::cell::OnceCell;

use super::is;

/// The most bytes of a box without braces.
const LONGEST_BARE_BOX: usize = 1000;

/// How far a brace is looked for before all of them are matched at once.
const NEAR: usize = 2048;

/// Which brace closes which, in one text. A backslash hides the character behind it.
pub(super) struct Groups<'a> {
    text: &'a str,
    /// Where groups open and end, by where they open.
    ends: OnceCell<Vec<(usize, usize)>>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = OnceCell::new();
        Self { text, ends }
    }

    /// Just behind the brace that closes the one at `start`. That one must not stand behind a backslash.
    pub(super) fn end(&self, start: usize) -> Option<usize> {
        if self.ends.get().is_none()
            && let Some(end) = near(self.text.as_bytes(), start)
        {
            return Some(end);
        }
        let ends = self.ends.get_or_init(|| matched(self.text.as_bytes()));
        let place = ends.binary_search_by_key(&start, |&(open, _)| open);
        place.ok().map(|place| ends[place].1)
    }

    /// The boxes, the last one first: where each begins, and what it holds if that can be read.
    pub(super) fn boxes_from_the_end(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let text = self.text;
        text.rmatch_indices('\\').filter_map(move |(start, _)| {
            let name = &text[start + 1..];
            let rest = name
                .strip_prefix("boxed")
                .or_else(|| name.strip_prefix("fbox"))?;
            if is(rest.as_bytes(), 0, |byte| byte.is_ascii_alphabetic()) {
                return None;
            }
            Some((start, self.content(text.len() - rest.trim_start().len())?))
        })
    }

    /// What the box holds that opens at `start`.
    fn content(&self, start: usize) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        if is(bytes, start, |byte| byte == b'{') {
            return super::trimmed(&self.text[start + 1..self.end(start)? - 1]);
        }
        let mut end = start;
        while let Some(character) = self.text[end..].chars().next() {
            if character.is_whitespace() || matches!(character, '$' | '}') {
                break;
            }
            end = if character == '{' {
                self.end(end)?
            } else {
                end + character.len_utf8()
            };
            if end - start > LONGEST_BARE_BOX {
                return None;
            }
        }
        let content = self.text[start..end].trim_end_matches(['.', ',', ';']);
        (!content.is_empty()).then_some(content)
    }
}

/// Just behind the brace that closes the one at `start`, unless that is far away.
fn near(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut position = start;
    let far = text.len().min(start + NEAR);
    while position < far {
        match text[position] {
            b'\\' => position += 1,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(position + 1);
                }
            }
            _ => {}
        }
        position += 1;
    }
    None
}

/// Where every group that closes opens and ends, by where it opens.
fn matched(text: &[u8]) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut ends = Vec::new();
    let mut position = 0;
    while position < text.len() {
        match text[position] {
            b'\\' => position += 1,
            b'{' => open.push(position),
            b'}' => ends.extend(open.pop().map(|start| (start, position + 1))),
            _ => {}
        }
        position += 1;
    }
    ends.sort_unstable();
    ends
}
