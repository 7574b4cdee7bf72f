//! A log without a file: what is written to it is in memory, and gone once the log is closed.
//!
//! It has one engine, which opens it twice, for the journal and for the tables. Nobody else can, so that locks are
//! had at once.

use std::io;
use std::ops::Bound;
use std::sync::Arc;

use parking_lot::RwLock;
use redb::{BackendError, StorageBackend};

use super::Fault;
use super::opening::Medium;

/// How many bytes are allocated at a time.
const PIECE_BYTES: usize = 64 << 10;

/// The memory that a log is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<RwLock<Bytes>>);

/// Bytes as a file has them: those that were never written to are 0, and take no room.
#[derive(Debug, Default)]
struct Bytes {
    length: u64,
    pieces: Vec<Option<Box<[u8]>>>,
}

impl Bytes {
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

impl Medium for Memory {
    fn journal(&self, _write: bool) -> Result<(Box<dyn StorageBackend>, bool), Fault> {
        // There is nothing behind it to sync to.
        Ok((Box::new(self.clone()), true))
    }

    fn tables(&self, _write: bool) -> Result<Box<dyn StorageBackend>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.read().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read().read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.write().set_length(length);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write().write(offset, data);
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

    fn read(memory: &Memory, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut out = vec![9; length];
        memory.read(offset, &mut out).map(|()| out)
    }

    #[test]
    fn what_was_written_is_read_across_pieces_and_the_rest_is_zeros() {
        let memory = Memory::default();
        let at = 3 * PIECE_BYTES as u64 - 2;
        memory.write(at, &[1, 2, 3, 4]).unwrap();
        assert_eq!(memory.len().unwrap(), at + 4);
        assert_eq!(read(&memory, at - 1, 5).unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(read(&memory, 0, 3).unwrap(), [0; 3]);
        let held = memory.0.read().pieces.iter().flatten().count();
        assert_eq!(held, 2);
    }

    #[test]
    fn what_is_not_there_is_not_read() {
        let memory = Memory::default();
        memory.set_len(10).unwrap();
        for (offset, length) in [(0, 11), (10, 1), (u64::MAX, 1)] {
            let error = read(&memory, offset, length).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(read(&memory, 10, 0).unwrap().is_empty());
    }

    #[test]
    fn what_was_cut_off_does_not_come_back() {
        let memory = Memory::default();
        memory.write(0, &[7; 20]).unwrap();
        memory.set_len(10).unwrap();
        memory.set_len(PIECE_BYTES as u64 * 2).unwrap();
        assert_eq!(read(&memory, 8, 4).unwrap(), [7, 7, 0, 0]);
    }
}
