//! Looking for what only damage can have parted from the journal.
//!
//! Where a frame is expected and there is none, the journal ends, or so it seems: a frame whose first bytes
//! were lost looks the same. But a frame is on disk before the next one is begun, and so is a header before
//! the first frame of its generation. Hence what comes after a loss tells of it.

use memchr::memmem::Finder;

use super::file::JournalFile;
use super::frame::{Frame, FrameHeader};
use super::header::Header;
use crate::engine::Fault;

/// How much is read at once, in bytes: as much of a segment as keeps its room, so that no more is read where the rest is a
/// hole.
const CHUNK_BYTES: usize = 64 << 10;

impl JournalFile {
    /// Whether something was written to a segment, although its header says that it was never used.
    pub(super) fn is_used(&self, segment: u64) -> Result<bool, Fault> {
        let mut bytes = [0; FrameHeader::BYTES];
        self.read(self.layout().segment_at(segment), &mut bytes)?;
        Ok(bytes != [0; FrameHeader::BYTES])
    }

    /// Makes sure that a generation ends at `offset`, where the frame of that commit is expected and not to be
    /// found: that no frame of it follows.
    ///
    /// # Errors
    ///
    /// Corruption if one does; a storage fault.
    pub(in crate::engine) fn check_end(
        &self,
        generation: &Header,
        offset: u32,
        commit: u64,
    ) -> Result<(), Fault> {
        let Some(found) = self.later_frame(generation, offset, commit)? else {
            return Ok(());
        };
        // Both may have been written by another process in the meantime.
        if self.frame(generation, offset, commit)?.is_some() {
            return Ok(());
        }
        Err(Fault::Corrupted(format!(
            "commit {commit}, expected at byte {} of the file, is not there, though commit {found} is",
            self.at(generation, offset)
        )))
    }

    /// The commit of the first whole frame of the generation from `offset` on that is later than `commit`.
    fn later_frame(
        &self,
        generation: &Header,
        offset: u32,
        commit: u64,
    ) -> Result<Option<u64>, Fault> {
        let salt = generation.salt.to_le_bytes();
        let finder = Finder::new(&salt);
        let end = self.layout().segment_bytes as usize;
        let mut bytes = Vec::new();
        let mut start = offset as usize;
        while end.saturating_sub(start) >= FrameHeader::BYTES {
            // No frame begins in a hole.
            let at = self.at(generation, start as u32);
            let passed = self.backend.next_data(at)?.saturating_sub(at);
            start = end.min(start.saturating_add(usize::try_from(passed).unwrap_or(end)));
            bytes.resize(CHUNK_BYTES.min(end - start), 0);
            self.read(self.at(generation, start as u32), &mut bytes)?;
            for found in finder.find_iter(&bytes) {
                let Some(header) = bytes[found..].first_chunk().map(FrameHeader::decode) else {
                    continue;
                };
                if header.commit > commit {
                    let at = (start + found) as u32;
                    let frame = self.frame_bytes(generation, at, header.commit)?;
                    if frame.and_then(Frame::decode).is_some() {
                        return Ok(Some(header.commit));
                    }
                }
            }
            // The start of a frame may lie across the end of what was read.
            start += bytes.len().saturating_sub(FrameHeader::BYTES - 1).max(1);
        }
        Ok(None)
    }
}
