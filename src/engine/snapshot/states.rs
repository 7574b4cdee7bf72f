//! Named states of instances, as of one commit.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Snapshot;
use crate::engine::state::State;
use crate::engine::{Fault, schema};

/// A state's name and value.
type Named = (String, Vec<u8>);

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
    ) -> Result<Vec<Named>, Fault> {
        let is_asked_for =
            |name: &str| name.starts_with(prefix) && after.is_none_or(|after| name > after);
        let newer = self.journaled_states(number, is_asked_for)?;
        let mut states: Vec<Named> = Vec::new();
        let mut newer_rest = newer.iter().peekable();
        let mut take_newer = |states: &mut Vec<Named>, before: Option<&str>| {
            while states.len() < limit
                && let Some((name, value)) = newer_rest
                    .next_if(|(name, _)| before.is_none_or(|before| name.as_str() < before))
            {
                states.extend(value.clone().map(|value| (name.clone(), value)));
            }
        };
        if let Some(table) = schema::open_states(&self.transaction, number)? {
            let start = match after {
                Some(after) if after >= prefix => Bound::Excluded(after),
                _ => Bound::Included(prefix),
            };
            for row in table.range::<&str>((start, Bound::Unbounded))? {
                self.check_wanted()?;
                let (name, bytes) = row?;
                let name = name.value();
                if !name.starts_with(prefix) || states.len() >= limit {
                    break;
                }
                take_newer(&mut states, Some(name));
                if states.len() < limit && !newer.contains_key(name) {
                    let value = State::value_of(name, bytes.value())?;
                    states.extend(value.map(|value| (name.to_owned(), value.to_vec())));
                }
            }
        }
        take_newer(&mut states, None);
        Ok(states)
    }

    /// What the journal says of such states of an instance; `None` stands for one that is no more.
    pub(in crate::engine) fn journaled_states(
        &self,
        number: u32,
        is_asked_for: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Option<Vec<u8>>>, Fault> {
        let mut states = BTreeMap::new();
        // Oldest first: what a newer generation says of a state holds.
        for generation in self.generations.iter().rev() {
            let records = generation.segment.records();
            for (name, bytes) in records.states(number, self.commits) {
                if is_asked_for(name) {
                    let value = State::value_of(name, bytes)?.map(<[u8]>::to_vec);
                    states.insert(name.to_owned(), value);
                }
            }
        }
        Ok(states)
    }
}
