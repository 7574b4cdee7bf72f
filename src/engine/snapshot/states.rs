//! Named states of instances, as of one commit.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::ReadableTableMetadata;

use super::Snapshot;
use super::by_name::{self, First, Merged};
use crate::engine::Fault;
use crate::engine::tables::schema;
use crate::engine::tables::state::State;

/// A state's name and value.
type NamedState = (String, Vec<u8>);

impl Snapshot {
    /// The state that an instance has under that name; `None` if it has none.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let owned = |bytes: &[u8]| Ok(State::value_of(name, bytes)?.map(<[u8]>::to_vec));
        for generation in &self.generations {
            let records = generation.segment.records();
            if let Some(bytes) = records.state(number, name, self.commits) {
                return owned(bytes);
            }
        }
        match schema::open_states(&self.transaction, number)? {
            None => Ok(None),
            Some(table) => table.get(name)?.map_or(Ok(None), |row| owned(row.value())),
        }
    }

    /// At most how many states an instance has: some may have been removed, or be counted twice.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn state_count(&self, number: u32) -> Result<u64, Fault> {
        let journaled = self.generations.iter().map(|generation| {
            let records = generation.segment.records();
            records.state_count(number) as u64
        });
        let journaled: u64 = journaled.sum();
        match schema::open_states(&self.transaction, number)? {
            None => Ok(journaled),
            Some(table) => Ok(journaled + table.len()?),
        }
    }

    /// The first `limit` states of an instance whose name begins with `prefix` and comes after `after`, in
    /// the order of the bytes of their names.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<NamedState>, Fault> {
        let table = schema::open_states(&self.transaction, number)?;
        let start = by_name::start(prefix, after);
        let range = table.map(|table| table.range::<&str>((start, Bound::Unbounded)));
        let mut rows = range.transpose()?;
        let next_in_tables = || -> Result<Option<by_name::Named<Vec<u8>>>, Fault> {
            let row = rows.as_mut().and_then(Iterator::next);
            let Some((name, bytes)) = row.transpose()? else {
                return Ok(None);
            };
            let name = name.value();
            Ok(name
                .starts_with(prefix)
                .then(|| (name.into(), bytes.value().to_vec())))
        };
        let offer_newer = |later: Option<&str>, first: &mut First<Vec<u8>>| {
            let start = by_name::start(prefix, later.or(after));
            // Newest first: what an older generation says of a state no longer holds.
            for generation in &self.generations {
                let records = generation.segment.records();
                let states = records.states_from(number, start, self.commits);
                let named = states.map(|(name, bytes)| (name, || bytes.to_vec()));
                first.offer_all(named.take_while(|(name, _)| name.starts_with(prefix)));
            }
        };
        let mut known = Merged::new(next_in_tables, offer_newer, limit)?;
        let mut states = Vec::new();
        while states.len() < limit {
            self.check_wanted()?;
            let Some((name, bytes)) = known.next()? else {
                break;
            };
            let value = State::value_of(&name, &bytes)?;
            states.extend(value.map(|value| (name.to_string(), value.to_vec())));
        }
        Ok(states)
    }

    /// What the journal says of states of an instance; `None` stands for one that is no more.
    pub(in crate::engine) fn journaled_states(
        &self,
        number: u32,
    ) -> Result<BTreeMap<String, Option<Vec<u8>>>, Fault> {
        let mut states = BTreeMap::new();
        // Oldest first: what a newer generation says of a state holds.
        for generation in self.generations.iter().rev() {
            let records = generation.segment.records();
            for (name, bytes) in records.states(number, self.commits) {
                let value = State::value_of(name, bytes)?.map(<[u8]>::to_vec);
                states.insert(name.to_string(), value);
            }
        }
        Ok(states)
    }
}
