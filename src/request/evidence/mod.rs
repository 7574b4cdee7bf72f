//! The Merkle tree of an instance: how it grows, what is proved by it, and whether the events are still those it was made
//! of.
//!
//! It is made by the first checkpoint, and grows with each further one. Between them an append costs nothing.

mod check;
mod difference;
mod growth;
mod kept;
mod leaf;
mod proofs;
mod puncturing;
mod reader;
#[cfg(test)]
mod test;
mod transferred;

pub(super) use check::check_tree;
pub(super) use growth::{hash_events, store_tree};
pub(super) use kept::{hashed, hashed_in};
pub(super) use proofs::{consistency, consistency_extent, inclusion, inclusion_extent};
pub(super) use puncturing::Puncturing;
pub(super) use transferred::{exported_salts, imported_salts, keep_salts, salts_of};
