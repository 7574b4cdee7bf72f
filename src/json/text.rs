//! JavaScript strings: sequences of UTF-16 code units.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::write_string;

/// A decoded string. It is compared, ordered and searched by UTF-16 code unit, as JavaScript does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text<'a>(StringForm<'a>);

/// Each string has exactly one form, so that equality can be derived: `Units` is used only for
/// what has a lone surrogate and so is no Unicode text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum StringForm<'a> {
    Unicode(Cow<'a, str>),
    Units(Vec<u16>),
}

/// A string holds half of a surrogate pair, so it is no Unicode text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoneSurrogate;

impl fmt::Display for LoneSurrogate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string with a lone surrogate")
    }
}

impl std::error::Error for LoneSurrogate {}

/// Decodes the JSON string `raw` (quotes included) to Unicode text, without copying where it has
/// no escapes.
///
/// # Errors
///
/// [`LoneSurrogate`] where the string is no Unicode text.
pub fn decode_string(raw: &str) -> Result<Cow<'_, str>, LoneSurrogate> {
    Text::decode(raw).into_unicode()
}

impl<'a> Text<'a> {
    /// Decodes the JSON string `raw` (quotes included), without copying where it has no escapes.
    #[must_use]
    pub fn decode(raw: &'a str) -> Self {
        let raw = raw.trim();
        let raw = raw.strip_prefix('"').unwrap_or(raw);
        let inner = raw.strip_suffix('"').unwrap_or(raw);
        Self(if !inner.contains('\\') {
            StringForm::Unicode(Cow::Borrowed(inner))
        } else if let Some(text) = unescape(inner) {
            StringForm::Unicode(Cow::Owned(text))
        } else {
            StringForm::Units(unescape_units(inner))
        })
    }

    /// Makes a string of UTF-16 code units.
    #[must_use]
    pub fn from_units(units: Vec<u16>) -> Self {
        Self(match String::from_utf16(&units) {
            Ok(text) => StringForm::Unicode(Cow::Owned(text)),
            Err(_) => StringForm::Units(units),
        })
    }

    /// The UTF-16 code units.
    #[must_use]
    pub fn to_units(&self) -> Vec<u16> {
        match &self.0 {
            StringForm::Unicode(text) => text.encode_utf16().collect(),
            StringForm::Units(units) => units.clone(),
        }
    }

    /// The string as Unicode text; `None` where it has a lone surrogate.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            StringForm::Unicode(text) => Some(text),
            StringForm::Units(_) => None,
        }
    }

    /// The string as Unicode text.
    ///
    /// # Errors
    ///
    /// [`LoneSurrogate`] where it is none.
    pub fn into_unicode(self) -> Result<Cow<'a, str>, LoneSurrogate> {
        match self.0 {
            StringForm::Unicode(text) => Ok(text),
            StringForm::Units(_) => Err(LoneSurrogate),
        }
    }

    /// The string for a person to read, with U+FFFD in the place of lone surrogates.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match &self.0 {
            StringForm::Unicode(text) => Cow::Borrowed(text),
            StringForm::Units(units) => Cow::Owned(String::from_utf16_lossy(units)),
        }
    }

    /// The length in bytes of UTF-8, a lone surrogate counting three.
    #[must_use]
    pub fn bytes_len(&self) -> usize {
        // U+FFFD, which takes the place of a lone surrogate, is three bytes long as well.
        self.to_string_lossy().len()
    }

    /// Whether `needle` occurs in this string, as `String.prototype.includes` tells.
    #[must_use]
    pub fn contains(&self, needle: &Text<'_>) -> bool {
        if let (StringForm::Unicode(text), StringForm::Unicode(needle)) = (&self.0, &needle.0) {
            return text.contains(&**needle);
        }
        // Half of a pair is found within the pair, so the search must be by code unit.
        let needle = needle.to_units();
        needle.is_empty()
            || self
                .to_units()
                .windows(needle.len())
                .any(|window| window == needle)
    }

    /// Whether this string begins with `part`, as `String.prototype.startsWith` tells.
    #[must_use]
    pub fn starts_with(&self, part: &Text<'_>) -> bool {
        if let (StringForm::Unicode(text), StringForm::Unicode(part)) = (&self.0, &part.0) {
            return text.starts_with(&**part);
        }
        self.to_units().starts_with(&part.to_units())
    }

    /// Whether this string ends with `part`, as `String.prototype.endsWith` tells.
    #[must_use]
    pub fn ends_with(&self, part: &Text<'_>) -> bool {
        if let (StringForm::Unicode(text), StringForm::Unicode(part)) = (&self.0, &part.0) {
            return text.ends_with(&**part);
        }
        self.to_units().ends_with(&part.to_units())
    }

    /// The same string, which stays where it is. One with a lone surrogate is copied.
    #[must_use]
    pub fn borrowed(&self) -> Text<'_> {
        Text(match &self.0 {
            StringForm::Unicode(text) => StringForm::Unicode(Cow::Borrowed(text)),
            StringForm::Units(units) => StringForm::Units(units.clone()),
        })
    }

    /// The same string, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Text<'static> {
        Text(match self.0 {
            StringForm::Unicode(text) => StringForm::Unicode(Cow::Owned(text.into_owned())),
            StringForm::Units(units) => StringForm::Units(units),
        })
    }

    /// Appends the string to `out` as a JSON string, quotes included, a lone surrogate as an escape.
    pub fn write_json(&self, out: &mut String) {
        use fmt::Write as _;

        let units = match &self.0 {
            StringForm::Unicode(text) => return write_string(out, text),
            StringForm::Units(units) => units,
        };
        out.push('"');
        for unit in units {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
        out.push('"');
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(StringForm::Unicode(Cow::Borrowed(text)))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(StringForm::Unicode(Cow::Owned(text)))
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (StringForm::Unicode(a), StringForm::Unicode(b)) => compare_by_unit(a, b),
            _ => self.to_units().cmp(&other.to_units()),
        }
    }
}

/// UTF-8 sorts by code point. UTF-16 does too, but for U+E000 to U+FFFF (first byte 0xEE or 0xEF),
/// which come after the supplementary characters (first byte 0xF0 or above, two surrogates below
/// U+E000). The first byte that differs tells which is met.
fn compare_by_unit(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match a.iter().zip(b).find(|(a, b)| a != b) {
        None => a.len().cmp(&b.len()),
        Some((a, b)) if *a >= 0xEE && *b >= 0xEE && (*a >= 0xF0) != (*b >= 0xF0) => b.cmp(a),
        Some((a, b)) => a.cmp(b),
    }
}

/// The Unicode text of a string's inside; `None` where it has a lone surrogate.
fn unescape(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let (unit, after) = escaped_unit(after);
        rest = after;
        if (0xD800..0xDC00).contains(&unit) {
            let low = rest.strip_prefix('\\').filter(|low| low.starts_with('u'))?;
            let (low, after) = escaped_unit(low);
            text.push(char::decode_utf16([unit, low]).next()?.ok()?);
            rest = after;
        } else {
            text.push(char::from_u32(u32::from(unit))?);
        }
    }
    text.push_str(rest);
    Some(text)
}

fn unescape_units(inner: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        units.extend(before.encode_utf16());
        let (unit, after) = escaped_unit(after);
        units.push(unit);
        rest = after;
    }
    units.extend(rest.encode_utf16());
    units
}

/// The code unit of the escape whose backslash comes before `rest`, and what follows the escape.
fn escaped_unit(rest: &str) -> (u16, &str) {
    let mut chars = rest.chars();
    let unit = match chars.next() {
        Some('b') => 0x08,
        Some('f') => 0x0C,
        Some('n') => 0x0A,
        Some('r') => 0x0D,
        Some('t') => 0x09,
        Some('u') => {
            let digits = rest
                .get(1..5)
                .and_then(|hex| u16::from_str_radix(hex, 16).ok());
            return (digits.unwrap_or(0xFFFD), rest.get(5..).unwrap_or(""));
        }
        // The quote, the backslash and the slash stand for themselves.
        Some(itself) => u16::try_from(u32::from(itself)).unwrap_or(0xFFFD),
        None => 0xFFFD,
    };
    (unit, chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw_of(units: &[u16]) -> String {
        let escapes: Vec<String> = units.iter().map(|unit| format!("\\u{unit:04X}")).collect();
        format!("\"{}\"", escapes.concat())
    }

    #[test]
    fn escapes_are_decoded() {
        let raw = r#""a\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00é😀""#;
        let wanted = "a\"\\/\u{8}\u{c}\n\r\t\0é😀é😀";
        assert_eq!(decode_string(raw).unwrap(), wanted);
        assert_eq!(decode_string(r#""""#).unwrap(), "");
    }

    #[test]
    fn text_without_escapes_is_not_copied() {
        assert!(matches!(
            decode_string("\"plain é\""),
            Ok(Cow::Borrowed("plain é"))
        ));
    }

    #[test]
    fn a_lone_surrogate_is_no_unicode_text() {
        for raw in [
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\udc00\ud800""#,
            r#""\ud800\ud800\udc00""#,
            r#""\ud800\n""#,
            r#""\ud800x""#,
        ] {
            assert_eq!(decode_string(raw), Err(LoneSurrogate), "{raw}");
            assert_eq!(Text::decode(raw).as_str(), None, "{raw}");
        }
        assert_ne!(Text::decode(r#""\ud800""#), Text::decode(r#""\ud801""#));
        assert_ne!(Text::decode(r#""\ud800""#), Text::from("\u{fffd}"));
        assert_eq!(
            Text::decode(r#""\uD800é""#),
            Text::decode(r#""\ud800\u00e9""#)
        );
    }

    #[test]
    fn half_of_a_pair_is_found_within_the_pair() {
        let pair = Text::from("a😀");
        assert!(pair.contains(&Text::decode(r#""\ud83d""#)));
        assert!(pair.contains(&Text::decode(r#""\ude00""#)));
        assert!(pair.contains(&Text::decode(r#""a\ud83d""#)));
        assert!(!pair.contains(&Text::decode(r#""\ud83e""#)));
        let lone = Text::decode(r#""x\ud83dy""#);
        assert!(lone.contains(&Text::from("y")));
        assert!(lone.contains(&Text::from("")));
        assert!(!lone.contains(&Text::from("xy")));
    }

    #[test]
    fn a_lone_surrogate_is_written_as_it_was() {
        let mut out = String::new();
        Text::decode(r#""a\ud800""#).write_json(&mut out);
        assert_eq!(Text::decode(&out), Text::decode(r#""a\uD800""#));
        assert_eq!(out, r#""\u0061\ud800""#);
    }

    #[test]
    fn length_counts_bytes_of_utf_8() {
        assert_eq!(Text::from("é😀").bytes_len(), 6);
        assert_eq!(Text::decode(r#""a\ud800""#).bytes_len(), 4);
    }

    /// Code units from the ranges whose order differs between UTF-8 and UTF-16.
    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop_oneof![
            0x61_u16..0x64,
            0xD7FE_u16..0xD802,
            0xDBFE_u16..0xDC02,
            0xDFFE_u16..0xE002,
            0xFFFD_u16..=0xFFFF,
            any::<u16>(),
        ];
        prop::collection::vec(unit, 0..6)
    }

    proptest! {
        #[test]
        fn strings_behave_as_their_code_units(a in units(), b in units()) {
            let (raw_a, raw_b) = (raw_of(&a), raw_of(&b));
            let (text_a, text_b) = (Text::decode(&raw_a), Text::decode(&raw_b));
            prop_assert_eq!(&text_a.to_units(), &a);
            prop_assert_eq!(text_a.cmp(&text_b), a.cmp(&b));
            prop_assert_eq!(text_a == text_b, a == b);
            let found = b.is_empty() || a.windows(b.len()).any(|window| window == b);
            prop_assert_eq!(text_a.contains(&text_b), found);
            prop_assert_eq!(Text::from_units(a), text_a);
        }

        #[test]
        fn a_part_is_always_found(a in units(), from in 0..6_usize, to in 0..6_usize) {
            let (from, to) = (from.min(a.len()), to.min(a.len()));
            let part = a.get(from..to).unwrap_or(&[]).to_vec();
            prop_assert!(Text::from_units(a).contains(&Text::from_units(part)));
        }

        #[test]
        fn any_string_of_serde_json_is_read_back(text: String) {
            let raw = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode_string(&raw).unwrap(), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\"\\\\ud8é😀0]{0,20}") {
            prop_assert!(Text::decode(&text).bytes_len() <= 3 * text.len());
        }
    }
}
