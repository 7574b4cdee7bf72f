//! Idempotency keys: each leads to the event that has it, and nothing else has one.

use redb::{ReadableTable, ReadableTableMetadata};

use super::events::EventCheck;
use crate::engine::Fault;
use crate::engine::tables::record::Record;
use crate::engine::tables::schema;

impl EventCheck<'_, '_> {
    /// Checks that the key of an event, if it has one, leads to it.
    pub(super) fn check_key(&mut self, position: u64, record: &Record<'_>) -> Result<(), Fault> {
        let Some(call) = record.call else {
            return Ok(());
        };
        let snapshot = self.check.snapshot;
        let found = if position <= self.events.in_tables() {
            self.tally.key_count += 1;
            let table = schema::open_keys(snapshot.transaction(), self.number)?;
            let found = table.as_ref().map(|table| table.get(call.text));
            found.transpose()?.flatten().map(|guard| guard.value())
        } else {
            snapshot.journaled_key(self.number, call.text)
        };
        if found != Some(position) {
            let found = found.map_or_else(|| "nothing".to_owned(), |other| other.to_string());
            let text = format!("its key {:?} leads to {found}", call.text);
            self.problem(Some(position), text);
        }
        Ok(())
    }

    /// Checks that the table has no more keys than its events, all of which were taken.
    pub(super) fn check_key_count(&mut self) -> Result<(), Fault> {
        let table = schema::open_keys(self.check.snapshot.transaction(), self.number)?;
        let rows = match table {
            None => 0,
            Some(table) if self.tally.dropped == 0 => table.len()?,
            Some(table) => {
                // The keys of calls stay whose events were dropped.
                let mut left = 0;
                for entry in table.iter()? {
                    left += u64::from(entry?.1.value() > self.tally.dropped);
                }
                left
            }
        };
        let expected = self.tally.key_count;
        // Each key of an event was found, so that another number of them means others.
        if rows != expected && !self.tally.is_incomplete {
            let text = format!("its events have {expected} keys, and the table of keys has {rows}");
            self.problem(None, text);
        }
        Ok(())
    }
}
