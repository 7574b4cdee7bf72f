//! What the writer remembers of what the tables have told it. It is a cache and nothing more.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Generation, LogView, Streams};
use crate::engine::journal::StreamHead;
use crate::engine::tables::instance::Instance;
use crate::hashing::TextMap;

/// How many instances are remembered.
const INSTANCES_MAX: usize = 10_000;

/// Names, instances and streams as the tables have told of them, up to the generations that the writer has
/// seen last.
#[derive(Debug, Default)]
pub(in crate::engine) struct Memory {
    /// That of the views that this goes with.
    lineage: u64,
    /// The generations that were seen last, newest first. Where they have changed something, what is remembered
    /// may be older.
    seen: Vec<Generation>,
    pub(in crate::engine) numbers: TextMap<String, u32>,
    pub(in crate::engine) instances: FxHashMap<u32, Instance>,
    streams: Streams,
}

impl Memory {
    /// Goes on to a view: what is remembered is at least as new as the tables that belong to it.
    pub(in crate::engine) fn follow(&mut self, view: &LogView) {
        let newest = self.seen.first().map(|generation| generation.number);
        let numbers = |generation: &Generation| generation.number;
        if self.lineage == view.lineage
            && (self.seen.iter().map(numbers)).eq(view.generations().map(numbers))
        {
            return self.limit();
        }
        let is_next = view.generations().any(|generation| {
            let begun = newest.map(|newest| newest + 1);
            Some(generation.number) == newest || Some(generation.number) == begun
        });
        if self.lineage != view.lineage || !is_next {
            // There may have been a generation that was never seen here.
            *self = Self {
                lineage: view.lineage,
                ..Self::default()
            };
        }
        let generations: Vec<Generation> = view.generations().cloned().collect();
        let seen = std::mem::replace(&mut self.seen, generations);
        for dropped in seen.iter().rev() {
            if self.seen.iter().all(|kept| kept.number != dropped.number) {
                self.take_in(dropped);
            }
        }
        self.limit();
    }

    /// Forgets instances where there are too many.
    fn limit(&mut self) {
        if self.instances.len() > INSTANCES_MAX {
            self.instances.clear();
            self.numbers.clear();
        }
    }

    /// Remembers what a generation says of streams and instances, which only the tables tell from now on.
    fn take_in(&mut self, dropped: &Generation) {
        let records = dropped.segment.records();
        for number in records.numbers() {
            for (name, head) in records.streams(number) {
                self.streams.insert(number, Arc::clone(name), *head);
            }
            if let Some(instance) = self.instances.get_mut(&number)
                && let Some(head) = records.head(number, u64::MAX)
            {
                // What a transaction of the tables has changed after that is known here already.
                instance.head = instance.head.or_later(head);
            }
        }
    }

    /// Where a stream stands that the journal has not changed, if that is known here.
    pub(in crate::engine) fn stream(&self, number: u32, stream_id: &str) -> Option<StreamHead> {
        self.streams.get(number, stream_id)
    }

    /// Remembers where a stream stands which the tables hold.
    pub(in crate::engine) fn learn_stream(
        &mut self,
        number: u32,
        name: Arc<str>,
        head: StreamHead,
    ) {
        self.streams.insert(number, name, head);
    }

    /// Forgets everything.
    pub(in crate::engine) fn forget(&mut self) {
        *self = Self::default();
    }
}
