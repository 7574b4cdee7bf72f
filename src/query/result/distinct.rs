//! Different values.

use std::collections::HashSet;

use super::budget::Budget;
use crate::error::Error;
use crate::query::value::Value;
use crate::query::value::canonical;
use crate::query::value::found::Found;

/// What a value takes beside its text, in bytes: its place in a set.
const PLACE_BYTES: usize = 24;

/// The different values so far. Values are the same as in a group: by JSON value.
#[derive(Debug, Default)]
pub(in crate::query) struct Distinct {
    /// By their bits, with -0 as 0. Times are numbers here: no field has both.
    numbers: HashSet<u64>,
    /// The canonical texts of the others.
    texts: HashSet<Box<str>>,
    /// Kept between values to save allocations.
    text: String,
}

impl Distinct {
    /// Takes a value that is not null.
    pub(in crate::query) fn add(
        &mut self,
        found: Found<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let number = match found {
            Found::Number(number) => Some(number),
            #[expect(
                clippy::cast_precision_loss,
                reason = "as the other comparisons of numbers do"
            )]
            Found::Time(whole) => Some(whole as f64),
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Found::Whole(whole) => Some(whole as f64),
            Found::Json(raw) if !raw.starts_with('"') => match Value::decode(raw) {
                Value::Number(number) => Some(number),
                _ => None,
            },
            _ => None,
        };
        if let Some(number) = number {
            // -0 + 0 is 0.
            if self.numbers.insert((number + 0.0).to_bits()) {
                budget.take(PLACE_BYTES)?;
            }
            return Ok(());
        }
        self.text.clear();
        canonical::write(found, &mut self.text);
        if !self.texts.contains(self.text.as_str()) {
            budget.take(PLACE_BYTES + self.text.len())?;
            self.texts.insert(self.text.as_str().into());
        }
        Ok(())
    }

    /// How many values there are.
    pub(in crate::query) fn count(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }
}
