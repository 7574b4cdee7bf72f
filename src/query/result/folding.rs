//! How rows of a chunk are folded into the aggregates of their groups.

use rustc_hash::FxHashMap;

use super::aggregate::{Aggregate, HasAggregates};
use super::budget::Budget;
use super::number_bar::NumberBar;
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
    /// One for each row, in their order; `None` if all are in the group 0.
    pub(in crate::query) groups: Option<&'c [u32]>,
}

impl GroupedRows<'_> {
    /// Calls `then` with each row and its group, until it fails.
    fn try_each<F>(&self, mut then: impl FnMut(usize, usize) -> Result<(), F>) -> Result<(), F> {
        let Some(groups) = self.groups else {
            return self.rows.iter().try_for_each(|row| then(row, 0));
        };
        // That all rows are there is common, and going through bits takes some time.
        if groups.len() == self.rows.capacity() {
            let mut rows = groups.iter().enumerate();
            return rows.try_for_each(|(row, group)| then(row, *group as usize));
        }
        let mut rows = self.rows.iter().zip(groups);
        rows.try_for_each(|(row, group)| then(row, *group as usize))
    }

    /// Calls `then` with each row and its group.
    fn each(&self, mut then: impl FnMut(usize, usize)) {
        let Ok(()) = self.try_each(|row, group| {
            then(row, group);
            Ok::<_, std::convert::Infallible>(())
        });
    }

    /// Each row with its number and its group, where all rows of the chunk are there, in groups, and have a number that
    /// no text is read for.
    fn with_plain<'n>(
        &'n self,
        numbers: &Numbers<'n>,
    ) -> Option<impl Iterator<Item = (usize, f64, usize)> + 'n> {
        let (groups, numbers) = (self.groups?, numbers.plain()?);
        let rows = numbers.iter().zip(groups).enumerate();
        let rows = rows.map(|(row, (number, group))| (row, *number, *group as usize));
        (groups.len() == numbers.len()).then_some(rows)
    }

    /// A number for each group that is here, from 0, and how many there are.
    fn locals(&self) -> (FxHashMap<usize, usize>, usize) {
        let mut locals = FxHashMap::default();
        if self.groups.is_some() {
            self.each(|_, group| {
                let next = locals.len();
                locals.entry(group).or_insert(next);
            });
        }
        let count = locals.len().max(1);
        (locals, count)
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

fn aggregate_of<G: HasAggregates>(
    groups: &mut [G],
    group: usize,
    at: usize,
) -> Option<&mut Aggregate> {
    groups.get_mut(group)?.aggregates().get_mut(at)
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

    /// Counts the rows.
    pub(in crate::query) fn count(&mut self) {
        if self.rows.groups.is_none() {
            if let Some(aggregate) = aggregate_of(self.groups, 0, self.at) {
                aggregate.add_events(self.rows.rows.count() as u64);
            }
            return;
        }
        if !self.has_few_groups() {
            let (groups, at) = (&mut *self.groups, self.at);
            self.rows.each(|_, group| {
                if let Some(aggregate) = aggregate_of(groups, group, at) {
                    aggregate.add_events(1);
                }
            });
            return;
        }
        let mut counts = vec![0_u64; self.groups.len()];
        self.rows.each(|_, group| {
            if let Some(count) = counts.get_mut(group) {
                *count += 1;
            }
        });
        for (group, count) in self.groups.iter_mut().zip(counts) {
            if let Some(aggregate) = group.aggregates().get_mut(self.at) {
                aggregate.add_events(count);
            }
        }
    }

    /// Whether it takes less time to look at all groups than at all rows.
    fn has_few_groups(&self) -> bool {
        self.rows
            .groups
            .is_some_and(|rows| self.groups.len() * 4 <= rows.len())
    }

    /// Folds the values of a need.
    pub(in crate::query) fn values(&mut self, fold: Fold, need: usize) -> Result<(), E::Fault> {
        let values = self.rows.table.values.get(need);
        match (fold, values) {
            (Fold::CountDistinct, Some(RowValues::Column(column)))
                if self.rows.groups.is_none() =>
            {
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
            (Fold::Sum | Fold::Avg, Some(numbers))
                if self.rows.groups.is_none() || self.has_few_groups() =>
            {
                self.sums(&numbers, need)
            }
            (Fold::Min | Fold::Max, Some(numbers))
                if self.rows.groups.is_none() || self.has_few_groups() =>
            {
                self.extremes(&numbers, need)
            }
            (_, Some(numbers)) if fold.is_of_numbers() => self.numbers(&numbers, need),
            _ => self.each_value(need),
        }
    }

    /// Folds in what each row holds.
    fn each_value(&mut self, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        rows.try_each(|row, group| self.add(row, group, need))
    }

    /// Folds in what each row holds, of which only numbers matter.
    fn numbers(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        rows.try_each(|row, group| match numbers.at(row) {
            Some(None) => Ok(()),
            Some(Some(number)) => match aggregate_of(self.groups, group, self.at) {
                Some(aggregate) => Ok(aggregate.add_number(number, self.budget)?),
                None => Ok(()),
            },
            None => self.add(row, group, need),
        })
    }

    /// As [`Folding::numbers`], with the sums of all groups in a list of their own. Each is added to in the order of the rows.
    fn sums(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let at = self.at;
        let mut sums: Vec<(f64, u64)> = Vec::with_capacity(self.groups.len());
        for group in self.groups.iter_mut() {
            let aggregate = group.aggregates().get(at);
            sums.push(aggregate.map_or((0.0, 0), Aggregate::sum));
        }
        let mut add = |number: f64, group: usize| {
            if let Some((sum, count)) = sums.get_mut(group) {
                *sum += number;
                *count += 1;
            }
        };
        let mut left = Vec::new();
        match self.rows.with_plain(numbers) {
            Some(rows) => rows.for_each(|(_, number, group)| add(number, group)),
            None => self.rows.each(|row, group| match numbers.at(row) {
                Some(Some(number)) if left.is_empty() => add(number, group),
                Some(None) => {}
                // Those that have to be read, and what comes after them, are added one by one.
                _ => left.push((row, group)),
            }),
        }
        for (group, (sum, count)) in self.groups.iter_mut().zip(sums) {
            if let Some(aggregate) = group.aggregates().get_mut(at) {
                aggregate.set_sum(sum, count);
            }
        }
        left.into_iter()
            .try_for_each(|(row, group)| self.add(row, group, need))
    }

    /// As [`Folding::each_value`], where most numbers change nothing.
    fn extremes(&mut self, numbers: &Numbers<'_>, need: usize) -> Result<(), E::Fault> {
        let rows = self.rows;
        let mut bars: Vec<NumberBar> = Vec::with_capacity(self.groups.len());
        for group in self.groups.iter_mut() {
            let aggregate = group.aggregates().get(self.at);
            bars.push(aggregate.map_or(NumberBar::NONE, Aggregate::number_bar));
        }
        let bar_of = |bars: &[NumberBar], group: usize| {
            let bar = bars.get(group).copied();
            bar.unwrap_or(NumberBar::NONE)
        };
        if let Some(mut rows) = rows.with_plain(numbers) {
            return rows.try_for_each(|(row, number, group)| {
                if bar_of(&bars, group).lets_pass(number) {
                    self.challenge(row, group, need, &mut bars)
                } else {
                    Ok(())
                }
            });
        }
        rows.try_each(|row, group| match numbers.at(row) {
            Some(Some(number)) if !bar_of(&bars, group).lets_pass(number) => Ok(()),
            _ => self.challenge(row, group, need, &mut bars),
        })
    }

    /// Folds in what a row holds, and puts the bar of its group where it is then.
    fn challenge(
        &mut self,
        row: usize,
        group: usize,
        need: usize,
        bars: &mut [NumberBar],
    ) -> Result<(), E::Fault> {
        self.add(row, group, need)?;
        let aggregate = aggregate_of(self.groups, group, self.at);
        if let (Some(bar), Some(aggregate)) = (bars.get_mut(group), aggregate) {
            *bar = aggregate.number_bar();
        }
        Ok(())
    }

    /// Folds in what a row holds.
    fn add(&mut self, row: usize, group: usize, need: usize) -> Result<(), E::Fault> {
        let Some(aggregate) = aggregate_of(self.groups, group, self.at) else {
            return Ok(());
        };
        let (place, budget) = (self.rows.places.of(row), &mut *self.budget);
        let table = self.rows.table;
        table.one(need, row, place, self.events, |found| {
            aggregate.add(Some(found), budget)
        })
    }

    /// Folds in each value of a column that some row has, once. Their order does not matter.
    fn distinct(&mut self, column: &Column, need: usize) -> Result<(), E::Fault> {
        let Some(Aggregate::Distinct(distinct)) = aggregate_of(self.groups, 0, self.at) else {
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
        let (locals, count) = self.rows.locals();
        let codes = usize::from(FIRST_VALUE) + column.values().len();
        let size = count.saturating_mul(codes);
        if size > TALLIES_MAX {
            return Ok(false);
        }
        let mut tallies = vec![0_u32; size];
        // In the order of the rows, so that the first of equal values is the first one.
        let mut met = Vec::new();
        self.rows.each(
            |row, group| match column.codes().get(row).copied().unwrap_or(UNREAD) {
                ABSENT => {}
                UNREAD | NUMBER => met.push((row, group, None)),
                code => {
                    let local = locals.get(&group).copied().unwrap_or(0);
                    let at = local * codes + usize::from(code);
                    if let Some(tally) = tallies.get_mut(at) {
                        if *tally == 0 {
                            met.push((row, group, Some((at, code))));
                        }
                        *tally += 1;
                    }
                }
            },
        );
        for (row, group, tally) in met {
            let Some((at, code)) = tally else {
                self.add(row, group, need)?;
                continue;
            };
            let Some(aggregate) = aggregate_of(self.groups, group, self.at) else {
                continue;
            };
            let times = tallies.get(at).copied().unwrap_or(0);
            let raw = &column.values()[usize::from(code - FIRST_VALUE)];
            aggregate.add_often(Found::Json(raw), u64::from(times), self.budget)?;
        }
        Ok(true)
    }
}
