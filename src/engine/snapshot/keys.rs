//! The idempotency keys of calls that the journal has.

use super::Snapshot;

impl Snapshot {
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
