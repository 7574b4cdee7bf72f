//! One group as a row of the result.

use std::cmp::Ordering;

use super::aggregate::Aggregate;
use super::aggregates::{self, HasAggregates};
use super::group_value::GroupValue;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::order::{RowColumn, RowOrder};
use crate::query::grammar::reduction::Reduction;

/// The values that a group has in common, and what its events were folded into.
#[derive(Debug)]
pub(in crate::query) struct GroupRow {
    pub(in crate::query) values: Vec<GroupValue>,
    pub(in crate::query) aggregates: Box<[Aggregate]>,
}

impl HasAggregates for GroupRow {
    fn aggregates(&mut self) -> &mut [Aggregate] {
        &mut self.aggregates
    }
}

impl GroupRow {
    pub(in crate::query) const fn new(
        values: Vec<GroupValue>,
        aggregates: Box<[Aggregate]>,
    ) -> Self {
        Self { values, aggregates }
    }

    /// How many bytes the row's values hold.
    pub(in crate::query) fn bytes_len(&self) -> usize {
        let values = self.values.iter().map(GroupValue::bytes_len);
        let aggregates = self.aggregates.len() * size_of::<Aggregate>();
        size_of::<Self>() + aggregates + values.sum::<usize>()
    }

    /// Appends the row to `out` as a JSON object.
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

    fn compare_column(&self, other: &Self, column: RowColumn) -> Ordering {
        match column {
            RowColumn::Aggregate(at) => {
                let key = |row: &Self| row.aggregates.get(at).map(|it| it.sort_key().into_owned());
                key(self).cmp(&key(other))
            }
            RowColumn::Group(at) => {
                let keys = |row: &Self| row.values.get(at).map(|value| value.key.clone());
                keys(self).cmp(&keys(other))
            }
        }
    }
}

/// Sorts rows as `order` asks. Rows that it leaves equal are in ascending order of their group
/// values whatever its direction, and at last in the order in which the groups were found.
pub(in crate::query) fn sort(rows: &mut [GroupRow], order: Option<&RowOrder>) {
    // The sorts are stable, so what the second one leaves equal keeps the order of the first.
    rows.sort_by(GroupRow::compare_values);
    if let Some(order) = order {
        rows.sort_by(|a, b| {
            let ascending = a.compare_column(b, order.column);
            if order.descending {
                ascending.reverse()
            } else {
                ascending
            }
        });
    }
}
