//! One group as a row of the result.

use std::cmp::Ordering;

use super::aggregate::{Aggregate, HasAggregates};
use super::aggregates;
use super::budget::{Budget, allocated};
use super::group_value::GroupValue;
use crate::error::Error;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::order::{RowColumn, RowOrder};
use crate::query::grammar::reduction::Reduction;
use crate::query::value::sort_key::SortKey;

/// What no group has for a [slot](super::slots::Slots).
pub(in crate::query) const NO_SLOT: u32 = u32::MAX;

/// The values that a group has in common, and what its events were folded into.
#[derive(Debug)]
pub(in crate::query) struct GroupRow {
    pub(in crate::query) values: Box<[GroupValue]>,
    pub(in crate::query) aggregates: Box<[Aggregate]>,
    /// That of the group, while the slots of a chunk are given out.
    pub(in crate::query) slot: u32,
}

impl HasAggregates for GroupRow {
    fn aggregates(&mut self) -> &mut [Aggregate] {
        &mut self.aggregates
    }
}

impl GroupRow {
    pub(in crate::query) const fn new(
        values: Box<[GroupValue]>,
        aggregates: Box<[Aggregate]>,
    ) -> Self {
        Self {
            values,
            aggregates,
            slot: NO_SLOT,
        }
    }

    /// How many bytes the row holds beside its own, before anything is folded.
    pub(in crate::query) fn bytes_len(&self) -> usize {
        let values = self.values.iter().map(GroupValue::bytes_len);
        let aggregates = self.aggregates.iter().map(Aggregate::bytes_len);
        allocated(size_of_val(&*self.values))
            + allocated(size_of_val(&*self.aggregates))
            + values.sum::<usize>()
            + aggregates.sum::<usize>()
    }

    /// Appends the row, whose aggregates are settled, to `out` as a JSON object.
    pub(in crate::query) fn write_json(
        &self,
        fields: &[GroupField],
        reduction: &Reduction,
        out: &mut String,
    ) {
        out.push('{');
        for (field, value) in fields.iter().zip(&self.values) {
            field.label().write_json(out);
            out.push(':');
            out.push_str(&value.json);
            out.push(',');
        }
        aggregates::write_members(reduction, &self.aggregates, out);
        out.push('}');
    }

    fn compare_values(&self, other: &Self) -> Ordering {
        let keys = self.values.iter().map(|value| &value.key);
        keys.cmp(other.values.iter().map(|value| &value.key))
    }

    /// The key of the column that rows are sorted by.
    fn key(&self, column: RowColumn) -> SortKey<'_> {
        let key = match column {
            RowColumn::Aggregate(at) => {
                let aggregate = self.aggregates.get(at);
                aggregate.map(|it| it.settled().value().into_sort_key())
            }
            RowColumn::Group(at) => self.values.get(at).map(|value| value.key.borrowed()),
        };
        key.unwrap_or(SortKey::Null)
    }
}

/// The places of the rows in the order that is asked for. Rows that it leaves equal are in ascending order of their group
/// values whatever its direction, and at last in the order in which the groups were found.
pub(in crate::query) fn sorted(
    rows: &[GroupRow],
    order: Option<&RowOrder>,
    budget: &mut Budget,
) -> Result<Vec<usize>, Error> {
    let row_bytes = size_of::<usize>() + order.map_or(0, |_| size_of::<SortKey<'_>>());
    budget.take(row_bytes * rows.len())?;
    let mut places: Vec<usize> = (0..rows.len()).collect();
    let by_values = |a: usize, b: usize| rows[a].compare_values(&rows[b]).then(a.cmp(&b));
    let Some(order) = order else {
        places.sort_unstable_by(|a, b| by_values(*a, *b));
        return Ok(places);
    };
    // Each key is made once.
    let keys: Vec<SortKey<'_>> = rows.iter().map(|row| row.key(order.column)).collect();
    places.sort_unstable_by(|a, b| {
        let ascending = keys[*a].cmp(&keys[*b]);
        let asked = if order.descending {
            ascending.reverse()
        } else {
            ascending
        };
        asked.then_with(|| by_values(*a, *b))
    });
    Ok(places)
}
