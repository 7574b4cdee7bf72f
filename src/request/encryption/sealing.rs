//! Events as they are stored that are encrypted.

use uuid::Uuid;

use super::Keys;
use crate::encryption::envelope::{self, Part, Place};
use crate::encryption::keyring::KeyId;
use crate::encryption::secret::Secret;
use crate::engine::{Appended, Fault, NewEvent};
use crate::error::Error;
use crate::hashing::TextMap;
use crate::seam::Transaction;

/// Encrypts the events of one call.
pub(in crate::request) struct Sealing<'a>(TextMap<&'a str, (KeyId, Secret)>);

impl<'a> Sealing<'a> {
    /// With the keys of these subjects. One that has none is given one, which is on disk before an event is encrypted with it.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE`, `LOCKED`, `CORRUPTED`, `STORAGE_FAILED`.
    pub(in crate::request) fn of(
        subjects: impl Iterator<Item = &'a str>,
        keys: &Keys,
        now_ms: i64,
    ) -> Result<Self, Error> {
        let mut subjects: Vec<&str> = subjects.collect();
        subjects.sort_unstable();
        subjects.dedup();
        if subjects.is_empty() {
            return Ok(Self(TextMap::default()));
        }
        let found = keys.required()?.keys_of(&subjects, now_ms)?;
        Ok(Self(subjects.into_iter().zip(found).collect()))
    }

    /// Stages an event, encrypted if it has a subject.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(in crate::request) fn append(
        &self,
        number: u32,
        event: &NewEvent<'_>,
        subject: Option<&str>,
        batch: &mut dyn Transaction,
    ) -> Result<Appended, Fault> {
        let Some((key, secret)) = subject.and_then(|subject| self.0.get(subject)) else {
            return batch.append(number, event);
        };
        // All that the log adds to an event is known before it is staged, since the text is bound to it.
        let now_ms = batch.now_ms();
        batch.advance(number, now_ms)?;
        let sequence = batch.last_sequence(number, event.stream_id)? + 1;
        let instance = batch.instance(number)?;
        let place = Place {
            instance_id: &instance.id,
            stream_id: event.stream_id,
            sequence,
            id: Uuid::now_v7(),
            event_type: event.event_type,
            timestamp_ms: event.timestamp_ms.unwrap_or(instance.head.updated_at_ms),
        };
        // Something was staged before: what fails now undoes the commit.
        let encrypt = |part, text| {
            envelope::encrypt((key, secret), &place, part, text).map_err(Fault::Failed)
        };
        let payload = encrypt(Part::Payload, event.payload)?;
        let metadata = encrypt(Part::Metadata, event.metadata)?;
        let (id, timestamp_ms) = (place.id, place.timestamp_ms);
        let event = NewEvent {
            payload: &payload,
            metadata: &metadata,
            ..*event
        };
        batch.restore(number, &event, id, timestamp_ms)
    }
}

/// What the limit on an event's size counts of one that is encrypted: the bytes of its four texts as they are stored.
pub(in crate::request) const fn encrypted_size(event: &NewEvent<'_>) -> usize {
    event.stream_id.len()
        + event.event_type.len()
        + envelope::encrypted_bytes(event.payload.len())
        + envelope::encrypted_bytes(event.metadata.len())
}
