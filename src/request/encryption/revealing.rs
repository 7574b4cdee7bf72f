//! Events as their readers see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Keys;
use crate::encryption::envelope::{Envelope, Part, Place, is_encrypted};
use crate::encryption::keyring::{FoundKey, KeyId};
use crate::engine::{Fault, Record};
use crate::event::{EMPTY, Event};
use crate::json;

/// Decrypts the events that one call reads.
pub struct Revealing<'a> {
    keys: &'a Keys,
    /// Whether the call has looked at what other processes have changed.
    is_fresh: AtomicBool,
}

/// What was read of an encrypted event.
pub(in crate::request) struct Revealed {
    /// JSON text.
    pub(in crate::request) payload: String,
    /// JSON text of the metadata; or of the subject, if that was forgotten.
    pub(in crate::request) metadata: String,
    pub(in crate::request) subject: Arc<str>,
    /// Whether the key was destroyed.
    pub(in crate::request) is_forgotten: bool,
}

impl<'a> Revealing<'a> {
    pub(in crate::request) const fn by(keys: &'a Keys) -> Self {
        Self {
            keys,
            is_fresh: AtomicBool::new(false),
        }
    }

    /// Does `work` with an event as it is to be shown.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE`; `CORRUPTED` if the event is not what was encrypted. What `work` fails with.
    pub(in crate::request) fn event<T, E: From<Fault>>(
        &self,
        event: &Event<'_>,
        work: impl FnOnce(&Event<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if !is_encrypted(event.payload) {
            return work(event);
        }
        let place = Place {
            instance_id: event.instance_id,
            stream_id: event.stream_id,
            sequence: event.sequence_number,
            id: event.id,
            event_type: event.event_type,
            timestamp_ms: event.timestamp_ms,
        };
        let revealed = self.texts(&place, event.payload, event.metadata)?;
        work(&Event {
            payload: &revealed.payload,
            metadata: &revealed.metadata,
            ..*event
        })
    }

    /// Does `work` with a record of an instance as it is to be shown.
    ///
    /// # Errors
    ///
    /// As [`Revealing::event`].
    pub(in crate::request) fn record<T>(
        &self,
        instance_id: &str,
        record: &Record<'_>,
        work: impl FnOnce(&Record<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.of_record(instance_id, record)? {
            None => work(record),
            Some(revealed) => work(&Record {
                payload: &revealed.payload,
                metadata: &revealed.metadata,
                ..*record
            }),
        }
    }

    /// What is in a record of an instance; `None` if it is not encrypted.
    ///
    /// # Errors
    ///
    /// As [`Revealing::event`].
    pub(in crate::request) fn of_record(
        &self,
        instance_id: &str,
        record: &Record<'_>,
    ) -> Result<Option<Revealed>, Fault> {
        if !is_encrypted(record.payload) {
            return Ok(None);
        }
        let place = Place {
            instance_id,
            stream_id: record.stream_id,
            sequence: record.sequence,
            id: record.id,
            event_type: record.event_type,
            timestamp_ms: record.timestamp_ms,
        };
        self.texts(&place, record.payload, record.metadata)
            .map(Some)
    }

    fn texts(&self, place: &Place<'_>, payload: &str, metadata: &str) -> Result<Revealed, Fault> {
        let payload = Envelope::parse(payload).ok_or_else(|| altered(place))?;
        let metadata = Envelope::parse(metadata).ok_or_else(|| altered(place))?;
        if payload.key != metadata.key {
            return Err(altered(place));
        }
        match self.find(&payload.key, place)? {
            FoundKey::Secret(secret, subject) => {
                let text = |envelope: &Envelope, part| {
                    envelope
                        .decrypt(&secret, place, part)
                        .ok_or_else(|| altered(place))
                };
                Ok(Revealed {
                    payload: text(&payload, Part::Payload)?,
                    metadata: text(&metadata, Part::Metadata)?,
                    subject,
                    is_forgotten: false,
                })
            }
            FoundKey::Forgotten(subject) => {
                let mut metadata = String::new();
                json::write_string(&mut metadata, &subject);
                Ok(Revealed {
                    payload: EMPTY.to_owned(),
                    metadata,
                    subject,
                    is_forgotten: true,
                })
            }
        }
    }

    fn find(&self, id: &KeyId, place: &Place<'_>) -> Result<FoundKey, Fault> {
        let keyring = self.keys.required()?;
        if !self.is_fresh.swap(true, Ordering::Relaxed) {
            keyring.refresh()?;
        }
        Ok(keyring.find(id).map_err(|error| {
            let text = format!("the event {} is encrypted: {}", place.id, error.text());
            error.with_text(text)
        })?)
    }
}

fn altered(place: &Place<'_>) -> Fault {
    Fault::Corrupted(format!(
        "what is encrypted of the event {} is not what was written there",
        place.id
    ))
}
