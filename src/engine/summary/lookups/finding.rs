//! Looking blocks up.

use std::ops::Range;

use redb::ReadOnlyTable;

use super::super::StoredEvents;
use super::stored::{Asked, StoredList};
use crate::block::lookup::{Candidates, Head, Level, Span, Wanted};
use crate::engine::Fault;
use crate::engine::tables::schema::{self, PieceKey};

type Pieces = ReadOnlyTable<PieceKey, &'static [u8]>;

impl StoredEvents {
    /// The events of these blocks that can have what is wanted: all of those whose blocks are in no list.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(in crate::engine) fn look_up(
        &self,
        wanted: &Wanted,
        blocks: Range<u64>,
    ) -> Result<Candidates, Fault> {
        let mut found = Candidates::default();
        let mut next = blocks.start;
        while next < blocks.end {
            let asked = self.with_list_of(next, |list, head| {
                let covered = next..list.blocks().end.min(blocks.end);
                let own = wanted.find(&Asked { list, head }, list.blocks().start, &covered)?;
                Ok((own, covered.end))
            })?;
            let (own, end) = asked.unwrap_or_else(|| (Candidates::all(next..next + 1), next + 1));
            found.extend(own);
            next = end;
        }
        Ok(found)
    }

    /// What is known of more than one block together, from this one on, with how many they are.
    ///
    /// # Errors
    ///
    /// As [`StoredEvents::look_up`].
    pub(in crate::engine) fn span_from(&self, block: u64) -> Result<Option<(Span, u64)>, Fault> {
        let found = self.with_list_of(block, |list, head| {
            let blocks = list.blocks();
            let is_first = blocks.start + head.covered_from() == block;
            if !is_first || list.level == Level::BLOCK {
                return Ok(None);
            }
            let count = blocks.end - block;
            if head.span().events() != count.saturating_mul(self.block_events()) {
                return Err(list.damaged("its number of events"));
            }
            Ok(Some((head.span().clone(), count)))
        })?;
        Ok(found.flatten())
    }

    /// What `ask` says of the list that a block is in, with its head; `None` where there is none.
    fn with_list_of<R>(
        &self,
        block: u64,
        ask: impl FnOnce(&StoredList<'_, Pieces>, &Head<'_>) -> Result<R, Fault>,
    ) -> Result<Option<R>, Fault> {
        let find = || {
            for level in Level::DOWN {
                let index = block / level.blocks();
                if let Some(list) = StoredList::open(self.pieces(), level, index)? {
                    let head = list.head()?;
                    if block - list.blocks().start >= head.covered_from() {
                        return ask(&list, &head).map(Some);
                    }
                }
            }
            Ok(None)
        };
        find().map_err(|fault| self.in_table(fault))
    }

    /// The failure with the name of the table before it, if it is one of what the table has.
    fn in_table(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Corrupted(text) => {
                let table = schema::blocks_table(self.number);
                Fault::Corrupted(format!("{table}: {text}"))
            }
            fault => fault,
        }
    }
}
