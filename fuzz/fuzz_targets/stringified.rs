//! Whether a text is what `JSON.stringify` writes, so that it is stored as it is, without being parsed: it is JSON then, with
//! each key once, and written anew it has as many bytes.

#![no_main]

use codebolt_eventlog::json::is_stringified;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if is_stringified(text) {
        let value: Value = serde_json::from_str(text).expect("it is JSON");
        // Fractions and long numbers are written otherwise in Rust. Keys may be in another order, and one that was there
        // twice would be there once.
        let is_plain = |byte: &u8| !byte.is_ascii_digit();
        let has_odd_number =
            text.contains('.') || (text.as_bytes().split(is_plain)).any(|digits| digits.len() > 15);
        if !has_odd_number {
            assert_eq!(value.to_string().len(), text.len(), "{text}");
        }
    }
});
