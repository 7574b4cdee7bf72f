//! Calls that are known again when they are made a second time.

use serde_json::value::RawValue;

use super::given_event::{GivenEvent, Place};
use super::text;
use crate::engine::{Appended, Batch, CallKey, Fault};
use crate::error::{Code, Error};

/// The key of a call's idempotency key.
pub(super) const KEY: &str = "idempotencyKey";

/// By what a call is known again.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the value of [`KEY`] of a call that appends that many events.
    pub(super) fn parse(raw: Option<&RawValue>, events: usize) -> Result<Option<Self>, Error> {
        let Some(raw) = raw else {
            return Ok(None);
        };
        let key = text::idempotency_key(raw, KEY)?.into_owned();
        if events == 0 {
            // A key is kept with the first event of its call.
            let expected = "one or more events in a call with an idempotencyKey";
            return Err(Error::expected("events", expected, "none"));
        }
        Ok(Some(Self(key)))
    }

    /// The key as it is stored with the first of that many events.
    pub(super) fn call(&self, events: usize) -> CallKey<'_> {
        CallKey {
            text: &self.0,
            events: events as u64,
        }
    }

    /// What was stored of the call with this key, if the instance has had one.
    ///
    /// # Errors
    ///
    /// `IDEMPOTENCY_MISMATCH` if that was other than these events, which `call` is the text of; a
    /// storage fault.
    pub(super) fn find(
        &self,
        number: u32,
        events: &[GivenEvent],
        call: &str,
        batch: &mut Batch<'_>,
    ) -> Result<Option<Vec<Appended>>, Fault> {
        let Some(first) = batch.position_of_key(number, &self.0)? else {
            return Ok(None);
        };
        let stored = self.stored_events(number, first, batch)?;
        if stored != events.len() as u64 {
            let found = format!("{} where it had {stored}", count(events.len() as u64));
            return Err(self.mismatch(&found).into());
        }
        let last_position = batch.instance(number)?.head.last_position;
        if last_position - first < stored - 1 {
            // An import can have been cut off within a call.
            let here = last_position + 1 - first;
            let found = format!("{} of which the log has only {here}", count(stored));
            return Err(self.mismatch(&found).into());
        }
        let mut appended = Vec::with_capacity(events.len());
        batch.each_record(number, first..=first + stored - 1, |_, record| {
            let index = appended.len();
            let given = events.get(index);
            if let Some(key) = given.and_then(|event| event.difference(record, call)) {
                let place = match events {
                    [_] => Place::Call,
                    _ => Place::Element(index),
                };
                let found = format!("one whose {place}{key} differs");
                return Err(self.mismatch(&found).into());
            }
            appended.push(Appended {
                id: record.id,
                timestamp_ms: record.timestamp_ms,
                sequence_number: record.sequence,
            });
            Ok(())
        })?;
        Ok(Some(appended))
    }

    /// How many events the call has whose first event is at that position.
    fn stored_events(&self, number: u32, first: u64, batch: &mut Batch<'_>) -> Result<u64, Fault> {
        let mut events = None;
        batch.each_record(number, first..=first, |_, record| {
            events = record
                .call
                .filter(|call| call.text == self.0)
                .map(|call| call.events);
            Ok(())
        })?;
        events.ok_or_else(|| {
            let text = format!("the event at position {first} has another idempotency key");
            Fault::Corrupted(text)
        })
    }

    fn mismatch(&self, found: &str) -> Error {
        Error::new(
            Code::IdempotencyMismatch,
            format!(
                "{KEY}: expected the call that the key {:?} was first given with, found {found}: \
                 give each call a key of its own, and the same one only to try it again",
                self.0
            ),
        )
    }
}

fn count(events: u64) -> String {
    match events {
        1 => "one event".to_owned(),
        _ => format!("{events} events"),
    }
}
