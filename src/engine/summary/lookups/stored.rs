//! A list in the tables.

use std::ops::Range;

use redb::ReadableTable;

use crate::block::lookup::{Entry, Form, HASHES, Head, Level, Listed, Piece, Place};
use crate::engine::Fault;
use crate::engine::tables::schema::PieceKey;

/// In the place of the number of a block, the first number that a list can have.
pub(in crate::engine) const FIRST_LIST: u64 = 1 << 63;

/// Below the bits that have the level of a list.
const LEVEL_SHIFT: u32 = 56;

/// The piece that is the head of a list.
const HEAD: u32 = 0;

/// The hash that a piece is found by is its number less this one.
const FIRST_PIECE: u32 = 1;

/// The number that a list has in the place of that of a block. Lists of a level are numbered from 0.
pub(in crate::engine) const fn key_of(level: Level, index: u64) -> u64 {
    FIRST_LIST | (level.number() as u64) << LEVEL_SHIFT | index
}

/// The level of a list, and its number, if that is the number of one.
pub(in crate::engine) fn list_of_key(key: u64) -> Option<(Level, u64)> {
    let levels = Level::DOWN.into_iter();
    let mut lists = levels.filter_map(|level| {
        let index = key.checked_sub(key_of(level, 0))?;
        (index < 1 << LEVEL_SHIFT).then_some((level, index))
    });
    lists.next()
}

/// The keys of all rows that a list has.
pub(super) fn rows_of(key: u64) -> std::ops::RangeInclusive<PieceKey> {
    (key, HEAD)..=(key, u32::MAX)
}

pub(super) const fn head_key(key: u64) -> PieceKey {
    (key, HEAD)
}

/// The key of the piece that is found by that hash.
pub(super) const fn piece_key(key: u64, by: u32) -> PieceKey {
    (key, FIRST_PIECE + by)
}

/// A list of a table, whose head has been read.
pub(in crate::engine) struct StoredList<'t, T> {
    table: &'t T,
    pub(in crate::engine) level: Level,
    pub(in crate::engine) index: u64,
    key: u64,
    head: Vec<u8>,
}

impl<'t, T: ReadableTable<PieceKey, &'static [u8]>> StoredList<'t, T> {
    /// The list of a level with that number, if there is one.
    pub(in crate::engine) fn open(
        table: &'t T,
        level: Level,
        index: u64,
    ) -> Result<Option<Self>, Fault> {
        let key = key_of(level, index);
        let head = table.get(head_key(key))?.map(|head| head.value().to_vec());
        Ok(head.map(|head| Self {
            table,
            level,
            index,
            key,
            head,
        }))
    }

    /// The blocks that it can be of.
    pub(in crate::engine) const fn blocks(&self) -> Range<u64> {
        let first = self.index.saturating_mul(self.level.blocks());
        first..first.saturating_add(self.level.blocks())
    }

    /// Its head.
    pub(in crate::engine) fn head(&self) -> Result<Head<'_>, Fault> {
        let head = Head::read(self.level, self.key, &self.head);
        head.ok_or_else(|| self.damaged("its head"))
    }

    /// Its entries with these hashes.
    pub(in crate::engine) fn entries(&self, hashes: Range<u32>) -> Result<Vec<Entry>, Fault> {
        let form = self.head()?.form();
        let mut found = Vec::new();
        let mut next = hashes.start;
        while next < hashes.end {
            next = self.with_piece(form, next, |piece| {
                let entries = piece.entries()?;
                let wanted = |entry: &Entry| hashes.contains(&entry.hash()) && entry.hash() >= next;
                found.extend(entries.into_iter().filter(wanted));
                Some(piece.end())
            })?;
        }
        Ok(found)
    }

    /// Makes sure that it has a piece for each hash, and nothing else.
    pub(in crate::engine) fn check(&self) -> Result<(), Fault> {
        let mut next = 0;
        let head = self.head()?;
        let (form, notes) = (head.form(), head.notes());
        drop(notes.ok_or_else(|| self.damaged("its head"))?);
        for row in self.table.range(rows_of(self.key))? {
            let (key, bytes) = row?;
            let Some(by) = key.value().1.checked_sub(FIRST_PIECE) else {
                continue;
            };
            let piece = Piece::read(self.level, self.key, form, by, bytes.value());
            let is_next = |piece: &Piece<'_>| piece.first() == next && piece.entries().is_some();
            let piece = piece.filter(is_next);
            next = piece.ok_or_else(|| self.damaged("its pieces"))?.end();
        }
        if next == HASHES {
            Ok(())
        } else {
            Err(self.damaged("its pieces"))
        }
    }

    /// Calls `read` with the piece that a hash would be in, in a list of that form.
    fn with_piece<R>(
        &self,
        form: Form,
        hash: u32,
        read: impl FnOnce(&Piece<'_>) -> Option<R>,
    ) -> Result<R, Fault> {
        let pieces = |first, last| piece_key(self.key, first)..=piece_key(self.key, last);
        let found = match form {
            // It takes two pages: the one behind the piece is come to first.
            Form::ByFirst => self.table.range(pieces(0, hash))?.next_back(),
            Form::ByLast => self.table.range(pieces(hash, HASHES - 1))?.next(),
        };
        let found = found.transpose()?.and_then(|(key, bytes)| {
            let by = key.value().1 - FIRST_PIECE;
            let piece = Piece::read(self.level, self.key, form, by, bytes.value())?;
            // Before its first hash and beyond its last one there is another piece, or there was.
            (piece.first() <= hash && hash < piece.end()).then(|| read(&piece))?
        });
        found.ok_or_else(|| self.damaged("its pieces"))
    }

    /// The failure that a part of it is not what was written.
    pub(in crate::engine) fn damaged(&self, part: &str) -> Fault {
        let blocks = self.blocks();
        let (first, last) = (blocks.start, blocks.end - 1);
        Fault::Corrupted(format!(
            "the look-up of blocks {first} to {last} is not what was written ({part})"
        ))
    }
}

/// A list, and its head as it was read.
pub(super) struct Asked<'l, 't, T> {
    pub(super) list: &'l StoredList<'t, T>,
    pub(super) head: &'l Head<'l>,
}

impl<T: ReadableTable<PieceKey, &'static [u8]>> Listed for Asked<'_, '_, T> {
    type Fault = Fault;

    fn places(&self, hash: u32, visit: &mut dyn FnMut(Place)) -> Result<(), Fault> {
        let form = self.head.form();
        self.list
            .with_piece(form, hash, |piece| piece.find(hash, visit))
    }

    fn noted(&self, note: u32, visit: &mut dyn FnMut(Place)) -> Result<(), Fault> {
        let found = self.head.find(note, visit);
        found.ok_or_else(|| self.list.damaged("its head"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_number() {
        for level in Level::DOWN {
            for index in [0, 1, 1 << 50] {
                assert_eq!(list_of_key(key_of(level, index)), Some((level, index)));
            }
        }
        assert_eq!(list_of_key(0), None);
        assert_eq!(list_of_key(u64::MAX), None);
    }
}
