//! Values written in a query.

use std::cmp::Ordering;

use crate::block::print_of;
use crate::error::{Code, Error};
use crate::json::{self, Kind, Text};
use crate::query::limits::NESTING_MAX;
use crate::query::value::Value;

/// A value written in a query, decoded in full. Its depth is at most [`NESTING_MAX`], which bounds
/// every recursion over it, however deep the stored value is that it is compared with.
#[derive(Clone, Debug)]
pub(in crate::query) enum Literal {
    Null,
    Boolean(bool),
    Number(f64),
    String(Text<'static>),
    Array(Vec<Self>),
    /// Sorted by key, each key once.
    Object(Vec<(Text<'static>, Self)>),
}

impl Literal {
    /// Reads the value `raw` at `path`.
    pub(in crate::query) fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        Self::within(raw, NESTING_MAX).ok_or_else(|| {
            let text =
                format!("{path}: expected at most {NESTING_MAX} levels of nesting, found more");
            Error::new(Code::LimitExceeded, text)
        })
    }

    /// `None` where `raw` has more than `levels` levels.
    fn within(raw: &str, levels: usize) -> Option<Self> {
        Some(match Value::decode(raw) {
            Value::Null => Self::Null,
            Value::Boolean(value) => Self::Boolean(value),
            Value::Number(value) => Self::Number(value),
            Value::String(value) => Self::String(value.into_owned()),
            Value::Array(raw) => {
                let levels = levels.checked_sub(1)?;
                let elements: Option<_> = json::elements(raw)
                    .map(|raw| Self::within(raw, levels))
                    .collect();
                Self::Array(elements?)
            }
            Value::Object(raw) => {
                let levels = levels.checked_sub(1)?;
                let members: Option<Vec<_>> = json::members(raw)
                    .map(|(key, raw)| {
                        Some((Text::decode(key).into_owned(), Self::within(raw, levels)?))
                    })
                    .collect();
                let mut members = members?;
                // The sort is stable: after reversing, the last of repeated keys comes first.
                members.reverse();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                members.dedup_by(|(a, _), (b, _)| a == b);
                Self::Object(members)
            }
        })
    }

    /// Whether the stored value is the same JSON value. Numbers go by value, objects by their
    /// members in whatever order.
    pub(in crate::query) fn equals(&self, stored: &Value<'_>) -> bool {
        match (self, stored) {
            (Self::Null, Value::Null) => true,
            (Self::Boolean(a), Value::Boolean(b)) => a == b,
            (Self::Number(a), Value::Number(b)) => a == b,
            (Self::String(a), Value::String(b)) => a == b,
            (Self::Array(literals), Value::Array(raw)) => equals_array(literals, raw),
            (Self::Object(members), Value::Object(raw)) => equals_object(members, raw),
            _ => false,
        }
    }

    /// How the stored value stands to this one; `None` where they have no order.
    pub(in crate::query) fn order_of(&self, stored: &Value<'_>) -> Option<Ordering> {
        match (self, stored) {
            (Self::Boolean(literal), Value::Boolean(stored)) => Some(stored.cmp(literal)),
            (Self::Number(literal), Value::Number(stored)) => stored.partial_cmp(literal),
            (Self::String(literal), Value::String(stored)) => Some(stored.cmp(literal)),
            _ => None,
        }
    }

    /// The prints of the values that are the same as this one; `None` where those have none.
    pub(in crate::query) fn prints(&self) -> Option<Vec<u16>> {
        let mut raw = String::new();
        match self {
            Self::Null => raw.push_str("null"),
            Self::Boolean(value) => raw.push_str(if *value { "true" } else { "false" }),
            // One that is not finite cannot be written back.
            Self::Number(number) if !number.is_finite() => return None,
            Self::Number(number) => json::write_number(&mut raw, *number),
            Self::String(text) => text.write_json(&mut raw),
            // Containers have no print, and are never passed over for one.
            Self::Array(_) | Self::Object(_) => return Some(Vec::new()),
        }
        print_of(&raw).map(|print| vec![print])
    }

    /// The kind of the value.
    pub(in crate::query) const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Boolean(_) => Kind::Boolean,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }
}

fn equals_array(literals: &[Literal], raw: &str) -> bool {
    let mut elements = json::elements(raw);
    let same = literals.iter().all(|literal| {
        elements
            .next()
            .is_some_and(|raw| literal.equals(&Value::decode(raw)))
    });
    same && elements.next().is_none()
}

fn equals_object(members: &[(Text<'static>, Literal)], raw: &str) -> bool {
    let mut values = vec![None; members.len()];
    for (key, value) in json::members(raw) {
        let key = Text::decode(key);
        let Ok(at) = members.binary_search_by(|(member, _)| member.cmp(&key)) else {
            return false;
        };
        // The last of repeated keys wins.
        if let Some(slot) = values.get_mut(at) {
            *slot = Some(value);
        }
    }
    members
        .iter()
        .zip(values)
        .all(|((_, literal), raw)| raw.is_some_and(|raw| literal.equals(&Value::decode(raw))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(literal: &str, stored: &str) -> bool {
        Literal::parse("value", literal)
            .unwrap()
            .equals(&Value::decode(stored))
    }

    #[test]
    fn equality_goes_by_json_value() {
        for (literal, stored) in [
            ("null", "null"),
            ("1", "1.0e0"),
            ("0", "-0"),
            (r#""a""#, r#""\u0061""#),
            (r#""\ud800""#, r#""\uD800""#),
            ("[]", "[ ]"),
            ("[1,[2]]", "[1.0, [2]]"),
            (r#"{"a":1,"b":[{}]}"#, r#"{"b":[{}],"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":2,"\u0061":1}"#),
            (r#"{"a":2,"b":0,"a":1}"#, r#"{"b":0,"a":1}"#),
            (r#"{"__proto__":1}"#, r#"{"__proto__":1}"#),
        ] {
            assert!(equal(literal, stored), "{literal} {stored}");
            assert!(equal(stored, literal), "{stored} {literal}");
        }
    }

    #[test]
    fn what_differs_is_not_equal() {
        for (literal, stored) in [
            ("null", "false"),
            ("1", r#""1""#),
            ("1", "true"),
            (r#""a""#, r#""A""#),
            (r#""\ud800""#, "\"\u{fffd}\""),
            ("[]", "{}"),
            ("[1]", "[1,2]"),
            ("[1,2]", "[2,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":1,"b":1}"#, r#"{"a":1,"c":1}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":1}"#),
        ] {
            assert!(!equal(literal, stored), "{literal} {stored}");
            assert!(!equal(stored, literal), "{stored} {literal}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(equal(&nested(64), &nested(64)));
        let error = Literal::parse("where[0].value", &nested(65)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(
            error.text(),
            "where[0].value: expected at most 64 levels of nesting, found more"
        );
        assert!(Literal::parse("", &nested(1_000_000)).is_err());
    }

    #[test]
    fn a_deep_stored_value_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(!equal("[[[]]]", &deep));
        assert!(!equal(r#"{"a":[]}"#, &format!(r#"{{"a":{deep}}}"#)));
    }

    #[test]
    fn only_like_scalars_have_an_order() {
        let order = |literal, stored| {
            Literal::parse("", literal)
                .unwrap()
                .order_of(&Value::decode(stored))
        };
        assert_eq!(order("1", "2"), Some(Ordering::Greater));
        assert_eq!(order("true", "false"), Some(Ordering::Less));
        assert_eq!(order(r#""\ue000""#, r#""😀""#), Some(Ordering::Less));
        for (literal, stored) in [
            ("1", r#""2""#),
            ("null", "null"),
            ("[]", "[]"),
            ("true", "1"),
        ] {
            assert_eq!(order(literal, stored), None, "{literal} {stored}");
        }
    }
}
