//! Whether a text is JSON as `JSON.stringify` writes it.
//!
//! `JSON.stringify(JSON.parse(text))` is then the text itself, so that nobody has to parse it to keep what JavaScript
//! would keep of it. What is not sure to be so counts as not so: whoever asks takes the longer way.

use super::written_number;

/// What is nested deeper is not looked into: `JSON.stringify` may not be able to write it.
const DEPTH_MAX: usize = 512;

/// Up to so many keys of an object are compared with each other; more are sorted.
const COMPARED_KEYS_MAX: usize = 12;

/// Whether `text` is one JSON value as `JSON.stringify` writes it.
///
/// It is valid then, has no blanks, no key twice in an object, and every string and number in the one form that
/// JavaScript writes. `false` may also be said of a text with keys that consist of digits, which JavaScript puts first,
/// with escaped surrogates, with exponents, or nested deeply.
#[must_use]
pub fn is_stringified(text: &str) -> bool {
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: 0,
        keys: Vec::new(),
        open: Vec::new(),
    };
    scan.value().is_some() && scan.at == text.len()
}

/// A container whose end has not come yet.
#[derive(Clone, Copy)]
enum Open {
    Array,
    /// Its keys are those from that one on.
    Object(usize),
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The keys of the objects that are open, each as it is written.
    keys: Vec<&'a [u8]>,
    open: Vec<Open>,
}

impl<'a> Scan<'a> {
    /// Passes over a value; `None` where it is not as JavaScript writes it.
    fn value(&mut self) -> Option<()> {
        loop {
            match *self.bytes.get(self.at)? {
                b'{' => {
                    self.at += 1;
                    self.enter(Open::Object(self.keys.len()))?;
                    if self.bytes.get(self.at) != Some(&b'}') {
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.enter(Open::Array)?;
                    if self.bytes.get(self.at) != Some(&b']') {
                        continue;
                    }
                }
                b'"' => {
                    self.string()?;
                }
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                _ => self.number()?,
            }
            if !self.after_value()? {
                return Some(());
            }
        }
    }

    fn enter(&mut self, container: Open) -> Option<()> {
        self.open.push(container);
        (self.open.len() <= DEPTH_MAX).then_some(())
    }

    /// Goes on behind a value, or in a container that has just been opened and is empty. Returns whether another value
    /// follows.
    fn after_value(&mut self) -> Option<bool> {
        while let Some(&container) = self.open.last() {
            let mark = *self.bytes.get(self.at)?;
            self.at += 1;
            match (container, mark) {
                (Open::Array, b',') => return Some(true),
                (Open::Object(_), b',') => {
                    self.key()?;
                    return Some(true);
                }
                (Open::Array, b']') => {}
                (Open::Object(first), b'}') => {
                    if has_twice(self.keys.get_mut(first..)?) {
                        return None;
                    }
                    self.keys.truncate(first);
                }
                _ => return None,
            }
            self.open.pop();
        }
        Some(false)
    }

    /// Passes over a key and the colon behind it.
    fn key(&mut self) -> Option<()> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let key = self.string()?;
        // JavaScript has those before the others, in the order of their numbers.
        if !key.is_empty() && key.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.keys.push(key);
        if self.bytes.get(self.at) != Some(&b':') {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Passes over a string. Returns what stands between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            let byte = *self.bytes.get(at)?;
            at += match byte {
                b'"' => break,
                b'\\' => self.escape(at)?,
                b' '.. => 1,
                _ => return None,
            };
        }
        self.at = at + 1;
        self.bytes.get(start..at)
    }

    /// How long the escape is that begins at `at`, if JavaScript writes it.
    fn escape(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at + 1)? {
            b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
            b'u' => match self.bytes.get(at + 2..at + 6)? {
                // Those with an escape of their own have that.
                [b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f']
                | [b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f'] => Some(6),
                _ => None,
            },
            _ => None,
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word.as_bytes()).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let is_digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        let len = rest.iter().take_while(|byte| is_digit(byte)).count();
        let number = self.text.get(self.at..self.at + len)?;
        self.at += len;
        // JavaScript writes less than a millionth with an exponent, and this package does not.
        let is_tiny = number.trim_start_matches('-').starts_with("0.000000");
        (!is_tiny && written_number(number).is_some()).then_some(())
    }
}

/// Whether one of the keys of an object is there twice. They are in no order afterwards.
fn has_twice(keys: &mut [&[u8]]) -> bool {
    if keys.len() <= COMPARED_KEYS_MAX {
        let is_again = |(at, key): (usize, &&[u8])| keys.iter().take(at).any(|other| other == key);
        return keys.iter().enumerate().any(is_again);
    }
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair.first() == pair.last())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn what_javascript_writes_is_known() {
        for text in [
            "{}",
            "[]",
            "null",
            "true",
            "false",
            "0",
            "-1.5",
            "9007199254740993000",
            "0.000001",
            "\"\"",
            r#"{"a":[1,{"b":null}],"":{},"A":"\"\\\b\f\n\r\t\u0000\u001f"}"#,
            "\"\u{7f}é\u{2028}😀\"",
            r#"[[],[[]],{"a":{}},[{}]]"#,
            r#"{"__proto__":1,"toJSON":2,"-1":3,"1a":4}"#,
        ] {
            assert!(is_stringified(text), "{text}");
        }
    }

    #[test]
    fn what_javascript_would_alter_is_not_taken_for_its_own() {
        for text in [
            // Blanks.
            " {}",
            "{} ",
            "{ }",
            "[ ]",
            "[1, 2]",
            "{\"a\": 1}",
            "\u{feff}{}",
            "[1]\n",
            // Keys.
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"1":0}"#,
            r#"{"b":1,"0":2}"#,
            r#"{"c01":1,"c02":1,"c03":1,"c04":1,"c05":1,"c06":1,"c07":1,"c08":1,"c09":1,"c10":1,"c11":1,"c12":1,"c13":1,"c01":1}"#,
            // Strings.
            r#""\/""#,
            r#""\u0041""#,
            r#""\u000A""#,
            r#""\u000a""#,
            r#""\u001F""#,
            r#""\u007f""#,
            r#""\ud83d\ude00""#,
            r#""\ud800""#,
            "\"\n\"",
            "\"\\x\"",
            "\"\\u00\"",
            // Numbers.
            "-0",
            "1.0",
            "1e3",
            "1E3",
            "01",
            "0.0000001",
            "-0.0000005",
            "12345678901234567890",
            "9007199254740993",
            "0.1000000000000000055",
            "1.",
            "-",
            ".5",
            "+1",
        ] {
            assert!(!is_stringified(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_taken_for_it() {
        for text in [
            "",
            "{",
            "[",
            "\"",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{,}",
            "{[]:2}",
            "[1}",
            "{\"a\":1]",
            "{}{}",
            "1,2",
            "nul",
            "truefalse",
            "[1 2]",
            "NaN",
            "undefined",
            "{}]",
            "\\",
            "{\"a\":1,1}",
            "[\"a\":1]",
            "é",
        ] {
            assert!(!is_stringified(text), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_stringified(&nested(DEPTH_MAX)));
        assert!(!is_stringified(&nested(DEPTH_MAX + 1)));
        assert!(!is_stringified(&"[".repeat(1_000_000)));
    }

    /// Values of which `serde_json` writes what JavaScript does.
    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[^0-9]*", inner, 0..20)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_known_and_one_byte_more_is_not(value in any_value(), at: prop::sample::Index) {
            let text = value.to_string();
            prop_assert!(is_stringified(&text), "{}", text);
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let mut longer = text;
            longer.insert(at.get(&ends).to_owned(), '\t');
            prop_assert!(!is_stringified(&longer), "{}", longer);
        }

        #[test]
        fn what_is_known_is_valid_and_reads_back(text in "[\\[\\]{}\",:\\\\u0a1.e-]{0,16}") {
            if is_stringified(&text) {
                let value: Value = serde_json::from_str(&text).unwrap();
                // Its keys may be in another order.
                prop_assert_eq!(value.to_string().len(), text.len());
            }
        }
    }
}
