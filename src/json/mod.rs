//! JSON text, read where it lies: no tree of values is ever built.
//!
//! Every function here takes text that is already known to be valid JSON: it was written by
//! `JSON.stringify`, or checked by serde_json when it came in. Text that is not valid gives an
//! unspecified answer, but never a panic. Nothing recurses, so nesting of any depth is read with
//! the same stack; insignificant whitespace is tolerated.
//!
//! Strings are JavaScript's: sequences of UTF-16 code units, lone surrogates included. [`Text`]
//! holds them.

mod kind;
mod members;
mod path;
mod scan;
mod text;

pub use kind::Kind;
pub use members::{Elements, Members, elements, members};
pub use path::{Key, lookup};
pub use text::{LoneSurrogate, Text, decode_string};

/// Appends `text` to `out` as a JSON string, quotes included.
pub fn write_string(out: &mut String, text: &str) {
    // A str holds no lone surrogate, so serde_json has nothing that it could refuse.
    match serde_json::to_string(text) {
        Ok(quoted) => out.push_str(&quoted),
        Err(_) => out.push_str("\"\""),
    }
}

/// The value of a JSON number's text, rounded as `JSON.parse` rounds it: to the nearest `f64`.
///
/// Text that is no number gives NaN, as `Number(text)` does.
#[must_use]
pub fn number(raw: &str) -> f64 {
    raw.trim().parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_to_the_nearest_double() {
        for (raw, value) in [
            ("0", 0.0),
            ("-12.5e2", -1250.0),
            ("1E3", 1000.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("0.1", 0.1),
            ("5e-324", 5e-324),
            ("1e999", f64::INFINITY),
        ] {
            assert_eq!(number(raw), value, "{raw}");
        }
        assert!(number("-0").is_sign_negative());
        assert!(number("x").is_nan());
    }

    #[test]
    fn a_written_string_is_one_that_reads_back() {
        let mut out = String::new();
        write_string(&mut out, "a\"\\\n\0\u{7f}😀");
        assert_eq!(out, "\"a\\\"\\\\\\n\\u0000\u{7f}😀\"");
        assert_eq!(decode_string(&out).unwrap(), "a\"\\\n\0\u{7f}😀");
    }
}
