//! Look-ups: which events can have a value, without reading what they have.
//!
//! A look-up is a list of entries: the hash of a value with its path, and a place where there is one. The list of a block
//! is made with the block. Those of 16 blocks become one, and so do 16 of these. A list says where a value *may* be: two
//! values can have the same hash, and what is not in the list is told by notes. So whoever uses one looks at the events
//! that it names, and at no others.
//!
//! - Texts are looked up, and whole numbers that are spread over more than a block has events. Of other numbers the bounds
//!   are known to each block.
//! - Elements of arrays are looked up as if their index was any one. So is what an object has under digits.
//! - A value that more than two events of a block have is noted for the block. One that more than half of the blocks of a
//!   list have is noted for all of them: it costs next to nothing there.

mod builder;
mod candidates;
mod entry;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod hash;
mod head;
mod list;
mod merging;
mod reduction;
mod span;
#[cfg(test)]
mod test;
mod walk;

pub use builder::{Builder, Lookup};
pub use candidates::{CandidateRows, Candidates, Listed, Wanted};
pub use entry::{Entry, Level, Place};
pub use hash::{HASHES, Note, PathHash};
pub use head::Head;
pub use list::{Form, Piece, pieces_of};
pub use merging::{admits, merged};
pub use span::Span;

/// How many lists become one.
pub const LISTS_MERGED: u64 = 16;

/// How many events a block has at most, as places count them.
const BLOCK_ROWS: u32 = super::EVENTS as u32;
