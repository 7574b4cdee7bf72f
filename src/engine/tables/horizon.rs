//! Up to where the events of an instance are out, as it is kept: a [state](super::state) of the instance.
//!
//! ```text
//! version   u8   1
//! position  u64  that of the last event that is out
//! bytes     u64  those of the records of all that are out
//! ```
//!
//! Numbers are little endian. What is out is not read, whether or not the tables still have it.

use crate::block::bytes::Reader;
use crate::engine::Fault;

const VERSION: u8 = 1;

const BYTES: usize = 17;

/// Up to where the events of an instance are out: they were trimmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Horizon {
    /// The position of the last event that is out; 0 if none is.
    pub position: u64,
    /// The bytes of the records of all events that are out.
    pub bytes: u64,
}

impl Horizon {
    /// The name of the state.
    pub const STATE: &str = "horizon";

    /// The position of the first event that is left, or of the next one that is appended if none is.
    #[must_use]
    pub const fn first_position(&self) -> u64 {
        self.position + 1
    }

    /// The bytes of the state.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.position.to_le_bytes());
        bytes.extend_from_slice(&self.bytes.to_le_bytes());
        bytes
    }

    /// Reads back the state, if there is one.
    ///
    /// # Errors
    ///
    /// Corruption, if it is something else.
    pub fn of_state(bytes: Option<Vec<u8>>) -> Result<Self, Fault> {
        let Some(bytes) = bytes else {
            return Ok(Self::default());
        };
        let read = || {
            let mut reader = Reader::new(&bytes);
            let version = reader.byte()?;
            let horizon = Self {
                position: reader.long()?,
                bytes: reader.long()?,
            };
            // No instance has as many events, and the next position is counted on.
            let is_known = version == VERSION && horizon.position < u64::MAX;
            (is_known && reader.is_at_end()).then_some(horizon)
        };
        read().ok_or_else(|| {
            let text = "up to where events were trimmed is not what was written";
            Fault::Corrupted(text.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_is_read_back_and_nothing_else_is_taken_for_one() {
        assert_eq!(Horizon::of_state(None).unwrap(), Horizon::default());
        let horizon = Horizon {
            position: 7,
            bytes: 1 << 40,
        };
        let bytes = horizon.encode();
        assert_eq!(Horizon::of_state(Some(bytes.clone())).unwrap(), horizon);
        let mut newer = bytes.clone();
        newer[0] = 2;
        let mut endless = bytes.clone();
        endless[1..9].fill(0xff);
        let cuts = (0..bytes.len()).map(|length| bytes[..length].to_vec());
        let longer = [&bytes[..], &[0]].concat();
        for bytes in cuts.chain([newer, endless, longer]) {
            let decoded = Horizon::of_state(Some(bytes.clone()));
            assert!(matches!(decoded, Err(Fault::Corrupted(_))), "{bytes:?}");
        }
    }
}
