//! What is kept of each event that was hashed, to tell later which one was altered: 8 bytes.
//!
//! They prove nothing. The root proves that something is not as it was, and prints tell what, as long as nobody has
//! altered them too. Of the payload they say nothing to whoever does not have its salt: the leaf has a commitment to it.

use super::hash::{self, Hash};

/// How many bytes a print has.
pub const PRINT_BYTES: usize = 8;

/// What is kept of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The first bytes of a hash of its id.
    pub id: [u8; 4],
    /// The first bytes of the hash of its leaf.
    pub leaf: [u8; 4],
}

impl Print {
    /// That of the event with this id and this hash of its leaf.
    #[must_use]
    pub fn of(id: &[u8; 16], leaf: &Hash) -> Self {
        Self {
            id: first(&hash::of_id(id)),
            leaf: first(leaf),
        }
    }

    /// Appends the print's bytes to `out`.
    pub fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.leaf);
    }

    /// All prints that the bytes are; a last one that is not whole is left out.
    pub fn all(bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        let (prints, _) = bytes.as_chunks::<PRINT_BYTES>();
        prints.iter().map(|print| Self {
            id: [print[0], print[1], print[2], print[3]],
            leaf: [print[4], print[5], print[6], print[7]],
        })
    }
}

const fn first(hash: &Hash) -> [u8; 4] {
    [hash[0], hash[1], hash[2], hash[3]]
}
