//! The events and states of one generation of the journal, in memory.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard};
use rustc_hash::FxHashMap;

use super::frame::Frame;
use crate::engine::Fault;
use crate::engine::tables::instance::Head;
use crate::engine::tables::record::Record;
use crate::engine::tables::state::State;
use crate::hashing::TextMap;

/// Where one stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct StreamHead {
    pub(in crate::engine) last_sequence: u64,
    pub(in crate::engine) last_position: u64,
}

/// A generation's events. They are only added to; whoever reads them has learned before up to
/// which position it may.
#[derive(Debug, Default)]
pub(in crate::engine) struct Segment(RwLock<Records>);

/// What a segment holds.
#[derive(Debug, Default)]
pub(in crate::engine) struct Records {
    bytes: Vec<u8>,
    /// Where in them the frame lies that was added last, and what commit it is.
    last_frame: (usize, u64),
    instances: FxHashMap<u32, Placed>,
}

/// What one instance has here.
#[derive(Debug, Default)]
pub(in crate::engine) struct Placed {
    /// Where it stands after each commit that has changed it, oldest first. So a commit costs by what it
    /// changes, and a view of an older one is not disturbed.
    heads: Vec<(u64, Head)>,
    first_position: u64,
    records: Vec<Range<u32>>,
    streams: TextMap<Arc<str>, StreamHead>,
    /// The names of all of them, for those who list them.
    stream_names: BTreeSet<Arc<str>>,
    /// The idempotency keys of calls, each with the position of the call's first event.
    keys: TextMap<Arc<str>, u64>,
    /// The states of each name, oldest first.
    states: BTreeMap<Arc<str>, Vec<Version>>,
}

/// A state as one commit has left it.
#[derive(Debug)]
struct Version {
    commit: u64,
    bytes: Range<u32>,
}

impl Segment {
    pub(in crate::engine) fn records(&self) -> RwLockReadGuard<'_, Records> {
        self.0.read()
    }

    /// Adds the events and states of a frame. What they tell is to be [told](Segment::tell) as well.
    pub(in crate::engine) fn add(&self, frame: &Frame) {
        let records = &mut *self.0.write();
        let commit = frame.header().commit;
        for group in frame.groups() {
            let placed = records.instances.entry(group.number).or_default();
            placed.heads.push((commit, group.head));
            if placed.records.is_empty() && group.count > 0 {
                placed.first_position = group.head.last_position + 1 - u64::from(group.count);
            }
        }
        let start = records.bytes.len();
        records.last_frame = (start, commit);
        records.bytes.extend_from_slice(frame.entry_bytes());
        for entry in frame.events() {
            if let Some(placed) = records.instances.get_mut(&entry.number) {
                let at = |end: usize| (start + end) as u32;
                placed
                    .records
                    .push(at(entry.record.start)..at(entry.record.end));
            }
        }
    }

    /// Notes where streams of an instance stand after the frame that was added last, where the calls in it
    /// begin that have keys, and where among its entries the newest states lie.
    pub(in crate::engine) fn tell(
        &self,
        number: u32,
        streams: impl IntoIterator<Item = (Arc<str>, StreamHead)>,
        keys: impl IntoIterator<Item = (Arc<str>, u64)>,
        states: impl IntoIterator<Item = (Arc<str>, Range<usize>)>,
    ) {
        let records = &mut *self.0.write();
        let placed = records.instances.entry(number).or_default();
        for (name, head) in streams {
            placed.note_stream(name, head);
        }
        placed.keys.extend(keys);
        for (name, range) in states {
            records.note_state(number, name, &range);
        }
    }

    /// Learns from the records of a frame what otherwise is [told](Segment::tell).
    ///
    /// # Errors
    ///
    /// Corruption, if a record is not what was written, or positions do not follow on those before.
    pub(in crate::engine) fn learn(&self, frame: &Frame) -> Result<(), Fault> {
        let mut positions: FxHashMap<u32, u64> = frame
            .groups()
            .map(|group| {
                (
                    group.number,
                    group.head.last_position - u64::from(group.count),
                )
            })
            .collect();
        let records = &mut *self.0.write();
        for group in frame.groups().filter(|group| group.count > 0) {
            records.check_end(group.number, group.head.last_position)?;
        }
        for entry in frame.events() {
            let position = positions.entry(entry.number).or_default();
            *position += 1;
            let record = Record::decode(&frame.entry_bytes()[entry.record], *position)?;
            let head = StreamHead {
                last_sequence: record.sequence,
                last_position: *position,
            };
            let placed = records.instances.entry(entry.number).or_default();
            if let Some(call) = record.call {
                placed.keys.insert(call.text.into(), *position);
            }
            match placed.streams.get_mut(record.stream_id) {
                Some(known) => *known = head,
                None => placed.note_stream(record.stream_id.into(), head),
            }
        }
        for entry in frame.states() {
            let state = State::decode(&frame.entry_bytes()[entry.record.clone()]);
            let name = state.map(|state| state.name).ok_or_else(|| {
                let commit = frame.header().commit;
                Fault::Corrupted(format!(
                    "a state in commit {commit} is not what was written"
                ))
            })?;
            records.note_state(entry.number, name.into(), &entry.record);
        }
        Ok(())
    }
}

impl Placed {
    fn note_stream(&mut self, name: Arc<str>, head: StreamHead) {
        match self.streams.entry(name) {
            Entry::Occupied(mut known) => {
                known.insert(head);
            }
            Entry::Vacant(new) => {
                self.stream_names.insert(Arc::clone(new.key()));
                new.insert(head);
            }
        }
    }
}

impl Records {
    /// Notes a state that lies so among the entries of the frame that was added last.
    fn note_state(&mut self, number: u32, name: Arc<str>, range: &Range<usize>) {
        let (start, commit) = self.last_frame;
        let bytes = (start + range.start) as u32..(start + range.end) as u32;
        let placed = self.instances.entry(number).or_default();
        let versions = placed.states.entry(name).or_default();
        versions.push(Version { commit, bytes });
    }

    fn newest_state(&self, versions: &[Version], commits: u64) -> Option<&[u8]> {
        let visible = versions.partition_point(|version| version.commit <= commits);
        let range = &versions[..visible].last()?.bytes;
        self.bytes.get(range.start as usize..range.end as usize)
    }

    /// The state of that name as of a commit, if it is here: one that was put or removed since the generation
    /// began.
    pub(in crate::engine) fn state(&self, number: u32, name: &str, commits: u64) -> Option<&[u8]> {
        let placed = self.instances.get(&number)?;
        self.newest_state(placed.states.get(name)?, commits)
    }

    /// All states of an instance that are here as of a commit.
    pub(in crate::engine) fn states(
        &self,
        number: u32,
        commits: u64,
    ) -> impl Iterator<Item = (&Arc<str>, &[u8])> {
        self.states_from(number, Bound::Unbounded, commits)
    }

    /// As [`Records::states`], from a name on, in the order of the names.
    pub(in crate::engine) fn states_from(
        &self,
        number: u32,
        start: Bound<&str>,
        commits: u64,
    ) -> impl Iterator<Item = (&Arc<str>, &[u8])> {
        let placed = self.instances.get(&number).into_iter();
        placed.flat_map(move |placed| {
            let states = placed.states.range::<str, _>((start, Bound::Unbounded));
            states.filter_map(move |(name, versions)| {
                Some((name, self.newest_state(versions, commits)?))
            })
        })
    }

    /// How many names an instance has states under that were put or removed here.
    pub(in crate::engine) fn state_count(&self, number: u32) -> usize {
        let placed = self.instances.get(&number);
        placed.map_or(0, |placed| placed.states.len())
    }

    /// Makes sure that the events of an instance end at that position.
    fn check_end(&self, number: u32, last_position: u64) -> Result<(), Fault> {
        let end = self.instances.get(&number).and_then(|placed| {
            let count = placed.records.len() as u64;
            placed.first_position.checked_add(count)
        });
        if end == last_position.checked_add(1) {
            return Ok(());
        }
        Err(Fault::Corrupted(format!(
            "journal: the events of instance {number} up to position {last_position} do not follow on those before"
        )))
    }

    /// The instances that the generation has changed.
    pub(in crate::engine) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.instances.keys().copied()
    }

    /// Where an instance stands as of a commit, if the generation has changed it by then.
    pub(in crate::engine) fn head(&self, number: u32, commits: u64) -> Option<Head> {
        Some(self.newest_head(number, commits)?.1)
    }

    /// The last commit up to `commits` that has changed an instance here.
    pub(in crate::engine) fn last_change(&self, number: u32, commits: u64) -> Option<u64> {
        Some(self.newest_head(number, commits)?.0)
    }

    /// The last commit up to `commits` that has changed an instance here, and where it has left it.
    fn newest_head(&self, number: u32, commits: u64) -> Option<(u64, Head)> {
        let heads = &self.instances.get(&number)?.heads;
        let newest = heads.last()?;
        if newest.0 <= commits {
            // So it is for all who ask for the newest view.
            return Some(*newest);
        }
        let visible = heads.partition_point(|(commit, _)| *commit <= commits);
        heads[..visible].last().copied()
    }

    /// Where all instances stand as of a commit that the generation has changed by then.
    pub(in crate::engine) fn heads(&self, commits: u64) -> impl Iterator<Item = (u32, Head)> {
        let numbers = self.numbers();
        numbers.filter_map(move |number| Some((number, self.head(number, commits)?)))
    }

    /// Where a stream stands after its last event here.
    pub(in crate::engine) fn stream(
        &self,
        number: u32,
        stream_id: &str,
    ) -> Option<(&Arc<str>, StreamHead)> {
        let placed = self.instances.get(&number)?;
        let (name, head) = placed.streams.get_key_value(stream_id)?;
        Some((name, *head))
    }

    /// Where all streams of an instance stand that have events here.
    pub(in crate::engine) fn streams(
        &self,
        number: u32,
    ) -> impl Iterator<Item = (&Arc<str>, &StreamHead)> {
        self.instances
            .get(&number)
            .into_iter()
            .flat_map(|placed| placed.streams.iter())
    }

    /// As [`Records::streams`], from a name on, in the order of the names.
    pub(in crate::engine) fn streams_from(
        &self,
        number: u32,
        start: Bound<&str>,
    ) -> impl Iterator<Item = (&Arc<str>, StreamHead)> {
        let placed = self.instances.get(&number).into_iter();
        placed.flat_map(move |placed| {
            let names = placed
                .stream_names
                .range::<str, _>((start, Bound::Unbounded));
            names.filter_map(|name| Some((name, *placed.streams.get(name)?)))
        })
    }

    /// The position of the first event of the call with that key, if it is here.
    pub(in crate::engine) fn position_of_key(&self, number: u32, key: &str) -> Option<u64> {
        self.instances.get(&number)?.keys.get(key).copied()
    }

    /// The keys of all calls of an instance that begin here, and the positions of their first events.
    pub(in crate::engine) fn keys(&self, number: u32) -> impl Iterator<Item = (&str, u64)> {
        let placed = self.instances.get(&number).into_iter();
        placed.flat_map(|placed| {
            placed
                .keys
                .iter()
                .map(|(key, position)| (&**key, *position))
        })
    }

    /// The record at a position of an instance, if it is here.
    pub(in crate::engine) fn record(&self, number: u32, position: u64) -> Option<&[u8]> {
        let placed = self.instances.get(&number)?;
        let index = position.checked_sub(placed.first_position)?;
        let range = placed.records.get(usize::try_from(index).ok()?)?;
        self.bytes.get(range.start as usize..range.end as usize)
    }

    /// The records of an instance from a position on, each with its position.
    pub(in crate::engine) fn records_from(
        &self,
        number: u32,
        position: u64,
    ) -> impl Iterator<Item = (u64, &[u8])> {
        self.instances
            .get(&number)
            .into_iter()
            .flat_map(move |placed| {
                let skipped = position.saturating_sub(placed.first_position);
                let first = placed.first_position + skipped;
                placed
                    .records
                    .iter()
                    .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
                    .zip(first..)
                    .map(|(range, position)| {
                        let bytes = &self.bytes[range.start as usize..range.end as usize];
                        (position, bytes)
                    })
            })
    }
}

#[cfg(test)]
mod tests;
