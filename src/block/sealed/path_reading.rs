//! The column of a path being read, row by row.

use super::super::ColumnBuilder;
use super::content::is_left_out;
use super::form::{Dictionary, Form};
use super::group_reader::GroupReader;
use super::outline::Slot;
use super::shredder::PAYLOADS;
use super::{Damaged, GROUP_ROWS, Source};
use crate::json::{self, Key, Text, decimal_number};

/// What records of a shape have at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nothing,
    /// A value of a column, or an array; and which of the table's slots it is.
    Slot(Slot, usize),
    Object,
}

/// A column of a path being read.
pub(super) struct PathReading<'a> {
    pub(super) table: usize,
    pub(super) keys: &'a [&'a str],
    pub(super) builder: ColumnBuilder,
    pub(super) raw: Vec<u8>,
    /// By the number in a dictionary: the column that has it, and the builder's code for the text.
    pub(super) codes: Vec<Option<(u32, u16)>>,
    /// Those of a group, while they are read.
    pub(super) numbers: Vec<f64>,
}

impl PathReading<'_> {
    /// Pushes what the rows of a group have.
    pub(super) fn group<S: Source>(
        &mut self,
        group: &GroupReader<'_, S>,
        places: &[Place],
    ) -> Result<(), Damaged> {
        let roster = group.group.roster(self.table);
        let kept = &group.group.roster(PAYLOADS as usize).kept;
        if let Some(leaf) = self.leaf_of_all(group, places)?
            && self.leaf(group, leaf)?
        {
            return Ok(());
        }
        for index in 0..roster.records {
            let row = group.number * GROUP_ROWS + index;
            if kept.rank(index).is_some() {
                self.builder.push_unread(row);
                continue;
            }
            let shape = group.group.shape(self.table, index);
            let place = shape.and_then(|shape| places.get(shape));
            self.raw.clear();
            match *place.ok_or(Damaged("shapes"))? {
                Place::Nothing => {}
                Place::Object => self.object(group, row, index)?,
                Place::Slot(slot, place) => {
                    let rank = roster.rank(place, index).ok_or(Damaged("shapes"))?;
                    self.slot(group, slot, row, rank)?;
                }
            }
        }
        Ok(())
    }

    /// The column that has what each of the group's rows has, if that is so.
    fn leaf_of_all<S: Source>(
        &self,
        group: &GroupReader<'_, S>,
        places: &[Place],
    ) -> Result<Option<u32>, Damaged> {
        let roster = group.group.roster(self.table);
        let kept = &group.group.roster(PAYLOADS as usize).kept;
        if roster.records == 0 || kept.count() > 0 {
            return Ok(None);
        }
        let shape = group.group.shape(self.table, 0);
        let first = shape.and_then(|shape| places.get(shape));
        let first = first.ok_or(Damaged("shapes"))?;
        let Place::Slot(Slot::Leaf(leaf), place) = *first else {
            return Ok(None);
        };
        // A record of another shape must not have the path in another slot as well.
        let other = |it: &Place| matches!(it, Place::Slot(..)) && it != first;
        let is_of_all = roster.has_all(place) && !places.iter().any(other);
        Ok(is_of_all.then_some(leaf))
    }

    /// Pushes what a column has for the rows of a group, one after the other. Says whether it is of a form that it does
    /// that for: else it has pushed nothing.
    fn leaf<S: Source>(&mut self, group: &GroupReader<'_, S>, leaf: u32) -> Result<bool, Damaged> {
        let column = group.block.directory.columns().leaf(leaf as usize);
        let (values, records) = (group.values(column), group.group.roster(self.table).records);
        let first = group.number * GROUP_ROWS;
        match group.forms.of(column) {
            Form::Constant(text) => {
                let raw = std::str::from_utf8(text).map_err(|_| Damaged("text"))?;
                push(&mut self.builder, first, raw);
                (first + 1..first + records).for_each(|row| self.builder.push_again(row));
            }
            Form::Dictionary(dictionary) => {
                let codes = values.codes(records).ok_or(Damaged("cells"))?;
                for (row, code) in (first..).zip(codes) {
                    self.code(dictionary, leaf, row, code)?;
                }
            }
            Form::Decimals(decimals) => {
                let Some(integers) = values.decimals() else {
                    return Ok(false);
                };
                self.numbers.clear();
                let numbers = integers.map(|it| decimal_number(it, *decimals));
                self.numbers.extend(numbers.map_while(|number| number));
                // Else some of them are to be told by their texts.
                if self.numbers.len() != records {
                    return Ok(false);
                }
                self.builder.push_numbers(first, &self.numbers);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Pushes what has that number in the dictionary of a column.
    #[inline]
    fn code(
        &mut self,
        dictionary: &Dictionary,
        leaf: u32,
        row: usize,
        code: usize,
    ) -> Result<(), Damaged> {
        if let Some(Some((known, code))) = self.codes.get(code)
            && *known == leaf
        {
            self.builder.push_known(row, *code);
            return Ok(());
        }
        self.first_code(dictionary, leaf, row, code)
    }

    /// Pushes it where no other row had it.
    #[cold]
    fn first_code(
        &mut self,
        dictionary: &Dictionary,
        leaf: u32,
        row: usize,
        code: usize,
    ) -> Result<(), Damaged> {
        let raw = dictionary.get(code).ok_or(Damaged("cells"))?;
        let raw = std::str::from_utf8(raw).map_err(|_| Damaged("text"))?;
        if self.codes.len() <= code {
            self.codes.resize(dictionary.len(), None);
        }
        push(&mut self.builder, row, raw);
        self.codes[code] = self.builder.last_value().map(|code| (leaf, code));
        Ok(())
    }

    /// Pushes what a row has in a slot.
    fn slot<S: Source>(
        &mut self,
        group: &GroupReader<'_, S>,
        slot: Slot,
        row: usize,
        rank: usize,
    ) -> Result<(), Damaged> {
        let leaf = match slot {
            Slot::Leaf(leaf) => leaf,
            Slot::Array(table) => {
                group.array(table as usize, rank, &mut self.raw)?;
                return self.push_raw(row);
            }
            Slot::End(_) => return Ok(()),
        };
        let column = group.block.directory.columns().leaf(leaf as usize);
        let values = group.values(column);
        match group.forms.of(column) {
            Form::Dictionary(dictionary) => {
                let code = values.code(rank).ok_or(Damaged("cells"))?;
                return self.code(dictionary, leaf, row, code);
            }
            Form::Decimals(decimals) => {
                let number = values.decimal(rank);
                if let Some(number) = number.and_then(|it| decimal_number(it, *decimals)) {
                    self.builder.push_number(row, number);
                    return Ok(());
                }
            }
            _ => {}
        }
        group.value(column, rank, &mut self.raw)?;
        self.push_raw(row)
    }

    /// Pushes the value that was written.
    fn push_raw(&mut self, row: usize) -> Result<(), Damaged> {
        let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
        push(&mut self.builder, row, raw);
        Ok(())
    }

    /// Finds the object in the record.
    fn object<S: Source>(
        &mut self,
        group: &GroupReader<'_, S>,
        row: usize,
        index: usize,
    ) -> Result<(), Damaged> {
        group.record(self.table, index, &mut self.raw)?;
        let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
        let key = |key: &&str| Key::new(Text::from((*key).to_owned()));
        let keys: Vec<Key> = self.keys.iter().map(key).collect();
        let found = json::lookup(raw, &keys).ok_or(Damaged("shapes"))?;
        push(&mut self.builder, row, found);
        Ok(())
    }
}

/// Pushes a value, unless columns leave out such.
fn push(builder: &mut ColumnBuilder, row: usize, raw: &str) {
    if is_left_out(raw.as_bytes()) {
        return builder.push_unread(row);
    }
    match raw.as_bytes() {
        [b'"' | b'{' | b'[', ..] => builder.push_text(row, raw),
        _ => builder.push(row, raw),
    }
}
