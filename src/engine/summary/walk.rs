//! A walk through the events of an instance that the tables have.

use std::ops::Deref;
use std::sync::Arc;

use redb::AccessGuard;

use super::rows::{Direction, RowWalk};
use super::stored::{SealedBlock, StoredEvents, missing_event};
use crate::block::sealed::RowBuffer;
use crate::engine::Fault;
use crate::engine::tables::record::{Link, Record};
use crate::engine::tables::row;

/// An event that is so many positions from the one before it is read alone: another one is rarely of use of its group.
const APART: u64 = 16;

const fn are_apart(position: u64, other: u64) -> bool {
    position.abs_diff(other) > APART
}

/// A walk through events, which stops at some of them.
pub(in crate::engine) struct Walk<'e> {
    events: &'e StoredEvents,
    rows: RowWalk<'e>,
    /// The block that it is in, if that is sealed.
    sealed: Option<SealedBlock<'e>>,
    /// The block of which a row was met last.
    rows_of: Option<u64>,
    /// The position of the event that was read last.
    last: Option<u64>,
    buffer: RowBuffer,
}

/// Where an event is.
enum Place {
    Row(AccessGuard<'static, &'static [u8]>),
    /// It is that row of the sealed block.
    Sealed(usize),
}

/// The record of a row.
enum RowRecord<'r> {
    Plain(&'r [u8]),
    Unpacked(Arc<[u8]>),
}

impl Deref for RowRecord<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Plain(record) => record,
            Self::Unpacked(record) => record,
        }
    }
}

impl StoredEvents {
    /// The block of an event.
    const fn block_of(&self, position: u64) -> u64 {
        position.saturating_sub(1) / self.block_events
    }

    /// The record of an event, if it is kept.
    fn kept_record(&self, position: u64) -> Option<Arc<[u8]>> {
        let block = self.block_of(position);
        self.known.record(self.number, block, position)
    }

    /// Keeps the record of an event.
    fn keep_record(&self, position: u64, record: &Arc<[u8]>) {
        let block = self.block_of(position);
        self.known
            .insert_record(self.number, block, position, record);
    }

    /// Whether an event was read alone not long ago, or it seems so. No other is looked for among the records: that would
    /// take a tenth of the time that it takes to read one.
    fn is_met(&self, position: u64) -> bool {
        self.known.is_met(self.number, position)
    }

    /// Keeps the record of an event that was read alone, and was not long ago. Its group takes the room of twenty records, and
    /// to put the event together takes longer than to read a record.
    fn keep(&self, position: u64, record: &Record<'_>) {
        let mut bytes = Vec::with_capacity(record.bytes());
        record.encode(&mut bytes);
        self.keep_record(position, &bytes.into());
    }

    /// A walk through the events.
    pub(in crate::engine) fn walk(&self, direction: Direction) -> Walk<'_> {
        Walk {
            rows: RowWalk::new(&self.rows, direction),
            events: self,
            sealed: None,
            rows_of: None,
            last: None,
            buffer: RowBuffer::default(),
        }
    }
}

impl Walk<'_> {
    /// Goes on to the event at a position, which is beyond the one before, and calls `visit` with it. `next` is where the
    /// walk goes after it, if that is known.
    pub(in crate::engine) fn visit<T>(
        &mut self,
        position: u64,
        next: Option<u64>,
        visit: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<T, Fault> {
        let is_apart = self.is_apart(position);
        let is_lone = is_apart && next.is_none_or(|next| are_apart(position, next));
        let is_met = is_apart && self.events.is_met(position);
        if is_met && let Some(record) = self.events.kept_record(position) {
            return Ok(visit(&Record::decode(&record, position)?));
        }
        let place = self.go_to(position)?;
        Ok(match (place, &self.sealed) {
            (Place::Row(row), _) => {
                let record = self.record(position, row.value())?;
                visit(&Record::decode(&record, position)?)
            }
            (Place::Sealed(row), Some(sealed)) => {
                let record = if is_lone {
                    sealed.lone_row(row, &mut self.buffer)?
                } else {
                    sealed.row(row, &mut self.buffer)?
                };
                if is_met {
                    self.events.keep(position, &record);
                } else if is_apart {
                    self.events.known.note_met(self.events.number, position);
                }
                visit(&record)
            }
            (Place::Sealed(_), None) => return Err(missing_event(position)),
        })
    }

    /// As [`Walk::visit`], with where the event stands in its stream alone. Of a sealed block that is much less to read.
    pub(in crate::engine) fn visit_link<T>(
        &mut self,
        position: u64,
        visit: impl FnOnce(&Link<'_>) -> T,
    ) -> Result<T, Fault> {
        let is_apart = self.is_apart(position);
        if is_apart
            && self.events.is_met(position)
            && let Some(record) = self.events.kept_record(position)
        {
            return Ok(visit(&Record::decode(&record, position)?.link()));
        }
        let place = self.go_to(position)?;
        Ok(match (place, &self.sealed) {
            (Place::Row(row), _) => {
                let record = self.record(position, row.value())?;
                visit(&Record::decode(&record, position)?.link())
            }
            (Place::Sealed(row), Some(sealed)) if is_apart => {
                visit(&sealed.lone_link(row, &mut self.buffer)?)
            }
            (Place::Sealed(row), Some(sealed)) => visit(&sealed.link(row, &mut self.buffer)?),
            (Place::Sealed(_), None) => return Err(missing_event(position)),
        })
    }

    /// The record of a row. That of a packed one is kept.
    fn record<'r>(&self, position: u64, row: &'r [u8]) -> Result<RowRecord<'r>, Fault> {
        if !row::is_packed(row) {
            return Ok(RowRecord::Plain(row));
        }
        if let Some(record) = self.events.kept_record(position) {
            return Ok(RowRecord::Unpacked(record));
        }
        let record: Arc<[u8]> = row::unpack(row, position)?.into();
        self.events.keep_record(position, &record);
        Ok(RowRecord::Unpacked(record))
    }

    /// Whether the event is far from the one that was read before it.
    fn is_apart(&mut self, position: u64) -> bool {
        let last = self.last.replace(position);
        last.is_none_or(|last| are_apart(last, position))
    }

    fn go_to(&mut self, position: u64) -> Result<Place, Fault> {
        let events = self.events;
        let before = position.checked_sub(1);
        let before = before.ok_or_else(|| missing_event(position))?;
        let (block, row) = (before / events.block_events, before % events.block_events);
        if self.sealed.as_ref().is_some_and(|it| it.number != block) {
            self.sealed = None;
        }
        if self.sealed.is_none() && self.rows_of != Some(block) {
            self.sealed = events.known_sealed(block)?;
        }
        if self.sealed.is_none() {
            if position >= events.first_row
                && let Some(bytes) = self.rows.to(position)?
            {
                self.rows_of = Some(block);
                return Ok(Place::Row(bytes));
            }
            self.sealed = events.sealed(block)?;
        }
        if self.sealed.is_none() {
            return Err(events.unreadable(block, position)?);
        }
        Ok(Place::Sealed(row as usize))
    }
}
