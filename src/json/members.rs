//! The members of an object and the elements of an array, found one after the other.

use super::scan;

/// The members of the object `raw`, as raw key (quotes included) and raw value, in the order
/// written and with repeated keys. A value that is no object has none.
#[must_use]
pub fn members(raw: &str) -> Members<'_> {
    Members(Items::of(raw, b'{'))
}

/// The elements of the array `raw`, as raw values. A value that is no array has none.
#[must_use]
pub fn elements(raw: &str) -> Elements<'_> {
    Elements(Items::of(raw, b'['))
}

/// Iterates over an object's members. Made by [`members`].
#[derive(Clone, Debug)]
pub struct Members<'a>(Items<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next_value(scan::value_end)?;
        self.0.skip(b':');
        Some((key, self.0.next_value(scan::value_end)?))
    }
}

/// Iterates over an array's elements. Made by [`elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a>(Items<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_value(scan::value_end)
    }
}

/// The inside of a container: values with commas or colons between them.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Items<'a> {
    /// Stands after the opening bracket of `raw`, or at the end where `raw` has another one.
    fn of(raw: &'a str, opening: u8) -> Self {
        let bytes = raw.as_bytes();
        let at = scan::whitespace_end(bytes, 0);
        let at = if bytes.get(at) == Some(&opening) {
            at + 1
        } else {
            bytes.len()
        };
        Self { text: raw, at }
    }

    /// The next value, with the comma before it passed over; `None` at the closing bracket. `value_end` says where a value
    /// ends that begins at a position of the text.
    pub(super) fn next_value(
        &mut self,
        value_end: impl FnOnce(&[u8], usize) -> usize,
    ) -> Option<&'a str> {
        self.skip(b',');
        let bytes = self.text.as_bytes();
        let start = scan::whitespace_end(bytes, self.at);
        let end = value_end(bytes, start);
        if end == start {
            self.at = bytes.len();
            return None;
        }
        self.at = end;
        self.text.get(start..end)
    }

    pub(super) fn skip(&mut self, mark: u8) {
        let bytes = self.text.as_bytes();
        let at = scan::whitespace_end(bytes, self.at);
        if bytes.get(at) == Some(&mark) {
            self.at = at + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn members_come_raw_and_in_order() {
        let found: Vec<_> = members(r#"{"a":1,"b":{"a":[2,3]},"a":"x,y"}"#).collect();
        let wanted = [
            (r#""a""#, "1"),
            (r#""b""#, r#"{"a":[2,3]}"#),
            (r#""a""#, r#""x,y""#),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn whitespace_between_tokens_does_not_count() {
        let found: Vec<_> = members(" {\n\t\"a\" : [ 1 , 2 ] ,\r\n \"b\" : null } ").collect();
        assert_eq!(found, [("\"a\"", "[ 1 , 2 ]"), ("\"b\"", "null")]);
        let found: Vec<_> = elements(" [ 1 , [ ] , \"a\" ] ").collect();
        assert_eq!(found, ["1", "[ ]", "\"a\""]);
        assert_eq!(elements("[ ]").count(), 0);
        assert_eq!(members("{ }").count(), 0);
    }

    #[test]
    fn another_kind_of_value_has_none() {
        for raw in ["null", "1", "\"[1]\"", "{\"a\":1}"] {
            assert_eq!(elements(raw).next(), None, "{raw}");
        }
        for raw in ["null", "1", "\"{}\"", "[1]"] {
            assert_eq!(members(raw).next(), None, "{raw}");
        }
    }

    #[test]
    fn an_iterator_at_its_end_stays_there() {
        let mut items = elements("[1],2");
        assert_eq!(items.next(), Some("1"));
        assert_eq!(items.next(), None);
        assert_eq!(items.next(), None);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_taken_apart(value in any_value(), pretty: bool) {
            let raw = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let found: Vec<Value> =
                elements(&raw).map(|raw| serde_json::from_str(raw).unwrap()).collect();
            prop_assert_eq!(found, value.as_array().cloned().unwrap_or_default());
            let found: serde_json::Map<String, Value> = members(&raw)
                .map(|(key, raw)| {
                    let key = crate::json::decode_string(key).unwrap().into_owned();
                    (key, serde_json::from_str(raw).unwrap())
                })
                .collect();
            prop_assert_eq!(found, value.as_object().cloned().unwrap_or_default());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:\\\\ua0é \n-]{0,40}") {
            prop_assert!(elements(&text).count() <= text.len());
            prop_assert!(members(&text).count() <= text.len());
        }
    }
}
