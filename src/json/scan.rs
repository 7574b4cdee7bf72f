//! Where the parts of a JSON text end. Every position returned is at most the text's length, and
//! is a character boundary: it lies at an ASCII character or at the end.

/// The first position from `at` on that is not whitespace.
pub(super) fn whitespace_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The position after the string whose opening quote is at `start`.
pub(super) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The position after the value that begins at `start`, which must not be whitespace.
pub(super) fn value_end(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start) {
        Some(b'"') => string_end(bytes, start),
        Some(b'{' | b'[') => container_end(bytes, start),
        _ => scalar_end(bytes, start),
    }
}

/// Counts brackets instead of recursing, so that depth costs no stack. In valid JSON a bracket
/// always closes the innermost one of its own kind, so one count serves for both kinds.
fn container_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn scalar_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        if matches!(
            byte,
            b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r'
        ) {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_the_next_token_begins() {
        for (text, value) in [
            ("null,1", "null"),
            ("-1.5e3]", "-1.5e3"),
            ("true }", "true"),
            (r#""a\"]}" ,"#, r#""a\"]}""#),
            (r#""\\","#, r#""\\""#),
            (r#"{"a":["]}",{}]},2"#, r#"{"a":["]}",{}]}"#),
            ("[]", "[]"),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0), value.len(), "{text}");
        }
    }

    #[test]
    fn unfinished_text_ends_at_its_end() {
        for text in ["", "\"", "\"\\", "{\"a", "[[1]", "tr"] {
            assert_eq!(value_end(text.as_bytes(), 0), text.len(), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 1_000_000;
        let text = "[".repeat(depth) + &"]".repeat(depth) + ",";
        assert_eq!(value_end(text.as_bytes(), 0), 2 * depth);
    }
}
