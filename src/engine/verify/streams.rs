//! Streams: each event follows on the one before it, and where a stream stands is what its events say.

use redb::{ReadableTable, TableDefinition};

use super::events::EventCheck;
use crate::engine::Fault;
use crate::engine::journal::StreamHead;
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::{self, StreamValue};

impl EventCheck<'_, '_> {
    /// Checks that an event comes right after the one that its chain leads to, and remembers it as its
    /// stream's last one.
    pub(super) fn check_chain(&mut self, position: u64, record: &Record<'_>) -> Result<(), Fault> {
        let known = self.known.get(self.number, record.stream_id);
        let follows = match &known {
            Some(last) => {
                record.sequence == last.last_sequence + 1
                    && record.back == position - last.last_position
            }
            None => record.sequence == 1 && record.back == 0,
        };
        // Its stream may not be known any more, or the event before it may be damaged, which was told.
        let may_differ = known.is_none() || self.tally.is_incomplete;
        let is_sound = follows || (may_differ && self.is_preceded(position, record)?);
        if !is_sound {
            let text = format!(
                "it is number {} of the stream {:?} and leads {} positions back, where number {} is not",
                record.sequence,
                record.stream_id,
                record.back,
                record.sequence.saturating_sub(1)
            );
            self.problem(Some(position), text);
        }
        let head = StreamHead {
            last_sequence: record.sequence,
            last_position: position,
        };
        self.known
            .insert(self.number, record.stream_id.into(), head);
        Ok(())
    }

    /// Whether the event that the chain leads to is the one before this one, or is damaged.
    fn is_preceded(&self, position: u64, record: &Record<'_>) -> Result<bool, Fault> {
        if record.back == 0 {
            return Ok(record.sequence == 1);
        }
        let Some(before) = position.checked_sub(record.back).filter(|at| *at > 0) else {
            return Ok(false);
        };
        if before <= self.tally.dropped {
            return Ok(record.sequence > 1);
        }
        self.is_event(before, record.stream_id, record.sequence.wrapping_sub(1))
    }

    /// Whether that event of a stream stands there, or one that is damaged.
    fn is_event(&self, position: u64, stream_id: &str, sequence: u64) -> Result<bool, Fault> {
        let found = self.events.at(position, |record| {
            record.stream_id == stream_id && record.sequence == sequence
        });
        match found {
            Err(Fault::Corrupted(_)) => Ok(self.tally.is_incomplete),
            found => found,
        }
    }

    /// Checks where the tables say that streams stand, once all events of the tables were taken.
    ///
    /// Each chain leads through as many events as its last number says, and no two chains share one. So with
    /// as many numbers as there are events, none is outside of a chain.
    ///
    /// Where events were dropped, there are as many streams as the head in the tables says.
    pub(super) fn check_streams(&mut self, said: u64) -> Result<(), Fault> {
        let name = schema::streams_table(self.number);
        let transaction = self.check.snapshot.transaction();
        let streams = transaction.open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
        let (mut count, mut numbers) = (0, 0u64);
        for entry in streams.iter()? {
            self.check.check_wanted()?;
            let (stream_id, value) = entry?;
            let (stream_id, (sequence, position)) = (stream_id.value(), value.value());
            if streams.get(stream_id)?.is_none() {
                let text = format!("{name}: {stream_id:?} is in the table, and is not found there");
                self.problem(None, text);
            }
            count += 1;
            numbers = numbers.saturating_add(sequence);
            let known = self.known.get(self.number, stream_id);
            let known = known.map(|last| (last.last_sequence, last.last_position));
            if position <= self.tally.dropped {
                continue;
            }
            let is_last =
                known.is_none_or(|last| last == (sequence, position)) || self.tally.is_incomplete;
            if !is_last || !self.is_event(position, stream_id, sequence)? {
                let text = format!(
                    "the last event of the stream {stream_id:?} is said to be number {sequence} at \
                     position {position}, which it is not"
                );
                self.problem(None, text);
            }
        }
        if !self.tally.is_incomplete {
            let streams = match self.tally.dropped {
                0 => self.tally.stream_count,
                _ => said,
            };
            let events = self.tally.last_position;
            if (count, numbers) != (streams, events) {
                let text = format!(
                    "{name}: expected {streams} streams with {events} events, found {count} with {numbers}"
                );
                self.problem(None, text);
            }
        }
        Ok(())
    }
}
