//! JSON text, read where it lies: no tree of values is ever built.
//!
//! Every function here but [`is_stringified`] takes text that is already known to be valid JSON: it was written by
//! `JSON.stringify`, or checked by `serde_json` when it came in. Text that is not valid gives an
//! unspecified answer, but never a panic. Nothing recurses, so nesting of any depth is read with
//! the same stack; insignificant whitespace is tolerated.
//!
//! Strings are JavaScript's: sequences of UTF-16 code units, lone surrogates included. [`Text`]
//! holds them.

mod cut;
mod decimal;
mod kind;
mod members;
mod nesting;
mod number;
mod path;
pub(crate) mod scan;
mod stringified;
mod text;

pub use cut::cut;
pub(crate) use decimal::{DECIMAL_DIGITS_MAX, POWERS_OF_TEN, decimal_number, parse_decimal};
pub use kind::Kind;
pub use members::{Elements, Members, elements, members};
pub use nesting::{Nested, NestedElements, Nesting};
pub(crate) use number::write_whole;
pub(crate) use number::{WHOLE_NUMBER_MAX, whole_number};
pub use number::{number, write_number, written_number};
pub use path::{Key, lookup};
pub use stringified::is_stringified;
pub use text::{LoneSurrogate, Text, decode_string};

/// Appends `text` to `out` as a JSON string, quotes included.
pub fn write_string(out: &mut String, text: &str) {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    // A str holds no lone surrogate, so serde_json has nothing that it could refuse.
    match serde_json::to_string(text) {
        Ok(quoted) => out.push_str(&quoted),
        Err(_) => out.push_str("\"\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn strings_are_written_as_serde_json_writes_them(text: String) {
            let mut out = String::new();
            write_string(&mut out, &text);
            proptest::prop_assert_eq!(out, serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn a_written_string_is_one_that_reads_back() {
        let mut out = String::new();
        write_string(&mut out, "a\"\\\n\0\u{7f}😀");
        assert_eq!(out, "\"a\\\"\\\\\\n\\u0000\u{7f}😀\"");
        assert_eq!(decode_string(&out).unwrap(), "a\"\\\n\0\u{7f}😀");
    }
}
