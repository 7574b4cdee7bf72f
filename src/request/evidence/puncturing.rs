//! The commitments of events that are erased, and the salts of their tree without those of these events.

use super::kept::{HEAD, TreeHead};
use super::leaf::leaf_of;
use crate::engine::{Fault, Record};
use crate::evidence::hash::Hash;
use crate::evidence::salts::Path;
use crate::seam::ReadSnapshot;

/// Forgets the salts of events.
pub(in crate::request) struct Puncturing {
    head: TreeHead,
    positions: Vec<u64>,
}

impl Puncturing {
    /// Of an instance; `None` if it has no tree, and so no salts.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(in crate::request) fn begin(
        snapshot: &dyn ReadSnapshot,
        number: u32,
    ) -> Result<Option<Self>, Fault> {
        let head = TreeHead::read(snapshot, number)?;
        Ok(head.map(|head| Self {
            head,
            positions: Vec::new(),
        }))
    }

    /// The commitments to the payload and the metadata of an event, whose salts are to be forgotten.
    ///
    /// # Errors
    ///
    /// Corruption, if there are no salts for it.
    pub(in crate::request) fn take(
        &mut self,
        position: u64,
        record: &Record<'_>,
    ) -> Result<[Hash; 2], Fault> {
        let mut path = Path::of(&self.head.salts);
        let leaf = leaf_of(&mut path, position, record)?;
        self.positions.push(position);
        Ok([leaf.payload, leaf.metadata])
    }

    /// The name of the state that has the salts, and what it is without those that were forgotten.
    pub(in crate::request) fn finish(mut self) -> (String, Vec<u8>) {
        self.head.salts.forget(self.positions);
        (HEAD.to_owned(), self.head.encode())
    }
}
