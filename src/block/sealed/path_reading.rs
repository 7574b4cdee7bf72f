//! The column of a path being read, row by row.

use std::sync::Arc;

use super::super::{ColumnBuilder, NumberedForm};
use super::content::is_left_out;
use super::form::{Dictionary, Form};
use super::group_reader::GroupReader;
use super::outline::Slot;
use super::path_place::{Place, Places};
use super::shredder::PAYLOADS;
use super::symbols::Sought;
use super::wanted_texts::WantedTexts;
use super::{Damaged, GROUP_ROWS, Source};
use crate::json::{self, Key, decimal_number};

/// Elements of arrays: of each array the one with that number, from 0, what a column has of it.
#[derive(Clone, Copy)]
struct Elements {
    /// The table of the elements.
    table: u32,
    number: usize,
    leaf: u32,
}

/// A column of a path being read.
pub(super) struct PathReading<'a> {
    pub(super) places: &'a Places,
    pub(super) builder: ColumnBuilder,
    pub(super) raw: Vec<u8>,
    /// By the number in a dictionary: the column that has it, and the builder's code for the text.
    pub(super) codes: Vec<Option<(u32, u16)>>,
    /// Those of a group, while they are read.
    pub(super) numbers: Vec<f64>,
    /// Where texts end.
    pub(super) ends: Vec<u32>,
    /// The form of the texts of a column, which is that one.
    pub(super) numbered: Option<(u32, Arc<NumberedForm>)>,
    /// Where only texts with something in them are wanted.
    pub(super) wanted: Option<WantedTexts<'a>>,
}

impl<'a> PathReading<'a> {
    pub(super) fn new(places: &'a Places) -> Self {
        Self {
            places,
            builder: ColumnBuilder::new(),
            raw: Vec::new(),
            codes: Vec::new(),
            numbers: Vec::new(),
            ends: Vec::new(),
            numbered: None,
            wanted: None,
        }
    }

    /// Passes over the texts of symbols that have none of what is sought, as if they were not there.
    pub(super) fn seeking(places: &'a Places, sought: &'a Sought) -> Self {
        Self {
            wanted: Some(WantedTexts::new(sought)),
            ..Self::new(places)
        }
    }

    /// Pushes what the rows of a group have.
    pub(super) fn group<S: Source>(&mut self, group: &GroupReader<'_, S>) -> Result<(), Damaged> {
        let table = self.places.first();
        let roster = group.group.roster(table as usize);
        let kept = &group.group.roster(PAYLOADS as usize).kept;
        if let Some(leaf) = self.leaf_of_all(group)?
            && self.leaf(group, leaf)?
        {
            return Ok(());
        }
        if let Some(elements) = self.elements_of_all(group)?
            && self.elements(group, elements)?
        {
            return Ok(());
        }
        for index in 0..roster.records {
            let row = group.number * GROUP_ROWS + index;
            if kept.rank(index).is_some() {
                self.builder.push_unread(row);
            } else {
                self.record(group, row, table, index)?;
            }
        }
        Ok(())
    }

    /// Pushes what a row has at the rest of the path, which goes on from a record of a table.
    fn record<S: Source>(
        &mut self,
        group: &GroupReader<'_, S>,
        row: usize,
        mut table: u32,
        mut index: usize,
    ) -> Result<(), Damaged> {
        // Each step leads to a table after the one before.
        loop {
            let of_table = self.places.of(table).ok_or(Damaged("shapes"))?;
            let shape = group.group.shape(table as usize, index);
            let place = shape.and_then(|shape| of_table.places.get(shape));
            let roster = group.group.roster(table as usize);
            let rank = |place| roster.rank(place, index).ok_or(Damaged("shapes"));
            match *place.ok_or(Damaged("shapes"))? {
                Place::Nothing => return Ok(()),
                Place::Slot(slot, place) => return self.slot(group, slot, row, rank(place)?),
                Place::Object => {
                    self.raw.clear();
                    group.record(table as usize, index, &mut self.raw)?;
                    return self.found(row, of_table.from);
                }
                Place::Within { leaf, place, from } => {
                    let column = group.block.directory.columns().leaf(leaf as usize);
                    self.raw.clear();
                    group.value(column, rank(place)?, &mut self.raw)?;
                    return self.found(row, from);
                }
                Place::Element {
                    table: elements,
                    place,
                    number,
                } => {
                    let span = group.elements(elements as usize, rank(place)?)?;
                    if number >= span.len() {
                        return Ok(());
                    }
                    (table, index) = (elements, span.start + number);
                }
            }
        }
    }

    /// The column that has what each of the group's rows has, if that is so.
    fn leaf_of_all<S: Source>(&self, group: &GroupReader<'_, S>) -> Result<Option<u32>, Damaged> {
        let place = self.place_of_all(group, self.places.first())?;
        Ok(match place {
            Some(Place::Slot(Slot::Leaf(leaf), _)) => Some(leaf),
            _ => None,
        })
    }

    /// Where all records that a group has of a table have what the path leads to, if all have it in one place.
    fn place_of_all<S: Source>(
        &self,
        group: &GroupReader<'_, S>,
        table: u32,
    ) -> Result<Option<Place>, Damaged> {
        let places = &self.places.of(table).ok_or(Damaged("shapes"))?.places;
        let roster = group.group.roster(table as usize);
        let kept = &group.group.roster(PAYLOADS as usize).kept;
        if roster.records == 0 || kept.count() > 0 {
            return Ok(None);
        }
        let shape = group.group.shape(table as usize, 0);
        let first = shape.and_then(|shape| places.get(shape));
        let first = *first.ok_or(Damaged("shapes"))?;
        let (Place::Slot(_, place) | Place::Element { place, .. }) = first else {
            return Ok(None);
        };
        // A record of another shape must not have the path in another slot as well.
        let is_other =
            |it: &Place| matches!(it, Place::Slot(..) | Place::Element { .. }) && *it != first;
        let is_of_all = roster.has_all(place) && !places.iter().any(is_other);
        Ok(is_of_all.then_some(first))
    }

    /// The elements that have what the group's rows have, if each row has an array and the path leads to a column of what
    /// its elements have.
    fn elements_of_all<S: Source>(
        &self,
        group: &GroupReader<'_, S>,
    ) -> Result<Option<Elements>, Damaged> {
        let place = self.place_of_all(group, self.places.first())?;
        let Some(Place::Element { table, number, .. }) = place else {
            return Ok(None);
        };
        Ok(match self.place_of_all(group, table)? {
            Some(Place::Slot(Slot::Leaf(leaf), _)) => Some(Elements {
                table,
                number,
                leaf,
            }),
            _ => None,
        })
    }

    /// Pushes what elements have for the rows of a group, one after the other. Says whether it is of a form that it does
    /// that for: else it has pushed nothing.
    fn elements<S: Source>(
        &mut self,
        group: &GroupReader<'_, S>,
        of: Elements,
    ) -> Result<bool, Damaged> {
        let columns = group.block.directory.columns();
        let column = columns.leaf(of.leaf as usize);
        let (Form::Decimals(decimals), Some(integers)) =
            (group.forms.of(column), group.values(column).decimals())
        else {
            return Ok(false);
        };
        let records = group.group.roster(of.table as usize).records;
        self.numbers.clear();
        let numbers = integers.map(|it| decimal_number(it, *decimals));
        self.numbers.extend(numbers.map_while(|number| number));
        if self.numbers.len() != records {
            return Ok(false);
        }
        let ends = group.values(columns.ends(of.table as usize)).integers();
        let (first, mut start) = (group.number * GROUP_ROWS, 0);
        for (row, end) in (first..).zip(ends.ok_or(Damaged("arrays"))?) {
            let end = usize::try_from(end).ok();
            let end = end.filter(|end| (start + 1..=records).contains(end));
            let end = end.ok_or(Damaged("arrays"))?;
            if of.number < end - start {
                let number = self.numbers.get(start + of.number);
                let number = number.ok_or(Damaged("arrays"))?;
                self.builder.push_number(row, *number);
            }
            start = end;
        }
        Ok(true)
    }

    /// Pushes what a column has for the rows of a group, one after the other. Says whether it is of a form that it does
    /// that for: else it has pushed nothing.
    fn leaf<S: Source>(&mut self, group: &GroupReader<'_, S>, leaf: u32) -> Result<bool, Damaged> {
        let column = group.block.directory.columns().leaf(leaf as usize);
        let table = self.places.first() as usize;
        let (values, records) = (group.values(column), group.group.roster(table).records);
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
            Form::Pattern(pattern)
                if self.all_numbered((pattern, leaf), values, first..first + records) => {}
            form if self.wanted_texts((form, leaf), values, first)? => {}
            form => {
                self.raw.clear();
                self.ends.clear();
                let written = values.write_texts(form, records, (&mut self.raw, &mut self.ends));
                written.ok_or(Damaged("cells"))?;
                self.push_all_apart(first)?;
            }
        }
        Ok(true)
    }

    /// Pushes the values that were written, one for each row from `first` on. Nearly all of them differ: otherwise they
    /// would be in a dictionary.
    fn push_all_apart(&mut self, first: usize) -> Result<(), Damaged> {
        let text = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
        let starts = || std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize));
        let each = starts()
            .zip(starts().skip(1))
            .map(|(start, end)| text.get(start..end).ok_or(Damaged("text")));
        let is_short = |raw: &str| raw.starts_with('"') && !is_left_out(raw.as_bytes());
        let are_short = each.clone().all(|raw| raw.is_ok_and(is_short));
        if are_short && self.builder.push_all_apart(first, text, &self.ends) {
            return Ok(());
        }
        for (row, raw) in (first..).zip(each) {
            match raw? {
                raw if is_short(raw) => self.builder.push_apart(row, raw),
                raw => push(&mut self.builder, row, raw),
            }
        }
        Ok(())
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
        self.raw.clear();
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
            form if !self.wants_text((form, leaf), values, rank)? => return Ok(()),
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

    /// Pushes what is found in the value that was written, by the keys from one on.
    fn found(&mut self, row: usize, from: usize) -> Result<(), Damaged> {
        let raw = std::str::from_utf8(&self.raw).map_err(|_| Damaged("text"))?;
        let keys: &[Key] = self.places.keys.get(from..).unwrap_or_default();
        if let Some(found) = json::lookup(raw, keys) {
            push(&mut self.builder, row, found);
        }
        Ok(())
    }
}

/// Pushes a value, unless columns leave out such.
pub(super) fn push(builder: &mut ColumnBuilder, row: usize, raw: &str) {
    if is_left_out(raw.as_bytes()) {
        return builder.push_unread(row);
    }
    match raw.as_bytes() {
        [b'"' | b'{' | b'[', ..] => builder.push_text(row, raw),
        _ => builder.push(row, raw),
    }
}
