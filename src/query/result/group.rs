//! Events sorted into groups by the values of some fields.

use std::borrow::Cow;
use std::sync::Arc;

use super::aggregates::{self, Aggregates};
use super::budget::{Budget, allocated};
use super::fill::Gaps;
use super::folding::GroupedRows;
use super::group_value::{BETWEEN_KEYS, CommonValue};
use super::row::{self, GroupRow, NO_SLOT};
use super::slots::Slots;
use crate::error::{Code, Error};
use crate::event::Event;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::having::{Having, RowCondition};
use crate::query::grammar::order::RowOrder;
use crate::query::grammar::reduction::Reduction;
use crate::query::matching::chunk::Events;
use crate::query::matching::known_groups::{GroupPlaces, KnownGroups};
use crate::query::matching::places::Places;
use crate::query::matching::row_groups::RowGroups;
use crate::query::matching::rows::Rows;
use crate::query::matching::values::Table;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::time_bucket::BucketMemo;

/// The groups found so far.
#[derive(Debug)]
pub(in crate::query) struct ResultGroups<'q> {
    fields: &'q [GroupField],
    aggregates: Aggregates<'q>,
    groups_max: usize,
    budget: Budget,
    /// The place of each group in `rows`. While they are lent, they are in `lent`.
    places: GroupPlaces,
    lent: Option<Arc<KnownGroups>>,
    rows: Vec<GroupRow>,
    /// Kept between events to save allocations.
    key: String,
    /// One for each field, of those that group by time.
    memos: Vec<BucketMemo>,
}

/// What is asked for of the rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct AskedRows<'q> {
    pub(in crate::query) having: &'q Having,
    pub(in crate::query) order: Option<&'q RowOrder>,
    pub(in crate::query) offset: Option<u64>,
    pub(in crate::query) limit: Option<u64>,
    /// The first and the last time that an event can have.
    pub(in crate::query) times: (i64, i64),
}

/// Takes rows of a result.
pub(in crate::query) trait RowSink {
    /// Takes the next row, as JSON text.
    fn row(&mut self, json: &str) -> Result<(), Error>;

    /// Fails once nobody wants the rows any more.
    fn check_wanted(&self) -> Result<(), Error>;
}

/// What is told of rows that were written.
#[derive(Debug)]
pub(in crate::query) struct Written {
    /// Of each aggregate, whether some of its values that were written are near the right ones only.
    pub(in crate::query) near: Vec<bool>,
    /// How many groups had events.
    pub(in crate::query) found: usize,
    /// How many rows there are beside those.
    pub(in crate::query) filled: usize,
    /// How many of all these pass `having`.
    pub(in crate::query) chosen: usize,
}

impl<'q> ResultGroups<'q> {
    pub(in crate::query) fn new(
        fields: &'q [GroupField],
        reduction: &'q Reduction,
        groups_max: usize,
        budget: Budget,
    ) -> Self {
        Self {
            fields,
            aggregates: Aggregates::new(reduction, fields.len()),
            groups_max,
            budget,
            places: GroupPlaces::default(),
            lent: None,
            rows: Vec::new(),
            key: String::new(),
            memos: vec![BucketMemo::EMPTY; fields.len()],
        }
    }

    /// Lends the groups that are known to who looks for those of chunks, from now on; `None` where no text alone tells a
    /// group.
    pub(in crate::query) fn lend_known(&mut self) -> Option<Arc<KnownGroups>> {
        let [field] = self.fields else {
            return None;
        };
        if !field.is_of_equals() {
            return None;
        }
        let known = Arc::clone(self.lent.get_or_insert_default());
        self.lend();
        Some(known)
    }

    /// Lends the groups that are known, if anybody wants to know them.
    fn lend(&mut self) {
        if let Some(known) = &self.lent {
            known.lend(std::mem::take(&mut self.places));
        }
    }

    /// Takes the groups back.
    fn take_back(&mut self) {
        if let Some(known) = &self.lent {
            self.places = known.take_back();
        }
    }

    /// Folds the rows of a chunk into their groups.
    pub(in crate::query) fn take<E: Events>(
        &mut self,
        rows: &Rows,
        row_groups: &RowGroups,
        places: &Places,
        table: &Table<'_>,
        events: &E,
    ) -> Result<(), E::Fault> {
        let found = row_groups.places();
        let are_known = found.len() == row_groups.firsts().len() && !found.contains(&None);
        if !are_known {
            self.take_back();
        }
        let slots = self.slots(row_groups, places, table, events)?;
        if !are_known {
            self.lend();
        }
        let rows = GroupedRows {
            rows,
            places,
            table,
            slots: Some(&slots),
        };
        self.aggregates
            .take(&rows, events, &mut self.budget, &mut self.rows)
    }

    /// The groups of the rows. Each group is looked up once for each number that its rows have.
    fn slots<'g, E: Events>(
        &mut self,
        row_groups: &'g RowGroups,
        places: &Places,
        table: &Table<'_>,
        events: &E,
    ) -> Result<Slots<'g>, E::Fault> {
        let firsts = row_groups.firsts();
        let mut groups: Vec<u32> = Vec::with_capacity(firsts.len());
        let mut slots = Vec::with_capacity(firsts.len());
        let found = row_groups.places().iter().copied();
        let found = found.chain(std::iter::repeat(None));
        for (row, found) in firsts.iter().zip(found) {
            let group = match found.or_else(|| self.known_place_of(table, *row)) {
                Some(group) => group,
                None => {
                    let mut group = 0;
                    table.at(*row, places.of(*row), events, |found| {
                        group = self.place_of(found)?;
                        Ok(())
                    })?;
                    group
                }
            };
            let Some(row) = self.rows.get_mut(group as usize) else {
                continue;
            };
            if row.slot == NO_SLOT {
                // There are no more of them than rows.
                row.slot = groups.len() as u32;
                groups.push(group);
            }
            slots.push(row.slot);
        }
        for group in &groups {
            if let Some(row) = self.rows.get_mut(*group as usize) {
                row.slot = NO_SLOT;
            }
        }
        let numbers = row_groups.numbers();
        if groups.len() == firsts.len() {
            return Ok(Slots {
                of_rows: Cow::Borrowed(numbers),
                groups,
                counts: Cow::Borrowed(row_groups.counts()),
            });
        }
        let mut counts = vec![0; groups.len()];
        for (slot, more) in slots.iter().zip(row_groups.counts()) {
            if let Some(count) = counts.get_mut(*slot as usize) {
                *count += more;
            }
        }
        let slot_of = |number: &u32| slots.get(*number as usize).copied().unwrap_or(NO_SLOT);
        Ok(Slots {
            of_rows: numbers.iter().map(slot_of).collect(),
            groups,
            counts: Cow::Owned(counts),
        })
    }

    /// The place of the group of a row, if that is told by a text that needs not be written to be looked for.
    fn known_place_of(&self, table: &Table<'_>, row: usize) -> Option<u32> {
        let [field] = self.fields else {
            return None;
        };
        let found = table.values.first()?.found(row)?;
        let text = canonical::as_written(found).filter(|_| field.is_of_equals())?;
        self.places.get(text).copied()
    }

    /// Collects an event, or what it holds in the reduction's field.
    pub(in crate::query) fn take_event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let fields = self.fields;
        let held = |at: usize| fields.get(at).map(|group| group.field().find(event));
        let group = self.place_of(&|at| held(at).unwrap_or(Found::Absent))?;
        let Some(row) = self.rows.get_mut(group as usize) else {
            return Ok(());
        };
        let named = &self.aggregates.reduction().aggregates;
        for (aggregate, named) in row.aggregates.iter_mut().zip(named) {
            match &named.field {
                Some(field) => aggregate.add(Some(field.find(event)), &mut self.budget)?,
                None => aggregate.add_event(event, &mut self.budget)?,
            }
        }
        Ok(())
    }

    /// Counts events of types, where the type is what is grouped by.
    pub(in crate::query) fn take_types(&mut self, types: &[(Box<str>, u32)]) -> Result<(), Error> {
        self.take_back();
        for (name, count) in types {
            let group = self.place_of(&|_| Found::Text(name))?;
            if let Some(row) = self.rows.get_mut(group as usize) {
                for aggregate in &mut row.aggregates {
                    aggregate.add_events(u64::from(*count));
                }
            }
        }
        self.lend();
        Ok(())
    }

    /// The place of the group that has these values; it is made if there is none.
    fn place_of<'v>(&mut self, found: &dyn Fn(usize) -> Found<'v>) -> Result<u32, Error> {
        self.key.clear();
        for (at, (field, memo)) in self.fields.iter().zip(&mut self.memos).enumerate() {
            let common: CommonValue<'_> = field.common(found(at), memo);
            if at > 0 {
                self.key.push(BETWEEN_KEYS);
            }
            common.add_to_key(&mut self.key, &mut self.budget)?;
        }
        match self.places.get(self.key.as_str()) {
            Some(place) => Ok(*place),
            None => self.open(found),
        }
    }

    /// Makes the group that has these values and the key, and returns its place.
    fn open<'v>(&mut self, found: &dyn Fn(usize) -> Found<'v>) -> Result<u32, Error> {
        let place = self.rows.len();
        if place >= self.groups_max {
            let text = format!(
                "reduce.groupBy: expected at most {} groups, found more; narrow the events with \
                 where, or group by a field with fewer values",
                self.groups_max
            );
            return Err(Error::new(Code::LimitExceeded, text));
        }
        let fields = self.fields.iter().zip(&mut self.memos).enumerate();
        let values = fields.map(|(at, (field, memo))| {
            let common: CommonValue<'_> = field.common(found(at), memo);
            field.value_of(common)
        });
        let row = GroupRow::new(values.collect(), self.aggregates.begin());
        self.budget.room_in_map(&mut self.places)?;
        self.budget.room_in(&mut self.rows)?;
        self.budget
            .take(row.bytes_len() + allocated(self.key.len()))?;
        // There are far fewer groups than that.
        let number = u32::try_from(place).unwrap_or(u32::MAX);
        self.places.insert(self.key.as_str().into(), number);
        self.rows.push(row);
        Ok(number)
    }

    /// Writes the page of the rows, each as a value of its own. Returns what is to be told of them.
    pub(in crate::query) fn write(
        mut self,
        asked: AskedRows<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<Written, Error> {
        let found = self.rows.len();
        self.take_back();
        self.fill(asked.times, sink)?;
        let Self {
            mut rows,
            mut budget,
            ..
        } = self;
        let filled = rows.len() - found;
        aggregates::settle(&mut rows);
        if !asked.having.is_empty() {
            rows.retain(|row| {
                let mut holds = |condition: &RowCondition| condition.holds(row);
                asked.having.iter().all(|tree| tree.holds_by(&mut holds))
            });
        }
        let AskedRows { offset, limit, .. } = asked;
        let usize_of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = row::sorted(&rows, asked.order, &mut budget)?;
        let page = page
            .iter()
            .skip(offset.map_or(0, usize_of))
            .take(limit.map_or(usize::MAX, usize_of));
        let mut near = self.aggregates.none_near();
        let mut text = String::new();
        for row in page.filter_map(|place| rows.get(*place)) {
            aggregates::note_near(&row.aggregates, &mut near);
            text.clear();
            row.write_json(self.fields, self.aggregates.reduction(), &mut text);
            sink.row(&text)?;
        }
        Ok(Written {
            near,
            found,
            filled,
            chosen: rows.len(),
        })
    }

    /// Makes the rows that are asked for where there are no events.
    fn fill(&mut self, times: (i64, i64), sink: &dyn RowSink) -> Result<(), Error> {
        let gaps = Gaps {
            fields: self.fields,
            rows: &mut self.rows,
            places: &self.places,
            times,
            groups_max: self.groups_max,
            check_wanted: &|| sink.check_wanted(),
        };
        gaps.fill(&mut self.budget, &|| self.aggregates.begin())
    }
}
