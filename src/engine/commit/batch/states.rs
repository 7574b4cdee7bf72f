//! Named states of instances, which go into the same commit as events.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Batch;
use crate::engine::Fault;
#[cfg(test)]
use crate::engine::commit::dropping::drop_up_to;
#[cfg(test)]
use crate::engine::seeded_bug::{Bug, Seeded};
#[cfg(test)]
use crate::engine::tables::horizon::Horizon;
use crate::engine::tables::state::State;

impl Batch<'_> {
    /// The state that an instance has under that name within this commit; `None` if it has none.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let owned = |bytes: &[u8]| Ok(State::value_of(name, bytes)?.map(<[u8]>::to_vec));
        let staged = self.staged.get(&number);
        if let Some(range) = staged.and_then(|staged| staged.states.get(name)) {
            return owned(&self.frame.entry_bytes()[range.clone()]);
        }
        if staged.is_some_and(|staged| staged.new) {
            return Ok(None);
        }
        for generation in self.view.generations() {
            let records = generation.segment.records();
            if let Some(bytes) = records.state(number, name, u64::MAX) {
                return owned(bytes);
            }
        }
        self.reading()?.state(number, name)
    }

    /// Puts a state in the place of the one that the instance has under that name, if it has one. When the
    /// instance was changed stays as it is.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn put_state(&mut self, number: u32, name: &str, value: &[u8]) -> Result<(), Fault> {
        #[cfg(test)]
        if name == Horizon::STATE && self.has(Bug::DroppedFirst) {
            let horizon = Horizon::of_state(Some(value.to_vec()))?;
            drop_up_to(&self.open_log.storage, number, horizon)?;
        }
        let value = Some(value);
        self.stage_state(number, &State { name, value })
    }

    /// Removes a state. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub fn delete_state(&mut self, number: u32, name: &str) -> Result<bool, Fault> {
        let is_there = self.state(number, name)?.is_some();
        if is_there {
            self.stage_state(number, &State { name, value: None })?;
        }
        Ok(is_there)
    }

    /// The names of all states that an instance has within this commit and that begin with `prefix`.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub fn state_names(&mut self, number: u32, prefix: &str) -> Result<Vec<String>, Fault> {
        let changed = self.changed_states(number, prefix)?;
        let is_new = self.staged.get(&number).is_some_and(|staged| staged.new);
        let is_there = changed.iter().filter(|(_, is_there)| **is_there);
        let mut names: Vec<String> = is_there.map(|(name, _)| name.clone()).collect();
        if !is_new {
            self.reading()?.each_state_name(number, prefix, |name| {
                if !changed.contains_key(name) {
                    names.push(name.to_owned());
                }
            })?;
        }
        Ok(names)
    }

    /// The states that this commit and the journal have changed: whether each is there by now.
    fn changed_states(&self, number: u32, prefix: &str) -> Result<BTreeMap<String, bool>, Fault> {
        let mut changed = BTreeMap::new();
        // Whether there may be more that begin so after that one.
        let mut note = |name: &str, bytes: &[u8]| -> Result<bool, Fault> {
            #[cfg(test)]
            crate::engine::effort::step();
            let is_asked_for = name.starts_with(prefix);
            if is_asked_for && !changed.contains_key(name) {
                let is_there = State::value_of(name, bytes)?.is_some();
                changed.insert(name.to_owned(), is_there);
            }
            Ok(is_asked_for)
        };
        let start = Bound::Included(prefix);
        // Newest first: what is older says nothing any more.
        if let Some(staged) = self.staged.get(&number) {
            for (name, range) in staged.states.range::<str, _>((start, Bound::Unbounded)) {
                if !note(name, &self.frame.entry_bytes()[range.clone()])? {
                    break;
                }
            }
        }
        for generation in self.view.generations() {
            let records = generation.segment.records();
            for (name, bytes) in records.states_from(number, start, u64::MAX) {
                if !note(name, bytes)? {
                    break;
                }
            }
        }
        Ok(changed)
    }

    fn stage_state(&mut self, number: u32, state: &State<'_>) -> Result<(), Fault> {
        // A frame tells where each of its instances stands.
        self.known_instance(number)?;
        self.changed = true;
        let range = self.frame.push_state(number, |out| state.encode(out));
        let staged = self.staged.entry(number).or_default();
        staged.states.insert(state.name.into(), range);
        Ok(())
    }
}
