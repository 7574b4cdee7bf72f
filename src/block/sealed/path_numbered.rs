//! Reading texts that are alike but for a whole number in each, as numbers.

use std::ops::Range;
use std::sync::Arc;

use super::super::STRING_BYTES_MAX;
use super::cell::Values;
use super::form::Pattern;
use super::path_reading::PathReading;

impl PathReading<'_> {
    /// Pushes the strings that a column has for all of these rows, as numbers. Says whether they are such; else it has
    /// pushed nothing.
    pub(super) fn all_numbered(
        &mut self,
        (pattern, leaf): (&Pattern, u32),
        values: Values<'_>,
        rows: Range<usize>,
    ) -> bool {
        let Some(integers) = values.decimals() else {
            return false;
        };
        if self.numbered.as_ref().is_none_or(|(of, _)| *of != leaf) {
            let form = pattern.numbered_form().filter(|form| {
                form.before.starts_with('"') && form.bytes_max() <= STRING_BYTES_MAX
            });
            let Some(form) = form else {
                return false;
            };
            self.numbered = Some((leaf, Arc::new(form)));
        }
        // Those that are below 0 were not written.
        let numbers: Vec<u64> = integers.map_while(|it| u64::try_from(it).ok()).collect();
        let Some((_, form)) = &self.numbered else {
            return false;
        };
        numbers.len() == rows.len() && self.builder.push_all_numbered(rows.start, form, &numbers)
    }
}
