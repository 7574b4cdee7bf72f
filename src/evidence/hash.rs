//! The hashes of RFC 9162, which are those of RFC 6962, and commitments.

use sha2::{Digest, Sha256};

/// How many bytes a hash has.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash.
pub type Hash = [u8; HASH_BYTES];

const LEAF: u8 = 0;
const NODE: u8 = 1;
const COMMITMENT: u8 = 2;
const CHILD: u8 = 3;
const PRINT: u8 = 4;
const SALT: u8 = 5;

/// The hash of a leaf with that content.
#[must_use]
pub fn of_leaf(content: &[u8]) -> Hash {
    of(&[&[LEAF], content])
}

/// The hash of a node with these children.
#[must_use]
pub fn of_node(left: &Hash, right: &Hash) -> Hash {
    of(&[&[NODE], left, right])
}

/// The root of a tree without leaves.
#[must_use]
pub fn of_nothing() -> Hash {
    of(&[])
}

/// The commitment to a text: it says nothing of the text to whoever does not have the salt, and no other text has the
/// same one.
#[must_use]
pub fn of_commitment(salt: &Hash, text: &[u8]) -> Hash {
    of(&[&[COMMITMENT], salt, text])
}

/// The seed of the left (`false`) or right (`true`) child of a seed.
pub(super) fn of_child(seed: &Hash, is_right: bool) -> Hash {
    of(&[&[CHILD, u8::from(is_right)], seed])
}

/// The salt of a text of the event with that id: another event at the same position, in a log that went on otherwise, has
/// another one.
pub(super) fn of_salt(seed: &Hash, id: &[u8]) -> Hash {
    of(&[&[SALT], seed, id])
}

/// The hash of an event's id, of which its print is a part.
pub(super) fn of_id(id: &[u8]) -> Hash {
    of(&[&[PRINT], id])
}

fn of(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
