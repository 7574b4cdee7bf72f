//! Where the parts of a JSON text end. Every position returned is at most the text's length, and
//! is a character boundary: it lies at an ASCII character or at the end.

/// The first position from `at` on that is not whitespace.
pub(crate) fn whitespace_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Whether a text begins with another one, most often a short one: to call what compares any number of bytes takes longer than
/// to compare these.
#[inline]
pub(crate) fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|text| is_same(text, start))
}

/// Whether two texts are the same, as [`begins_with`] compares them.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    const LONG: usize = 64;

    if one.len() != other.len() {
        return false;
    }
    match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(last), Some(other_last)) if one.len() <= LONG => {
            let words = one.as_chunks::<8>().0.iter();
            last == other_last && words.eq(other.as_chunks::<8>().0)
        }
        (None, _) => match (one.last_chunk::<4>(), other.last_chunk::<4>()) {
            (Some(last), Some(other_last)) => {
                last == other_last && one.first_chunk::<4>() == other.first_chunk()
            }
            _ => one.iter().eq(other),
        },
        _ => one == other,
    }
}

/// The position after the string whose opening quote is at `start`.
pub(crate) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// Passes over what is neither a quote nor a backslash, eight bytes at a time; fewer than eight may
/// be left.
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*word);
        let marks = marks_of(word, b'"') | marks_of(word, b'\\');
        if marks != 0 {
            return at + (marks.trailing_zeros() / u8::BITS) as usize;
        }
        at += size_of::<u64>();
    }
    at
}

/// Marks the bytes of `word` that are `byte`, in their highest bit. Above a byte that is, others may
/// be marked too; the lowest mark is always right.
const fn marks_of(word: u64, byte: u8) -> u64 {
    const LOWEST: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = LOWEST << 7;

    let differing = word ^ (LOWEST * byte as u64);
    differing.wrapping_sub(LOWEST) & !differing & HIGHEST
}

/// The position after the value that begins at `start`, which must not be whitespace.
pub(crate) fn value_end(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start) {
        Some(b'"') => string_end(bytes, start),
        Some(b'{' | b'[') => container_end(bytes, start),
        _ => scalar_end(bytes, start),
    }
}

/// Counts brackets instead of recursing, so that depth costs no stack. In valid JSON a bracket
/// always closes the innermost one of its own kind, so one count serves for both kinds.
pub(crate) fn container_end(bytes: &[u8], start: usize) -> usize {
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

pub(crate) fn scalar_end(bytes: &[u8], start: usize) -> usize {
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
    fn a_text_begins_with_its_beginning_alone() {
        let text: Vec<u8> = (0..150).collect();
        for length in 0..text.len() {
            let start = &text[..length];
            assert!(begins_with(&text, start));
            assert!(is_same(start, &text[..length]));
            assert!(!begins_with(start, &text[..=length]));
            assert!(!is_same(start, &text[..=length]));
            for at in 0..length {
                let mut other = start.to_vec();
                other[at] ^= 0x80;
                assert!(!begins_with(&text, &other), "{at} of {length}");
                assert!(!is_same(&other, start), "{at} of {length}");
            }
        }
    }

    #[test]
    fn unfinished_text_ends_at_its_end() {
        for text in ["", "\"", "\"\\", "{\"a", "[[1]", "tr"] {
            assert_eq!(value_end(text.as_bytes(), 0), text.len(), "{text}");
        }
    }

    #[test]
    fn a_string_ends_at_its_second_quote_wherever_that_stands() {
        for length in 0..40 {
            for byte in ["a", "!", "#", "[", "]", "\u{80}", "é"] {
                let string = format!("\"{}\"", byte.repeat(length));
                for after in ["", ",\"b\":1", "\"\"\"\"\"\"\"\""] {
                    let text = format!("{string}{after}");
                    assert_eq!(string_end(text.as_bytes(), 0), string.len(), "{text}");
                }
                let escaped = format!("\"{}\\\"{string}", byte.repeat(length));
                assert_eq!(
                    string_end(escaped.as_bytes(), 0),
                    escaped.len() - string.len() + 1
                );
            }
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 1_000_000;
        let text = "[".repeat(depth) + &"]".repeat(depth) + ",";
        assert_eq!(value_end(text.as_bytes(), 0), 2 * depth);
    }
}
