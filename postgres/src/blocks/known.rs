//! What is in memory of the summaries of a log.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use codebolt_eventlog::block::Directory;
use codebolt_eventlog::engine::Fault;
use parking_lot::Mutex;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use uuid::Uuid;

/// Of how many parts of blocks is thought when room is made for what keeps account of them.
const PARTS_EXPECTED: usize = 4_000;

/// Of how many instances it is known which events they have.
const INSTANCES_MAX: usize = 65_536;

/// A summary that is known, but for its columns.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) directory: Arc<Directory>,
    /// The id of the last event.
    pub(crate) last_id: Uuid,
}

/// What is in memory of the columns of a block. Each says by its checksum in the directory whether it is what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Columns {
    /// One column, by where it begins among all of them. Queries read few columns of many blocks, so there is room for these
    /// where there is none for all.
    From(usize),
    /// All of them, as they were made here. Where no table has them, they would have to be made for each query.
    All,
}

/// Summaries, in a bounded amount of memory, each with the history that it is of.
///
/// A server that takes the place of another one may lack the last events of that one, and get others in their place. So a
/// snapshot sees what is known only as far as it has the same events ([`KnownBlocks::view`]), and adds to it only so far.
pub(crate) struct KnownBlocks {
    parts: Cache<PartKey, Part, Weight>,
    histories: Mutex<Histories>,
}

#[derive(Default)]
struct Histories {
    /// How many there have been.
    count: u64,
    of: HashMap<u32, History>,
}

/// One course that the events of an instance have taken. All summaries under its number are of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct History {
    number: u64,
    /// The last block that somebody has seen of it.
    last: Point,
    /// One before that, for those who see a little less.
    earlier: Option<Point>,
}

/// A block, and the id of its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    block: u32,
    last_id: Uuid,
}

/// What of the summaries that are known is of the events of a snapshot: those of the first blocks of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    history: u64,
    /// How many blocks.
    blocks: u32,
}

/// A part of what is known of a block of a history: its columns, or, with `None`, the rest.
type PartKey = (u64, u32, Option<Columns>);

#[derive(Clone, Debug)]
enum Part {
    Head(Known),
    Columns(Arc<[u8]>),
}

#[derive(Clone)]
struct Weight;

impl Weighter<PartKey, Part> for Weight {
    fn weight(&self, _: &PartKey, part: &Part) -> u64 {
        let bytes = match part {
            Part::Head(known) => known.directory.memory_bytes(),
            Part::Columns(bytes) => bytes.len(),
        };
        (size_of::<(PartKey, Part)>() + bytes) as u64
    }
}

impl fmt::Debug for KnownBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownBlocks({} bytes)", self.parts.weight())
    }
}

impl KnownBlocks {
    /// With so much memory, in bytes.
    pub(crate) fn new(bytes_max: usize) -> Self {
        // Undivided, so that a large summary has room.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(PARTS_EXPECTED)
            .weight_capacity(bytes_max as u64)
            .build();
        let parts = match options {
            Ok(options) => Cache::with_options(
                options,
                Weight,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            // Nothing that has to be given is left out.
            Err(_) => Cache::with_weighter(PARTS_EXPECTED, bytes_max as u64, Weight),
        };
        Self {
            parts,
            histories: Mutex::default(),
        }
    }

    /// What is known of the events of a snapshot that has so many whole blocks of an instance, at least one. `last_id` says
    /// which ids the last events of some blocks have there.
    pub(crate) fn view(
        &self,
        instance: u32,
        blocks: u32,
        last_ids: impl Fn(&[u32]) -> Result<Vec<Uuid>, Fault>,
    ) -> Result<Option<View>, Fault> {
        let own = blocks - 1;
        loop {
            let known = self.histories.lock().of.get(&instance).copied();
            // The last one of those that the snapshot can have.
            let point = known.and_then(|history| {
                let points = [Some(history.last), history.earlier];
                points
                    .into_iter()
                    .flatten()
                    .find(|point| point.block <= own)
            });
            let asked = [own, point.map_or(own, |point| point.block)];
            let found = last_ids(&asked)?;
            let [own_id, id] = *found else {
                return Ok(None);
            };
            let is_same = point.is_some_and(|point| point.last_id == id);
            if let (Some(history), Some(point), true) = (known, point, is_same)
                && (history.last.block >= own)
            {
                return Ok(Some(View {
                    history: history.number,
                    blocks: point.block + 1,
                }));
            }
            if known.is_some() && point.is_none() {
                // It sees much less than others have seen, so that there is nothing to compare.
                return Ok(None);
            }
            let last = Point {
                block: own,
                last_id: own_id,
            };
            let history = self
                .histories
                .lock()
                .go_on(instance, known, (last, is_same));
            if let Some(history) = history {
                return Ok(Some(View { history, blocks }));
            }
        }
    }

    /// What is known of a block.
    pub(crate) fn get(&self, view: View, block: u32) -> Option<Known> {
        match self.part(view, block, None)? {
            Part::Head(known) => Some(known),
            Part::Columns(_) => None,
        }
    }

    /// Columns of a block.
    pub(crate) fn columns(&self, view: View, block: u32, columns: Columns) -> Option<Arc<[u8]>> {
        match self.part(view, block, Some(columns))? {
            Part::Columns(bytes) => Some(bytes),
            Part::Head(_) => None,
        }
    }

    fn part(&self, view: View, block: u32, columns: Option<Columns>) -> Option<Part> {
        view.has(block)
            .then(|| self.parts.get(&(view.history, block, columns)))?
    }

    /// Keeps what is known of a block.
    pub(crate) fn insert(&self, view: View, block: u32, known: Known) {
        if view.has(block) {
            let key = (view.history, block, None);
            self.parts.insert(key, Part::Head(known));
        }
    }

    /// Keeps columns of a block.
    pub(crate) fn insert_columns(
        &self,
        view: View,
        block: u32,
        (columns, bytes): (Columns, Arc<[u8]>),
    ) {
        if view.has(block) {
            let key = (view.history, block, Some(columns));
            self.parts.insert(key, Part::Columns(bytes));
        }
    }

    /// Forgets what is known of a block, and the column of it that begins there.
    pub(crate) fn remove(&self, view: View, block: u32, from: usize) {
        if view.has(block) {
            for columns in [None, Some(Columns::All), Some(Columns::From(from))] {
                self.parts.remove(&(view.history, block, columns));
            }
        }
    }
}

impl View {
    /// Whether what is known of a block is of it.
    pub(crate) const fn has(self, block: u32) -> bool {
        block < self.blocks
    }
}

impl Histories {
    /// Notes that the history of an instance, if it is still the one that is known, has come to `last`; or that another one
    /// has, unless it is the same. Returns its number; `None` if somebody else has noted something meanwhile.
    fn go_on(
        &mut self,
        instance: u32,
        known: Option<History>,
        (last, is_same): (Point, bool),
    ) -> Option<u64> {
        if self.of.get(&instance).copied() != known {
            return None;
        }
        if self.of.len() >= INSTANCES_MAX {
            self.of.clear();
        }
        let history = match known.filter(|_| is_same) {
            Some(known) => History {
                last,
                earlier: Some(known.last),
                ..known
            },
            None => {
                self.count += 1;
                History {
                    number: self.count,
                    last,
                    earlier: None,
                }
            }
        };
        self.of.insert(instance, history);
        Some(history.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of the last events of blocks, in a history that has its own from a block on.
    fn ids(number: u128, from: u32) -> impl Fn(&[u32]) -> Result<Vec<Uuid>, Fault> {
        move |blocks| {
            let id = |block: &u32| {
                let history = if *block < from { 0 } else { number };
                Uuid::from_u128(history << 64 | u128::from(*block))
            };
            Ok(blocks.iter().map(id).collect())
        }
    }

    fn known() -> Known {
        Known {
            directory: Arc::default(),
            last_id: Uuid::nil(),
        }
    }

    fn columns(columns: Columns) -> (Columns, Arc<[u8]>) {
        (columns, vec![0; 1_000].into())
    }

    #[test]
    fn those_who_see_the_same_events_know_the_same_blocks() {
        let blocks = KnownBlocks::new(1 << 20);
        let all = ids(0, 0);
        let first = blocks.view(1, 3, &all).unwrap().unwrap();
        blocks.insert(first, 2, known());
        blocks.insert(first, 3, known());
        let more = blocks.view(1, 9, &all).unwrap().unwrap();
        assert!(blocks.get(more, 2).is_some() && blocks.get(more, 3).is_none());
        blocks.insert(more, 2, known());
        blocks.insert(more, 3, known());
        // He who sees less does not see what is known beyond that.
        for (count, seen) in [(9, 9), (5, 3), (3, 3)] {
            let view = blocks.view(1, count, &all).unwrap().unwrap();
            assert_eq!((view.history, view.blocks), (more.history, seen));
            assert_eq!(blocks.get(view, 3).is_some(), seen > 3);
        }
        // He who sees much less has nothing to tell it by.
        assert_eq!(blocks.view(1, 2, &all).unwrap(), None);
        // Another instance is another one.
        let other = blocks.view(2, 9, &all).unwrap().unwrap();
        assert!(blocks.get(other, 2).is_none());
        blocks.remove(more, 2, 0);
        assert!(blocks.get(more, 2).is_none() && blocks.get(more, 3).is_some());
    }

    #[test]
    fn those_who_see_other_events_know_nothing_of_each_other() {
        let blocks = KnownBlocks::new(1 << 20);
        let before = blocks.view(1, 5, ids(1, 3)).unwrap().unwrap();
        for block in 0..5 {
            blocks.insert(before, block, known());
        }
        // A server that had three blocks has taken the place of the one that had five.
        assert_eq!(blocks.view(1, 4, ids(2, 3)).unwrap(), None);
        for count in [5, 6] {
            let after = blocks.view(1, count, ids(2, 3)).unwrap().unwrap();
            assert_ne!(after.history, before.history, "{count}");
            assert!((0..5).all(|block| blocks.get(after, block).is_none()));
        }
        // And he who still sees the old one does not learn of the new one.
        let after = blocks.view(1, 6, ids(2, 3)).unwrap().unwrap();
        blocks.insert(after, 4, known());
        let old = blocks.view(1, 6, ids(1, 3)).unwrap().unwrap();
        assert!(blocks.get(old, 4).is_none());
        let failed = blocks.view(1, 6, |_| Err(Fault::Corrupted("gone".to_owned())));
        assert!(failed.is_err());
    }

    #[test]
    fn columns_are_kept_apart_and_go_with_their_block() {
        let blocks = KnownBlocks::new(1 << 20);
        let view = blocks.view(1, 3, ids(0, 0)).unwrap().unwrap();
        let (first, second) = (Columns::From(0), Columns::From(1_000));
        for kept in [first, second, Columns::All] {
            blocks.insert_columns(view, 1, columns(kept));
            // Beyond what the snapshot sees there is nothing.
            blocks.insert_columns(view, 3, columns(kept));
            assert_eq!(blocks.columns(view, 1, kept).unwrap().len(), 1_000);
            assert_eq!(blocks.columns(view, 2, kept), None);
            assert_eq!(blocks.columns(view, 3, kept), None);
        }
        blocks.insert(view, 1, known());
        blocks.remove(view, 1, 0);
        assert!(blocks.get(view, 1).is_none());
        assert_eq!(blocks.columns(view, 1, first), None);
        assert_eq!(blocks.columns(view, 1, Columns::All), None);
        assert!(blocks.columns(view, 1, second).is_some());
    }

    #[test]
    fn no_more_memory_is_taken_than_was_said() {
        let blocks = KnownBlocks::new(100_000);
        let view = blocks.view(1, 1_000, ids(0, 0)).unwrap().unwrap();
        for block in 0..1_000 {
            blocks.insert_columns(view, block, columns(Columns::All));
        }
        let is_kept = |block: &u32| blocks.columns(view, *block, Columns::All).is_some();
        assert!((10..100).contains(&(0..1_000).filter(is_kept).count()));
        assert!(blocks.parts.weight() <= 100_000);
    }
}
