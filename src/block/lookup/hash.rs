//! What values are looked up by: some bits for a value and the path that leads to it.

use crc32fast::Hasher;

use super::super::key::may_be_index;
use crate::json::Text;

/// How many bits a hash has. They tell apart all that a list of the last level has, but for one in eight.
const HASH_BITS: u32 = 24;

/// Above all hashes.
pub const HASHES: u32 = 1 << HASH_BITS;

/// A path, as far as values are looked up by it. Two paths can have the same one, which are then taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathHash(u32);

/// What is noted of a path beside its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// It leads to texts.
    Texts,
    /// It leads to texts that are not looked up.
    OtherTexts,
    /// It leads to numbers that are not looked up.
    OtherNumbers,
}

impl PathHash {
    /// The note of rows of which no path is known.
    pub const OPAQUE: u32 = hash_of(0);

    /// The payload, or the metadata.
    #[must_use]
    pub fn root(metadata: bool) -> Self {
        Self(0).with(if metadata { b"m" } else { b"p" }, b"")
    }

    /// What an object has under the decoded `key`.
    #[must_use]
    pub fn key(self, key: &Text<'_>) -> Self {
        match key.as_str() {
            Some(key) if may_be_index(key) => self.element(),
            // No text has the byte that follows.
            Some(key) => self.with(key.as_bytes(), &[0xff]),
            None => self.with(&units(key), &[0xfe]),
        }
    }

    /// What an array has, whichever its index is.
    #[must_use]
    pub fn element(self) -> Self {
        self.with(b"", &[0xfd])
    }

    /// The hash of a text that is there.
    #[must_use]
    pub fn text(self, text: &Text<'_>) -> u32 {
        hash_of(match text.as_str() {
            Some(text) => self.with(b"\"", text.as_bytes()).0,
            None => self.with(b"u", &units(text)).0,
        })
    }

    /// What hashes the texts that are there.
    pub(super) fn texts(self) -> TextsHash {
        let mut hasher = Hasher::new_with_initial(self.0);
        hasher.update(b"\"");
        TextsHash(hasher)
    }

    /// The hash of a number that is there.
    #[must_use]
    pub fn number(self, number: f64) -> u32 {
        // -0 + 0 is 0.
        hash_of(self.with(b"#", &(number + 0.0).to_le_bytes()).0)
    }

    /// The hash of what is noted of the path.
    #[must_use]
    pub fn note(self, note: Note) -> u32 {
        let name = match note {
            Note::Texts => b"t",
            Note::OtherTexts => b"s",
            Note::OtherNumbers => b"n",
        };
        hash_of(self.with(name, &[0xfc]).0)
    }

    fn with(self, bytes: &[u8], more: &[u8]) -> Self {
        let mut hasher = Hasher::new_with_initial(self.0);
        hasher.update(bytes);
        hasher.update(more);
        Self(hasher.finalize())
    }
}

/// Hashes texts at one path.
#[derive(Clone, Debug)]
pub(super) struct TextsHash(Hasher);

impl TextsHash {
    /// As [`PathHash::text`], of a text without escapes.
    pub(super) fn of_plain(&self, text: &[u8]) -> u32 {
        let mut hasher = self.0.clone();
        hasher.update(text);
        hash_of(hasher.finalize())
    }
}

fn units(text: &Text<'_>) -> Vec<u8> {
    let units = text.to_units();
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

/// Spreads what differs in few bits over all hashes.
const fn hash_of(checksum: u32) -> u32 {
    checksum.wrapping_add(1).wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(text: &str) -> Text<'_> {
        Text::from(text.to_owned())
    }

    #[test]
    fn hashes_never_change() {
        let path = PathHash::root(false).key(&text("userId"));
        assert_eq!(path.text(&text("user-123")), 10_871_821);
        assert_eq!(path.texts().of_plain(b"user-123"), 10_871_821);
        assert_eq!(path.number(12.0), 4_188_452);
        assert_eq!(PathHash::OPAQUE, 10_368_889);
    }

    #[test]
    fn each_path_and_each_value_has_its_own() {
        let root = PathHash::root(false);
        let paths = [
            root,
            PathHash::root(true),
            root.key(&text("a")),
            root.key(&text("b")),
            root.key(&text("a")).key(&text("b")),
            root.key(&text("ab")),
            root.key(&Text::from_units(vec![0xd800])),
            root.element(),
            root.element().element(),
        ];
        let mut all = HashSet::new();
        for path in paths {
            let values = [
                path.text(&text("1")),
                path.text(&text("")),
                path.number(1.0),
                path.note(Note::Texts),
                path.note(Note::OtherTexts),
                path.note(Note::OtherNumbers),
            ];
            all.extend(values);
        }
        assert_eq!(all.len(), paths.len() * 6);
        assert_eq!(root.key(&text("17")), root.element());
        assert_eq!(root.number(0.0), root.number(-0.0));
    }

    #[test]
    fn hashes_are_spread_over_their_range() {
        let path = PathHash::root(false).key(&text("id"));
        let hashes: HashSet<u32> = (0..100_000)
            .map(|n| path.text(&text(&format!("user-{n}"))))
            .collect();
        // Random ones would be some 99,702 different ones.
        assert!(hashes.len() > 99_000, "{}", hashes.len());
        let mut parts = [0; 64];
        for hash in hashes {
            parts[(hash >> (HASH_BITS - 6)) as usize] += 1;
        }
        assert!(parts.iter().all(|count| (1_300..1_850).contains(count)));
    }
}
