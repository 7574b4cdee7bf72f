//! Look-ups of blocks, and the lists that are made of them: see [`crate::block::lookup`].
//!
//! They are in the table of what blocks have, after all blocks, and nothing but them: where there is none, all blocks are
//! looked into. A list is written in the transaction that makes its last block whole, and what it is made of is dropped
//! there. So each block is in one list, or in none.

mod finding;
mod making;
mod missing;
mod stored;
mod writing;

pub(in crate::engine) use making::LookingUp;
pub(in crate::engine) use missing::{Unlisted, first_unlisted, of_block};
pub(in crate::engine) use stored::{FIRST_LIST, StoredList, list_of_key};
pub(in crate::engine) use writing::{drop_before, drop_lists, write};
