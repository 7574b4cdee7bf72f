//! One text for each JSON value, so that values can be keys of a map.

use std::borrow::Cow;

use crate::json::{self, Kind, Nested, NestedElements, Nesting, Text};
use crate::query::value::Value;
use crate::query::value::found::Found;

/// What a number begins with. Its bits follow.
const NUMBER: char = '#';

/// How long the text of a number is at most, with what follows it.
const NUMBER_BYTES_MAX: usize = "#0123456789abcdef,".len();

/// Appends to `out` a text that is the same for the same value and for no other. It is not JSON.
pub(in crate::query) fn write(found: Found<'_>, out: &mut String) {
    match found {
        Found::Absent => out.push_str("null"),
        Found::Json(raw) => write_json(raw, out),
        // What the header holds has only one form for each value.
        other => write_scalar(&other.value(), out),
    }
}

/// The text of the JSON value `raw`.
pub(in crate::query) fn of_json(raw: &str) -> String {
    let mut out = String::new();
    write_json(raw, &mut out);
    out
}

/// The text of a value that is written already as it would be: of a string without escapes.
pub(in crate::query) fn as_written(found: Found<'_>) -> Option<&str> {
    match found {
        Found::Json(raw) if raw.starts_with('"') && !raw.contains('\\') => Some(raw),
        _ => None,
    }
}

/// How many bytes are held, at most, while [`write`] writes an array or an object: what is known of each bracket and of
/// each member, and the text.
pub(in crate::query) fn working_bytes(found: Found<'_>) -> usize {
    const BRACKET_BYTES: usize =
        size_of::<Open<'_, '_>>() + Nesting::BRACKET_BYTES + NUMBER_BYTES_MAX;
    const MEMBER_BYTES: usize = size_of::<(Text<'_>, Nested<'_>)>();

    let Found::Json(raw) = found else {
        return 0;
    };
    if !matches!(Kind::of(raw), Kind::Array | Kind::Object) {
        return 0;
    }
    let of_byte = |byte| match byte {
        b'[' | b'{' => BRACKET_BYTES,
        b':' => MEMBER_BYTES,
        b',' => NUMBER_BYTES_MAX,
        _ => 0,
    };
    let bytes: usize = raw.bytes().map(of_byte).sum();
    // Lists double as they grow, and the one before is there beside the new one.
    3 * (bytes + raw.len())
}

/// The JSON text of the value whose canonical text this is, if it follows from that: of an array, an object and a number
/// beyond all doubles it does not.
pub(in crate::query) fn scalar(text: &str) -> Option<Cow<'_, str>> {
    match text.chars().next()? {
        '[' | '{' => None,
        NUMBER => {
            let bits = u64::from_str_radix(&text[NUMBER.len_utf8()..], 16).ok()?;
            let number = f64::from_bits(bits);
            let mut json = String::new();
            json::write_number(&mut json, number);
            number.is_finite().then_some(Cow::Owned(json))
        }
        _ => Some(Cow::Borrowed(text)),
    }
}

fn write_json(raw: &str, out: &mut String) {
    if let Some(text) = as_written(Found::Json(raw)) {
        out.push_str(text);
        return;
    }
    match Kind::of(raw) {
        Kind::Array | Kind::Object => write_container(raw, out),
        _ => write_scalar(&Value::decode(raw), out),
    }
}

fn write_scalar(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Number(number) => write_number(*number, out),
        Value::String(text) => text.write_json(out),
        Value::Null | Value::Array(_) | Value::Object(_) => out.push_str("null"),
    }
}

/// Numbers go by value; -0 + 0 is 0, so -0 is written as 0.
fn write_number(number: f64, out: &mut String) {
    use std::fmt::Write as _;

    // Writing to a String cannot fail.
    let _ = write!(out, "{NUMBER}{:x}", (number + 0.0).to_bits());
}

/// What is left of an array or an object that is being written.
enum Open<'n, 'a> {
    Array(NestedElements<'n, 'a>),
    /// Each key once, ascending.
    Object(std::vec::IntoIter<(Text<'a>, Nested<'a>)>),
}

/// Writes an array or an object. Those within it wait in a list, so that depth costs no stack, and none is gone through
/// more than once to find its end.
fn write_container(raw: &str, out: &mut String) {
    let nesting = Nesting::of(raw);
    let mut open = vec![Open::begin(nesting.root(), &nesting, out)];
    while let Some(container) = open.last_mut() {
        let value = match container {
            Open::Array(elements) => elements.next(),
            Open::Object(members) => members.next().map(|(key, value)| {
                key.write_json(out);
                value
            }),
        };
        match value {
            Some(value) if matches!(Kind::of(value.raw), Kind::Array | Kind::Object) => {
                open.push(Open::begin(value, &nesting, out));
            }
            Some(value) => {
                write_json(value.raw, out);
                out.push(',');
            }
            None => {
                out.push(container.closing());
                open.pop();
                if !open.is_empty() {
                    out.push(',');
                }
            }
        }
    }
}

impl<'n, 'a> Open<'n, 'a> {
    fn begin(value: Nested<'a>, nesting: &'n Nesting<'a>, out: &mut String) -> Self {
        if Kind::of(value.raw) == Kind::Array {
            out.push('[');
            return Self::Array(nesting.elements(value));
        }
        out.push('{');
        let members = nesting.members(value);
        let mut members: Vec<(Text<'_>, Nested<'_>)> = members
            .map(|(key, value)| (Text::decode(key), value))
            .collect();
        // The sort is stable: after reversing, the last of repeated keys comes first.
        members.reverse();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        members.dedup_by(|(a, _), (b, _)| a == b);
        Self::Object(members.into_iter())
    }

    const fn closing(&self) -> char {
        match self {
            Self::Array(_) => ']',
            Self::Object(_) => '}',
        }
    }
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
    fn depth_makes_no_difference() {
        let nested = |depth: usize, inner: &str| "[".repeat(depth) + inner + &"]".repeat(depth);
        for depth in [1, 64, 65, 1_000] {
            assert_eq!(text(&nested(depth, "1")), text(&nested(depth, "1.0")));
            assert_ne!(text(&nested(depth, "1")), text(&nested(depth, "2")));
            assert_ne!(text(&nested(depth, "1")), text(&nested(depth + 1, "1")));
            let members = |members: &str| nested(depth, &format!("{{{members}}}"));
            assert_eq!(
                text(&members(r#""a":1,"b":[]"#)),
                text(&members(r#""b":[ ],"a":1e0"#))
            );
            assert_ne!(
                text(&members(r#""a":1,"b":[]"#)),
                text(&members(r#""b":[1],"a":1"#))
            );
        }
    }

    #[test]
    fn what_is_deep_takes_no_stack_and_no_more_time_than_it_is_long() {
        let depth = 200_000;
        let nested = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(text(&nested).len(), 2 * depth + depth - 1);
        // Each object has its members in another order than they are written in.
        let (b, a) = (r#"{"b":"#, r#","a":1}"#);
        let objects = |depth: usize| b.repeat(depth) + "0" + &a.repeat(depth);
        let sorted = |depth: usize| r#"{"a":1,"b":"#.repeat(depth) + "0" + &"}".repeat(depth);
        assert_eq!(text(&objects(depth)), text(&sorted(depth)));
    }

    #[test]
    fn a_scalar_is_told_from_its_text() {
        for (raw, json) in [
            ("null", Some("null")),
            ("true", Some("true")),
            ("-0", Some("0")),
            ("1.50", Some("1.5")),
            (r#""\u0061\n""#, Some(r#""a\n""#)),
            (r##""#""##, Some(r##""#""##)),
            ("-1e400", None),
            ("[]", None),
            ("{}", None),
        ] {
            assert_eq!(scalar(&text(raw)).as_deref(), json, "{raw}");
        }
    }
}
