//! The bytes of one commit in the journal.
//!
//! ```text
//! salt      u64   the generation's
//! commit    u64   the commit's number
//! token     u64   a random number, by which its writer knows it again
//! entries   u32   bytes of all entries
//! groups    u32   number of groups
//! checksum  u32   CRC-32 (ISO-HDLC) of all else, from the salt to the last group
//! unused    u32   0
//! entries         each: instance u32, bytes of the record u32, the record; if the highest bit of the
//!                 number of bytes is set, a state stands in the place of the record
//! groups          each: instance u32, entries u32, then the instance's head after this commit
//! ```
//!
//! All numbers are little endian. A group counts events. Those of an instance stand in the order of their
//! positions, the last of which is in the group's head. The next frame begins at the next multiple of 8.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::block::bytes::{long, word};
use crate::engine::tables::instance::Head;
use crate::engine::tables::log_head::LogHead;

const HEADER_BYTES: usize = 40;

const CHECKSUM_AT: usize = 32;

const ENTRY_BYTES: usize = 8;

/// Set in the number of an entry's bytes if it is a state.
const STATE: u32 = 1 << 31;

const GROUP_BYTES: usize = 56;

/// The start of a frame, as it is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct FrameHeader {
    pub(in crate::engine) salt: u64,
    pub(in crate::engine) commit: u64,
    pub(in crate::engine) token: u64,
    entries: u32,
    groups: u32,
    pub(in crate::engine) checksum: u32,
}

/// What a commit has added to one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct FrameGroup {
    /// The instance's number.
    pub(in crate::engine) number: u32,
    /// How many events.
    pub(in crate::engine) count: u32,
    /// Where the instance stands after the commit.
    pub(in crate::engine) head: Head,
}

/// A frame, being made or read back.
#[derive(Debug)]
pub(in crate::engine) struct Frame {
    bytes: Vec<u8>,
    entries_end: usize,
}

/// One event or state in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct FrameEntry {
    /// The instance's number.
    pub(in crate::engine) number: u32,
    /// Where its record, or the state, lies within the entries.
    pub(in crate::engine) record: Range<usize>,
}

impl FrameHeader {
    pub(in crate::engine) const BYTES: usize = HEADER_BYTES;

    pub(in crate::engine) fn decode(bytes: &[u8; HEADER_BYTES]) -> Self {
        Self {
            salt: long(bytes, 0),
            commit: long(bytes, 8),
            token: long(bytes, 16),
            entries: word(bytes, 24),
            groups: word(bytes, 28),
            checksum: word(bytes, CHECKSUM_AT),
        }
    }

    /// The bytes of the frame that starts so.
    pub(in crate::engine) const fn frame_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + self.entries as u64 + self.groups as u64 * GROUP_BYTES as u64
    }
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            bytes: vec![0; HEADER_BYTES],
            entries_end: HEADER_BYTES,
        }
    }
}

impl Frame {
    /// Takes back the bytes of a whole frame; `None` if they are not what was written.
    pub(in crate::engine) fn decode(bytes: Vec<u8>) -> Option<Self> {
        let header = FrameHeader::decode(bytes.first_chunk()?);
        let entries_end = HEADER_BYTES.checked_add(header.entries as usize)?;
        let valid =
            bytes.len() as u64 == header.frame_bytes() && header.checksum == checksum(&bytes);
        valid.then_some(Self { bytes, entries_end })
    }

    /// The bytes of a frame with a right checksum, whose entries and groups are whatever `content` says: its
    /// first byte how many groups there are, and the rest what entries and groups consist of.
    #[cfg(fuzzing)]
    pub(in crate::engine) fn claimed(content: &[u8], salt: u64, commit: u64) -> Vec<u8> {
        let (groups, content) = content.split_first().unwrap_or((&0, &[]));
        let groups = (*groups as usize).min(content.len() / GROUP_BYTES);
        let mut frame = Self::default();
        frame.bytes.extend_from_slice(content);
        let entries = (content.len() - groups * GROUP_BYTES) as u32;
        frame.bytes[8..16].copy_from_slice(&commit.to_le_bytes());
        frame.bytes[24..28].copy_from_slice(&entries.to_le_bytes());
        frame.bytes[28..32].copy_from_slice(&(groups as u32).to_le_bytes());
        frame.sign(salt);
        frame.bytes
    }

    /// Adds an event, whose record `encode` appends to the given bytes. Returns where it lies within the
    /// [entries](Frame::entry_bytes).
    pub(in crate::engine) fn push(
        &mut self,
        number: u32,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> Range<usize> {
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        let start = self.bytes.len();
        encode(&mut self.bytes);
        let length = self.bytes.len() - start;
        self.bytes[start - 4..start].copy_from_slice(&(length as u32).to_le_bytes());
        self.entries_end = self.bytes.len();
        start - HEADER_BYTES..self.entries_end - HEADER_BYTES
    }

    /// Adds a state, which `encode` appends to the given bytes. Returns where it lies within the
    /// [entries](Frame::entry_bytes).
    pub(in crate::engine) fn push_state(
        &mut self,
        number: u32,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> Range<usize> {
        let state = self.push(number, encode);
        let start = HEADER_BYTES + state.start;
        let marked = state.len() as u32 | STATE;
        self.bytes[start - 4..start].copy_from_slice(&marked.to_le_bytes());
        state
    }

    /// Completes the frame: `log` is where the log stands after it.
    pub(in crate::engine) fn seal(
        &mut self,
        log: &LogHead,
        groups: impl Iterator<Item = FrameGroup>,
    ) {
        self.bytes.truncate(self.entries_end);
        let mut count = 0u32;
        for group in groups {
            count += 1;
            self.bytes.extend_from_slice(&group.number.to_le_bytes());
            self.bytes.extend_from_slice(&group.count.to_le_bytes());
            let (position, streams, stored, updated, latest, late) = group.head.to_value();
            for value in [position, streams, stored] {
                self.bytes.extend_from_slice(&value.to_le_bytes());
            }
            for value in [updated, latest] {
                self.bytes.extend_from_slice(&value.to_le_bytes());
            }
            self.bytes.extend_from_slice(&late.to_le_bytes());
        }
        let entries = (self.entries_end - HEADER_BYTES) as u32;
        self.bytes[8..16].copy_from_slice(&log.commits.to_le_bytes());
        self.bytes[16..24].copy_from_slice(&log.token.to_le_bytes());
        self.bytes[24..28].copy_from_slice(&entries.to_le_bytes());
        self.bytes[28..32].copy_from_slice(&count.to_le_bytes());
    }

    /// Makes the sealed frame one of the generation with that salt.
    pub(in crate::engine) fn sign(&mut self, salt: u64) {
        self.bytes[..8].copy_from_slice(&salt.to_le_bytes());
        let checksum = checksum(&self.bytes);
        self.bytes[CHECKSUM_AT..CHECKSUM_AT + 4].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Empties the frame for the next commit, and gives back what a large one has taken.
    pub(in crate::engine) fn clear(&mut self, bytes_kept: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(bytes_kept);
        self.bytes.resize(HEADER_BYTES, 0);
        self.entries_end = HEADER_BYTES;
    }

    pub(in crate::engine) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(in crate::engine) fn header(&self) -> FrameHeader {
        // There from the start: a frame is never shorter than its header.
        let mut bytes = [0; HEADER_BYTES];
        bytes.copy_from_slice(&self.bytes[..HEADER_BYTES]);
        FrameHeader::decode(&bytes)
    }

    /// The bytes that [`FrameEntry::record`] lies in.
    pub(in crate::engine) fn entry_bytes(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES..self.entries_end]
    }

    /// The events, in the order they were added.
    pub(in crate::engine) fn events(&self) -> impl Iterator<Item = FrameEntry> {
        let events = self.entries().filter(|(is_state, _)| !is_state);
        events.map(|(_, event)| event)
    }

    /// The states, in the order they were added.
    pub(in crate::engine) fn states(&self) -> impl Iterator<Item = FrameEntry> {
        let states = self.entries().filter(|(is_state, _)| *is_state);
        states.map(|(_, state)| state)
    }

    /// All entries, each with whether it is a state.
    fn entries(&self) -> impl Iterator<Item = (bool, FrameEntry)> {
        let bytes = self.entry_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            #[cfg(test)]
            crate::engine::effort::step();
            let rest = bytes.get(at..).filter(|rest| rest.len() >= ENTRY_BYTES)?;
            let (number, length) = (word(rest, 0), word(rest, 4));
            let start = at + ENTRY_BYTES;
            at = start + (length & !STATE) as usize;
            let entry = FrameEntry {
                number,
                record: start..at,
            };
            Some((length & STATE != 0, entry))
        })
    }

    /// Whether entries and groups agree, as in every frame that was written: else reading it may lead anywhere.
    pub(in crate::engine) fn is_consistent(&self) -> bool {
        let end = self.entry_bytes().len();
        let mut counts = FxHashMap::<u32, u32>::default();
        let mut at = 0;
        for (is_state, entry) in self.entries() {
            at = entry.record.end;
            *counts.entry(entry.number).or_default() += u32::from(!is_state);
        }
        let agrees = |group: FrameGroup| {
            let last = group.head.last_position;
            counts.remove(&group.number).unwrap_or(0) == group.count
                && (u64::from(group.count)..u64::MAX).contains(&last)
        };
        at == end && self.groups().all(agrees) && counts.is_empty()
    }

    /// What the commit has added to each instance.
    pub(in crate::engine) fn groups(&self) -> impl Iterator<Item = FrameGroup> {
        self.bytes[self.entries_end..]
            .chunks_exact(GROUP_BYTES)
            .map(|bytes| FrameGroup {
                number: word(bytes, 0),
                count: word(bytes, 4),
                head: Head::from_value((
                    long(bytes, 8),
                    long(bytes, 16),
                    long(bytes, 24),
                    long(bytes, 32).cast_signed(),
                    long(bytes, 40).cast_signed(),
                    long(bytes, 48),
                )),
            })
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..CHECKSUM_AT]);
    hasher.update(&bytes[HEADER_BYTES..]);
    hasher.finalize()
}

#[cfg(test)]
mod tests;
