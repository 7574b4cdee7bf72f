//! The groups that a chunk has rows of, each by a small number.

use std::borrow::Cow;

/// The groups that some rows of a chunk are of. Each has a slot, from 0.
#[derive(Debug)]
pub(in crate::query) struct Slots<'g> {
    /// That of each of the rows, in their order.
    pub(in crate::query) of_rows: Cow<'g, [u32]>,
    /// Of each slot, the place of its group. No group has two.
    pub(in crate::query) groups: Vec<u32>,
    /// Of each slot, how many rows it has.
    pub(in crate::query) counts: Cow<'g, [u32]>,
}
