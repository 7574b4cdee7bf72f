//! Summaries of blocks that end in the journal.

use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::Summary;

/// How much memory the summaries may take, in bytes.
const BYTES_MAX: usize = 16 << 20;

/// The summaries that were made of what is known of the journal, in a bounded amount of memory: the
/// least recently used ones are let go.
#[derive(Debug, Default)]
pub(in crate::engine) struct Summaries(Mutex<CacheState>);

#[derive(Clone, Debug, Default)]
struct CacheState {
    /// By instance and by the position of the block's last event.
    summaries: FxHashMap<(u32, u64), KeptSummary>,
    bytes: usize,
    /// How often something was used.
    uses: u64,
}

#[derive(Clone, Debug)]
struct KeptSummary {
    summary: Arc<Summary>,
    last_use: u64,
}

impl Summaries {
    pub(in crate::engine) fn get(&self, number: u32, last_position: u64) -> Option<Arc<Summary>> {
        let state = &mut *self.0.lock();
        state.uses += 1;
        let kept = state.summaries.get_mut(&(number, last_position))?;
        kept.last_use = state.uses;
        Some(Arc::clone(&kept.summary))
    }

    pub(in crate::engine) fn insert(&self, number: u32, last_position: u64, summary: Arc<Summary>) {
        self.insert_within(number, last_position, summary, BYTES_MAX);
    }

    fn insert_within(
        &self,
        number: u32,
        last_position: u64,
        summary: Arc<Summary>,
        bytes_max: usize,
    ) {
        let state = &mut *self.0.lock();
        state.uses += 1;
        state.bytes += summary.bytes();
        let kept = KeptSummary {
            summary,
            last_use: state.uses,
        };
        if let Some(same) = state.summaries.insert((number, last_position), kept) {
            state.bytes -= same.summary.bytes();
        }
        while state.bytes > bytes_max {
            let oldest = state.summaries.iter().min_by_key(|(_, kept)| kept.last_use);
            let Some(oldest) = oldest.map(|(key, _)| *key) else {
                break;
            };
            if let Some(dropped) = state.summaries.remove(&oldest) {
                state.bytes -= dropped.summary.bytes();
            }
        }
    }

    /// The position of the last event of each block, in order.
    #[cfg(test)]
    pub(in crate::engine) fn positions(&self) -> Vec<u64> {
        let state = self.0.lock();
        let mut positions: Vec<_> = state.summaries.keys().map(|key| key.1).collect();
        positions.sort_unstable();
        positions
    }

    /// Those that `keep`, told an instance and the position of the last event, says yes to.
    ///
    /// They are kept anew: who reads an older view may still add to what it has.
    pub(in crate::engine) fn retained(&self, keep: impl Fn(u32, u64) -> bool) -> Self {
        let mut state = self.0.lock().clone();
        state
            .summaries
            .retain(|(number, last_position), _| keep(*number, *last_position));
        let kept = state.summaries.values();
        state.bytes = kept.map(|kept| kept.summary.bytes()).sum();
        Self(Mutex::new(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Directory, Encoded};

    fn of_bytes(bytes: usize) -> Arc<Summary> {
        Arc::new(Summary {
            directory: Directory::default(),
            encoded: Encoded {
                directory: Vec::new(),
                body: vec![0; bytes],
            },
        })
    }

    #[test]
    fn the_least_recently_used_summaries_are_let_go_and_no_more_than_the_bound_is_kept() {
        let summaries = Summaries::default();
        let insert = |position, bytes| {
            summaries.insert_within(1, position, of_bytes(bytes), 100);
        };
        for position in 1..=4 {
            insert(position, 25);
        }
        assert!(summaries.get(1, 1).is_some());
        assert!(summaries.get(2, 1).is_none());
        insert(5, 50);
        assert_eq!(summaries.positions(), [1, 4, 5]);
        // In the place of the same one.
        insert(5, 75);
        assert_eq!(summaries.positions(), [1, 5]);
        insert(6, 101);
        assert!(summaries.positions().is_empty());
        insert(7, 100);
        assert_eq!(summaries.positions(), [7]);
    }

    #[test]
    fn what_is_retained_is_counted_anew_and_apart() {
        let summaries = Summaries::default();
        for position in 1..=4 {
            summaries.insert(1, position, of_bytes(25));
            summaries.insert(2, position, of_bytes(25));
        }
        let retained = summaries.retained(|number, position| number == 2 && position > 2);
        assert_eq!(retained.positions(), [3, 4]);
        summaries.insert(2, 9, of_bytes(1));
        assert!(retained.get(2, 9).is_none());
        retained.insert_within(2, 5, of_bytes(50), 100);
        assert_eq!(retained.positions(), [3, 4, 5]);
    }
}
