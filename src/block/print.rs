//! Prints: 16 bits for a value, the same for equal values.

use crc32fast::Hasher;

use crate::json::{self, Kind, Text};

/// The print of a row that has nothing at the path.
pub const PRINT_ABSENT: u16 = 0;
/// The print of a row whose value has no print: the event has to be read.
pub const PRINT_UNREAD: u16 = 1;

const FIRST_PRINT: u16 = 2;

/// The print of the JSON value `raw`. Values that are equal have the same print, however they are
/// written: numbers go by value, strings by their decoded text. Arrays and objects have none.
///
/// Prints are stored, so that what a value's print is never changes.
#[must_use]
pub fn print_of(raw: &str) -> Option<u16> {
    let mut hasher = Hasher::new();
    match Kind::of(raw) {
        Kind::Array | Kind::Object => return None,
        Kind::Number => return Some(print_of_number(json::number(raw))),
        Kind::Null => hasher.update(b"null"),
        Kind::Boolean => hasher.update(if raw.trim_start().starts_with('t') {
            b"true"
        } else {
            b"false"
        }),
        Kind::String => hash_string(raw, &mut hasher),
    }
    Some(print(hasher))
}

/// The print of a number.
pub(super) fn print_of_number(number: f64) -> u16 {
    let mut hasher = Hasher::new();
    hasher.update(b"#");
    // -0 + 0 is 0.
    hasher.update(&(number + 0.0).to_le_bytes());
    print(hasher)
}

fn print(hasher: Hasher) -> u16 {
    let prints = u32::from(u16::MAX - FIRST_PRINT) + 1;
    // The remainder is below 65,534.
    FIRST_PRINT + (hasher.finalize() % prints) as u16
}

fn hash_string(raw: &str, hasher: &mut Hasher) {
    let text = Text::decode(raw);
    hasher.update(b"\"");
    if let Some(text) = text.as_str() {
        hasher.update(text.as_bytes());
    } else {
        for unit in text.to_units() {
            hasher.update(&unit.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_print() {
        for (a, b) in [
            ("1", "1.0e0"),
            ("0", "-0"),
            ("1e400", "2e400"),
            (r#""a/""#, r#""\u0061\/""#),
            (r#""\ud800x""#, r#""\uD800\u0078""#),
            (r#""\ud83d\ude00""#, r#""😀""#),
            (" true", "true"),
            (" null ", "null"),
        ] {
            assert!(print_of(a).is_some(), "{a}");
            assert_eq!(print_of(a), print_of(b), "{a} {b}");
        }
    }

    #[test]
    fn containers_have_none() {
        for raw in ["[]", "{}", " [1]", r#"{"a":1}"#] {
            assert_eq!(print_of(raw), None, "{raw}");
        }
    }

    #[test]
    fn prints_never_change() {
        for (raw, print) in [
            ("null", 18409),
            ("true", 18571),
            ("false", 49100),
            ("12.5", 21653),
            (r#""user-123""#, 9784),
            (r#""\ud800""#, 43644),
        ] {
            assert_eq!(print_of(raw), Some(print), "{raw}");
        }
    }

    #[test]
    fn prints_are_spread_over_their_range() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..4_096 {
            let print = print_of(&format!("\"request-{number}\"")).unwrap();
            assert!(print >= FIRST_PRINT);
            seen.insert(print);
        }
        // 4096 random prints of 65,534 would be some 3970 different ones.
        assert!(seen.len() > 3_900, "{}", seen.len());
    }
}
