//! What of its events a query looks at.

use super::condition_tree::ConditionTree;
use super::field::Field;
use super::order::Order;
use super::query::{Output, Query};
use super::reduction::Reduction;
use super::selection::Selection;

impl Query {
    /// Whether it looks into payload or metadata to find out which events match, in which order they come, or what is made of
    /// them.
    #[must_use]
    pub fn reads_data(&self) -> bool {
        let of_order =
            |order: &Option<Order>| order.as_ref().is_some_and(|order| order.field.is_json());
        let of_reduction = |reduction: &Reduction| {
            let fields = reduction.aggregates.iter();
            let mut fields = fields.filter_map(|fold| fold.field.as_ref());
            fields.any(Field::is_json)
        };
        if self.conditions.iter().any(ConditionTree::reads_json) {
            return true;
        }
        match &self.output {
            Output::Events { order, .. } => of_order(order),
            Output::Collection { field, order } => field.is_json() || of_order(order),
            Output::Aggregation(reduction) => of_reduction(reduction),
            Output::Rows {
                reduction, groups, ..
            } => of_reduction(reduction) || groups.iter().any(|group| group.field().is_json()),
            // It collects whole events if it collects no field.
            Output::CollectedRows { .. } => true,
        }
    }

    /// Whether payload or metadata are in its result.
    #[must_use]
    pub fn shows_data(&self) -> bool {
        match &self.output {
            Output::Events { selection, .. } => selection.as_ref().is_none_or(Selection::has_data),
            _ => self.reads_data(),
        }
    }
}
