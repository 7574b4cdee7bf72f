//! How rows of a chunk are folded into the aggregates of their groups.

use super::aggregate::{Aggregate, HasAggregates};
use super::budget::Budget;
use super::number_bar::NumberBar;
use super::slots::Slots;
use crate::block::{ABSENT, Column, FIRST_VALUE, NUMBER, UNREAD};
use crate::query::grammar::fold::Fold;
use crate::query::matching::chunk::Events;
use crate::query::matching::places::Places;
use crate::query::matching::rows::Rows;
use crate::query::matching::values::{Numbers, RowValues, Table};
use crate::query::value::found::Found;

/// How many different values in how many groups are counted at once.
const TALLIES_MAX: usize = 1 << 18;

/// Rows of a chunk, and the group of each of them.
pub(in crate::query) struct GroupedRows<'c> {
    pub(in crate::query) rows: &'c Rows,
    pub(in crate::query) places: &'c Places,
    pub(in crate::query) table: &'c Table<'c>,
    /// `None` if all are in the group 0, whose slot is 0.
    pub(in crate::query) slots: Option<&'c Slots<'c>>,
}

impl GroupedRows<'_> {
    /// Calls `then` with each row and its slot, until it fails.
    fn try_each<F>(&self, mut then: impl FnMut(usize, usize) -> Result<(), F>) -> Result<(), F> {
        let Some(slots) = self.slots.map(|slots| &*slots.of_rows) else {
            return self.rows.iter().try_for_each(|row| then(row, 0));
        };
        // That all rows are there is common, and going through bits takes some time.
        if slots.len() == self.rows.capacity() {
            let mut rows = slots.iter().enumerate();
            return rows.try_for_each(|(row, slot)| then(row, *slot as usize));
        }
        let mut rows = self.rows.iter().zip(slots);
        rows.try_for_each(|(row, slot)| then(row, *slot as usize))
    }

    /// Calls `then` with each row and its slot.
    fn each(&self, mut then: impl FnMut(usize, usize)) {
        let Ok(()) = self.try_each(|row, slot| {
            then(row, slot);
            Ok::<_, std::convert::Infallible>(())
        });
    }

    /// The number and the slot of each row, where all rows of the chunk are there, in groups, and have a number that no
    /// text is read for.
    fn with_plain<'n>(&'n self, numbers: &Numbers<'n>) -> Option<(&'n [f64], &'n [u32])> {
        let (slots, numbers) = (&*self.slots?.of_rows, numbers.plain()?);
        (slots.len() == numbers.len()).then_some((numbers, slots))
    }

    /// How many slots there are.
    fn slots(&self) -> usize {
        self.slots.map_or(1, |slots| slots.groups.len())
    }

    /// The place of the group that has a slot.
    fn group_of(&self, slot: usize) -> Option<usize> {
        match self.slots {
            None => Some(0),
            Some(slots) => slots.groups.get(slot).map(|group| *group as usize),
        }
    }
}

/// One aggregate of each group, while rows are folded into it.
pub(in crate::query) struct Folding<'f, E, G> {
    rows: &'f GroupedRows<'f>,
    events: &'f E,
    budget: &'f mut Budget,
    groups: &'f mut [G],
    /// Which of the aggregates.
    at: usize,
}

impl<'f, E: Events, G: HasAggregates> Folding<'f, E, G> {
    pub(in crate::query) const fn new(
        rows: &'f GroupedRows<'f>,
        events: &'f E,
        budget: &'f mut Budget,
        groups: &'f mut [G],
        at: usize,
    ) -> Self {
        Self {
            rows,
            events,
            budget,
            groups,
            at,
        }
    }

    /// The aggregate of the group that has a slot.
    fn aggregate(&mut self, slot: usize) -> Option<&mut Aggregate> {
        let group = self.rows.group_of(slot)?;
        self.groups.get_mut(group)?.aggregates().get_mut(self.at)
    }

    /// What each slot's aggregate tells.
    fn of_slots<T>(&mut self, missing: T, tell: impl Fn(&Aggregate) -> T) -> Vec<T>
    where
        T: Clone,
    {
        let slots = 0..self.rows.slots();
        let told = slots.map(|slot| {
            let aggregate = self.aggregate(slot);
            aggregate.map_or_else(|| missing.clone(), |it| tell(it))
        });
        told.collect()
    }

    /// Counts the rows.
    pub(in crate::query) fn count(&mut self) {
        let Some(slots) = self.rows.slots else {
            let count = self.rows.rows.count() as u64;
            if let Some(aggregate) = self.aggregate(0) {
                aggregate.add_events(count);
            }
            return;
        };
        for (slot, count) in slots.counts.iter().enumerate() {
            if let Some(aggregate) = self.aggregate(slot) {
                aggregate.add_events(u64::from(*count));
            }
        }
    }

    /// Folds the values of a need.
    pub(in crate::query) fn values(&mut self, fold: Fold, need: usize) -> Result<(), E::Fault> {
        let values = self.rows.table.values.get(need);
        match (fold, values) {
            (Fold::CountDistinct, Some(RowValues::Column(column))) if self.rows.slots.is_none() => {
                return self.distinct(column, need);
            }
            (Fold::CountDistinct | Fold::TopK(_), Some(RowValues::Column(column)))
                if self.tally(column, need)? =>
            {
                return Ok(());
            }
            _ => {}
        }
        match (fold, values.and_then(Numbers::of)) {
            (Fold::Sum | Fold::Avg, Some(numbers)) => self.sums(&numbers, need),
            (Fold::Min | Fold::Max, Some(numbers)) => self.extremes(&numbers, need),
            (_, Some(numbers)) if fold.is_of_numbers() => self.numbers(&numbers, need),
            _ => self.each_value(need),
        }
    }

    /// Folds in what each row holds.
    fn each_value(&mut self, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        rows.try_each(|row, slot| self.add(row, slot, need))
    }

    /// Folds in what each row holds, of which only numbers matter.
    fn numbers(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        rows.try_each(|row, slot| match numbers.at(row) {
            Some(None) => Ok(()),
            Some(Some(number)) => {
                let Some(group) = rows.group_of(slot) else {
                    return Ok(());
                };
                let group = self.groups.get_mut(group).map(G::aggregates);
                match group.and_then(|it| it.get_mut(self.at)) {
                    Some(aggregate) => Ok(aggregate.add_number(number, self.budget)?),
                    None => Ok(()),
                }
            }
            None => self.add(row, slot, need),
        })
    }

    /// As [`Folding::numbers`], with the sums of all slots in a list of their own. Each is added to in the order of the
    /// rows.
    fn sums(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        if let (Some((numbers, of_rows)), Some(slots)) = (rows.with_plain(numbers), rows.slots) {
            let mut sums = self.of_slots(0.0, |it| it.sum().0);
            for (number, slot) in numbers.iter().zip(of_rows) {
                if let Some(sum) = sums.get_mut(*slot as usize) {
                    *sum += number;
                }
            }
            let sums = sums.into_iter().zip(&*slots.counts);
            self.set_sums(sums.map(|(sum, count)| (sum, u64::from(*count))));
            return Ok(());
        }
        let mut sums = self.of_slots((0.0, 0), |it| (it.sum().0, 0));
        let mut left = Vec::new();
        rows.each(|row, slot| match numbers.at(row) {
            Some(Some(number)) if left.is_empty() => {
                if let Some((sum, count)) = sums.get_mut(slot) {
                    *sum += number;
                    *count += 1;
                }
            }
            Some(None) => {}
            // Those that have to be read, and what comes after them, are added one by one.
            _ => left.push((row, slot)),
        });
        self.set_sums(sums.into_iter());
        left.into_iter()
            .try_for_each(|(row, slot)| self.add(row, slot, need))
    }

    /// Puts another sum in the place of that of each slot, which is one of so many more numbers.
    fn set_sums(&mut self, sums: impl Iterator<Item = (f64, u64)>) {
        for (slot, (sum, more)) in sums.enumerate() {
            if let Some(aggregate) = self.aggregate(slot) {
                let (_, count) = aggregate.sum();
                aggregate.set_sum(sum, count + more);
            }
        }
    }

    /// As [`Folding::each_value`], where most numbers change nothing.
    fn extremes(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        let mut bars = self.of_slots(NumberBar::NONE, Aggregate::number_bar);
        let lets_pass = |bars: &[NumberBar], slot: usize, number: f64| {
            bars.get(slot).is_none_or(|bar| bar.lets_pass(number))
        };
        if let Some((numbers, slots)) = rows.with_plain(numbers) {
            for (row, (number, slot)) in numbers.iter().zip(slots).enumerate() {
                let slot = *slot as usize;
                if lets_pass(&bars, slot, *number) {
                    self.challenge(row, slot, need, &mut bars)?;
                }
            }
            return Ok(());
        }
        rows.try_each(|row, slot| match numbers.at(row) {
            Some(Some(number)) if !lets_pass(&bars, slot, number) => Ok(()),
            _ => self.challenge(row, slot, need, &mut bars),
        })
    }

    /// Folds in what a row holds, and puts the bar of its slot where it is then.
    fn challenge(
        &mut self,
        row: usize,
        slot: usize,
        need: usize,
        bars: &mut [NumberBar],
    ) -> Result<(), E::Fault> {
        self.add(row, slot, need)?;
        if let (Some(bar), Some(aggregate)) = (bars.get_mut(slot), self.aggregate(slot)) {
            *bar = aggregate.number_bar();
        }
        Ok(())
    }

    /// Folds in what a row holds.
    fn add(&mut self, row: usize, slot: usize, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        let Some(group) = rows.group_of(slot) else {
            return Ok(());
        };
        let group = self.groups.get_mut(group).map(G::aggregates);
        let Some(aggregate) = group.and_then(|it| it.get_mut(self.at)) else {
            return Ok(());
        };
        let (place, budget) = (rows.places.of(row), &mut *self.budget);
        rows.table.one(need, row, place, self.events, |found| {
            aggregate.add(Some(found), budget)
        })
    }

    /// Folds in each value of a column that some row has, once. Their order does not matter.
    fn distinct(&mut self, column: &Column, need: usize) -> Result<(), E::Fault> {
        let group = self.groups.first_mut().map(G::aggregates);
        let Some(Aggregate::Distinct(distinct)) = group.and_then(|it| it.get_mut(self.at)) else {
            return Ok(());
        };
        let (rows, codes) = (self.rows.rows, column.codes());
        let code_of = |row: usize| codes.get(row).copied().unwrap_or(UNREAD);
        let mut is_there = vec![false; usize::from(FIRST_VALUE) + column.values().len()];
        for row in rows.iter() {
            if let Some(is_there) = is_there.get_mut(usize::from(code_of(row))) {
                *is_there = true;
            }
        }
        let (others, values) = is_there.split_at(usize::from(FIRST_VALUE));
        distinct.add_values(column.values(), values, self.budget)?;
        if others[usize::from(NUMBER)] {
            for row in rows.iter().filter(|row| code_of(*row) == NUMBER) {
                if let Some(number) = column.numbers().get(row) {
                    distinct.add_number(*number, self.budget)?;
                }
            }
        }
        if !others[usize::from(UNREAD)] {
            return Ok(());
        }
        let mut unread = rows.iter().filter(|row| code_of(*row) == UNREAD);
        unread.try_for_each(|row| self.add(row, 0, need))
    }

    /// Counts the rows of each value of a column in each group, and folds in the values once. Says whether there are so
    /// few that it does.
    fn tally(&mut self, column: &Column, need: usize) -> Result<bool, E::Fault> {
        let codes = usize::from(FIRST_VALUE) + column.values().len();
        let size = self.rows.slots().saturating_mul(codes);
        if size > TALLIES_MAX {
            return Ok(false);
        }
        let mut tallies = vec![0_u32; size];
        // In the order of the rows, so that the first of equal values is the first one.
        let mut met = Vec::new();
        self.rows.each(
            |row, slot| match column.codes().get(row).copied().unwrap_or(UNREAD) {
                ABSENT => {}
                UNREAD | NUMBER => met.push((row, slot, None)),
                code => {
                    let at = slot * codes + usize::from(code);
                    if let Some(tally) = tallies.get_mut(at) {
                        if *tally == 0 {
                            met.push((row, slot, Some((at, code))));
                        }
                        *tally += 1;
                    }
                }
            },
        );
        for (row, slot, tally) in met {
            let Some((at, code)) = tally else {
                self.add(row, slot, need)?;
                continue;
            };
            let group = self.rows.group_of(slot);
            let group = group.and_then(|group| self.groups.get_mut(group));
            let Some(aggregate) = group.and_then(|it| it.aggregates().get_mut(self.at)) else {
                continue;
            };
            let times = tallies.get(at).copied().unwrap_or(0);
            let raw = &column.values()[usize::from(code - FIRST_VALUE)];
            aggregate.add_often(Found::Json(raw), u64::from(times), self.budget)?;
        }
        Ok(true)
    }
}
