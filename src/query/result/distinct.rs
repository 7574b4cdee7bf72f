//! Different values.

use hashbrown::HashMap;

use super::budget::{Budget, allocated};
use crate::error::Error;
use crate::hashing::TextHash;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::kept_text::KeptText;

/// The different values so far. Values are the same as in a group: by JSON value.
#[derive(Debug, Default)]
pub(in crate::query) struct Distinct {
    /// By their bits, with -0 as 0. Times are numbers here: no field has both.
    numbers: HashMap<u64, (), TextHash>,
    /// The canonical texts of the others.
    texts: HashMap<KeptText, (), TextHash>,
}

impl Distinct {
    /// Takes a value that is not null.
    pub(in crate::query) fn add(
        &mut self,
        found: Found<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        if let Some(number) = found.number() {
            // -0 + 0 is 0.
            let bits = (number + 0.0).to_bits();
            if !self.numbers.contains_key(&bits) {
                budget.room_in_map(&mut self.numbers)?;
                self.numbers.insert(bits, ());
            }
            return Ok(());
        }
        match canonical::as_written(found) {
            Some(text) => self.add_text(text, budget),
            None => budget.with_text(|text, budget| {
                canonical::write(found, text);
                self.add_text(text, budget)
            }),
        }
    }

    fn add_text(&mut self, text: &str, budget: &mut Budget) -> Result<(), Error> {
        if !self.texts.contains_key(text.as_bytes()) {
            budget.room_in_map(&mut self.texts)?;
            budget.take(allocated(KeptText::bytes_beside(text)))?;
            self.texts.insert(KeptText::new(text), ());
        }
        Ok(())
    }

    /// How many values there are.
    pub(in crate::query) fn count(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }
}
