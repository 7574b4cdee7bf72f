//! The states of instances within a commit.

use codebolt_eventlog::engine::Fault;

use super::Staging;
use crate::failure::Failure;
use crate::rows::text;

/// The names of an instance's states that begin so.
const NAMES: &str = "SELECT name FROM states WHERE instance = $1 AND name >= $2 \
     AND substring(name FROM 1 FOR octet_length($2::bytea)) = $2::bytea ORDER BY name";

impl Staging<'_> {
    /// The state of that name.
    pub(super) fn find_state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.known(number)?;
        let staged = self.staged.instances.get(&number);
        if let Some(value) = staged.and_then(|staged| staged.states.get(name)) {
            return Ok(value.clone());
        }
        if !self.is_stored(number) {
            return Ok(None);
        }
        let known = self.memory.instance(number);
        if let Some(value) = known.and_then(|known| known.states.get(name)) {
            return Ok(value.clone());
        }
        if let Some(found) = self.answers.state(number, name) {
            return Ok(found);
        }
        self.questions.ask_state(number, name);
        self.answer_now();
        Ok(self.answers.state(number, name).flatten())
    }

    /// The names of all states that begin so.
    pub(super) fn find_state_names(
        &mut self,
        number: u32,
        prefix: &str,
    ) -> Result<Vec<String>, Fault> {
        self.known(number)?;
        let mut names = Vec::new();
        if self.is_stored(number) {
            self.check_asking()?;
            let found = self
                .session
                .rows(NAMES, &[&(number as i32), &prefix.as_bytes()]);
            for row in found.map_err(|failure| self.failed(failure))? {
                let name = text(row.get(0)).ok_or_else(|| {
                    self.failed(Failure::corrupted("the name of a state is no text"))
                })?;
                names.push(name.to_owned());
            }
        }
        let staged = self.staged.instances.get(&number);
        for (name, value) in staged.into_iter().flat_map(|staged| &staged.states) {
            names.retain(|other| other != name);
            if value.is_some() && name.starts_with(prefix) {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}
