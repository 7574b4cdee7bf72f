//! The journal's part of the log's file.

use std::io;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use redb::{BackendError, StorageBackend};
use uuid::Uuid;

use super::frame::FrameHeader;
use super::header::{Header, HeaderState};
use super::layout::{Format, Layout, SEGMENTS, Signature, not_a_log};
use super::mark::{self, MARK_BYTES};
use crate::engine::Fault;
use crate::engine::holes::SparseStorage;
use crate::engine::locks::{self, LOCKS_START, Patience};

/// The byte that a process locks while it adds to the journal. It is beyond all data.
const LOCK: (Bound<u64>, Bound<u64>) = (
    Bound::Included(LOCKS_START - 1),
    Bound::Excluded(LOCKS_START),
);

/// Where the headers end.
const HEADERS_END: usize = Layout::header_at(SEGMENTS - 1) as usize + Header::BYTES;

/// How often the headers are read before one that makes no sense is taken to be damaged: another
/// process may be writing it at this moment.
const HEADER_READS: usize = 8;

/// The journal in an open file.
#[derive(Debug)]
pub(in crate::engine) struct JournalFile {
    pub(super) backend: Box<dyn SparseStorage>,
    pub(super) layout: Layout,
    pub(super) signature: Signature,
    /// Whether a write to the backend is on disk when it returns.
    synced_writes: bool,
    /// The number of the format of which this process has made sure that it is on disk; 0 where it has of none.
    synced_format: AtomicU8,
    /// Whether this opening has the journal's lock.
    is_locked: AtomicBool,
    /// Through which is written what need not be on disk; without it, through the backend.
    pub(super) unsynced: Mutex<Option<Arc<dyn StorageBackend>>>,
    /// How many bytes were written to the tables beside it since pages that are not in use were last looked for.
    written_to_tables: Arc<AtomicU64>,
}

impl JournalFile {
    /// Opens the journal of a file, making the file a log if it is empty and may be written. Another process
    /// that is making it is waited for as long as `lock_wait`. A file that is opened `again` has to be the log
    /// that it was.
    ///
    /// # Errors
    ///
    /// As [`Layout::decode`]; `LOCKED`; that what was stored has vanished; a storage fault.
    pub(in crate::engine) fn open(
        backend: Box<dyn SparseStorage>,
        synced_writes: bool,
        writable: bool,
        new: Layout,
        lock_wait: Duration,
        again: Option<Signature>,
    ) -> Result<Self, Fault> {
        let mut journal = Self {
            backend,
            layout: new,
            signature: Signature::new(new, Uuid::new_v4().as_u128()),
            synced_writes,
            synced_format: AtomicU8::default(),
            is_locked: AtomicBool::default(),
            unsynced: Mutex::default(),
            written_to_tables: Arc::default(),
        };
        if let Some(signature) = again {
            journal.signature = signature;
            journal.layout = signature.layout()?;
            journal.check_signature()?;
            return Ok(journal);
        }
        let found = journal.signature_found()?;
        let is_there = found.is_some();
        journal.signature = match found {
            Some(signature) => signature,
            None if writable => journal.made(lock_wait)?,
            None => {
                return Err(not_a_log("no log has been opened for writing in it yet"));
            }
        };
        journal.layout = journal.signature.layout()?;
        if is_there && writable && journal.headers()?.iter().all(Option::is_none) {
            journal.write_signature_again()?;
        }
        Ok(journal)
    }

    /// Makes the file a log, unless another process does.
    fn made(&self, lock_wait: Duration) -> Result<Signature, Fault> {
        // Whoever holds the lock is making the file, or has made it and keeps everybody out: then the lock
        // is not to be had, nor needed.
        let mut found = None;
        let locked_or_found = locks::retry(&Patience::of_this_thread(lock_wait), || {
            let locked = self.backend.try_lock_range(LOCK.0, LOCK.1);
            if locked.map_err(lock_fault)? {
                return Ok::<_, Fault>(true);
            }
            found = self.signature_found()?;
            Ok(found.is_some())
        })?;
        if let Some(signature) = found {
            return Ok(signature);
        }
        if !locked_or_found {
            // It says who has it.
            Patience::none().during(|| self.lock())?;
        }
        let made = match self.signature_found() {
            Ok(None) => self.create(),
            found => found.map(|signature| signature.unwrap_or(self.signature)),
        };
        self.unlock()?;
        made
    }

    /// Whoever made the file may have met a fault before its layout was on disk. Whoever has the lock has opened the file
    /// after that, and may be giving it another format.
    fn write_signature_again(&self) -> Result<(), Fault> {
        let locked = self.backend.try_lock_range(LOCK.0, LOCK.1);
        if !locked.map_err(lock_fault)? {
            return Ok(());
        }
        let mut bytes = [0; Signature::BYTES];
        let written = self
            .read_own(0, &mut bytes)
            .and_then(|()| self.is_own(&bytes))
            .and_then(|()| self.write(0, &bytes));
        self.unlock()?;
        written
    }

    fn create(&self) -> Result<Signature, Fault> {
        self.backend.set_len(self.layout.tables_at())?;
        // The pages of the headers get their place on disk now: a full disk cannot refuse it when
        // a fault is to be recovered from.
        let mut pages = vec![0; self.layout.segment_at(0) as usize];
        pages[..Signature::BYTES].copy_from_slice(self.signature.bytes());
        self.backend.write(0, &pages)?;
        self.backend.sync_data()?;
        self.note_synced(self.layout.format);
        Ok(self.signature)
    }

    /// How long the whole file is, in bytes.
    pub(in crate::engine) fn file_bytes(&self) -> Result<u64, Fault> {
        Ok(self.backend.len()?)
    }

    pub(in crate::engine) const fn signature(&self) -> Signature {
        self.signature
    }

    pub(in crate::engine) const fn layout(&self) -> Layout {
        self.layout
    }

    /// The layout, with the format that the file has by now.
    ///
    /// # Errors
    ///
    /// That what was stored has vanished; a storage fault.
    pub(in crate::engine) fn layout_now(&self) -> Result<Layout, Fault> {
        let mut bytes = [0; Signature::BYTES];
        self.read_own(0, &mut bytes)?;
        self.is_own(&bytes)?;
        Signature::of(bytes).layout()
    }

    /// As [`JournalFile::layout_now`], for who acts on the format: it is on disk when this returns. Whoever has written it
    /// may have failed to sync it.
    ///
    /// # Errors
    ///
    /// As [`JournalFile::layout_now`].
    pub(in crate::engine) fn layout_to_write(&self) -> Result<Layout, Fault> {
        let layout = self.layout_now()?;
        let format = layout.format;
        if self.synced_format.load(Ordering::Relaxed) == format as u8 {
            return Ok(layout);
        }
        match format {
            // Files have been made with it.
            Format::Rows => {}
            // Not written again: another process may be giving the file a later one.
            Format::Sealed => self.backend.sync_data()?,
            Format::Packed => self.write_format(format)?,
        }
        self.note_synced(format);
        Ok(layout)
    }

    fn note_synced(&self, format: Format) {
        self.synced_format.store(format as u8, Ordering::Relaxed);
    }

    /// Gives the file a format. It is on disk when this returns.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(in crate::engine) fn write_format(&self, format: Format) -> Result<(), Fault> {
        self.write(Signature::FORMAT_AT, &[format as u8])?;
        self.note_synced(format);
        Ok(())
    }

    /// Waits until no other process adds to the journal, and keeps them from it.
    ///
    /// # Errors
    ///
    /// `LOCKED` if another does for too long; a storage fault.
    pub(in crate::engine) fn lock(&self) -> Result<(), Fault> {
        self.backend
            .lock_range(LOCK.0, LOCK.1)
            .map_err(lock_fault)?;
        let was_locked = self.is_locked.swap(true, Ordering::Relaxed);
        // The system would let one opening have it twice, and the first of the two would let it go for both.
        debug_assert!(!was_locked, "this opening has the journal's lock already");
        Ok(())
    }

    /// Lets other processes add to the journal.
    pub(in crate::engine) fn unlock(&self) -> Result<(), Fault> {
        self.is_locked.store(false, Ordering::Relaxed);
        self.backend
            .unlock_range(LOCK.0, LOCK.1)
            .map_err(lock_fault)
    }

    /// Reads the headers of both segments, and makes sure that they are of the log that was opened.
    ///
    /// # Errors
    ///
    /// That what was stored has vanished; corruption if one was altered or lost; a storage fault.
    pub(in crate::engine) fn headers(&self) -> Result<HeaderState, Fault> {
        let mut bytes = [0; HEADERS_END];
        let mut found = Err(0);
        for _ in 0..HEADER_READS {
            self.read_own(0, &mut bytes)?;
            self.is_own(&bytes[..Signature::BYTES])?;
            found = header(&bytes, 0).and_then(|first| Ok([first, header(&bytes, 1)?]));
            if let Ok(headers) = &found
                && let Some(segment) = self.used_without(headers)?
            {
                found = Err(segment);
            }
            if found.is_ok() {
                break;
            }
        }
        found.map_err(|segment| {
            Fault::Corrupted(format!("the header of segment {segment} was altered"))
        })
    }

    /// A segment that was written to and has no header.
    fn used_without(&self, headers: &HeaderState) -> Result<Option<u64>, Fault> {
        for (segment, header) in (0..).zip(headers) {
            if header.is_none() && self.is_used(segment)? {
                return Ok(Some(segment));
            }
        }
        Ok(None)
    }

    /// Writes a header. It is on disk when this returns.
    pub(in crate::engine) fn write_header(&self, header: &Header) -> Result<(), Fault> {
        self.write(header.at(), &header.encode())
    }

    /// Syncs the whole file, and with it what processes have written that are no more.
    pub(in crate::engine) fn sync(&self) -> Result<(), Fault> {
        Ok(self.backend.sync_data()?)
    }

    /// Gives it an opening of the file whose writes are not synced, in the place of the one that it has.
    pub(in crate::engine) fn write_unsynced_through(&self, backend: Arc<dyn StorageBackend>) {
        *self.unsynced.lock() = Some(backend);
    }

    /// How many bytes were written to the tables since pages that are not in use were last looked for. Whoever looks for them
    /// sets it to 0.
    pub(in crate::engine) const fn written_to_tables(&self) -> &Arc<AtomicU64> {
        &self.written_to_tables
    }

    /// Tells other processes that the frame of that commit is on disk, and all before it.
    pub(in crate::engine) fn mark(&self, commit: u64) -> Result<(), Fault> {
        let bytes = mark::encode(commit);
        match &*self.unsynced.lock() {
            Some(backend) => backend.write(Layout::MARK_AT, &bytes)?,
            None => self.backend.write(Layout::MARK_AT, &bytes)?,
        }
        Ok(())
    }

    /// The last commit of which was told that it is on disk; 0 where nothing was.
    pub(in crate::engine) fn marked(&self) -> Result<u64, Fault> {
        let mut bytes = [0; MARK_BYTES];
        for _ in 0..HEADER_READS {
            self.backend.read(Layout::MARK_AT, &mut bytes)?;
            if let Some(commit) = mark::decode(&bytes) {
                return Ok(commit);
            }
            if bytes == [0; MARK_BYTES] {
                break;
            }
        }
        Ok(0)
    }

    /// Whether no process is adding to the journal now.
    pub(in crate::engine) fn is_unlocked(&self) -> Result<bool, Fault> {
        let is_locked = self.backend.query_lock_range(LOCK.0, LOCK.1);
        is_locked.map(|is_locked| !is_locked).map_err(lock_fault)
    }

    /// Makes what is at `offset` of the generation's segment no frame, on disk too.
    pub(in crate::engine) fn void(&self, generation: &Header, offset: u32) -> Result<(), Fault> {
        self.write(self.at(generation, offset), &[0; FrameHeader::BYTES])
    }

    pub(super) fn at(&self, generation: &Header, offset: u32) -> u64 {
        self.layout.segment_at(generation.segment()) + u64::from(offset)
    }

    pub(super) fn read(&self, at: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        Ok(self.backend.read(at, bytes)?)
    }

    pub(super) fn write(&self, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.backend.write(at, bytes)?;
        if !self.synced_writes {
            self.backend.sync_data()?;
        }
        Ok(())
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        // It has nothing to write, and its locks go with it in any case.
        let _ = self.backend.close();
    }
}

/// The header of a segment in the bytes from the start of the file on; the segment if it is damaged.
fn header(bytes: &[u8], segment: u64) -> Result<Option<Header>, u64> {
    let at = Layout::header_at(segment) as usize;
    let bytes = bytes[at..].first_chunk().ok_or(segment)?;
    // A header is smaller than what a disk writes at once, so it is never written in part.
    if *bytes == [0; Header::BYTES] {
        return Ok(None);
    }
    Header::decode(bytes, segment).map(Some).ok_or(segment)
}

/// Where the frame after one of `length` bytes at `offset` begins.
pub(in crate::engine) const fn next_offset(offset: u32, length: u64) -> u32 {
    (offset as u64 + length).next_multiple_of(8) as u32
}

fn lock_fault(error: BackendError) -> Fault {
    match error {
        BackendError::Io(error) => error.into(),
        other => io::Error::other(other.to_string()).into(),
    }
}
