//! Taking values out of a text, of which all else stays as it is written.

use std::ops::Range;

use super::{Key, Kind, scan};

/// What takes the place of an element of an array, so that those after it keep theirs.
const NULL: &str = "null";

/// The text `raw` without what is at a path in it; `None` if nothing is.
///
/// Of an object, the member goes with its key, and so does each further one of that key. Of an array, the element becomes
/// `null`: one that is, is nothing. All that is left is written as it was.
#[must_use]
pub fn cut(raw: &str, path: &[Key]) -> Option<String> {
    let mut edits = Vec::new();
    find(raw, 0, path, &mut edits);
    if edits.is_empty() {
        return None;
    }
    let mut left = String::with_capacity(raw.len());
    let mut at = 0;
    for (range, instead) in edits {
        left.push_str(raw.get(at..range.start)?);
        left.push_str(instead);
        at = range.end;
    }
    left.push_str(raw.get(at..)?);
    Some(left)
}

/// What is to be another text, in the order of the places.
type Edits = Vec<(Range<usize>, &'static str)>;

/// A member of an object: where its key begins, and where its value is.
struct Member {
    start: usize,
    value: Range<usize>,
    is_meant: bool,
}

/// Finds what is at a path in the value that begins at `start`. A path has few steps, so it may recurse.
fn find(raw: &str, start: usize, path: &[Key], edits: &mut Edits) {
    let Some((key, rest)) = path.split_first() else {
        return;
    };
    match raw.get(start..).map(Kind::of) {
        Some(Kind::Object) => {
            let members = members(raw, start, key);
            if rest.is_empty() {
                remove(&members, edits);
                return;
            }
            for member in members.iter().filter(|member| member.is_meant) {
                find(raw, member.value.start, rest, edits);
            }
        }
        Some(Kind::Array) => {
            let element = key.index().and_then(|index| element(raw, start, index));
            match element {
                Some(element) if !rest.is_empty() => find(raw, element.start, rest, edits),
                Some(element) if raw.get(element.clone()) != Some(NULL) => {
                    edits.push((element, NULL));
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// The members of the object that begins at `start`.
fn members(raw: &str, start: usize, key: &Key) -> Vec<Member> {
    let bytes = raw.as_bytes();
    let mut members = Vec::new();
    let mut at = inside(bytes, start);
    while bytes.get(at) == Some(&b'"') {
        let key_end = scan::string_end(bytes, at);
        let colon = scan::whitespace_end(bytes, key_end);
        let value = scan::whitespace_end(bytes, colon + 1);
        let end = scan::value_end(bytes, value);
        members.push(Member {
            start: at,
            value: value..end,
            is_meant: raw.get(at..key_end).is_some_and(|raw| key.matches(raw)),
        });
        at = next(bytes, end);
    }
    members
}

/// Where an element of the array is that begins at `start`.
fn element(raw: &str, start: usize, index: usize) -> Option<Range<usize>> {
    let bytes = raw.as_bytes();
    let mut at = inside(bytes, start);
    for _ in 0..index {
        let end = scan::value_end(bytes, at);
        if end == at {
            return None;
        }
        at = next(bytes, end);
    }
    let end = scan::value_end(bytes, at);
    (end > at).then_some(at..end)
}

/// Where the first value is of what begins at `start`.
fn inside(bytes: &[u8], start: usize) -> usize {
    scan::whitespace_end(bytes, scan::whitespace_end(bytes, start) + 1)
}

/// Where the value is that follows the one which ends at `end`.
fn next(bytes: &[u8], end: usize) -> usize {
    let comma = scan::whitespace_end(bytes, end);
    match bytes.get(comma) {
        Some(b',') => scan::whitespace_end(bytes, comma + 1),
        _ => comma,
    }
}

/// Removes the members that are meant, each with one comma: that before it, if a member stays there.
fn remove(members: &[Member], edits: &mut Edits) {
    let mut one_stays = false;
    for (index, member) in members.iter().enumerate() {
        if !member.is_meant {
            one_stays = true;
            continue;
        }
        let before = index.checked_sub(1).filter(|_| one_stays);
        let before = before.and_then(|before| members.get(before));
        let range = match (before, members.get(index + 1)) {
            (Some(before), _) => before.value.end..member.value.end,
            (None, Some(next)) => member.start..next.start,
            (None, None) => member.start..member.value.end,
        };
        edits.push((range, ""));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::json::{Text, lookup};

    fn path_of(path: &str) -> Vec<Key> {
        let keys = path.split('.').filter(|key| !key.is_empty());
        keys.map(|key| Key::new(Text::from(key.to_owned())))
            .collect()
    }

    fn without(raw: &str, path: &str) -> Option<String> {
        cut(raw, &path_of(path))
    }

    #[test]
    fn a_member_goes_with_its_key_and_all_else_stays_as_it_is_written() {
        for (raw, path, left) in [
            (r#"{"a":1,"b":2,"c":3}"#, "a", r#"{"b":2,"c":3}"#),
            (r#"{"a":1,"b":2,"c":3}"#, "b", r#"{"a":1,"c":3}"#),
            (r#"{"a":1,"b":2,"c":3}"#, "c", r#"{"a":1,"b":2}"#),
            (r#"{"a":1}"#, "a", "{}"),
            (r#"{"a":{"b":[{"c":1}]}}"#, "a.b.0.c", r#"{"a":{"b":[{}]}}"#),
            (
                r#"{"n":1.50,"m":1e400,"a":"x","k":"\u00e9"}"#,
                "a",
                r#"{"n":1.50,"m":1e400,"k":"\u00e9"}"#,
            ),
            (r#"{"0":"a","00":"b"}"#, "0", r#"{"00":"b"}"#),
            (
                " { \"a\" : 1 , \"b\" : 2 , \"c\" : 3 } ",
                "a",
                " { \"b\" : 2 , \"c\" : 3 } ",
            ),
            (
                " { \"a\" : 1 , \"b\" : 2 , \"c\" : 3 } ",
                "b",
                " { \"a\" : 1 , \"c\" : 3 } ",
            ),
            (
                " { \"a\" : 1 , \"b\" : 2 , \"c\" : 3 } ",
                "c",
                " { \"a\" : 1 , \"b\" : 2 } ",
            ),
        ] {
            assert_eq!(without(raw, path).as_deref(), Some(left), "{raw} {path}");
        }
    }

    #[test]
    fn every_member_of_a_repeated_key_goes_however_it_is_written() {
        for (raw, path, left) in [
            (r#"{"a":1,"b":0,"\u0061":2}"#, "a", r#"{"b":0}"#),
            (r#"{"a":1,"a":2,"b":0}"#, "a", r#"{"b":0}"#),
            (r#"{"b":0,"a":1,"a":2}"#, "a", r#"{"b":0}"#),
            (r#"{"a":1,"\u0061":2}"#, "a", "{}"),
            (
                r#"{"a":{"b":1,"c":2},"a":{"b":3}}"#,
                "a.b",
                r#"{"a":{"c":2},"a":{}}"#,
            ),
            // Queries read the last one. What is to go is in the first one as well.
            (r#"{"a":{"b":1},"a":3}"#, "a.b", r#"{"a":{},"a":3}"#),
        ] {
            assert_eq!(without(raw, path).as_deref(), Some(left), "{raw} {path}");
        }
        let lone = Key::new(Text::decode(r#""\ud800""#).into_owned());
        assert_eq!(
            cut(r#"{"\uD800":1,"a":2}"#, &[lone]).as_deref(),
            Some(r#"{"a":2}"#)
        );
    }

    #[test]
    fn an_element_becomes_null_and_the_others_keep_their_places() {
        for (raw, path, left) in [
            ("[1,2,3]", "0", "[null,2,3]"),
            ("[1,2,3]", "2", "[1,2,null]"),
            ("[ 1 , [ 2 , 3 ] ]", "1.0", "[ 1 , [ null , 3 ] ]"),
            (r#"{"a":["x, y","]"]}"#, "a.1", r#"{"a":["x, y",null]}"#),
        ] {
            assert_eq!(without(raw, path).as_deref(), Some(left), "{raw} {path}");
        }
    }

    #[test]
    fn what_is_not_there_changes_nothing() {
        for (raw, path) in [
            (r#"{"a":1}"#, "b"),
            (r#"{"a":1}"#, "a.b"),
            (r#"{"a":"text"}"#, "a.length"),
            ("{}", "a"),
            ("[]", "0"),
            ("[1]", "1"),
            ("[1]", "00"),
            ("[null]", "0"),
            ("[1]", "length"),
            (r#"{"a":{"b":1},"c":2}"#, "b"),
        ] {
            assert_eq!(without(raw, path), None, "{raw} {path}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a-c\"\\\\{}\\[\\],: é]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[a-c]{0,1}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// As [`cut`], of what the text means.
    fn removed(value: &mut Value, path: &[&str]) -> bool {
        let Some((key, rest)) = path.split_first() else {
            return false;
        };
        match value {
            Value::Object(map) if rest.is_empty() => map.remove(*key).is_some(),
            Value::Object(map) => map.get_mut(*key).is_some_and(|value| removed(value, rest)),
            Value::Array(list) => {
                let element = key
                    .parse()
                    .ok()
                    .and_then(|index: usize| list.get_mut(index));
                match element {
                    Some(element) if rest.is_empty() => !element.take().is_null(),
                    Some(element) => removed(element, rest),
                    None => false,
                }
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_a_parser_would_leave(
            value in any_value(),
            path in prop::collection::vec("[a-c]|[0-3]", 1..4),
            pretty: bool,
        ) {
            let raw = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let keys = path_of(&path.join("."));
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let mut expected = value;
            let is_there = removed(&mut expected, &path);
            let left = cut(&raw, &keys);
            prop_assert_eq!(left.is_some(), is_there);
            if let Some(left) = left {
                prop_assert_eq!(serde_json::from_str::<Value>(&left).unwrap(), expected);
                prop_assert!(lookup(&left, &keys).is_none_or(|raw| raw == NULL));
                prop_assert_eq!(cut(&left, &keys), None);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:\\\\ua0é \n-]{0,40}", path in "[a0.]{0,5}") {
            let _ = without(&text, &path);
        }
    }
}
