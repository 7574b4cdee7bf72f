//! What an event holds in a field.

use std::fmt::Write as _;

use uuid::Uuid;

use super::sort_key::SortKey;
use crate::json::{self, Kind, Text};
use crate::query::value::Value;
use crate::timestamp;

/// What an event holds in a field.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) enum Found<'a> {
    Absent,
    Json(&'a str),
    Id(Uuid),
    Text(&'a str),
    /// Milliseconds since the epoch.
    Time(i64),
    /// A number of the log's, such as a position.
    Whole(u64),
    /// A JSON number whose text is what [`json::write_number`] writes.
    Number(f64),
}

impl<'a> Found<'a> {
    pub(in crate::query) fn value(self) -> Value<'a> {
        match self {
            Self::Absent => Value::Null,
            Self::Json(raw) => Value::decode(raw),
            Self::Id(id) => Value::String(Text::from(id.as_hyphenated().to_string())),
            Self::Text(text) => Value::String(Text::from(text)),
            Self::Time(ms) => Value::String(Text::from(timestamp::format(ms))),
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Self::Whole(number) => Value::Number(number as f64),
            Self::Number(number) => Value::Number(number),
        }
    }

    /// Where the value stands among all values. A time stands among times only.
    pub(in crate::query) fn sort_key(self) -> SortKey<'a> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "storable times are below 2^53")]
            Self::Time(ms) => SortKey::Number(ms as f64),
            other => other.value().into_sort_key(),
        }
    }

    /// The value as a number, if it is one, or a time.
    pub(in crate::query) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            #[expect(clippy::cast_precision_loss, reason = "storable times are below 2^53")]
            Self::Time(whole) => Some(whole as f64),
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Self::Whole(whole) => Some(whole as f64),
            Self::Json(raw) if Kind::of(raw) == Kind::Number => Some(json::number(raw)),
            _ => None,
        }
    }

    /// Whether the value is null or not there.
    pub(in crate::query) fn is_null(self) -> bool {
        match self {
            Self::Absent => true,
            Self::Json(raw) => Kind::of(raw) == Kind::Null,
            _ => false,
        }
    }

    /// Appends the value to `out` as JSON, `null` where it is not there.
    pub(in crate::query) fn write_json(self, out: &mut String) {
        // Writing to a String cannot fail.
        match self {
            Self::Absent => out.push_str("null"),
            Self::Json(raw) => out.push_str(raw),
            Self::Id(id) => {
                let _ = write!(out, "\"{}\"", id.as_hyphenated());
            }
            Self::Text(text) => json::write_string(out, text),
            Self::Time(ms) => {
                let _ = write!(out, "\"{}\"", timestamp::format(ms));
            }
            Self::Whole(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Number(number) => json::write_number(out, number),
        }
    }

    pub(in crate::query) fn to_json(self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}
