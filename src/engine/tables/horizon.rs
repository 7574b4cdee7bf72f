//! Up to where the events of an instance are out, as it is kept: a [state](super::state) of the instance.
//!
//! ```text
//! version   u8   1, or 2 if all that follows is there
//! position  u64  that of the last event before all that are left
//! bytes     u64  those of the records of all that are out
//! between   u64  how many events after the position are out as well, since their streams were trimmed
//! last      u64  the position of the last one of these
//! ```
//!
//! Numbers are little endian. What is out is not read, whether or not the tables still have it. Which events are out
//! between those that are left says the [sieve](super::sieve).

use crate::block::bytes::Reader;
use crate::engine::Fault;

const VERSION: u8 = 1;

/// That of an instance in which events are out between those that are left. A version of this package that does not know
/// it refuses the instance, rather than to show them.
const VERSION_BETWEEN: u8 = 2;

const BYTES: usize = 17;

/// Up to where the events of an instance are out: they were trimmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Horizon {
    /// The position of the last event that is out with all before it; 0 if the first one is left. The event after it is
    /// left, unless there is none.
    pub position: u64,
    /// The bytes of the records of all events that are out.
    pub bytes: u64,
    /// How many events after the position are out as well.
    pub between: u64,
    /// The position of the last one of these; 0 if there is none.
    pub last_between: u64,
}

impl Horizon {
    /// The name of the state.
    pub const STATE: &str = "horizon";

    /// The position of the first event that is left, or of the next one that is appended if none is.
    #[must_use]
    pub const fn first_position(&self) -> u64 {
        self.position + 1
    }

    /// The position of the last event that is out; 0 if none is.
    #[must_use]
    pub const fn last_out(&self) -> u64 {
        if self.between == 0 {
            self.position
        } else {
            self.last_between
        }
    }

    /// Whether no event is out.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.position == 0 && self.between == 0
    }

    /// The bytes of the state.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        let is_between = self.between > 0;
        bytes.push(if is_between { VERSION_BETWEEN } else { VERSION });
        bytes.extend_from_slice(&self.position.to_le_bytes());
        bytes.extend_from_slice(&self.bytes.to_le_bytes());
        if is_between {
            bytes.extend_from_slice(&self.between.to_le_bytes());
            bytes.extend_from_slice(&self.last_between.to_le_bytes());
        }
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
            let mut horizon = Self {
                position: reader.long()?,
                bytes: reader.long()?,
                ..Self::default()
            };
            let is_known = match version {
                VERSION => true,
                VERSION_BETWEEN => {
                    horizon.between = reader.long()?;
                    horizon.last_between = reader.long()?;
                    // As many events are between them.
                    let room = horizon
                        .last_between
                        .saturating_sub(horizon.position.saturating_add(1));
                    (1..=room).contains(&horizon.between)
                }
                _ => false,
            };
            // No instance has as many events, and the next position is counted on.
            let is_known = is_known && horizon.last_out() < u64::MAX;
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
        let whole = Horizon {
            position: 7,
            bytes: 1 << 40,
            ..Horizon::default()
        };
        let between = Horizon {
            between: 2,
            last_between: 10,
            ..whole
        };
        assert_eq!((whole.last_out(), between.last_out()), (7, 10));
        for horizon in [whole, between] {
            let bytes = horizon.encode();
            assert_eq!(Horizon::of_state(Some(bytes.clone())).unwrap(), horizon);
            let mut newer = bytes.clone();
            newer[0] = 3;
            let mut other = bytes.clone();
            other[0] = 3 - other[0];
            let mut endless = bytes.clone();
            endless[1..9].fill(0xff);
            let cuts = (0..bytes.len()).map(|length| bytes[..length].to_vec());
            let longer = [&bytes[..], &[0]].concat();
            for bytes in cuts.chain([newer, other, endless, longer]) {
                let decoded = Horizon::of_state(Some(bytes.clone()));
                assert!(matches!(decoded, Err(Fault::Corrupted(_))), "{bytes:?}");
            }
        }
        // More events than there are places for, and none.
        for (count, last) in [(3, 10), (0, 10), (1, 8), (1, 0), (1, u64::MAX)] {
            let mut bytes = between.encode();
            bytes[17..25].copy_from_slice(&u64::to_le_bytes(count));
            bytes[25..].copy_from_slice(&u64::to_le_bytes(last));
            let decoded = Horizon::of_state(Some(bytes));
            assert!(
                matches!(decoded, Err(Fault::Corrupted(_))),
                "{count} {last}"
            );
        }
    }
}
