//! What the targets of `fuzz/` need of the engine and nobody else does: logs in memory, and the decoders of the journal.

use std::sync::Arc;

use super::journal::{Format, Frame, Header, JournalFile, Layout, Segment, Start, next_offset};
use super::storage::{Pages, memory, opening};
use super::{Engine, Fault, Options};
use crate::block::bytes::long;
use crate::error::Error;

/// Small, so that a log of some hundred KiB has blocks and generations.
const LAYOUT: Layout = Layout {
    format: Format::LAST,
    segment_bytes: 16 << 10,
    block_events: 8,
};

/// How long a file may become, in bytes. A longer one is refused as by a full disk.
const BYTES_MAX: u64 = 64 << 20;

/// A log's file in memory. Clones are the same file.
#[derive(Clone, Debug)]
pub struct MemoryFile(memory::MemoryFile);

impl Default for MemoryFile {
    fn default() -> Self {
        Self::holding(&[])
    }
}

impl MemoryFile {
    /// A file of these bytes.
    #[must_use]
    pub fn holding(bytes: &[u8]) -> Self {
        Self(memory::MemoryFile::holding(bytes, BYTES_MAX))
    }

    /// The bytes of the file as it is now.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }

    /// Opens the log in it, or makes one.
    ///
    /// # Errors
    ///
    /// As opening a file.
    pub fn open(&self, exclusive: bool) -> Result<Engine, Error> {
        let options = Options {
            exclusive,
            cache_bytes: 1 << 20,
            ..Options::default()
        };
        let (medium, store_options) = (self.0.clone(), options.clone());
        let opener = Box::new(move |again| opening::open(&medium, &store_options, LAYOUT, again));
        Engine::start(opener, options, Arc::default())
    }
}

/// Commits what is queued and closes the log.
///
/// # Errors
///
/// What closing the file fails with.
pub fn close(engine: &Engine) -> Result<(), Error> {
    engine.stop()
}

/// Finds out which pages of the tables are not in use, as an erasure does, whatever the bytes of the log's file are. Gives
/// how many of the file's bytes these are.
///
/// # Errors
///
/// Corruption; a storage fault where a page would be beyond the end of the file.
pub fn unused_bytes(file: &[u8]) -> Result<u64, Fault> {
    let start = LAYOUT.tables_at();
    let length = file.len() as u64;
    let storage = memory::MemoryFile::holding(file, BYTES_MAX);
    let pages = Pages::of(&storage, start, length.saturating_sub(start))?;
    let mut unused = 0;
    let mut end = start;
    for range in pages.unused() {
        assert!(range.start >= end && range.start < range.end && range.end <= length);
        unused += range.end - range.start;
        end = range.end;
    }
    Ok(unused)
}

/// Reads what claims to be a journal, as opening a log does: a generation's header and frames whose checksums are right,
/// whatever else they say. Each is as long as its first two bytes tell.
///
/// # Errors
///
/// Corruption.
pub fn read_journal(claims: &[u8]) -> Result<(), Fault> {
    let Some((head, mut rest)) = claims.split_first_chunk::<19>() else {
        return Ok(());
    };
    let header = Header {
        generation: u64::from(head[0]).max(1),
        salt: long(head, 1),
        base: long(head, 9),
        filled: u32::from(head[17]) << 8,
        start: if head[18] & 1 == 0 {
            Start::Continues
        } else {
            Start::Fresh
        },
    };
    let mut bytes = vec![0; LAYOUT.tables_at() as usize];
    bytes[..Layout::BYTES].copy_from_slice(&LAYOUT.encode());
    let at = header.at() as usize;
    let encoded = header.encode();
    bytes[at..at + encoded.len()].copy_from_slice(&encoded);
    let segment = LAYOUT.segment_at(header.segment()) as usize;
    let mut offset = 0;
    let mut commit = header.base;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(after.len());
        let (content, after) = after.split_at(length);
        rest = after;
        commit = commit.wrapping_add(1);
        let frame = Frame::claimed(content, header.salt, commit);
        if offset as usize + frame.len() > LAYOUT.segment_bytes as usize {
            break;
        }
        let at = segment + offset as usize;
        bytes[at..at + frame.len()].copy_from_slice(&frame);
        offset = next_offset(offset, frame.len() as u64);
    }
    let medium = Box::new(memory::MemoryFile::holding(&bytes, BYTES_MAX));
    let journal = JournalFile::open(medium, true, true, LAYOUT, std::time::Duration::ZERO, None)?;
    for header in journal.headers()?.iter().flatten() {
        read_generation(&journal, header)?;
    }
    Ok(())
}

fn read_generation(journal: &JournalFile, header: &Header) -> Result<(), Fault> {
    let segment = Segment::default();
    let (mut offset, mut commit) = (0, header.base);
    while let Some(next) = commit.checked_add(1)
        && let Some(frame) = journal.frame(header, offset, next)?
    {
        segment.add(&frame);
        segment.learn(&frame)?;
        offset = next_offset(offset, frame.bytes().len() as u64);
        commit = next;
    }
    let records = segment.records();
    for number in records.numbers() {
        for (position, bytes) in records.records_from(number, 0) {
            let found = records.record(number, position);
            assert_eq!(found, Some(bytes), "{number}, {position}");
        }
        for (name, head) in records.streams(number) {
            assert_eq!(records.stream(number, name), Some((name, *head)));
        }
    }
    journal.check_end(header, offset, commit.saturating_add(1))
}
