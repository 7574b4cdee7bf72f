//! A column being made, row by row.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::column::{ABSENT, Column, FIRST_VALUE, NUMBER, UNREAD};
use super::content::Content;
use super::numbered::NumberedForm;
use super::print::{PRINT_UNREAD, print_of, print_of_number};
use super::values::Values;
use crate::hashing::TextHash;
use crate::json::{self, scan};

/// How many rows a column can hold; later ones are unread.
const ROWS_MAX: usize = u16::MAX as usize + 1;

/// How many values the codes can tell apart.
const VALUES_MAX: usize = (u16::MAX - FIRST_VALUE) as usize + 1;

/// Numbers of which there are at most so many different ones are kept as values.
const NUMBERS_AS_VALUES_MAX: usize = 256;

/// Makes a [`Column`] of what its rows have.
#[derive(Debug, Default)]
pub struct ColumnBuilder {
    /// Row and code, of the rows that have something.
    entries: Vec<(u16, u16)>,
    values: Values,
    /// The values by their hash, of which each has a part with it: few are to be looked at, and none to be hashed again.
    index: HashTable<(u32, u16)>,
    hash: TextHash,
    /// Of the entries whose code is NUMBER, in their order.
    numbers: Vec<f64>,
}

impl ColumnBuilder {
    /// Makes a column without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that `row` has the JSON value `raw`. Rows come in ascending order; those that are passed
    /// over have nothing.
    pub fn push(&mut self, row: usize, raw: &str) {
        match json::written_number(raw) {
            Some(number) => self.push_number(row, number),
            None => self.push_text(row, raw),
        }
    }

    /// Says that the event has to be read for `row`.
    pub fn push_unread(&mut self, row: usize) {
        self.push_code(row, UNREAD);
    }

    /// Says that `row` has the number, whose text is what [`json::write_number`] writes.
    pub(super) fn push_number(&mut self, row: usize, number: f64) {
        if row < ROWS_MAX {
            self.numbers.push(number);
            self.push_code(row, NUMBER);
        }
    }

    /// As [`Self::push_number`], of the rows from `first` on.
    pub(super) fn push_numbers(&mut self, first: usize, numbers: &[f64]) {
        let room = ROWS_MAX.saturating_sub(first);
        let numbers = &numbers[..numbers.len().min(room)];
        self.numbers.extend_from_slice(numbers);
        // There is room, so each row is one of 16 bits.
        let entries = (first..).zip(numbers).map(|(row, _)| (row as u16, NUMBER));
        self.entries.extend(entries);
    }

    /// Says that `row` has the JSON value `raw`, which is kept as it is written.
    pub(super) fn push_text(&mut self, row: usize, raw: &str) {
        let code = self.code_of(raw);
        self.push_code(row, code);
    }

    /// As [`ColumnBuilder::push_text`], of a value that hardly any other row has: it becomes one of the values even if it
    /// is one already.
    pub(super) fn push_apart(&mut self, row: usize, raw: &str) {
        let code = self.next_code();
        if code != UNREAD {
            self.values.push(raw);
        }
        self.push_code(row, code);
    }

    /// As [`ColumnBuilder::push_apart`], of the rows from `first` on: their values are `text`, and end there in it. Returns
    /// whether there is room for all; else it has pushed none.
    pub(super) fn push_all_apart(&mut self, first: usize, text: &str, ends: &[u32]) -> bool {
        let before = self.values.len();
        if first + ends.len() > ROWS_MAX || before + ends.len() > VALUES_MAX {
            return false;
        }
        self.values.push_all(text, ends);
        self.push_apart_codes(first, before, ends.len());
        true
    }

    /// As [`ColumnBuilder::push_all_apart`], of the values of a form with these numbers. It pushes none as well where other
    /// values were pushed before.
    pub(super) fn push_all_numbered(
        &mut self,
        first: usize,
        form: &Arc<NumberedForm>,
        numbers: &[u64],
    ) -> bool {
        let (count, before) = (numbers.len(), self.values.len());
        if first + count > ROWS_MAX || before + count > VALUES_MAX {
            return false;
        }
        let is_pushed = self.values.push_numbered(form, numbers);
        if is_pushed {
            self.push_apart_codes(first, before, count);
        }
        is_pushed
    }

    /// Gives `count` rows from `first` on the values from that number on, each the next one. There is room for them.
    fn push_apart_codes(&mut self, first: usize, value: usize, count: usize) {
        // There is room, so rows and codes are of 16 bits.
        let code = usize::from(FIRST_VALUE) + value;
        let entries = (first..).zip(code..).take(count);
        self.entries
            .extend(entries.map(|(row, code)| (row as u16, code as u16)));
    }

    /// The code that the next value gets; [`UNREAD`] where codes are used up.
    fn next_code(&self) -> u16 {
        match self.values.len() {
            VALUES_MAX.. => UNREAD,
            // There are fewer than VALUES_MAX values, so the number is one of 16 bits.
            at => FIRST_VALUE + at as u16,
        }
    }

    /// Says that `row` has what the row before it had, if that is a string and `rest` begins with
    /// the same text; gives the text's length.
    pub(super) fn push_string_again(&mut self, row: usize, rest: &[u8]) -> Option<usize> {
        let (_, code) = *self.entries.last()?;
        let raw = self
            .values
            .bytes(usize::from(code.checked_sub(FIRST_VALUE)?))?;
        // A string ends with its second quote, whatever follows; a number may not end here.
        let again = raw.first() == Some(&b'"') && scan::begins_with(rest, raw);
        let length = again.then_some(raw.len())?;
        self.push_code(row, code);
        Some(length)
    }

    /// Says that `row` has what was pushed last.
    pub(super) fn push_again(&mut self, row: usize) {
        let Some((_, code)) = self.entries.last().copied() else {
            return;
        };
        if code == NUMBER
            && let Some(number) = self.numbers.last().copied()
        {
            return self.push_number(row, number);
        }
        self.push_code(row, code);
    }

    /// Says that `row` has the value with that code, or is unread, as [`Self::last_value`] has given.
    pub(super) fn push_known(&mut self, row: usize, code: u16) {
        self.push_code(row, code);
    }

    /// The code of the value that was pushed last, or that it is unread; `None` for a number.
    pub(super) fn last_value(&self) -> Option<u16> {
        let (_, code) = self.entries.last()?;
        (*code != NUMBER).then_some(*code)
    }

    fn push_code(&mut self, row: usize, code: u16) {
        if let Ok(row) = u16::try_from(row) {
            self.entries.push((row, code));
        }
    }

    /// The code of the value, which becomes one of the values unless it is; [`UNREAD`] where codes
    /// are used up.
    fn code_of(&mut self, raw: &str) -> u16 {
        let part = (self.hash.hash_one(raw) >> u32::BITS) as u32;
        let values = &self.values;
        let found = self.index.find(spread(part), |(other, at)| {
            let known = || values.bytes(usize::from(*at));
            *other == part && known().is_some_and(|it| scan::is_same(it, raw.as_bytes()))
        });
        if let Some((_, at)) = found {
            return FIRST_VALUE + at;
        }
        let code = self.next_code();
        if code != UNREAD {
            self.values.push(raw);
            let entry = (part, code - FIRST_VALUE);
            self.index
                .insert_unique(spread(part), entry, |(part, _)| spread(*part));
        }
        code
    }

    /// How many bytes of values the column holds.
    pub(super) fn held_bytes(&self) -> usize {
        self.values.text().len() + size_of_val(&*self.numbers)
    }

    /// Whether the column is going to take more than so many bytes, which is looked at where its values have twice as many,
    /// and again where they have twice as many as then, which is what was `looked_at`. More values take more, but for what
    /// LZ4 makes of chance.
    pub(super) fn takes_more_than(&self, bytes: usize, looked_at: &mut usize) -> bool {
        let text = self.values.text();
        if text.len() < 2 * bytes.max(*looked_at) {
            return false;
        }
        *looked_at = text.len();
        lz4_flex::block::compress(text.as_bytes()).len() > bytes + bytes / 8
    }

    /// Row and code, of the rows that have something, ascending.
    pub(super) fn entries(&self) -> &[(u16, u16)] {
        &self.entries
    }

    pub(super) const fn values(&self) -> &Values {
        &self.values
    }

    /// The numbers of the entries whose code is [`NUMBER`], in their order.
    pub(super) fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// What values there are.
    pub(super) fn content(&self) -> Content {
        let mut content = Content::default();
        for raw in self.values.iter() {
            content.add(raw);
        }
        for number in &self.numbers {
            content.add_number(*number);
        }
        content
    }

    /// Row and print, of the rows that have something, ascending.
    pub(super) fn prints(&self) -> Vec<(u16, u16)> {
        let prints: Vec<u16> = self
            .values
            .iter()
            .map(|raw| print_of(raw).unwrap_or(PRINT_UNREAD))
            .collect();
        let mut numbers = self.numbers.iter();
        let mut print = |code: u16| match code {
            NUMBER => numbers.next().map(|number| print_of_number(*number)),
            code => prints
                .get(usize::from(code.checked_sub(FIRST_VALUE)?))
                .copied(),
        };
        self.entries
            .iter()
            .map(|(row, code)| (*row, print(*code).unwrap_or(PRINT_UNREAD)))
            .collect()
    }

    /// Keeps numbers as values where there are few different ones: a value is looked at once,
    /// however many rows have it.
    pub(super) fn settle(&mut self) {
        let Some((codes, numbers)) = self.few_numbers() else {
            return;
        };
        for number in numbers {
            let mut raw = String::new();
            json::write_number(&mut raw, number);
            self.values.push(&raw);
        }
        let numbered = self.entries.iter_mut().filter(|(_, code)| *code == NUMBER);
        for ((_, code), number_code) in numbered.zip(codes) {
            *code = number_code;
        }
        self.numbers.clear();
    }

    /// The code that each number would have as a value, and the different numbers; `None` where those
    /// are many.
    fn few_numbers(&self) -> Option<(Vec<u16>, Vec<f64>)> {
        let mut codes: Vec<u16> = Vec::new();
        let mut different: Vec<f64> = Vec::new();
        let mut code_of = FxHashMap::default();
        for (at, number) in self.numbers.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .map(|before| self.numbers[before].to_bits());
            if before == Some(number.to_bits()) {
                codes.push(codes[at - 1]);
                continue;
            }
            let code = self.values.len() + different.len();
            let code = code_of.entry(number.to_bits()).or_insert(code);
            if *code == self.values.len() + different.len() {
                different.push(*number);
            }
            if different.len() > NUMBERS_AS_VALUES_MAX || *code >= VALUES_MAX {
                return None;
            }
            codes.push(FIRST_VALUE + *code as u16);
        }
        Some((codes, different))
    }

    /// The column, with `rows` rows.
    #[must_use]
    pub fn finish(mut self, rows: usize) -> Column {
        self.settle();
        let mut codes = vec![ABSENT; rows.min(ROWS_MAX)];
        codes.resize(rows, UNREAD);
        let mut numbers = Vec::new();
        if !self.numbers.is_empty() {
            numbers.resize(rows, 0.0);
        }
        let mut given = self.numbers.iter();
        for (row, code) in &self.entries {
            let row = usize::from(*row);
            if let Some(slot) = codes.get_mut(row) {
                *slot = *code;
            }
            if *code == NUMBER
                && let (Some(slot), Some(number)) = (numbers.get_mut(row), given.next())
            {
                *slot = *number;
            }
        }
        // What the entries lead to is there by construction.
        Column::new(codes, self.values, numbers).unwrap_or_default()
    }
}

/// A hash of which `part` is all that is known.
fn spread(part: u32) -> u64 {
    u64::from(part) << u32::BITS | u64::from(part)
}

#[cfg(test)]
mod tests;
