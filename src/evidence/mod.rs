//! What the evidence of an instance is made of: a Merkle tree over its events, whose leaves an erased event keeps.
//!
//! It is pure: it knows no log and no file. [`leaf`] says what the leaf of an event covers, [`salts`] where the salts of
//! its commitments come from, [`tree`] how a root and proofs follow from the hashes of subtrees, [`tile`] in which
//! pieces these are kept, and [`print`](mod@print) what is kept to tell later which event was altered.
//!
//! Each kind of thing that is hashed begins with a byte of its own, so none can be taken for another:
//!
//! | byte | what follows | what it is |
//! |---|---|---|
//! | 0 | the content of a leaf | the hash of a leaf (RFC 9162) |
//! | 1 | two hashes | the hash of a node (RFC 9162) |
//! | 2 | a salt, then a text | a commitment to the text |
//! | 3 | 0 or 1, then a seed | the seed of the left or right child |
//! | 4 | the id of an event | its print |
//! | 5 | a seed, then the id of an event | the salt of one of its texts |

pub mod hash;
pub mod leaf;
pub mod print;
pub mod salts;
pub mod tile;
pub mod tree;

#[cfg(test)]
pub(crate) mod test;
