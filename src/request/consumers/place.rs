//! Where a consumer stands, as it is kept in the log.
//!
//! ```text
//! version     u8   1
//! generation  u64  a random number of at most 53 bits, new with each reset
//! position    u64  that of the last event that is done
//! changed     i64  milliseconds since the epoch
//! ```
//!
//! All numbers are little endian. It is a state of the instance, under the consumer's name.

use uuid::Uuid;

use crate::block::bytes::Reader;
use crate::engine::Fault;
use crate::seam::{ReadSnapshot, Transaction};

/// What the names of states begin with that are consumers'.
const PREFIX: &str = "consumer/";

const VERSION: u8 = 1;

const BYTES: usize = 25;

/// How many bits of a random number are more than a number in JavaScript holds.
const BITS_LEFT_OUT: u32 = u64::BITS - f64::MANTISSA_DIGITS;

/// Where a consumer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::request) struct ConsumerPlace {
    /// Subscriptions that began before the last reset have another one. It is a number in JavaScript.
    pub(in crate::request) generation: u64,
    /// The position up to which every event is done.
    pub(in crate::request) position: u64,
    /// When that was changed, in milliseconds since the epoch.
    pub(in crate::request) changed_at_ms: i64,
}

impl ConsumerPlace {
    /// That of a consumer which did not exist before.
    pub(in crate::request) fn new(position: u64, now_ms: i64) -> Self {
        Self {
            generation: Uuid::new_v4().as_u64_pair().0 >> BITS_LEFT_OUT,
            position,
            changed_at_ms: now_ms,
        }
    }

    /// The same consumer somewhere else, as another one to the subscriptions that it has.
    pub(in crate::request) fn reset(&self, position: u64, now_ms: i64) -> Self {
        let place = Self::new(position, now_ms);
        Self {
            changed_at_ms: place.changed_at_ms.max(self.changed_at_ms),
            ..place
        }
    }

    /// The same consumer, further on.
    pub(in crate::request) fn moved_to(&self, position: u64, now_ms: i64) -> Self {
        Self {
            position,
            changed_at_ms: now_ms.max(self.changed_at_ms),
            ..*self
        }
    }

    /// Where a consumer stands within a commit in the making; `None` if there is no such consumer.
    pub(in crate::request) fn in_batch(
        batch: &mut dyn Transaction,
        number: u32,
        consumer: &str,
    ) -> Result<Option<Self>, Fault> {
        let state = batch.state(number, &state_name(consumer))?;
        state
            .map(|bytes| Self::decode(&bytes, consumer))
            .transpose()
    }

    /// Where a consumer stands; `None` if there is no such consumer.
    pub(in crate::request) fn in_snapshot(
        snapshot: &dyn ReadSnapshot,
        number: u32,
        consumer: &str,
    ) -> Result<Option<Self>, Fault> {
        let state = snapshot.state(number, &state_name(consumer))?;
        state
            .map(|bytes| Self::decode(&bytes, consumer))
            .transpose()
    }

    /// The consumers of an instance whose names come after `after`, in the order of the bytes of their names.
    pub(super) fn list(
        snapshot: &dyn ReadSnapshot,
        number: u32,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Self)>, Fault> {
        let after = after.map(state_name);
        let states = snapshot.states(number, PREFIX, after.as_deref(), limit)?;
        let consumers = states.into_iter().map(|(name, bytes)| {
            let consumer = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
            let place = Self::decode(&bytes, &consumer)?;
            Ok((consumer, place))
        });
        consumers.collect()
    }

    /// The consumers of an instance, within a commit in the making.
    pub(super) fn all_in_batch(
        batch: &mut dyn Transaction,
        number: u32,
    ) -> Result<Vec<(String, Self)>, Fault> {
        let mut consumers = Vec::new();
        for name in batch.state_names(number, PREFIX)? {
            let consumer = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
            let place = Self::in_batch(batch, number, &consumer)?;
            consumers.extend(place.map(|place| (consumer, place)));
        }
        Ok(consumers)
    }

    pub(in crate::request) fn put(
        &self,
        batch: &mut dyn Transaction,
        number: u32,
        consumer: &str,
    ) -> Result<(), Fault> {
        batch.put_state(number, &state_name(consumer), &self.encode())
    }

    /// Returns whether there was one.
    pub(in crate::request) fn delete(
        batch: &mut dyn Transaction,
        number: u32,
        consumer: &str,
    ) -> Result<bool, Fault> {
        batch.delete_state(number, &state_name(consumer))
    }

    fn encode(&self) -> [u8; BYTES] {
        let mut bytes = [VERSION; BYTES];
        bytes[1..9].copy_from_slice(&self.generation.to_le_bytes());
        bytes[9..17].copy_from_slice(&self.position.to_le_bytes());
        bytes[17..].copy_from_slice(&self.changed_at_ms.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8], consumer: &str) -> Result<Self, Fault> {
        Self::read(bytes).ok_or_else(|| {
            let text = format!("where the consumer {consumer:?} stands is not what was written");
            Fault::Corrupted(text)
        })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let place = Self {
            generation: reader.long()?,
            position: reader.long()?,
            changed_at_ms: reader.long()?.cast_signed(),
        };
        (version == VERSION && reader.is_at_end()).then_some(place)
    }
}

fn state_name(consumer: &str) -> String {
    format!("{PREFIX}{consumer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_makes_another_generation_which_javascript_can_hold() {
        let place = ConsumerPlace::new(7, 100);
        let reset = place.reset(3, 99);
        assert_eq!(reset.position, 3);
        assert!(reset.changed_at_ms >= place.changed_at_ms);
        assert_ne!(reset.generation, place.generation);
        assert_eq!(place.moved_to(9, 100).generation, place.generation);
        for generation in [place.generation, reset.generation] {
            assert!(generation < 1 << f64::MANTISSA_DIGITS, "{generation}");
        }
    }

    #[test]
    fn a_place_is_read_back_as_it_was_written_and_nothing_else_is() {
        let place = ConsumerPlace {
            generation: u64::MAX - 1,
            position: 7,
            changed_at_ms: -5,
        };
        let bytes = place.encode();
        assert_eq!(ConsumerPlace::decode(&bytes, "mailer").unwrap(), place);
        let mut newer = bytes;
        newer[0] = 2;
        for bytes in [&newer[..], &bytes[1..], &[]] {
            let Err(Fault::Corrupted(text)) = ConsumerPlace::decode(bytes, "mailer") else {
                panic!("{bytes:?} was read");
            };
            assert!(text.contains("\"mailer\""), "{text}");
        }
    }
}
