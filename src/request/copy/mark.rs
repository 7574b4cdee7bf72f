//! What a copy notes with each page that it stores, as a state of the instance.
//!
//! ```text
//! version   u8        1
//! position  u64       up to which the copy has stored events, little endian
//! whole     u8        1 if the instance has all states that the other log had, and 0 while some are missing
//! sum       32 bytes  the sum of these states, or zeros
//! ```
//!
//! By it, a copy that goes on knows that nobody else has changed the instance: it then has events after that position, or
//! states with another sum. It is not copied itself.

use crate::block::bytes::Reader;
use crate::engine::Fault;
use crate::evidence::hash::{HASH_BYTES, Hash};

/// The name of the state.
pub(super) const MARK: &str = "copied";

const VERSION: u8 = 1;

/// How far a copy has come with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The position of the last event that was copied.
    pub(super) position: u64,
    /// The sum of all states that were copied, if they are as they were in the other log.
    pub(super) states: Option<Hash>,
}

impl Mark {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.position.to_le_bytes());
        bytes.push(u8::from(self.states.is_some()));
        bytes.extend_from_slice(&self.states.unwrap_or([0; HASH_BYTES]));
        bytes
    }

    /// Reads back what was noted.
    ///
    /// # Errors
    ///
    /// Corruption.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let mut reader = Reader::new(bytes);
            let version = reader.byte()?;
            let position = reader.long()?;
            let whole = reader.byte()?;
            let sum = reader.array()?;
            let states = match whole {
                0 => None,
                1 => Some(sum),
                _ => return None,
            };
            let is_whole = version == VERSION && reader.is_at_end();
            is_whole.then_some(Self { position, states })
        };
        read().ok_or_else(|| {
            Fault::Corrupted("the mark of a copy is not what was written".to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_nothing_else_is_taken_for_one() {
        for states in [None, Some([7; HASH_BYTES])] {
            let mark = Mark {
                position: u64::MAX,
                states,
            };
            let bytes = mark.encode();
            assert_eq!(Mark::decode(&bytes).unwrap(), mark);
            let mut newer = bytes.clone();
            newer[0] = 2;
            let mut neither = bytes.clone();
            neither[9] = 2;
            let longer = [&bytes[..], b"x"].concat();
            let cuts = (0..bytes.len()).map(|length| &bytes[..length]);
            for bytes in cuts.chain([&newer[..], &neither[..], &longer[..]]) {
                let decoded = Mark::decode(bytes);
                assert!(matches!(decoded, Err(Fault::Corrupted(_))), "{bytes:?}");
            }
        }
    }
}
