//! A query that was read.

use super::condition::Condition;
use super::condition_tree::ConditionTree;
use super::demand::{Demand, EndKey};
use super::event_key::EventKey;
use super::field::Field;
use super::group_field::GroupField;
use super::having::Having;
use super::order::{Order, RowOrder};
use super::reduction::Reduction;
use super::selection::Selection;
use crate::error::Error;

/// A query that is valid in all its parts.
#[derive(Debug)]
pub struct Query {
    pub(in crate::query) instance: String,
    /// That events are of the stream, if one is asked for.
    pub(in crate::query) in_stream: Option<ConditionTree>,
    /// Those that read only the header come first, since they are cheap.
    pub(in crate::query) conditions: Vec<ConditionTree>,
    pub(in crate::query) output: Output,
    pub(in crate::query) limit: Option<u64>,
    pub(in crate::query) offset: Option<u64>,
    pub(in crate::query) explains: bool,
    /// What the caller should know of the query.
    pub(in crate::query) remarks: Vec<String>,
}

/// What a query makes of the events that match.
#[derive(Debug)]
pub(in crate::query) enum Output {
    /// The events themselves, or what is selected of them.
    Events {
        selection: Option<Selection>,
        order: Option<Order>,
        /// Whether they are the aggregation of a `collect` without a field.
        collected: bool,
    },
    /// The values of one field.
    Collection { field: Field, order: Option<Order> },
    /// One value.
    Aggregation(Reduction),
    /// One row for each group.
    Rows {
        reduction: Reduction,
        groups: Vec<GroupField>,
        having: Having,
        order: Option<RowOrder>,
    },
    /// One row for each group, with values that the events are read for, in an order of the events.
    CollectedRows {
        reduction: Reduction,
        groups: Vec<GroupField>,
        having: Having,
        order: Option<RowOrder>,
        events: Option<Order>,
    },
}

impl Query {
    /// A query for all events of an instance, or of one of its streams, that pass the conditions of
    /// `conditions`, the JSON text of a `where`, and of each of `also`, the JSON text of one condition.
    ///
    /// # Errors
    ///
    /// As [`Query::parse`].
    pub fn for_events(
        instance: String,
        stream: Option<&str>,
        conditions: Option<&str>,
        also: &[String],
    ) -> Result<Self, Error> {
        let mut remarks = Vec::new();
        let conditions = conditions.map(|raw| ConditionTree::parse_where(raw, &mut remarks));
        Ok(Self {
            instance,
            in_stream: stream.map(ConditionTree::in_stream),
            conditions: ConditionTree::with(conditions.transpose()?.unwrap_or_default(), also)?,
            output: Output::Events {
                selection: None,
                order: None,
                collected: false,
            },
            limit: None,
            offset: None,
            explains: false,
            remarks,
        })
    }

    /// The same events, of which nothing is asked but how many they are after a position.
    ///
    /// # Errors
    ///
    /// As [`Query::parse`].
    pub fn counted_after(self, position: u64) -> Result<Self, Error> {
        let after = format!(r#"{{"field":"position","operator":"gt","value":{position}}}"#);
        Ok(Self {
            conditions: ConditionTree::with(self.conditions, &[after])?,
            output: Output::Aggregation(Reduction::count()),
            ..self
        })
    }

    /// Whether there is any condition, that of being of a stream included.
    #[must_use]
    pub const fn has_conditions(&self) -> bool {
        self.in_stream.is_some() || !self.conditions.is_empty()
    }

    /// The id or the name of the instance that is asked for.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The stream that all events which match are of, or `None` if they may be of any.
    #[must_use]
    pub fn stream(&self) -> Option<&str> {
        let mut conditions = self.in_stream.iter().chain(&self.conditions);
        conditions.find_map(ConditionTree::stream)
    }

    /// What the caller should know of the query: which of its parts cannot act, and what was taken to be meant.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Whether the result is to say how it was found.
    #[must_use]
    pub const fn explains(&self) -> bool {
        self.explains
    }

    /// The lowest and the highest time, in milliseconds, that an event which matches can have, or times
    /// beyond them.
    #[must_use]
    pub fn time_bounds(&self) -> (i64, i64) {
        ConditionTree::bounds_of_all(&self.conditions, Condition::time_bounds)
    }

    /// The lowest and the highest position that an event which matches can have, or positions beyond them.
    #[must_use]
    pub fn position_bounds(&self) -> (u64, u64) {
        ConditionTree::bounds_of_all(&self.conditions, Condition::position_bounds)
    }

    /// What the result is made of, as far as that is known without looking at events.
    #[must_use]
    pub fn demand(&self) -> Demand {
        if !self.conditions.is_empty() {
            return Demand::All;
        }
        if self.counts_only() {
            return Demand::Count;
        }
        let Output::Events { order, .. } = &self.output else {
            return Demand::All;
        };
        let (offset, limit) = (self.offset.unwrap_or(0), self.limit.unwrap_or(u64::MAX));
        let Some(order) = order else {
            return Demand::Slice { offset, limit };
        };
        let key = match order.field.key() {
            EventKey::Timestamp => EndKey::Time,
            EventKey::SequenceNumber => EndKey::Sequence,
            EventKey::Position => EndKey::Position,
            _ => return Demand::All,
        };
        Demand::End {
            key,
            descending: order.descending,
            offset,
            limit,
        }
    }

    /// Whether there can be events of which nothing needs to be known but their bounds and types.
    #[must_use]
    pub fn can_need_no_columns(&self) -> bool {
        self.has_conditions() || self.counts_types()
    }

    /// Whether the result is made of nothing but how many events of each type match.
    pub(in crate::query) fn counts_types(&self) -> bool {
        matches!(
            &self.output,
            Output::Rows { reduction, groups, .. }
                if reduction.counts_events()
                    && matches!(
                        &groups[..],
                        [group] if group.is_of_equals() && group.field().key() == EventKey::EventType
                    )
        )
    }

    /// Whether the result is made of nothing but how many events match.
    pub(in crate::query) fn counts_only(&self) -> bool {
        match &self.output {
            Output::Aggregation(reduction) => reduction.counts_events(),
            Output::Events { .. } => self.limit == Some(0),
            _ => false,
        }
    }
}
