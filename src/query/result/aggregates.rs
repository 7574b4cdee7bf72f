//! The aggregates of a reduction, and how rows of a chunk are folded into them.

use rustc_hash::FxHashMap;

use super::aggregate::Aggregate;
use super::budget::Budget;
use crate::arguments;
use crate::block::{ABSENT, Column, FIRST_VALUE, NUMBER, UNREAD};
use crate::query::grammar::fold::Fold;
use crate::query::grammar::reduction::Reduction;
use crate::query::limits::EXACT_PERCENTILE_MAX;
use crate::query::matching::chunk::Events;
use crate::query::matching::places::Places;
use crate::query::matching::rows::Rows;
use crate::query::matching::values::{Numbers, RowValues, Table};
use crate::query::value::found::Found;

/// How many different values in how many groups are counted at once.
const TALLIES_MAX: usize = 1 << 18;

/// What has aggregates.
pub(in crate::query) trait HasAggregates {
    /// One for each of the reduction.
    fn aggregates(&mut self) -> &mut [Aggregate];
}

/// All events are one group, without grouping.
impl HasAggregates for Box<[Aggregate]> {
    fn aggregates(&mut self) -> &mut [Aggregate] {
        self
    }
}

fn aggregate_of<G: HasAggregates>(
    groups: &mut [G],
    group: usize,
    at: usize,
) -> Option<&mut Aggregate> {
    groups.get_mut(group)?.aggregates().get_mut(at)
}

/// What each aggregate of a reduction folds.
#[derive(Debug)]
pub(in crate::query) struct Aggregates<'q> {
    reduction: &'q Reduction,
    /// Of each, the need whose values it folds; `None` where it counts events.
    needs: Vec<Option<usize>>,
}

/// Rows of a chunk, and the group of each of them.
pub(in crate::query) struct GroupedRows<'c> {
    pub(in crate::query) rows: &'c Rows,
    pub(in crate::query) places: &'c Places,
    pub(in crate::query) table: &'c Table<'c>,
    /// One for each row, in their order; `None` if all are in the group 0.
    pub(in crate::query) groups: Option<&'c [u32]>,
}

impl GroupedRows<'_> {
    /// Each row with its group.
    fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.rows.iter().enumerate().map(|(at, row)| {
            let group = self.groups.and_then(|groups| groups.get(at).copied());
            (row, group.unwrap_or(0) as usize)
        })
    }

    /// A number for each group that is here, from 0, and how many there are.
    fn locals(&self) -> (FxHashMap<usize, usize>, usize) {
        let mut locals = FxHashMap::default();
        if self.groups.is_some() {
            for (_, group) in self.iter() {
                let next = locals.len();
                locals.entry(group).or_insert(next);
            }
        }
        let count = locals.len().max(1);
        (locals, count)
    }
}

impl<'q> Aggregates<'q> {
    /// Those of a reduction, of whose needs the first one is the query's need `first`.
    pub(in crate::query) fn new(reduction: &'q Reduction, first: usize) -> Self {
        let (_, needs) = reduction.needs();
        let needs = needs.into_iter().map(|need| need.map(|need| first + need));
        Self {
            reduction,
            needs: needs.collect(),
        }
    }

    pub(in crate::query) const fn reduction(&self) -> &'q Reduction {
        self.reduction
    }

    /// One of each, with nothing folded in.
    pub(in crate::query) fn begin(&self) -> Box<[Aggregate]> {
        let folds = self.reduction.aggregates.iter();
        folds.map(|it| Aggregate::new(it.fold)).collect()
    }

    /// Folds rows into their groups.
    pub(in crate::query) fn take<G: HasAggregates, E: Events>(
        &self,
        rows: &GroupedRows<'_>,
        events: &E,
        budget: &mut Budget,
        groups: &mut [G],
    ) -> Result<(), E::Fault> {
        for (at, named) in self.reduction.aggregates.iter().enumerate() {
            let mut folding = Folding {
                rows,
                events,
                budget,
                groups,
                at,
            };
            match self.needs.get(at).copied().flatten() {
                None => folding.count(),
                Some(need) => folding.values(named.fold, need)?,
            }
        }
        Ok(())
    }
}

impl Aggregates<'_> {
    /// Computes what is computed once in each of the groups, after the last value. Returns what the caller should know
    /// of it.
    pub(in crate::query) fn settle<G: HasAggregates>(&self, groups: &mut [G]) -> Vec<String> {
        let named = &self.reduction.aggregates;
        let mut are_near = vec![false; named.len()];
        for group in groups {
            for (aggregate, is_near) in group.aggregates().iter_mut().zip(&mut are_near) {
                *is_near |= aggregate.settle();
            }
        }
        let near = named.iter().zip(are_near).filter(|(_, is_near)| *is_near);
        near.map(|(named, _)| {
            let name = arguments::shown_key(&named.name);
            format!(
                "{name} is within 0.5 percent where it is of more than {EXACT_PERCENTILE_MAX} numbers"
            )
        })
        .collect()
    }
}

/// The JSON text of the aggregates of all events: an object, or the value of the one that has no name of its own.
pub(in crate::query) fn value_of(reduction: &Reduction, aggregates: &[Aggregate]) -> String {
    let mut text = String::new();
    match aggregates {
        [aggregate] if reduction.is_single => aggregate.write_json(&mut text),
        _ => {
            text.push('{');
            write_members(reduction, aggregates, &mut text);
            text.push('}');
        }
    }
    text
}

/// Appends the members that the aggregates are, without brackets.
pub(in crate::query) fn write_members(
    reduction: &Reduction,
    aggregates: &[Aggregate],
    out: &mut String,
) {
    for (at, (named, aggregate)) in reduction.aggregates.iter().zip(aggregates).enumerate() {
        if at > 0 {
            out.push(',');
        }
        named.name.write_json(out);
        out.push(':');
        aggregate.write_json(out);
    }
}

/// One aggregate of each group, while rows are folded into it.
struct Folding<'f, E, G> {
    rows: &'f GroupedRows<'f>,
    events: &'f E,
    budget: &'f mut Budget,
    groups: &'f mut [G],
    /// Which of the aggregates.
    at: usize,
}

impl<E: Events, G: HasAggregates> Folding<'_, E, G> {
    fn count(&mut self) {
        if self.rows.groups.is_none() {
            if let Some(aggregate) = aggregate_of(self.groups, 0, self.at) {
                aggregate.add_events(self.rows.rows.count() as u64);
            }
            return;
        }
        for (_, group) in self.rows.iter() {
            if let Some(aggregate) = aggregate_of(self.groups, group, self.at) {
                aggregate.add_events(1);
            }
        }
    }

    /// Folds the values of a need.
    fn values(&mut self, fold: Fold, need: usize) -> Result<(), E::Fault> {
        let values = self.rows.table.values.get(need);
        if let (Fold::CountDistinct | Fold::TopK(_), Some(RowValues::Column(column))) =
            (fold, values)
            && self.tally(column, need)?
        {
            return Ok(());
        }
        let numbers = values
            .filter(|_| fold.is_of_numbers())
            .and_then(Numbers::of);
        for (row, group) in self.rows.iter() {
            let Some(aggregate) = aggregate_of(self.groups, group, self.at) else {
                continue;
            };
            match numbers.as_ref().and_then(|numbers| numbers.at(row)) {
                Some(None) => {}
                Some(Some(number)) => aggregate.add_number(number, self.budget)?,
                None => Self::add(self.rows, self.events, self.budget, (row, need), aggregate)?,
            }
        }
        Ok(())
    }

    /// Folds in what a row holds.
    fn add(
        rows: &GroupedRows<'_>,
        events: &E,
        budget: &mut Budget,
        (row, need): (usize, usize),
        aggregate: &mut Aggregate,
    ) -> Result<(), E::Fault> {
        let place = rows.places.of(row);
        rows.table.one(need, row, place, events, |found| {
            aggregate.add(Some(found), budget)
        })
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
        for (row, group) in self.rows.iter() {
            match column.codes().get(row).copied().unwrap_or(UNREAD) {
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
            }
        }
        for (row, group, tally) in met {
            let Some(aggregate) = aggregate_of(self.groups, group, self.at) else {
                continue;
            };
            let Some((at, code)) = tally else {
                Self::add(self.rows, self.events, self.budget, (row, need), aggregate)?;
                continue;
            };
            let times = tallies.get(at).copied().unwrap_or(0);
            let raw = &column.values()[usize::from(code - FIRST_VALUE)];
            aggregate.add_often(Found::Json(raw), u64::from(times), self.budget)?;
        }
        Ok(true)
    }
}
