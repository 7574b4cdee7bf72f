//! The groups that a chunk has rows of, each by a small number.

use std::borrow::Cow;
use std::cell::OnceCell;

/// The groups that some rows of a chunk are of. Each has a slot, from 0.
#[derive(Debug)]
pub(in crate::query) struct Slots<'g> {
    /// That of each of the rows, in their order.
    of_rows: Cow<'g, [u32]>,
    /// Of each slot, the place of its group. No group has two.
    groups: Vec<u32>,
    counts: OnceCell<Vec<u64>>,
}

impl<'g> Slots<'g> {
    pub(in crate::query) fn new(of_rows: Cow<'g, [u32]>, groups: Vec<u32>) -> Self {
        Self {
            of_rows,
            groups,
            counts: OnceCell::new(),
        }
    }

    /// That of each of the rows, in their order.
    pub(in crate::query) fn of_rows(&self) -> &[u32] {
        &self.of_rows
    }

    /// Of each slot, the place of its group.
    pub(in crate::query) fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// Of each slot, how many rows it has. They are counted at the first time.
    pub(in crate::query) fn counts(&self) -> &[u64] {
        self.counts.get_or_init(|| {
            let mut counts = vec![0; self.groups.len()];
            for slot in &*self.of_rows {
                if let Some(count) = counts.get_mut(*slot as usize) {
                    *count += 1;
                }
            }
            counts
        })
    }
}
