//! The column of a path being read, row by row.

use super::super::ColumnBuilder;
use super::block::Block;
use super::content::is_left_out;
use super::form::Form;
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
pub(super) struct PathReading<'a, S: Source> {
    pub(super) block: &'a Block<S>,
    pub(super) table: usize,
    pub(super) keys: &'a [&'a str],
    pub(super) builder: ColumnBuilder,
    pub(super) raw: Vec<u8>,
    /// By the number in a dictionary: the column that has it, and the builder's code for the text.
    pub(super) codes: Vec<Option<(u32, u16)>>,
}

impl<S: Source> PathReading<'_, S> {
    /// Pushes what the rows of a group have.
    pub(super) fn group(&mut self, group: usize, places: &[Place]) -> Result<(), S::Fault> {
        let block = self.block;
        let roster = block.roster(self.table, group)?;
        let kept = &block.roster(PAYLOADS as usize, group)?.kept;
        for index in 0..roster.records {
            let row = group * GROUP_ROWS + index;
            if kept.rank(index).is_some() {
                self.builder.push_unread(row);
                continue;
            }
            let place = roster.shape(index).and_then(|shape| places.get(shape));
            self.raw.clear();
            match *place.ok_or(Damaged("shapes"))? {
                Place::Nothing => {}
                Place::Object => self.object(row, group, index)?,
                Place::Slot(slot, place) => {
                    let rank = roster.presence(place).and_then(|it| it.rank(index));
                    let rank = rank.ok_or(Damaged("shapes"))?;
                    self.slot(slot, row, group, rank)?;
                }
            }
        }
        Ok(())
    }

    /// Pushes what a row has in a slot.
    fn slot(&mut self, slot: Slot, row: usize, group: usize, rank: usize) -> Result<(), S::Fault> {
        let leaf = match slot {
            Slot::Leaf(leaf) => leaf,
            Slot::Array(table) => {
                self.block
                    .array(table as usize, group, rank, &mut self.raw)?;
                let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
                push(&mut self.builder, row, raw);
                return Ok(());
            }
            Slot::End(_) => return Ok(()),
        };
        let column = self.block.directory.columns().leaf(leaf as usize);
        let cell = self.block.cell(column, group)?;
        match &**self.block.form(column)? {
            Form::Dictionary(dictionary) => {
                let code = cell.code(rank).ok_or(Damaged("cells"))?;
                if self.codes.len() <= code {
                    self.codes.resize(dictionary.len().max(code + 1), None);
                }
                let known = self.codes[code].filter(|(column, _)| *column == leaf);
                if let Some((_, code)) = known {
                    self.builder.push_known(row, code);
                    return Ok(());
                }
                let raw = dictionary.get(code).ok_or(Damaged("cells"))?;
                let raw = std::str::from_utf8(raw).map_err(|_| Damaged("text"))?;
                push(&mut self.builder, row, raw);
                self.codes[code] = self.builder.last_value().map(|code| (leaf, code));
                return Ok(());
            }
            Form::Decimals(decimals) => {
                if let Some(number) =
                    (cell.decimal(rank)).and_then(|it| decimal_number(it, *decimals))
                {
                    self.builder.push_number(row, number);
                    return Ok(());
                }
            }
            _ => {}
        }
        self.block.value(column, group, rank, &mut self.raw)?;
        let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
        push(&mut self.builder, row, raw);
        Ok(())
    }

    /// Finds the object in the record.
    fn object(&mut self, row: usize, group: usize, index: usize) -> Result<(), S::Fault> {
        self.block.record(self.table, group, index, &mut self.raw)?;
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
