//! The aggregates of a reduction.

use super::aggregate::{Aggregate, HasAggregates};
use super::budget::Budget;
use super::folding::{Folding, GroupedRows};
use crate::arguments;
use crate::query::grammar::reduction::Reduction;
use crate::query::limits::EXACT_PERCENTILE_MAX;
use crate::query::matching::chunk::Events;

/// What each aggregate of a reduction folds.
#[derive(Debug)]
pub(in crate::query) struct Aggregates<'q> {
    reduction: &'q Reduction,
    /// Of each, the need whose values it folds; `None` where it counts events.
    needs: Vec<Option<usize>>,
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
            let mut folding = Folding::new(rows, events, budget, groups, at);
            match self.needs.get(at).copied().flatten() {
                None => folding.count(),
                Some(need) => folding.values(named.fold, need)?,
            }
        }
        Ok(())
    }
}

impl Aggregates<'_> {
    /// Of each aggregate, that none of its values is near the right one only.
    pub(in crate::query) fn none_near(&self) -> Vec<bool> {
        vec![false; self.reduction.aggregates.len()]
    }
}

/// Computes the value of each aggregate in each of the groups, after the last event.
pub(in crate::query) fn settle<G: HasAggregates>(groups: &mut [G]) {
    for group in groups {
        group.aggregates().iter_mut().for_each(Aggregate::settle);
    }
}

/// Notes in `near` which of the aggregates of a group, which are settled, are near the right ones only.
pub(in crate::query) fn note_near(aggregates: &[Aggregate], near: &mut [bool]) {
    for (aggregate, is_near) in aggregates.iter().zip(near) {
        *is_near |= aggregate.is_near();
    }
}

/// What the caller should know of values that are near the right ones only.
pub(in crate::query) fn remarks(reduction: &Reduction, near: &[bool]) -> Vec<String> {
    let named = reduction.aggregates.iter().zip(near);
    let near = named.filter(|(_, is_near)| **is_near);
    near.map(|(named, _)| {
        let name = arguments::shown_key(&named.name);
        format!(
            "{name} is within 0.5 percent where it is of more than {EXACT_PERCENTILE_MAX} numbers"
        )
    })
    .collect()
}

/// The JSON text of the aggregates of all events, which are settled: an object, or the value of the one that has no name of its own.
pub(in crate::query) fn value_of(reduction: &Reduction, aggregates: &[Aggregate]) -> String {
    let mut text = String::new();
    match aggregates {
        [aggregate] if reduction.is_single => text.push_str(&aggregate.settled().json()),
        _ => {
            text.push('{');
            write_members(reduction, aggregates, &mut text);
            text.push('}');
        }
    }
    text
}

/// Appends the members that the aggregates are, which are settled, without brackets.
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
        out.push_str(&aggregate.settled().json());
    }
}
