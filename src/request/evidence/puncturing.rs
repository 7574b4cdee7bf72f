//! What is kept for the leaves of events that are erased, and the salts of their tree without those of these events.

use super::kept::{HEAD, TreeHead};
use super::leaf::{kept_of, leaf_of};
use crate::engine::{Fault, Record};
use crate::erased::{Kept, is_erased};
use crate::evidence::salts::{Part, Path};
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

    /// What an event is to keep for its payload and its metadata, by which its leaf stays as it is: for one that `stays` as it
    /// is stored its salt, and for one that does not the commitment to it. The salts are to be forgotten.
    ///
    /// # Errors
    ///
    /// Corruption, if there are no salts for it.
    pub(in crate::request) fn take(
        &mut self,
        position: u64,
        record: &Record<'_>,
        stays: [bool; 2],
    ) -> Result<[Kept; 2], Fault> {
        let mut path = Path::of(&self.head.salts);
        let leaf = leaf_of(&mut path, position, record)?;
        let before = kept_of(record);
        // What is stored of an event that was erased before there was a tree is one text, which its leaf covers.
        let can_stay = !is_erased(record.payload);
        let mut kept = |at: usize, part, commitment| match &before {
            Some(before) if stays[at] => before[at].0,
            None if stays[at] && can_stay => {
                let salt = path.salt(position, part, record.id.as_bytes());
                salt.map_or(Kept::Commitment(commitment), Kept::Salt)
            }
            _ => Kept::Commitment(commitment),
        };
        let kept = [
            kept(0, Part::Payload, leaf.payload),
            kept(1, Part::Metadata, leaf.metadata),
        ];
        self.positions.push(position);
        Ok(kept)
    }

    /// The name of the state that has the salts, and what it is without those that were forgotten.
    pub(in crate::request) fn finish(mut self) -> (String, Vec<u8>) {
        self.head.salts.forget(self.positions);
        (HEAD.to_owned(), self.head.encode())
    }
}
