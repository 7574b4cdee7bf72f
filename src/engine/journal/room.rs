//! The room that the segments take on the disk: it is taken some way ahead of what is written, and given back.

use std::ops::Range;

use super::file::JournalFile;
use super::header::Header;
use super::layout::SEGMENTS;
use crate::engine::Fault;

/// How far ahead a segment is filled when it is first used, in bytes: a write to where the file has
/// room already costs the file system nothing but the data.
const FILL_BYTES: u64 = 256 << 10;

impl JournalFile {
    /// Writes bytes at `offset` of the generation's segment. They are on disk when this returns.
    ///
    /// `filled` tells how many bytes of the segment have been written before, and is moved on.
    pub(in crate::engine) fn write_frames(
        &self,
        generation: &Header,
        offset: u32,
        bytes: &[u8],
        filled: &mut u32,
    ) -> Result<(), Fault> {
        let at = self.at(generation, offset);
        let end = u64::from(offset) + bytes.len() as u64;
        if end <= u64::from(*filled) {
            return self.write(at, bytes);
        }
        let kept = u64::from(self.layout.kept_bytes());
        // A short use takes no room that would be given back.
        let fill = if end <= kept {
            kept
        } else {
            end.next_multiple_of(FILL_BYTES)
                .min(u64::from(self.layout.segment_bytes))
        };
        let mut filling = vec![0; (fill - u64::from(offset)) as usize];
        filling[..bytes.len()].copy_from_slice(bytes);
        self.write(at, &filling)?;
        *filled = fill as u32;
        Ok(())
    }

    /// Gives back the room of both segments, but for what is [kept](super::layout::Layout::kept_bytes) of each. The tables have to hold on
    /// disk whatever a generation has there, and the newest one to be fresh, and to have nothing.
    ///
    /// It need not be on disk when this returns. Frames that are there again after a loss of power are of generations that
    /// have given way.
    pub(in crate::engine) fn give_back(&self) -> Result<(), Fault> {
        for segment in 0..SEGMENTS {
            self.backend.punch(self.given_back_of(segment))?;
        }
        Ok(())
    }

    /// Gives back the room of these bytes of the file, which nobody reads until they are written again.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(in crate::engine) fn punch(&self, bytes: Range<u64>) -> Result<(), Fault> {
        Ok(self.backend.punch(bytes)?)
    }

    /// Whether a segment takes more room than what is [kept](super::layout::Layout::kept_bytes) of each, as far as the storage knows.
    pub(in crate::engine) fn takes_room(&self) -> Result<bool, Fault> {
        for segment in 0..SEGMENTS {
            if self.backend.takes_room(self.given_back_of(segment))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bytes of a segment whose room is given back.
    fn given_back_of(&self, segment: u64) -> Range<u64> {
        let start = self.layout.segment_at(segment);
        let kept = u64::from(self.layout.kept_bytes());
        start + kept..start + u64::from(self.layout.segment_bytes)
    }
}
