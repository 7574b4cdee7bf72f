//! The numbers of texts that are alike but for a whole number in each, as bits.

use super::budget::Budget;
use crate::block::NumberedForm;
use crate::error::Error;

/// Larger numbers, and this one, are not marked: 512 KiB have a bit for each that is.
const NUMBERS_END: u64 = 1 << 22;

/// The different numbers of texts of one form.
#[derive(Debug)]
pub(in crate::query) struct MarkedNumbers {
    form: NumberedForm,
    /// A bit for each number, the lowest first.
    words: Vec<u64>,
    count: usize,
}

impl MarkedNumbers {
    /// None yet of texts of a form, if a text has that form in one way only: without escapes.
    pub(in crate::query) fn of_form(form: &NumberedForm) -> Option<Self> {
        let has_escapes = form.before.contains('\\') || form.after.contains('\\');
        (!has_escapes).then(|| Self {
            form: form.clone(),
            words: Vec::new(),
            count: 0,
        })
    }

    pub(in crate::query) const fn form(&self) -> &NumberedForm {
        &self.form
    }

    /// How many different numbers were marked.
    pub(in crate::query) const fn count(&self) -> usize {
        self.count
    }

    /// Marks a number. Says whether it is one of those that are marked.
    pub(in crate::query) fn mark(
        &mut self,
        number: u64,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        if number >= NUMBERS_END {
            return Ok(false);
        }
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if word >= self.words.len() {
            let (len, capacity) = (self.words.len(), self.words.capacity());
            let more = budget.room(capacity - len, capacity, word + 1 - len, size_of::<u64>())?;
            self.words.reserve_exact(more);
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            self.count += usize::from(*word & bit == 0);
            *word |= bit;
        }
        Ok(true)
    }

    /// Marks the number of a text. Says whether the text is of the form, and its number one of those that are marked.
    pub(in crate::query) fn mark_text(
        &mut self,
        text: &str,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        match self.form.number_of(text) {
            Some(number) => self.mark(number, budget),
            None => Ok(false),
        }
    }
}
