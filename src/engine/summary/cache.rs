//! Summaries of blocks that end in the journal.

use std::fmt;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::Summary;

/// How much memory the summaries may take, in bytes.
const BYTES_MAX: u64 = 16 << 20;

/// Of how many summaries is thought when room is made for what keeps account of them. These are so few that the
/// cache is not divided: then a summary may take as much as all of them.
const EXPECTED: usize = 32;

/// The summaries that were made of what is known of the journal, in a bounded amount of memory: those that are
/// not asked for are let go.
pub(in crate::engine) struct Summaries(Cache<(u32, u64), Arc<Summary>, SummaryWeight>);

#[derive(Clone)]
struct SummaryWeight;

impl Weighter<(u32, u64), Arc<Summary>> for SummaryWeight {
    fn weight(&self, _: &(u32, u64), summary: &Arc<Summary>) -> u64 {
        (size_of::<Summary>() + summary.bytes()) as u64
    }
}

impl Default for Summaries {
    fn default() -> Self {
        Self::within(BYTES_MAX)
    }
}

impl fmt::Debug for Summaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Summaries({} bytes)", self.0.weight())
    }
}

impl Summaries {
    fn within(bytes_max: u64) -> Self {
        Self(Cache::with_weighter(EXPECTED, bytes_max, SummaryWeight))
    }

    /// The summary of events of an instance of which the last one has that position.
    pub(in crate::engine) fn get(&self, number: u32, last_position: u64) -> Option<Arc<Summary>> {
        self.0.get(&(number, last_position))
    }

    pub(in crate::engine) fn insert(&self, number: u32, last_position: u64, summary: Arc<Summary>) {
        self.0.insert((number, last_position), summary);
    }

    /// The position of the last event of each block, in order.
    #[cfg(test)]
    pub(in crate::engine) fn positions(&self) -> Vec<u64> {
        let mut positions: Vec<_> = self.0.iter().map(|(key, _)| key.1).collect();
        positions.sort_unstable();
        positions
    }

    /// Those that `keep`, told an instance and the position of the last event, says yes to.
    ///
    /// They are kept anew: who reads an older view may still add to what it has.
    pub(in crate::engine) fn retained(&self, keep: impl Fn(u32, u64) -> bool) -> Self {
        let retained = Self::within(self.0.capacity());
        for ((number, last_position), summary) in self.0.iter() {
            if keep(number, last_position) {
                retained.insert(number, last_position, summary);
            }
        }
        retained
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

    /// The bytes of all that is kept.
    fn kept_bytes(summaries: &Summaries) -> usize {
        let kept = summaries.0.iter();
        kept.map(|(_, summary)| summary.bytes()).sum()
    }

    #[test]
    fn no_more_than_the_bound_is_kept_of_what_is_small_or_large() {
        const MIB: usize = 1 << 20;
        let summaries = Summaries::default();
        for position in 1..=1_000 {
            let bytes = [0, 1, 100, MIB, 3 * MIB, 15 * MIB, 40 * MIB][position % 7];
            summaries.insert(1, position as u64, of_bytes(bytes));
            let kept = kept_bytes(&summaries);
            assert!(kept <= 16 * MIB, "{kept} bytes after {position}");
        }
        assert!(kept_bytes(&summaries) >= MIB);
        // Nearly all of the room is one summary's, if it needs that.
        summaries.insert(2, 1, of_bytes(15 * MIB));
        assert!(summaries.get(2, 1).is_some());
        // What is kept in the place of another one takes its room.
        for _ in 0..10 {
            summaries.insert(2, 1, of_bytes(15 * MIB));
        }
        assert_eq!(summaries.get(2, 1).unwrap().bytes(), 15 * MIB);
    }

    #[test]
    fn a_summary_that_is_asked_for_stays_while_others_pass() {
        let summaries = Summaries::within(100_000);
        summaries.insert(1, 1, of_bytes(1_000));
        for position in 2..1_000 {
            assert!(summaries.get(1, 1).is_some(), "gone before {position}");
            summaries.insert(1, position, of_bytes(1_000));
        }
        let others = summaries.positions().len() - 1;
        assert!((80..100).contains(&others), "{others}");
    }

    #[test]
    fn what_is_retained_is_counted_anew_and_apart() {
        let summaries = Summaries::within(2_000);
        for position in 1..=4 {
            summaries.insert(1, position, of_bytes(25));
            summaries.insert(2, position, of_bytes(25));
        }
        let retained = summaries.retained(|number, position| number == 2 && position > 2);
        assert_eq!(retained.positions(), [3, 4]);
        assert_eq!(kept_bytes(&retained), 50);
        summaries.insert(2, 9, of_bytes(1));
        assert!(retained.get(2, 9).is_none());
        retained.insert(2, 5, of_bytes(50));
        assert_eq!(retained.positions(), [3, 4, 5]);
        retained.insert(2, 6, of_bytes(2_000));
        assert!(retained.get(2, 6).is_none() && kept_bytes(&retained) <= 2_000);
    }
}
