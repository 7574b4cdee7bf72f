//! What a log holds, as lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{Fault, Instance, Record, StreamEnd};
use crate::error::Code;
use crate::seam::{EventChain, EventChunks, ReadSnapshot};

use super::listed_events::{ListedChain, ListedChunks};

/// A log as of one commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(super) commits: u64,
    /// How many instances there have been.
    pub(super) made: u32,
    pub(crate) instances: BTreeMap<u32, KeptInstance>,
}

/// An instance, its events in the order of their positions, each as a record, and its states.
#[derive(Clone, Debug)]
pub(crate) struct KeptInstance {
    pub(crate) instance: Instance,
    pub(crate) events: Vec<Arc<[u8]>>,
    pub(crate) states: BTreeMap<String, Vec<u8>>,
}

impl KeptInstance {
    /// Calls `visit` with each event and its position, oldest first.
    pub(super) fn each(&self, mut visit: impl FnMut(u64, &Record<'_>)) -> Result<(), Fault> {
        for (position, bytes) in (1..).zip(&self.events) {
            visit(position, &Record::decode(bytes, position)?);
        }
        Ok(())
    }

    /// Where its streams end.
    pub(super) fn ends(&self) -> Result<BTreeMap<String, (u64, u64)>, Fault> {
        let mut ends = BTreeMap::new();
        self.each(|position, record| {
            ends.insert(record.stream_id.to_owned(), (record.sequence, position));
        })?;
        Ok(ends)
    }

    pub(super) fn position_of_key(&self, key: &str) -> Result<Option<u64>, Fault> {
        let mut found = None;
        self.each(|position, record| {
            if record.call.is_some_and(|call| call.text == key) {
                found = Some(position);
            }
        })?;
        Ok(found)
    }
}

impl Kept {
    pub(super) fn of(&self, number: u32) -> Result<&KeptInstance, Fault> {
        let kept = self.instances.get(&number);
        kept.ok_or_else(|| Fault::Corrupted(format!("there is no instance {number}")))
    }

    pub(super) fn holder(&self, id_or_name: &str) -> Option<u32> {
        let mut instances = self.instances.iter();
        let found = instances.find(|(_, kept)| {
            let Instance { id, name, .. } = &kept.instance;
            id == id_or_name || name == id_or_name
        });
        found.map(|(number, _)| *number)
    }

    pub(super) fn number_of(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.holder(id_or_name).ok_or_else(|| {
            let text = format!("no instance has the id or name {id_or_name:?}");
            Fault::refused(Code::InstanceNotFound, text)
        })
    }
}

/// The names that begin with `prefix` and come after `after`.
fn following<'a, V>(
    named: &'a BTreeMap<String, V>,
    prefix: &str,
    after: Option<&str>,
) -> impl Iterator<Item = (&'a String, &'a V)> {
    named.iter().filter(move |(name, _)| {
        name.starts_with(prefix) && after.is_none_or(|after| name.as_str() > after)
    })
}

impl ReadSnapshot for Kept {
    fn commits(&self) -> u64 {
        self.commits
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.number_of(id_or_name)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        Ok(self.of(number)?.instance.clone())
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        Ok(self.instances.contains_key(&number))
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        Ok(self.instances.len() as u64)
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        let instances = self.instances.values();
        Ok(instances.map(|kept| kept.instance.clone()).collect())
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(ListedChunks(&self.of(number)?.events)))
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        let kept = self.of(number)?;
        let mut positions = Vec::new();
        kept.each(|position, record| {
            if record.stream_id == stream_id {
                positions.push(position);
            }
        })?;
        let events = &kept.events;
        Ok(Box::new(ListedChain { events, positions }))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        let ends = self.of(number)?.ends()?;
        let end = |(stream_id, (sequence, position)): (&String, &(u64, u64))| StreamEnd {
            stream_id: stream_id.as_str().into(),
            sequence: *sequence,
            position: *position,
        };
        let ends = following(&ends, prefix, after).map(end).take(limit);
        Ok(ends.collect())
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.of(number)?.states.get(name).cloned())
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        Ok(self.of(number)?.states.len() as u64)
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let states = &self.of(number)?.states;
        let states = following(states, prefix, after).take(limit);
        Ok(states
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.of(number)?.position_of_key(key)
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn check_name(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn is_lost(&self) -> bool {
        false
    }

    fn note(&self, _: &Fault) {}
}
