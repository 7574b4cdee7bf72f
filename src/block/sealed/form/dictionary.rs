//! Few different texts.
//!
//! ```text
//! texts      varint  how many there are
//! ends       series  where each ends
//! expanded   varint  how many bytes all of them have, if they are compressed with LZ4; else 0
//! bytes
//! ```

use super::super::super::bytes::{Reader, write_varint};
use super::super::super::codec::{self, Packed};
use super::super::bits::bits_of;
use super::super::series::{self, Series};
use super::super::texts::Texts;

/// How many texts a dictionary has at most.
pub(super) const TEXTS_MAX: usize = 4_096;

/// Texts that are told by their numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Dictionary(Texts);

impl Dictionary {
    pub(super) const fn new(texts: Texts) -> Self {
        Self(texts)
    }

    /// The text with that number.
    #[inline]
    pub(in super::super) fn get(&self, number: usize) -> Option<&[u8]> {
        (number < self.0.len()).then(|| self.0.get(number))
    }

    pub(in super::super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(in super::super) fn texts(&self) -> &Texts {
        &self.0
    }

    /// How many bits the number of a text takes.
    pub(in super::super) fn bits(&self) -> u32 {
        bits_of(self.0.len().saturating_sub(1) as u64)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_varint(out, self.0.len() as u64);
        let mut bytes = Vec::with_capacity(self.0.bytes());
        let mut end = |text: &[u8]| {
            bytes.extend_from_slice(text);
            bytes.len() as i64
        };
        let ends: Vec<i64> = self.0.iter().map(&mut end).collect();
        series::write(out, &ends);
        let packed = Packed::of(bytes);
        write_varint(out, packed.expanded as u64);
        out.extend_from_slice(&packed.bytes);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.count().filter(|count| *count <= TEXTS_MAX)?;
        let piece = reader.rest();
        let ends = Series::read(reader, piece.len(), count)?;
        let expanded = reader.count()?;
        let packed = reader.take(reader.rest().len())?;
        let bytes = codec::expand(packed, expanded)?;
        let mut texts = Texts::default();
        let mut start = 0;
        for end in ends.iter(piece) {
            let end = usize::try_from(end).ok()?;
            texts.push(bytes.get(start..end)?);
            start = end;
        }
        (start == bytes.len()).then_some(Self(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_they_were_written() {
        for count in [0, 1, 2, 300, 1_000, TEXTS_MAX] {
            let mut texts = Texts::default();
            for number in 0..count {
                texts.push(format!("\"text {number}\"").as_bytes());
            }
            let dictionary = Dictionary::new(texts);
            let mut head = Vec::new();
            dictionary.write(&mut head);
            let read = Dictionary::read(&mut Reader::new(&head));
            assert_eq!(read.as_ref(), Some(&dictionary));
            assert_eq!(dictionary.get(count), None);
            for length in (0..head.len()).step_by(1 + count / 50) {
                let cut = Dictionary::read(&mut Reader::new(&head[..length]));
                assert_ne!(cut, Some(Dictionary(dictionary.texts().clone())));
            }
        }
    }
}
