//! Records that were copied.

use crate::engine::tables::record::Record;

/// Records in memory, each with its position.
#[derive(Debug, Default)]
pub(super) struct RecordPage {
    bytes: Vec<u8>,
    /// The position of each record, and where its bytes end.
    ends: Vec<(u64, usize)>,
}

impl RecordPage {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn push(&mut self, position: u64, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push((position, self.bytes.len()));
    }

    pub(super) fn push_record(&mut self, position: u64, record: &Record<'_>) {
        record.encode(&mut self.bytes);
        self.ends.push((position, self.bytes.len()));
    }

    /// The records in the order in which they came.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
        (0..self.ends.len()).map(|index| {
            let (position, end) = self.ends[index];
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
            (position, &self.bytes[start..end])
        })
    }
}
