//! Texts one after the other.

use std::ops::Range;

/// Texts, each with a number from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Where each text ends. The next one begins there.
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A block's texts are bounded far below 4 GiB.
        self.ends.push(self.bytes.len() as u32);
    }

    /// Takes the last text away.
    pub(super) fn pop(&mut self) {
        self.ends.pop();
        self.bytes.truncate(self.end(self.ends.len()));
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes all texts have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How much memory they take beside their own place.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.ends)
    }

    /// Where the first `count` texts end.
    fn end(&self, count: usize) -> usize {
        let before = count.checked_sub(1).and_then(|last| self.ends.get(last));
        before.map_or(0, |end| *end as usize)
    }

    /// The text with the number `index`, which is there.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.end(index)..self.end(index + 1)]
    }

    pub(super) fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = self.end(range.start);
        self.ends[range].iter().map(move |end| {
            let end = *end as usize;
            &self.bytes[std::mem::replace(&mut start, end)..end]
        })
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.range(0..self.len())
    }
}
