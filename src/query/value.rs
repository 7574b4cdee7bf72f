//! A stored value, decoded as far as comparing it needs.

use super::sort_key::SortKey;
use crate::json::{self, Kind, Text};

/// A stored value. Scalars are decoded; arrays and objects stay JSON text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// Null, or not there.
    Null,
    Boolean(bool),
    Number(f64),
    String(Text<'a>),
    Array(&'a str),
    Object(&'a str),
}

impl<'a> Value<'a> {
    pub(super) fn decode(raw: &'a str) -> Self {
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
    pub(super) fn into_sort_key(self) -> SortKey<'a> {
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
