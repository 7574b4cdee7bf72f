//! Different values.

use hashbrown::HashMap;

use super::budget::{Budget, allocated};
use crate::block::{self, Values};
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
    /// The canonical texts of the others that are short, each as a [word](block::word_of).
    words: HashMap<u128, (), TextHash>,
    /// Those that are longer.
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
            return self.add_number(number, budget);
        }
        match canonical::as_written(found) {
            Some(text) => self.add_text(text, budget),
            None => budget.with_canonical(found, |text, budget| self.add_text(text, budget)),
        }
    }

    /// Takes a number.
    pub(in crate::query) fn add_number(
        &mut self,
        number: f64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        // -0 + 0 is 0.
        let bits = (number + 0.0).to_bits();
        if !self.numbers.contains_key(&bits) {
            budget.room_in_map(&mut self.numbers)?;
            self.numbers.insert(bits, ());
        }
        Ok(())
    }

    /// Takes the values of a column for which `is_there` says so, but for null.
    pub(in crate::query) fn add_values(
        &mut self,
        values: &Values,
        is_there: &[bool],
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let has_escapes = values.has_escapes();
        for (at, _) in is_there.iter().enumerate().filter(|(_, there)| **there) {
            match values.word(at) {
                // Without escapes, a string is written as its canonical text is.
                Some(word) if !has_escapes && word as u8 == b'"' => self.add_word(word, budget)?,
                _ => {
                    let found = Found::Json(&values[at]);
                    if !found.is_null() {
                        self.add(found, budget)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add_word(&mut self, word: u128, budget: &mut Budget) -> Result<(), Error> {
        if !self.words.contains_key(&word) {
            budget.room_in_map(&mut self.words)?;
            self.words.insert(word, ());
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str, budget: &mut Budget) -> Result<(), Error> {
        if let Some(word) = block::word_of(text) {
            return self.add_word(word, budget);
        }
        if !self.texts.contains_key(text.as_bytes()) {
            budget.room_in_map(&mut self.texts)?;
            budget.take(allocated(KeptText::bytes_beside(text)))?;
            self.texts.insert(KeptText::new(text), ());
        }
        Ok(())
    }

    /// How many values there are.
    pub(in crate::query) fn count(&self) -> usize {
        self.numbers.len() + self.words.len() + self.texts.len()
    }
}
