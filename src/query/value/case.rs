//! Texts without what tells upper from lower case.

use std::borrow::Cow;

use crate::json::{self, Kind, Text};
use crate::query::value::Value;

/// The text with each letter in its one form for both cases. Two texts that differ in case alone have the same one, as
/// by Unicode's full case folding: `ß` is `ss`, and the three forms of sigma are one.
pub(in crate::query) fn fold_case(text: &Text<'_>) -> Text<'static> {
    match text.as_str() {
        Some(text) => Text::from(fold_str(text)),
        None => {
            let units = text.to_units();
            let mut folded = Vec::with_capacity(units.len());
            for part in char::decode_utf16(units) {
                match part {
                    Ok(letter) => {
                        let mut buffer = [0; 4];
                        folded.extend(fold_str(letter.encode_utf8(&mut buffer)).encode_utf16());
                    }
                    Err(lone) => folded.push(lone.unpaired_surrogate()),
                }
            }
            Text::from_units(folded)
        }
    }
}

fn fold_str(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Each step takes together what the others keep apart: `ẞ` becomes `ß`, that becomes `SS`, and that `ss`.
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        // The one letter that has the upper case of another and is not the same.
        if letter == 'ı' {
            folded.push(letter);
            continue;
        }
        let upper = letter.to_lowercase().flat_map(char::to_uppercase);
        folded.extend(upper.flat_map(char::to_lowercase));
    }
    folded
}

/// The value with its texts folded: itself, or the elements of an array.
pub(in crate::query) fn with_case_folded<T>(
    stored: &Value<'_>,
    then: impl FnOnce(&Value<'_>) -> T,
) -> T {
    match stored {
        Value::String(text) => then(&Value::String(fold_case(text))),
        Value::Array(raw) => then(&Value::Array(&fold_elements(raw))),
        other => then(other),
    }
}

fn fold_elements(raw: &str) -> Cow<'_, str> {
    if !raw.contains('"') {
        return Cow::Borrowed(raw);
    }
    let mut folded = String::from("[");
    for element in json::elements(raw) {
        if folded.len() > 1 {
            folded.push(',');
        }
        if Kind::of(element) == Kind::String {
            fold_case(&Text::decode(element)).write_json(&mut folded);
        } else {
            folded.push_str(element);
        }
    }
    folded.push(']');
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_alone_are_the_same() {
        for texts in [
            &["abc", "ABC", "aBc"][..],
            &["é", "É"],
            &["straße", "STRASSE", "STRAẞE", "Strasse"],
            &["ΟΔΟΣ", "οδος", "οδοσ"],
            &["K", "k", "\u{212a}"],
            &["ſ", "s", "S"],
            &["Ǆ", "ǅ", "ǆ"],
            &["i\u{307}", "İ"],
        ] {
            for text in texts {
                let folded = fold_case(&Text::from(*text));
                assert_eq!(folded, fold_case(&Text::from(texts[0])), "{text}");
                assert_eq!(fold_case(&folded), folded, "{text}");
            }
        }
        for (a, b) in [("a", "b"), ("e", "é"), ("i", "ı"), ("", "a")] {
            assert_ne!(
                fold_case(&Text::from(a)),
                fold_case(&Text::from(b)),
                "{a} {b}"
            );
        }
        let lone = |units: &[u16]| fold_case(&Text::from_units(units.to_vec()));
        assert_eq!(lone(&[0xd800, 65, 0xc9]), lone(&[0xd800, 97, 0xe9]));
        assert_ne!(lone(&[0xd800]), lone(&[0xd801]));
    }

    #[test]
    fn elements_of_an_array_are_folded() {
        let text = |raw: &str| {
            with_case_folded(&Value::decode(raw), |value| match value {
                Value::Array(raw) => (*raw).to_owned(),
                _ => String::new(),
            })
        };
        assert_eq!(text(r#"["A", 1, ["B"], "\u00c9"]"#), r#"["a",1,["B"],"é"]"#);
        assert_eq!(text("[1, 2]"), "[1, 2]");
    }
}
