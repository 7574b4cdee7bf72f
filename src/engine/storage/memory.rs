//! A log without a file: what is written to it is in memory, and gone once the log is closed.
//!
//! It has one engine, which opens it twice, for the journal and for the tables. Nobody else can, so that locks are
//! had at once.

use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;

use parking_lot::RwLock;
use redb::{BackendError, StorageBackend};

use super::medium::Medium;
use crate::engine::Fault;
use crate::engine::holes::SparseStorage;

/// How many bytes are allocated at a time.
const PIECE_BYTES: usize = 64 << 10;

/// The memory that a log is in. Clones are the same file.
#[derive(Clone, Debug)]
pub(in crate::engine) struct MemoryFile {
    bytes: Arc<RwLock<SparseBytes>>,
    /// How long the file may become, in bytes. A longer one is refused as by a full disk.
    bytes_max: u64,
}

impl Default for MemoryFile {
    fn default() -> Self {
        Self {
            bytes: Arc::default(),
            bytes_max: u64::MAX,
        }
    }
}

impl MemoryFile {
    /// A file of these bytes, which does not become longer than that.
    #[cfg(any(test, fuzzing))]
    pub(in crate::engine) fn holding(bytes: &[u8], bytes_max: u64) -> Self {
        let memory = Self {
            bytes_max,
            ..Self::default()
        };
        memory.bytes.write().write(0, bytes);
        memory
    }

    /// The bytes of the file as it is now.
    #[cfg(fuzzing)]
    pub(in crate::engine) fn bytes(&self) -> Vec<u8> {
        let bytes = self.bytes.read();
        let mut out = vec![0; bytes.length as usize];
        let read = bytes.read(0, &mut out);
        assert!(read.is_ok(), "all of it is there");
        out
    }

    /// Fails where a file of that length has no room.
    fn check_room(&self, length: Option<u64>) -> io::Result<()> {
        match length.filter(|length| *length <= self.bytes_max) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

/// Bytes as a file has them: those that were never written to are 0, and take no room.
#[derive(Debug, Default)]
struct SparseBytes {
    length: u64,
    pieces: Vec<Option<Box<[u8]>>>,
}

impl SparseBytes {
    /// The parts of the pieces that `length` bytes at `offset` are in: the piece, where in it, and how many.
    fn parts(offset: u64, length: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut at = offset as usize;
        let end = at + length;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let (piece, start) = (at / PIECE_BYTES, at % PIECE_BYTES);
                let count = (PIECE_BYTES - start).min(end - at);
                at += count;
                (piece, start, count)
            })
        })
    }

    /// Fails, as a file does, where not all of the bytes are there.
    fn check(&self, offset: u64, length: usize) -> io::Result<()> {
        let end = offset.checked_add(length as u64);
        match end.filter(|end| *end <= self.length) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.check(offset, out.len())?;
        let mut rest = out;
        for (piece, start, count) in Self::parts(offset, rest.len()) {
            let (part, others) = rest.split_at_mut(count);
            match self.pieces.get(piece).and_then(Option::as_ref) {
                Some(bytes) => part.copy_from_slice(&bytes[start..start + count]),
                None => part.fill(0),
            }
            rest = others;
        }
        Ok(())
    }

    fn write(&mut self, offset: u64, data: &[u8]) {
        self.set_length(self.length.max(offset + data.len() as u64));
        let mut rest = data;
        for (piece, start, count) in Self::parts(offset, data.len()) {
            let (part, others) = rest.split_at(count);
            rest = others;
            let Some(slot) = self.pieces.get_mut(piece) else {
                continue;
            };
            if slot.is_none() && part.iter().all(|byte| *byte == 0) {
                continue;
            }
            let bytes = slot.get_or_insert_with(|| vec![0; PIECE_BYTES].into());
            bytes[start..start + count].copy_from_slice(part);
        }
    }

    /// Makes zeros of these bytes, and frees the pieces that are nothing else then.
    fn punch(&mut self, bytes: &Range<u64>) {
        let end = bytes.end.min(self.length);
        let length = end.saturating_sub(bytes.start) as usize;
        for (piece, start, count) in Self::parts(bytes.start, length) {
            let Some(slot) = self.pieces.get_mut(piece) else {
                continue;
            };
            if count == PIECE_BYTES {
                *slot = None;
            } else if let Some(bytes) = slot {
                bytes[start..start + count].fill(0);
            }
        }
    }

    /// Where the first piece begins that is there, from a byte on.
    fn next_data(&self, at: u64) -> u64 {
        let piece = at as usize / PIECE_BYTES;
        let rest = self.pieces.iter().enumerate().skip(piece);
        let mut there = rest.filter(|(_, slot)| slot.is_some());
        there
            .next()
            .map_or(u64::MAX, |(piece, _)| at.max((piece * PIECE_BYTES) as u64))
    }

    fn set_length(&mut self, length: u64) {
        let pieces = (length as usize).div_ceil(PIECE_BYTES);
        self.pieces.resize_with(pieces, || None);
        if length < self.length {
            // What comes there later begins with zeros.
            let end = length as usize % PIECE_BYTES;
            if end > 0
                && let Some(Some(last)) = self.pieces.last_mut()
            {
                last[end..].fill(0);
            }
        }
        self.length = length;
    }
}

impl Medium for MemoryFile {
    fn journal(&self, _write: bool) -> Result<(Box<dyn SparseStorage>, bool), Fault> {
        // There is nothing behind it to sync to.
        Ok((Box::new(self.clone()), true))
    }

    fn tables(&self, _write: bool) -> Result<Box<dyn StorageBackend>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

impl SparseStorage for MemoryFile {
    fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        self.bytes.write().punch(&bytes);
        Ok(())
    }

    fn next_data(&self, at: u64) -> io::Result<u64> {
        Ok(self.bytes.read().next_data(at))
    }
}

impl StorageBackend for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.read().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.read().read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.check_room(Some(length))?;
        self.bytes.write().set_length(length);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check_room(offset.checked_add(data.len() as u64))?;
        self.bytes.write().write(offset, data);
        Ok(())
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(memory: &MemoryFile, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut out = vec![9; length];
        memory.read(offset, &mut out).map(|()| out)
    }

    #[test]
    fn what_was_written_is_read_across_pieces_and_the_rest_is_zeros() {
        let memory = MemoryFile::default();
        let at = 3 * PIECE_BYTES as u64 - 2;
        memory.write(at, &[1, 2, 3, 4]).unwrap();
        assert_eq!(memory.len().unwrap(), at + 4);
        assert_eq!(read(&memory, at - 1, 5).unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(read(&memory, 0, 3).unwrap(), [0; 3]);
        let held = memory.bytes.read().pieces.iter().flatten().count();
        assert_eq!(held, 2);
    }

    #[test]
    fn what_is_not_there_is_not_read() {
        let memory = MemoryFile::default();
        memory.set_len(10).unwrap();
        for (offset, length) in [(0, 11), (10, 1), (u64::MAX, 1)] {
            let error = read(&memory, offset, length).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(read(&memory, 10, 0).unwrap().is_empty());
    }

    #[test]
    fn what_was_cut_off_does_not_come_back() {
        let memory = MemoryFile::default();
        memory.write(0, &[7; 20]).unwrap();
        memory.set_len(10).unwrap();
        memory.set_len(PIECE_BYTES as u64 * 2).unwrap();
        assert_eq!(read(&memory, 8, 4).unwrap(), [7, 7, 0, 0]);
    }

    #[test]
    fn a_hole_is_zeros_and_whole_pieces_of_it_are_freed() {
        let memory = MemoryFile::default();
        let piece = PIECE_BYTES as u64;
        memory.write(0, &vec![7; 4 * PIECE_BYTES]).unwrap();
        memory.punch(piece - 1..3 * piece + 1).unwrap();
        let mut expected = vec![7; 4 * PIECE_BYTES];
        expected[PIECE_BYTES - 1..=3 * PIECE_BYTES].fill(0);
        assert!(read(&memory, 0, 4 * PIECE_BYTES).unwrap() == expected);
        let held = memory.bytes.read().pieces.iter().flatten().count();
        assert_eq!(held, 2);
        for (at, found) in [(0, 0), (piece, 3 * piece), (3 * piece + 5, 3 * piece + 5)] {
            assert_eq!(memory.next_data(at).unwrap(), found);
        }
        assert_eq!(memory.next_data(4 * piece).unwrap(), u64::MAX);
        // What is beyond the end stays there.
        memory.punch(3 * piece..9 * piece).unwrap();
        assert_eq!(memory.len().unwrap(), 4 * piece);
    }

    #[test]
    fn what_has_no_room_is_not_written() {
        let memory = MemoryFile::holding(&[1, 2], 4);
        memory.write(2, &[3, 4]).unwrap();
        for (offset, data) in [(1, &[9; 4][..]), (4, &[9]), (u64::MAX, &[9, 9])] {
            let error = memory.write(offset, data).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        let error = memory.set_len(5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(read(&memory, 0, 4).unwrap(), [1, 2, 3, 4]);
        assert_eq!(memory.len().unwrap(), 4);
    }
}
