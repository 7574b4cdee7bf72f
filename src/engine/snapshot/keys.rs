//! The idempotency keys of calls that the journal has.

use super::Snapshot;

impl Snapshot {
    /// The position of the first event of the call that has the key, if the journal has it.
    pub(in crate::engine) fn journaled_key(&self, number: u32, key: &str) -> Option<u64> {
        let parts = self.parts.iter();
        let mut found = parts.filter_map(|part| {
            let records = part.segment.records();
            records.position_of_key(number, key)
        });
        found.next()
    }
}
