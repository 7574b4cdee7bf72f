//! Finding a value inside another by a path of keys.

use super::{Kind, Text, elements, scan};

/// One step of a path: an object's key, or an array's index where it is a decimal number without
/// leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: Text<'static>,
    index: Option<usize>,
}

impl Key {
    /// Makes the step for the decoded key `text`.
    #[must_use]
    pub fn new(text: Text<'static>) -> Self {
        let index = text.as_str().and_then(array_index);
        Self { text, index }
    }

    /// The decoded key.
    #[must_use]
    pub const fn text(&self) -> &Text<'static> {
        &self.text
    }

    /// The array index that the key stands for, if it can be one.
    #[must_use]
    pub const fn index(&self) -> Option<usize> {
        self.index
    }

    /// Whether the raw key `raw` (quotes included) decodes to this key.
    #[must_use]
    pub fn matches(&self, raw: &str) -> bool {
        let inner = raw.as_bytes().get(1..raw.len().saturating_sub(1));
        let (Some(inner), Some(key)) = (inner, self.text.as_str()) else {
            return Text::decode(raw) == self.text;
        };
        // Escapes make a text longer, and a key without any is written as it is.
        if inner.len() > key.len() {
            memchr::memchr(b'\\', inner).is_some() && Text::decode(raw) == self.text
        } else {
            inner == key.as_bytes() && !key.contains('\\')
        }
    }

    fn step<'a>(&self, raw: &'a str) -> Option<&'a str> {
        match Kind::of(raw) {
            Kind::Object => self.member(raw),
            Kind::Array => elements(raw).nth(self.index?),
            _ => None,
        }
    }

    /// The value that the object `raw` has under the key; the last one, as in JSON.parse, if there
    /// are several.
    fn member<'a>(&self, raw: &'a str) -> Option<&'a str> {
        let bytes = raw.as_bytes();
        let mut found = None;
        // After the opening bracket.
        let mut at = scan::whitespace_end(bytes, 0) + 1;
        loop {
            at = scan::whitespace_end(bytes, at);
            if bytes.get(at) == Some(&b',') {
                at = scan::whitespace_end(bytes, at + 1);
            }
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            let key_end = scan::string_end(bytes, at);
            let is_this = raw.get(at..key_end).is_some_and(|key| self.matches(key));
            at = scan::whitespace_end(bytes, key_end);
            if bytes.get(at) == Some(&b':') {
                at = scan::whitespace_end(bytes, at + 1);
            }
            let end = scan::value_end(bytes, at);
            if is_this {
                found = Some(at..end);
            }
            at = end;
        }
        raw.get(found?).filter(|value| !value.is_empty())
    }
}

fn array_index(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if digits && canonical {
        text.parse().ok()
    } else {
        None
    }
}

/// The raw value at `path` inside `raw`, or `None` where there is none. A scalar has nothing
/// inside it: strings have no `length`.
#[must_use]
pub fn lookup<'a>(raw: &'a str, path: &[Key]) -> Option<&'a str> {
    path.iter().try_fold(raw, |raw, key| key.step(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'a>(raw: &'a str, path: &[&'static str]) -> Option<&'a str> {
        let path: Vec<Key> = path.iter().map(|key| Key::new(Text::from(*key))).collect();
        lookup(raw, &path)
    }

    #[test]
    fn a_path_goes_through_objects_and_arrays() {
        let raw = r#"{"items":[{"price":1},{"price":2}],"":{"":3}}"#;
        assert_eq!(find(raw, &["items", "1", "price"]), Some("2"));
        assert_eq!(find(raw, &["items", "1"]), Some(r#"{"price":2}"#));
        assert_eq!(find(raw, &["", ""]), Some("3"));
        assert_eq!(find(raw, &[]), Some(raw));
        for path in [
            &["items", "2"][..],
            &["items", "01"],
            &["items", "+1"],
            &["items", "-1"],
            &["items", ""],
            &["items", "length"],
            &["items", "1", "price", "x"],
            &["items", "99999999999999999999999999"],
            &["Items"],
        ] {
            assert_eq!(find(raw, path), None, "{path:?}");
        }
    }

    #[test]
    fn a_scalar_has_nothing_inside() {
        for raw in ["null", "true", "12", r#""text""#] {
            assert_eq!(find(raw, &["0"]), None, "{raw}");
            assert_eq!(find(raw, &["length"]), None, "{raw}");
        }
    }

    #[test]
    fn a_number_is_also_an_object_key() {
        assert_eq!(find(r#"{"0":"a","01":"b"}"#, &["0"]), Some(r#""a""#));
        assert_eq!(find(r#"{"0":"a","01":"b"}"#, &["01"]), Some(r#""b""#));
    }

    #[test]
    fn the_last_of_repeated_keys_wins() {
        assert_eq!(find(r#"{"a":1,"b":0,"\u0061":2}"#, &["a"]), Some("2"));
        assert_eq!(find(r#"{"a":{"b":1},"a":3}"#, &["a", "b"]), None);
    }

    #[test]
    fn keys_compare_by_code_unit() {
        let raw = r#"{"\ud800":1,"\ud800\udc00":2,"\u0000":3,"__proto__":4,"\n":5}"#;
        let lone = Key::new(Text::decode(r#""\ud800""#).into_owned());
        assert_eq!(lookup(raw, &[lone]), Some("1"));
        assert_eq!(find(raw, &["\u{10000}"]), Some("2"));
        assert_eq!(find(raw, &["\0"]), Some("3"));
        assert_eq!(find(raw, &["__proto__"]), Some("4"));
        assert_eq!(find(raw, &["\n"]), Some("5"));
        assert_eq!(find(raw, &["\u{fffd}"]), None);
    }

    #[test]
    fn deep_values_are_passed_over() {
        let depth = 100_000;
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        let raw = format!(r#"{{"deep":{deep},"after":1}}"#);
        assert_eq!(find(&raw, &["after"]), Some("1"));
        assert_eq!(
            find(&raw, &["deep", "0", "0"]).map(str::len),
            Some(2 * depth - 4)
        );
    }
}
