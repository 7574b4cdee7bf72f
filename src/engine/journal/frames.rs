//! Reading the journal's frames.

use super::file::{JournalFile, next_offset};
use super::frame::{Frame, FrameHeader};
use super::header::Header;
use crate::engine::Fault;

/// What is read at once where a frame may begin, in bytes. Most frames of a single event fit.
const GUESS_BYTES: usize = 4096;

impl JournalFile {
    /// Reads the start of the frame at `offset` of the generation's segment, whatever is there.
    pub(in crate::engine) fn frame_header(
        &self,
        generation: &Header,
        offset: u32,
    ) -> Result<Option<FrameHeader>, Fault> {
        let mut bytes = [0; FrameHeader::BYTES];
        if self.room(offset) < bytes.len() {
            return Ok(None);
        }
        self.read(self.at(generation, offset), &mut bytes)?;
        Ok(Some(FrameHeader::decode(&bytes)))
    }

    /// Reads the starts of two frames of the generation's segment, as [`JournalFile::frame_header`]: in one read, if
    /// the first frame is short.
    pub(in crate::engine) fn frame_headers(
        &self,
        generation: &Header,
        [first, second]: [u32; 2],
    ) -> Result<[Option<FrameHeader>; 2], Fault> {
        let mut bytes = [0; GUESS_BYTES];
        let apart = second.saturating_sub(first) as usize;
        let both = apart + FrameHeader::BYTES;
        if both > bytes.len() || self.room(first) < both {
            return Ok([
                self.frame_header(generation, first)?,
                self.frame_header(generation, second)?,
            ]);
        }
        self.read(self.at(generation, first), &mut bytes[..both])?;
        let header = |at: usize| bytes[at..].first_chunk().map(FrameHeader::decode);
        Ok([header(0), header(apart)])
    }

    /// Reads the frame of that commit at `offset` of the generation's segment; `None` if there is
    /// none, or none that was written whole.
    ///
    /// # Errors
    ///
    /// Corruption if the frame is damaged and was once committed; a storage fault.
    pub(in crate::engine) fn frame(
        &self,
        generation: &Header,
        offset: u32,
        commit: u64,
    ) -> Result<Option<Frame>, Fault> {
        let Some(found) = self.frame_bytes(generation, offset, commit)? else {
            return Ok(None);
        };
        let length = found.len() as u64;
        if let Some(frame) = Frame::decode(found) {
            return if frame.is_consistent() {
                Ok(Some(frame))
            } else {
                Err(self.not_as_written(generation, offset, commit))
            };
        }
        // A frame is synced before the next one is begun. So where a whole one follows, this one
        // is whole too, though perhaps it was still being written when it was read.
        let next = next_offset(offset, length);
        let follower = self.frame_bytes(generation, next, commit + 1)?;
        if follower.and_then(Frame::decode).is_none() {
            return Ok(None);
        }
        let found = self.frame_bytes(generation, offset, commit)?;
        match found.and_then(Frame::decode) {
            Some(frame) => Ok(Some(frame)),
            None => Err(self.not_as_written(generation, offset, commit)),
        }
    }

    fn not_as_written(&self, generation: &Header, offset: u32, commit: u64) -> Fault {
        Fault::Corrupted(format!(
            "commit {commit}, at byte {} of the file, is not what was written",
            self.at(generation, offset)
        ))
    }

    /// The bytes of what says it is the frame of that commit.
    pub(super) fn frame_bytes(
        &self,
        generation: &Header,
        offset: u32,
        commit: u64,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let room = self.room(offset);
        if room < FrameHeader::BYTES {
            return Ok(None);
        }
        let at = self.at(generation, offset);
        let mut bytes = vec![0; room.min(GUESS_BYTES)];
        self.read(at, &mut bytes)?;
        let Some(header) = bytes.first_chunk().map(FrameHeader::decode) else {
            return Ok(None);
        };
        let length = header.frame_bytes();
        if header.salt != generation.salt || header.commit != commit || length > room as u64 {
            return Ok(None);
        }
        let read = bytes.len().min(length as usize);
        bytes.resize(length as usize, 0);
        if read < bytes.len() {
            self.read(at + read as u64, &mut bytes[read..])?;
        }
        Ok(Some(bytes))
    }

    /// How many bytes of a segment there are from `offset` on.
    const fn room(&self, offset: u32) -> usize {
        self.layout().segment_bytes.saturating_sub(offset) as usize
    }
}
