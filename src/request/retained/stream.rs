//! Where a stream begins whose first events were trimmed between others, as it is kept: a state of the instance.
//!
//! ```text
//! version   u8   1
//! first     u64  the sequence number of the first event that is left, or of the next one if none is
//! last_out  u64  the position of the last event that is out
//! ```
//!
//! Numbers are little endian. It may be missing once the horizon of the instance is beyond that position.

use crate::block::bytes::Reader;
use crate::engine::{Fault, Horizon};
use crate::seam::{ReadSnapshot, Transaction};

/// What the names of these states begin with.
pub(in crate::request) const PREFIX: &str = "trimmed/";

const VERSION: u8 = 1;

/// Up to where the events of a stream are out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::request) struct StreamHorizon {
    /// The sequence number of the first event that is left.
    pub(in crate::request) first: u64,
    /// The position of the last event that is out; 0 if none is.
    pub(in crate::request) last_out: u64,
}

impl StreamHorizon {
    /// That of a stream of which no event is out.
    pub(in crate::request) const NONE: Self = Self {
        first: 1,
        last_out: 0,
    };

    /// That of a stream of an instance with that horizon, without what the horizon has out. Nothing is read if no event is
    /// out between others.
    pub(in crate::request) fn of(
        snapshot: &dyn ReadSnapshot,
        number: u32,
        stream_id: &str,
        horizon: Horizon,
    ) -> Result<Self, Fault> {
        if horizon.between == 0 {
            return Ok(Self::NONE);
        }
        Self::of_state(snapshot.state(number, &state_name(stream_id))?, stream_id)
    }

    /// The same within a commit in the making.
    pub(in crate::request) fn in_batch(
        batch: &mut (dyn Transaction + '_),
        number: u32,
        stream_id: &str,
        horizon: Horizon,
    ) -> Result<Self, Fault> {
        if horizon.between == 0 {
            return Ok(Self::NONE);
        }
        Self::of_state(batch.state(number, &state_name(stream_id))?, stream_id)
    }

    /// Keeps it.
    pub(super) fn put(
        self,
        batch: &mut (dyn Transaction + '_),
        number: u32,
        stream_id: &str,
    ) -> Result<(), Fault> {
        batch.put_state(number, &state_name(stream_id), &self.encode())
    }

    fn encode(self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.last_out.to_le_bytes());
        bytes
    }

    fn of_state(bytes: Option<Vec<u8>>, stream_id: &str) -> Result<Self, Fault> {
        let Some(bytes) = bytes else {
            return Ok(Self::NONE);
        };
        let read = || {
            let mut reader = Reader::new(&bytes);
            let version = reader.byte()?;
            let horizon = Self {
                first: reader.long()?,
                last_out: reader.long()?,
            };
            let is_known = version == VERSION && horizon.first > 1;
            (is_known && reader.is_at_end()).then_some(horizon)
        };
        read().ok_or_else(|| {
            let text = format!("where the stream {stream_id:?} begins is not what was written");
            Fault::Corrupted(text)
        })
    }
}

fn state_name(stream_id: &str) -> String {
    format!("{PREFIX}{stream_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_stream_begins_is_read_back_and_nothing_else_is_taken_for_it() {
        let horizon = StreamHorizon {
            first: 8,
            last_out: 1 << 40,
        };
        let bytes = horizon.encode();
        let read = |bytes: &[u8]| StreamHorizon::of_state(Some(bytes.to_vec()), "a");
        assert_eq!(read(&bytes).unwrap(), horizon);
        assert_eq!(
            StreamHorizon::of_state(None, "a").unwrap(),
            StreamHorizon::NONE
        );
        let mut newer = bytes.clone();
        newer[0] = 2;
        let mut whole = bytes.clone();
        whole[1] = 1;
        let longer = [&bytes[..], &[0]].concat();
        let cuts = (0..bytes.len()).map(|length| &bytes[..length]);
        for bytes in cuts.chain([&newer[..], &whole[..], &longer[..]]) {
            assert!(matches!(read(bytes), Err(Fault::Corrupted(_))), "{bytes:?}");
        }
    }
}
