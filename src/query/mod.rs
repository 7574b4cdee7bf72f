//! Queries: which events match, and how they are sorted, paged and folded.
//!
//! A query is the JSON text of one object:
//!
//! ```text
//! query     = { from, where?, select?, orderBy?, limit?, offset?, reduce? }
//! from      = { instance: string, stream?: string }
//! where     = [ condition, … ]                   all must hold; at most CONDITIONS_MAX
//! condition = { field, operator, value }
//! operator  = "eq" | "neq" | "gt" | "gte" | "lt" | "lte" | "contains" | "in" | "between"
//! select    = [ field, … ]                       1 to FIELDS_MAX
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
//! A key that is not in the grammar, a `null` in the place of something left out, and a part that
//! would have no effect are all refused: a query is never half-obeyed. Everything is checked by
//! [`Query::parse`], before any event is read.
//!
//! A field that is not there reads as `null`. Values of different types are not equal and have no
//! order in `where`; when sorting, null < boolean < number < string < array < object, and arrays
//! tie among themselves, as objects do. Strings are compared by UTF-16 code unit.
//!
//! This module is pure. Events are pushed into an [`Execution`] in append order, and the text of
//! the `result` object comes out.

mod aggregate;
mod budget;
mod canonical;
mod condition;
mod event_key;
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
mod reduction;
mod row;
mod selection;
mod shape;
mod sort_key;
mod time_test;
mod value;
mod value_test;

use condition::Condition;
use field::Field;
use group::GroupField;
use order::{Order, RowOrder};
use reduction::Reduction;
use selection::Selection;

use crate::error::Error;

pub use execution::Execution;

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
    stream: Option<String>,
    /// Those that read only the header come first, since they are cheap.
    conditions: Vec<Condition>,
    output: Output,
    limit: Option<u64>,
    offset: Option<u64>,
}

/// What a query makes of the events that match.
#[derive(Debug)]
enum Output {
    /// The events themselves.
    Events {
        selection: Option<Selection>,
        order: Option<Order>,
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

    /// The id or the name of the instance that is asked for.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The stream that is asked for, or `None` for all streams of the instance.
    #[must_use]
    pub fn stream(&self) -> Option<&str> {
        self.stream.as_deref()
    }
}
