//! What a block says of all its events together, compared with what they say: queries pass blocks over by it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::block::Overview;
use crate::engine::tables::record::Record;

/// What a block has to say of its events.
#[derive(Default)]
pub(in crate::engine) struct Facts {
    rows: u64,
    times: Option<(i64, i64)>,
    last_time: i64,
    is_time_unsorted: bool,
    ids: Option<(Uuid, Uuid)>,
    types: BTreeMap<String, u32>,
}

impl Facts {
    /// Adds the next event.
    pub(in crate::engine) fn add(&mut self, record: &Record<'_>) {
        let (time, id) = (record.timestamp_ms, record.id);
        self.is_time_unsorted |= self.times.is_some() && time < self.last_time;
        self.last_time = time;
        let (low, high) = self.times.unwrap_or((time, time));
        self.times = Some((low.min(time), high.max(time)));
        let (low, high) = self.ids.unwrap_or((id, id));
        self.ids = Some((low.min(id), high.max(id)));
        if let Some(count) = self.types.get_mut(record.event_type) {
            *count += 1;
        } else {
            self.types.insert(record.event_type.to_owned(), 1);
        }
        self.rows += 1;
    }

    /// How many events were added.
    pub(in crate::engine) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether they are what the block says of them.
    pub(in crate::engine) fn are_those_of(&self, overview: Overview<'_>) -> bool {
        let types = overview.types();
        let counts = |(name, count): &(Box<str>, u32)| self.types.get(&**name) == Some(count);
        self.times == Some(overview.times())
            && self.is_time_unsorted != overview.is_time_sorted()
            && self.ids == Some(overview.ids())
            && types.len() == self.types.len()
            && types.iter().all(counts)
    }
}
