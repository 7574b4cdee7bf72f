//! Named states: each is what was put under its name.

use redb::ReadableTable;

use super::{Check, Checked, text_of_damage};
use crate::engine::Fault;
use crate::engine::tables::schema;
use crate::engine::tables::state::State;

impl Check<'_> {
    /// Checks the states of an instance.
    pub(super) fn check_states(&mut self, checked: &Checked) -> Result<(), Fault> {
        let (snapshot, number) = (self.snapshot, checked.number);
        let id = Some(checked.instance.id.as_str());
        snapshot.journaled_states(number)?;
        let Some(table) = schema::open_states(snapshot.transaction(), number)? else {
            return Ok(());
        };
        for row in table.iter()? {
            self.check_wanted()?;
            let (name, bytes) = row?;
            let name = name.value();
            match State::value_of(name, bytes.value()) {
                Ok(Some(_)) => {}
                Ok(None) => self.add(id, format!("the state {name:?} was removed, and is there")),
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    self.add(id, text);
                }
            }
        }
        Ok(())
    }
}
