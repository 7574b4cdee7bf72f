//! The idempotency keys of calls, as of one commit.

use super::Snapshot;
use crate::engine::Fault;
use crate::engine::tables::schema;

impl Snapshot {
    /// The position of the first event of the call with that idempotency key; the record there says how many
    /// events the call has.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        let found = match self.journaled_key(number, key) {
            Some(position) => Some(position),
            None => match schema::open_keys(&self.transaction, number)? {
                None => None,
                Some(table) => table.get(key)?.map(|guard| guard.value()),
            },
        };
        // The journal goes on after the commit that this is of.
        let last = self.instance(number)?.head.last_position;
        Ok(found.filter(|position| *position <= last))
    }

    /// The position of the first event of the call that has the key, if the journal has it.
    pub(in crate::engine) fn journaled_key(&self, number: u32, key: &str) -> Option<u64> {
        let generations = self.generations.iter();
        let mut found = generations.filter_map(|generation| {
            let records = generation.segment.records();
            records.position_of_key(number, key)
        });
        found.next()
    }
}
