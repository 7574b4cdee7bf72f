//! Values: as events hold them, as queries write them, and how they compare.
//!
//! Nothing here knows what a query is.

pub(in crate::query) mod canonical;
pub(in crate::query) mod case;
pub(in crate::query) mod found;
pub(in crate::query) mod instant;
pub(in crate::query) mod kept_text;
pub(in crate::query) mod literal;
pub(in crate::query) mod literal_set;
pub(in crate::query) mod sort_key;
pub(in crate::query) mod time_bucket;
pub(in crate::query) mod time_zone;
use crate::json::{self, Kind, Text};
use sort_key::SortKey;

/// A stored value. Scalars are decoded; arrays and objects stay JSON text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Value<'a> {
    /// Null, or not there.
    Null,
    Boolean(bool),
    Number(f64),
    String(Text<'a>),
    Array(&'a str),
    Object(&'a str),
}

impl<'a> Value<'a> {
    pub(in crate::query) fn decode(raw: &'a str) -> Self {
        match Kind::of(raw) {
            Kind::Null => Self::Null,
            Kind::Boolean => Self::Boolean(raw.trim_start().starts_with('t')),
            Kind::Number => Self::Number(json::number(raw)),
            Kind::String => Self::String(Text::decode(raw)),
            Kind::Array => Self::Array(raw),
            Kind::Object => Self::Object(raw),
        }
    }

    /// Where the value stands among all values.
    pub(in crate::query) fn into_sort_key(self) -> SortKey<'a> {
        match self {
            Self::Null => SortKey::Null,
            Self::Boolean(value) => SortKey::Boolean(value),
            Self::Number(value) => SortKey::Number(value),
            Self::String(value) => SortKey::String(value),
            Self::Array(_) => SortKey::Array,
            Self::Object(_) => SortKey::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_decoded_and_containers_kept() {
        for (raw, value) in [
            ("null", Value::Null),
            ("true", Value::Boolean(true)),
            ("false", Value::Boolean(false)),
            ("-1.5e1", Value::Number(-15.0)),
            (r#""\u0061""#, Value::String(Text::from("a"))),
            ("[ 1]", Value::Array("[ 1]")),
            ("{}", Value::Object("{}")),
        ] {
            assert_eq!(Value::decode(raw), value, "{raw}");
        }
    }
}
