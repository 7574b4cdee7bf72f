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

/// A walk through events, which stops at some of them.
pub(in crate::engine) struct Walk<'e> {
    events: &'e StoredEvents,
    rows: RowWalk<'e>,
    /// The block that it is in, if that is sealed.
    sealed: Option<SealedBlock<'e>>,
    /// The block of which a row was met last.
    rows_of: Option<u64>,
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
    /// A walk through the events.
    pub(in crate::engine) fn walk(&self, direction: Direction) -> Walk<'_> {
        Walk {
            rows: RowWalk::new(&self.rows, direction),
            events: self,
            sealed: None,
            rows_of: None,
            buffer: RowBuffer::default(),
        }
    }
}

impl Walk<'_> {
    /// Goes on to the event at a position, which is beyond the one before, and calls `visit` with it.
    pub(in crate::engine) fn visit<T>(
        &mut self,
        position: u64,
        visit: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<T, Fault> {
        let place = self.go_to(position)?;
        Ok(match (place, &self.sealed) {
            (Place::Row(row), _) => {
                let record = self.record(position, row.value())?;
                visit(&Record::decode(&record, position)?)
            }
            (Place::Sealed(row), Some(sealed)) => visit(&sealed.row(row, &mut self.buffer)?),
            (Place::Sealed(_), None) => return Err(missing_event(position)),
        })
    }

    /// As [`Walk::visit`], with where the event stands in its stream alone. Of a sealed block that is much less to read.
    pub(in crate::engine) fn visit_link<T>(
        &mut self,
        position: u64,
        visit: impl FnOnce(&Link<'_>) -> T,
    ) -> Result<T, Fault> {
        let place = self.go_to(position)?;
        Ok(match (place, &self.sealed) {
            (Place::Row(row), _) => {
                let record = self.record(position, row.value())?;
                visit(&Record::decode(&record, position)?.link())
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
        let StoredEvents {
            number,
            block_events,
            known,
            ..
        } = self.events;
        let block = position.saturating_sub(1) / block_events;
        if let Some(record) = known.record(*number, block, position) {
            return Ok(RowRecord::Unpacked(record));
        }
        let record: Arc<[u8]> = row::unpack(row, position)?.into();
        known.insert_record(*number, block, position, &record);
        Ok(RowRecord::Unpacked(record))
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
