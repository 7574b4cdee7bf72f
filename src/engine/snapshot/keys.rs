//! The idempotency keys of an instance's calls.

use redb::ReadableTableMetadata;

use super::Snapshot;
use crate::engine::Fault;
use crate::engine::schema;

impl Snapshot {
    /// Checks what must hold of the keys of an instance, and returns how many there are: each key that a
    /// record has leads to that record, no two records have the same one, and nothing else has a key.
    ///
    /// It reads all events of the instance.
    ///
    /// # Errors
    ///
    /// Corruption, naming the first key of which that does not hold; a storage fault.
    pub fn check_keys(&self, number: u32) -> Result<u64, Fault> {
        let chunks = self.chunks(number)?;
        let table = schema::open_keys(&self.transaction, number)?;
        let (in_table, last) = (chunks.events.in_table, chunks.events.last);
        let (mut stored, mut all) = (0, 0);
        chunks.each(1..=last, |position, record| -> Result<(), Fault> {
            let Some(call) = record.call else {
                return Ok(());
            };
            all += 1;
            let found = if position <= in_table {
                stored += 1;
                let found = table.as_ref().map(|table| table.get(call.text));
                found.transpose()?.flatten().map(|guard| guard.value())
            } else {
                let parts = self.parts.iter();
                let mut found = parts.filter_map(|part| {
                    let records = part.segment.records();
                    records.position_of_key(number, call.text)
                });
                found.next()
            };
            if found == Some(position) {
                return Ok(());
            }
            Err(Fault::Corrupted(format!(
                "the key {:?} of the event at position {position} leads to {}",
                call.text,
                found.map_or_else(|| "none".to_owned(), |other| format!("position {other}"))
            )))
        })?;
        let rows = table.map_or(Ok(0), |table| table.len())?;
        if rows != stored {
            return Err(Fault::Corrupted(format!(
                "the events of instance {number} in the tables have {stored} keys, and its table of \
                 keys has {rows}"
            )));
        }
        Ok(all)
    }
}
