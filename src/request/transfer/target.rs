//! An instance of an import, and what a batch of lines adds to it.

use super::line::{GivenInstance, LineNumber};
use super::stored_event::StoredEvent;
use super::{FIRST_POSITION, IDEMPOTENCY, POSITION};
use crate::engine::{Fault, NewEvent, NewInstance};
use crate::error::Error;
use crate::evidence::salts::Salts;
use crate::hashing::{TextMap, TextSet};
use crate::request::evidence;
use crate::seam::Transaction;

/// An instance that events of the lines belong to.
pub(super) struct ImportTarget<'a> {
    pub(super) id: &'a str,
    pub(super) holder: Holder<'a>,
    /// When it was last changed, as the lines say.
    pub(super) updated_at_ms: Option<i64>,
    /// The salts of its tree, as the lines say, if it does not have it.
    pub(super) salts: Option<&'a Salts>,
    /// How many events it had before.
    pub(super) stored: u64,
    /// Those that follow.
    pub(super) pending: Vec<&'a StoredEvent>,
    /// How many events of the section have been read.
    pub(super) position: u64,
    /// Lines that say what is there already, with the positions of the events.
    pub(super) known: Vec<(u64, LineNumber, &'a StoredEvent)>,
    /// The last sequence numbers of streams that have pending events.
    pub(super) sequences: TextMap<&'a str, u64>,
    /// The idempotency keys that pending events have.
    pub(super) keys: TextSet<&'a str>,
}

#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    Stored(u32),
    New(&'a GivenInstance),
}

impl<'a> ImportTarget<'a> {
    pub(super) fn new(id: &'a str, holder: Holder<'a>, stored: u64) -> Self {
        Self {
            id,
            holder,
            updated_at_ms: None,
            salts: None,
            stored,
            pending: Vec::new(),
            position: 0,
            known: Vec::new(),
            sequences: TextMap::default(),
            keys: TextSet::default(),
        }
    }

    /// Has the lines of events begin where an instance's line says, which others must lead up to.
    pub(super) fn begin_after(
        &mut self,
        given: &GivenInstance,
        line: LineNumber,
    ) -> Result<(), Error> {
        let known = self.stored + self.pending.len() as u64;
        if given.before > known {
            let expected = format!(
                "at most {}, the next position of the instance: import first what was archived of it",
                known + 1
            );
            let path = format!("{line}: instance.{FIRST_POSITION}");
            let found = (given.before + 1).to_string();
            return Err(Error::expected(path, &expected, &found));
        }
        self.position = given.before;
        Ok(())
    }

    /// Goes on to the event of a line: the next one, or one behind others that were trimmed, which must be there.
    pub(super) fn go_on_to(&mut self, event: &StoredEvent, line: LineNumber) -> Result<(), Error> {
        let next = self.stored + self.pending.len() as u64 + 1;
        let position = event.position.unwrap_or(self.position + 1);
        if event.position.is_some() && position > next {
            let expected = format!(
                "at most {next}, the next position of the instance: import first what was archived of it"
            );
            let path = format!("{line}: {POSITION}");
            return Err(Error::expected(path, &expected, &position.to_string()));
        }
        self.position = position;
        Ok(())
    }

    /// Notes a line that says what is there already.
    pub(super) fn know(&mut self, event: &'a StoredEvent, line: LineNumber) {
        self.known.push((self.position, line, event));
    }

    /// Adds an event that is not there, if its number is the next one of its stream.
    pub(super) fn push(
        &mut self,
        event: &'a StoredEvent,
        line: LineNumber,
        text: &'a str,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        let NewEvent {
            stream_id, call, ..
        } = event.new_event(text);
        let last = match (self.sequences.get(stream_id), self.holder) {
            (Some(last), _) => *last,
            (None, Holder::Stored(number)) => batch.last_sequence(number, stream_id)?,
            (None, Holder::New(_)) => 0,
        };
        if event.sequence != last + 1 {
            return Err(Fault::Refused(Error::expected(
                format_args!("{line}: sequence_number"),
                &format!("{}, the next one of the stream {stream_id:?}", last + 1),
                &event.sequence.to_string(),
            )));
        }
        if let Some(call) = call {
            let is_stored = match self.holder {
                Holder::Stored(number) => batch.position_of_key(number, call.text)?.is_some(),
                Holder::New(_) => false,
            };
            if is_stored || !self.keys.insert(call.text) {
                return Err(Fault::Refused(Error::expected(
                    format_args!("{line}: {IDEMPOTENCY}.key"),
                    "a key that no event before it has",
                    &format!("{:?}", call.text),
                )));
            }
        }
        self.sequences.insert(stream_id, event.sequence);
        self.pending.push(event);
        Ok(())
    }

    /// Stages the instance if it is new, and its events. Returns its number.
    pub(super) fn stage(&self, text: &str, batch: &mut dyn Transaction) -> Result<u32, Fault> {
        let number = match self.holder {
            Holder::Stored(number) => {
                if let Some(updated_at_ms) = self.updated_at_ms {
                    batch.advance(number, updated_at_ms)?;
                }
                number
            }
            Holder::New(given) => batch.make(NewInstance {
                id: &given.id,
                name: &given.name,
                description: given.description.clone(),
                created_at_ms: given.created_at_ms,
                updated_at_ms: given.updated_at_ms,
            })?,
        };
        if let Some(salts) = self.salts {
            evidence::keep_salts(batch, number, salts)?;
        }
        for event in &self.pending {
            let new = event.new_event(text);
            batch.restore(number, &new, event.id, event.timestamp_ms)?;
        }
        Ok(number)
    }
}
