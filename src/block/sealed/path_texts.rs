//! Reading those texts of a path that have something in them.

use super::Damaged;
use super::cell::Values;
use super::content::is_left_out;
use super::form::Form;
use super::path_reading::{PathReading, push};

impl PathReading<'_> {
    /// Pushes those texts of a column that are wanted, where some are not. Each is that of a row, from `first` on. Says
    /// whether it is so: else it has pushed nothing.
    pub(super) fn wanted_texts(
        &mut self,
        (form, leaf): (&Form, u32),
        values: Values<'_>,
        first: usize,
    ) -> Result<bool, Damaged> {
        let (Some(wanted), Some(symbols)) = (&mut self.wanted, form.symbols()) else {
            return Ok(false);
        };
        let mut found = std::mem::take(&mut wanted.found);
        found.clear();
        let searched = wanted.search(symbols, leaf).and_then(|search| {
            values.find_texts(search, &mut self.ends, |number| found.push(number))
        });
        searched.ok_or(Damaged("cells"))?;
        for number in &found {
            self.raw.clear();
            let written = values.write_text(form, *number, &mut self.raw);
            written.ok_or(Damaged("cells"))?;
            let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
            if raw.starts_with('"') && !is_left_out(raw.as_bytes()) {
                // Nearly all of them differ: otherwise they would be in a dictionary.
                self.builder.push_apart(first + number, raw);
            } else {
                push(&mut self.builder, first + number, raw);
            }
        }
        if let Some(wanted) = &mut self.wanted {
            wanted.found = found;
        }
        Ok(true)
    }

    /// Whether a text of a column is wanted.
    pub(super) fn wants_text(
        &mut self,
        (form, leaf): (&Form, u32),
        values: Values<'_>,
        index: usize,
    ) -> Result<bool, Damaged> {
        let (Some(wanted), Some(symbols)) = (&mut self.wanted, form.symbols()) else {
            return Ok(true);
        };
        let search = wanted.search(symbols, leaf);
        let found = search.and_then(|search| values.finds_in_text(search, index));
        found.ok_or(Damaged("cells"))
    }
}
