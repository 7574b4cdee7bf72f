//! Queries: which events match, and how they are sorted, paged and folded.
//!
//! A query is the JSON text of one object:
//!
//! ```text
//! query     = { from, where?, select?, orderBy?, limit?, offset?, reduce?, explain?: boolean }
//! from      = { instance: string, stream?: string }
//! where     = [ condition, … ]                   all must hold; at most CONDITIONS_MAX
//! condition = { field, operator, value }
//! operator  = "eq" | "neq" | "gt" | "gte" | "lt" | "lte" | "contains" | "in" | "between"
//! select    = [ field, … ]                       at most FIELDS_MAX; none select all
//! orderBy   = { field, direction?: "asc" | "desc" }
//! limit     = offset = a whole number, 0 to 2^53 - 1
//! reduce    = { type, field?, groupBy?: field | [ field, … ] }
//! type      = "count" | "sum" | "avg" | "min" | "max" | "collect"
//!
//! field     = header | path | pointer            at most FIELD_BYTES_MAX, FIELD_SEGMENTS_MAX
//! header    = "id" | "instanceId" | "stream_id" | "event_type" | "timestamp"
//!           | "sequence_number"                  each in snake_case or camelCase
//! path      = [ ( "payload" | "metadata" ) "." ] key { "." key } | "payload" | "metadata"
//!                                                without the first word: within the payload
//! pointer   = "/" header | "/payload" { "/" key } | "/metadata" { "/" key }     RFC 6901
//! ```
//!
//! A key whose value is `null` counts as left out, but for `value`. A key that is not in the grammar is refused: a
//! query is never half-obeyed in silence. What cannot act beside `reduce` is passed over, and remarked. Everything is
//! checked by [`Query::parse`], before any event is read.
//!
//! A field that is not there reads as `null`. Values of different types are not equal and have no
//! order in `where`; when sorting, null < boolean < number < string < array < object, and arrays
//! tie among themselves, as objects do. Strings are compared by UTF-16 code unit.
//!
//! This module is pure. What is queried is a sequence of [`Chunk`]s. Each is
//! [examined](Query::examine) on its own, by its summary and its columns as far as they tell; what
//! was found is taken by an [`Execution`] in append order, and the parts of the `result` object come
//! out.

mod aggregate;
mod budget;
mod canonical;
mod chunk;
mod condition;
mod event_key;
mod examine;
mod execution;
mod field;
mod found;
mod group;
mod instant;
mod literal;
mod literal_set;
mod operator;
mod order;
mod page;
mod parse;
mod places;
mod reduction;
mod row;
mod rows;
mod selection;
pub(crate) mod shape;
mod sift;
mod sort_key;
#[cfg(test)]
pub(crate) mod test;
mod time_test;
mod value;
mod value_test;
mod values;
mod verdict;

use condition::Condition;
use event_key::EventKey;
use field::Field;
use group::GroupField;
use order::{Order, RowOrder};
use reduction::{Fold, Reduction};
use selection::Selection;

use crate::error::Error;
use crate::event::Event;

pub use budget::too_large as result_too_large;
pub use chunk::{Chunk, EventVisitor, Events, Known, Visitor};
pub use examine::{Effort, Examined};
pub use execution::{Execution, Outcome, Sink};
pub(crate) use parse::identifier;
pub use rows::Rows;

/// How many conditions `where` may have.
pub const CONDITIONS_MAX: usize = 100;

/// How many fields `select` and `reduce.groupBy` may each have.
pub const FIELDS_MAX: usize = 100;

/// How many values the list of an `in` may have.
pub const IN_VALUES_MAX: usize = 10_000;

/// How long a field's name may be, in bytes of UTF-8.
pub const FIELD_BYTES_MAX: usize = 1_024;

/// How many keys a field's name may have, `payload` or `metadata` included where it is written.
pub const FIELD_SEGMENTS_MAX: usize = 64;

/// How many levels of arrays and objects a value in `where` may have.
///
/// The same number bounds what `groupBy` compares as JSON values; deeper group values are the same
/// only where their text is.
pub const NESTING_MAX: usize = 64;

/// How many groups `reduce.groupBy` may make.
pub const GROUPS_MAX: usize = 1_000_000;

/// How long a result may be, in bytes of JSON text: 256 MiB.
///
/// It bounds memory as well: what is held while the query runs (the events of the page, those
/// before the page where it is sorted, sort keys, groups) counts towards it.
pub const RESULT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A query that is valid in all its parts.
#[derive(Debug)]
pub struct Query {
    instance: String,
    /// That events are of the stream, if one is asked for.
    in_stream: Option<Condition>,
    /// Those that read only the header come first, since they are cheap.
    conditions: Vec<Condition>,
    output: Output,
    limit: Option<u64>,
    offset: Option<u64>,
    explains: bool,
    /// What the caller should know of the query.
    remarks: Vec<String>,
}

/// What the result of a query without conditions is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing but how many events there are.
    Count,
    /// As many events in a row, after as many others.
    Slice {
        /// How many come before.
        offset: u64,
        /// How many there may be.
        limit: u64,
    },
    /// As many events at one end of an order.
    End {
        /// What they are ordered by.
        key: EndKey,
        /// Whether the greatest are wanted.
        descending: bool,
        /// How many of them come before the page.
        offset: u64,
        /// How many the page may have.
        limit: u64,
    },
    /// Anything else: all events have to be gone through.
    All,
}

/// What events are ordered by that is known without going through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKey {
    /// Their time.
    Time,
    /// Their number within their stream.
    Sequence,
    /// Their position within the instance.
    Position,
}

/// What a query makes of the events that match.
#[derive(Debug)]
enum Output {
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
        order: Option<RowOrder>,
    },
    /// One row for each group, with values that the events are read for, in an order of the events.
    CollectedRows {
        reduction: Reduction,
        groups: Vec<GroupField>,
        order: Option<RowOrder>,
        events: Option<Order>,
    },
}

impl Query {
    /// Parses the JSON text of one query object, and checks all of it.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for text that is no JSON, an unknown key, operator or reduce type, a value of the
    /// wrong shape and parts that contradict each other; `LIMIT_EXCEEDED` for what is over one of
    /// this module's limits. The text names the path, such as `where[1].operator`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::query(text)
    }

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
        let conditions = conditions.map(|raw| Condition::parse_all(raw, &mut remarks));
        Ok(Self {
            instance,
            in_stream: stream.map(Condition::in_stream),
            conditions: Condition::with(conditions.transpose()?.unwrap_or_default(), also)?,
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
            conditions: Condition::with(self.conditions, &[after])?,
            output: Output::Aggregation(Reduction {
                fold: Fold::Count,
                field: None,
            }),
            ..self
        })
    }

    /// Whether there is any condition, that of being of a stream included.
    #[must_use]
    pub const fn has_conditions(&self) -> bool {
        self.in_stream.is_some() || !self.conditions.is_empty()
    }

    /// Whether an event is of the stream that is asked for, if one is, and passes all conditions.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        let mut conditions = self.in_stream.iter().chain(&self.conditions);
        conditions.all(|condition| condition.holds(event))
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
        conditions.find_map(Condition::stream)
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
        let times = self.conditions.iter().filter_map(Condition::time_bounds);
        times.fold((i64::MIN, i64::MAX), |(low, high), (from, to)| {
            (low.max(from), high.min(to))
        })
    }

    /// The lowest and the highest position that an event which matches can have, or positions beyond them.
    #[must_use]
    pub fn position_bounds(&self) -> (u64, u64) {
        let positions = self
            .conditions
            .iter()
            .filter_map(Condition::position_bounds);
        positions.fold((0, u64::MAX), |(low, high), (from, to)| {
            (low.max(from), high.min(to))
        })
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
}
