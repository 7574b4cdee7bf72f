//! What a reading does not pass over in silence if it was trimmed between other events.

use super::range::ReadingRange;
use crate::engine::Fault;
use crate::error::Error;
use crate::request::retained::{StreamHorizon, horizon_of};
use crate::seam::{EventChunks, ReadSnapshot};

/// What a reading does not pass over if it was trimmed between other events.
#[derive(Debug)]
pub(super) enum Complete {
    /// Nothing.
    No,
    /// The events of a stream from this number on.
    Numbers(String, u64),
    /// The events of a stream after this position.
    Stream(String, u64),
    /// Any event after this position.
    Instance(u64),
}

/// How far a reading has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// Up to which position nothing is left.
    pub(super) position: u64,
    /// The number of the event in its stream that was read last; 0 if none was.
    pub(super) sequence: u64,
}

impl Complete {
    /// What a range is not to miss, which begins in the snapshot.
    ///
    /// # Errors
    ///
    /// `TRIMMED` if it begins before something of it that is out; a storage fault.
    pub(super) fn of(
        range: &ReadingRange,
        (number, snapshot): (u32, &dyn ReadSnapshot),
        chunks: &dyn EventChunks,
    ) -> Result<Self, Fault> {
        let own = match &range.stream {
            Some(stream_id) if chunks.has_gaps() => own_of(snapshot, number, stream_id)?,
            _ => StreamHorizon::NONE,
        };
        range.check_gaps(own, chunks.last_out())?;
        Ok(match &range.stream {
            Some(stream_id) if !range.follows => {
                let start = range.start.filter(|_| !range.backward);
                Self::Numbers(stream_id.clone(), start.unwrap_or_default().max(own.first))
            }
            Some(stream_id) => Self::Stream(stream_id.clone(), own.last_out),
            None if range.whole => {
                Self::Instance(range.start.unwrap_or_else(|| chunks.first() - 1))
            }
            None => Self::No,
        })
    }

    /// Fails if an event that was to be read by a reading that has come so far is out. `last_out` is the position of the last
    /// event that is.
    ///
    /// # Errors
    ///
    /// `TRIMMED`; a storage fault.
    pub(super) fn check(
        &self,
        (number, snapshot): (u32, &dyn ReadSnapshot),
        reached: Reached,
        last_out: u64,
    ) -> Result<(), Fault> {
        match self {
            Self::No => {}
            Self::Numbers(stream_id, from) => {
                let own = own_of(snapshot, number, stream_id)?;
                if own.first > (reached.sequence + 1).max(*from) {
                    return Err(Error::stream_trimmed(stream_id, own.first).into());
                }
            }
            Self::Stream(stream_id, from) => {
                let own = own_of(snapshot, number, stream_id)?;
                if own.last_out > reached.position.max(*from) {
                    return Err(Error::stream_trimmed(stream_id, own.first).into());
                }
            }
            Self::Instance(from) => {
                if last_out > reached.position.max(*from) {
                    let text = format!(
                        "events up to position {last_out} were trimmed between others since the reading began"
                    );
                    return Err(Error::event_trimmed(last_out).with_text(text).into());
                }
            }
        }
        Ok(())
    }
}

fn own_of(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    stream_id: &str,
) -> Result<StreamHorizon, Fault> {
    let horizon = horizon_of(snapshot, number)?;
    StreamHorizon::of(snapshot, number, stream_id, horizon)
}
