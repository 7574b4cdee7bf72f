//! One text for each JSON value, so that values can be keys of a map.

use crate::json::{self, Text};
use crate::query::limits::NESTING_MAX;
use crate::query::value::Value;
use crate::query::value::found::Found;

/// Appends to `out` a text that is the same for the same value and for no other. It is not JSON.
///
/// A value with more than [`NESTING_MAX`] levels stands for itself: two of those are the same only
/// if they were written alike.
pub(in crate::query) fn write(found: Found<'_>, out: &mut String) {
    match found {
        Found::Absent => out.push_str("null"),
        Found::Json(raw) => {
            let start = out.len();
            if write_within(raw, NESTING_MAX, out).is_none() {
                out.truncate(start);
                out.push('!');
                out.push_str(raw);
            }
        }
        other => {
            // What the header holds has only one form for each value.
            let _ = write_value(&other.value(), 0, out);
        }
    }
}

/// The text of the JSON value `raw`.
pub(in crate::query) fn of_json(raw: &str) -> String {
    let mut out = String::new();
    write(Found::Json(raw), &mut out);
    out
}

/// `None` where the value has more than `levels` levels.
fn write_within(raw: &str, levels: usize, out: &mut String) -> Option<()> {
    // A string without escapes is already as it would be written.
    if raw.starts_with('"') && !raw.contains('\\') {
        out.push_str(raw);
        return Some(());
    }
    write_value(&Value::decode(raw), levels, out)
}

fn write_value(value: &Value<'_>, levels: usize, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Number(number) => write_number(*number, out),
        Value::String(text) => text.write_json(out),
        Value::Array(raw) => {
            let levels = levels.checked_sub(1)?;
            out.push('[');
            for raw in json::elements(raw) {
                write_within(raw, levels, out)?;
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(raw) => {
            let levels = levels.checked_sub(1)?;
            let mut members: Vec<(Text<'_>, &str)> = json::members(raw)
                .map(|(key, raw)| (Text::decode(key), raw))
                .collect();
            // The sort is stable: after reversing, the last of repeated keys comes first.
            members.reverse();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.dedup_by(|(a, _), (b, _)| a == b);
            out.push('{');
            for (key, raw) in members {
                key.write_json(out);
                write_within(raw, levels, out)?;
                out.push(',');
            }
            out.push('}');
        }
    }
    Some(())
}

/// Numbers go by value; -0 + 0 is 0, so -0 is written as 0.
fn write_number(number: f64, out: &mut String) {
    use std::fmt::Write as _;

    // Writing to a String cannot fail.
    let _ = write!(out, "#{:x}", (number + 0.0).to_bits());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        of_json(raw)
    }

    #[test]
    fn the_same_value_has_the_same_text() {
        for (a, b) in [
            ("1", "1.0e0"),
            ("0", "-0"),
            (r#""a/""#, r#""\u0061\/""#),
            (r#""\ud800x""#, r#""\uD800\u0078""#),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[ 2.0 ],"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":0,"\u0061":1}"#),
        ] {
            assert_eq!(text(a), text(b), "{a} {b}");
        }
        let mut absent = String::new();
        write(Found::Absent, &mut absent);
        assert_eq!(absent, text("null"));
        let mut header = String::new();
        write(Found::Text("a\n"), &mut header);
        assert_eq!(header, text(r#""a\n""#));
        let mut header = String::new();
        write(Found::Whole(3), &mut header);
        assert_eq!(header, text("3"));
    }

    #[test]
    fn another_value_has_another_text() {
        let values = [
            "null",
            "true",
            "false",
            "1",
            "10",
            r#""1""#,
            r#""""#,
            r#""null""#,
            r#""\ud800""#,
            "\"\u{fffd}\"",
            "[]",
            "{}",
            "[1]",
            "[[1]]",
            "[1,0]",
            r#"{"a":1}"#,
            r#"{"a":[1]}"#,
            r#"["a",1]"#,
            r#"{"a":1,"b":1}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a,b":1}"#,
        ];
        for (i, a) in values.iter().enumerate() {
            for b in &values[..i] {
                assert_ne!(text(a), text(b), "{a} {b}");
            }
        }
    }

    #[test]
    fn deep_values_go_by_their_text() {
        let nested = |depth: usize, inner: &str| "[".repeat(depth) + inner + &"]".repeat(depth);
        assert_eq!(text(&nested(64, "1")), text(&nested(64, "1.0")));
        assert_eq!(text(&nested(65, "1")), text(&nested(65, "1")));
        assert_ne!(text(&nested(65, "1")), text(&nested(65, "1.0")));
        assert_eq!(text(&nested(1_000_000, "")).len(), 2_000_001);
    }
}
