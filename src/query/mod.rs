//! Queries: which events match, and how they are sorted, paged and folded.
//!
//! A query is the JSON text of one object:
//!
//! ```text
//! query     = { from, where?, select?, orderBy?, limit?, offset?, reduce?, explain?: boolean }
//! from      = { instance: string, stream?: string }
//! where     = [ part, … ] | tree                 all must hold; at most CONDITIONS_MAX conditions
//! part      = condition | tree
//! tree      = { any: [ part, … ] } | { all: [ part, … ] } | { not: part }     at most TREE_LEVELS_MAX deep
//! condition = { field, operator, value, ignoreCase?: boolean } | { field, operator, valueField: field, ignoreCase? }
//! operator  = "eq" | "neq" | "gt" | "gte" | "lt" | "lte" | "contains" | "startsWith" | "endsWith" | "matches"
//!           | "in" | "notIn" | "between" | "exists"
//! select    = [ field, … ]                       at most FIELDS_MAX; none select all
//! orderBy   = { field, direction?: "asc" | "desc" }
//! limit     = offset = a whole number, 0 to 2^53 - 1
//! reduce    = { fold, groupBy?, having? } | { aggregates: { name: { fold }, … }, groupBy?, having? }
//! groupBy   = group | [ group, … ]
//! group     = field | { field, every: step, timeZone?, fill?: boolean } | { field, bins: [ number, … ], fill? }
//! step      = digits, and one of "s", "m", "h", "d", "w", "mo", "q" and "y"
//! having    = where                              of the columns of the rows, and neither exists nor valueField
//! fold      = type, field?, p?, k?               p of a percentile, k of a topK
//! type      = "count" | "sum" | "avg" | "min" | "max" | "collect" | "percentile" | "countDistinct" | "first"
//!           | "last" | "stddev" | "topK"
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
//!
//! Its rooms use each other one way: `value` ← `grammar` ← `matching` ← `result`.

mod grammar;
mod limits;
mod matching;
mod result;
#[cfg(test)]
pub(crate) mod test;
mod value;

pub use grammar::{DataField, Demand, EndKey, Query};
pub use limits::{
    AGGREGATES_MAX, BINS_MAX, COMPILED_PATTERN_BYTES_MAX, CONDITIONS_MAX, EXACT_PERCENTILE_MAX,
    FIELD_BYTES_MAX, FIELD_SEGMENTS_MAX, FIELDS_MAX, GROUPS_MAX, IN_VALUES_MAX, NESTING_MAX,
    PATTERN_BYTES_MAX, RESULT_BYTES_MAX, TOP_VALUES_MAX, TREE_LEVELS_MAX,
};
pub use matching::{
    Chunk, Effort, EventVisitor, Events, Examined, Known, KnownGroups, RowVisitor, Rows,
};
pub use result::{Execution, Outcome, Sink, result_too_large};
