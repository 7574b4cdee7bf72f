//! What an event has in the place of names, hashes and the like of the event that it is like.
//!
//! A name stands in many places of a webhook, most of them within URLs. So LZ4 finds much longer
//! matches in a dictionary that has the event's own names in it.
//!
//! ```text
//! count      varint  how many texts are others
//! each       varint  where in the dictionary the text is; varint: its bytes
//!            varint  the bytes of the other text
//!            bytes   that text
//! ```

use std::borrow::Cow;

use memchr::memmem;

use super::super::bytes::{Reader, write_bytes, write_varint};
use crate::json::scan;

/// How many texts of an event are others at most.
const COUNT_MAX: usize = 8;

/// A text that stands in fewer places is not worth its bytes.
const PLACES_MIN: usize = 3;

/// How many texts are looked for.
const TRIED_MAX: usize = 48;

/// Shorter and longer texts are no names.
const BYTES: std::ops::RangeInclusive<usize> = 3..=64;

/// A dictionary with other texts in it does not become longer.
const ADAPTED_BYTES_MAX: usize = 128 << 10;

/// Appends what `text` has in the place of texts of `like`, of which both have the same keys.
pub(super) fn write(out: &mut Vec<u8>, like: &[u8], text: &[u8]) {
    let mut found: Vec<(&[u8], &[u8])> = Vec::new();
    let mut tried: Vec<&[u8]> = Vec::new();
    for (own, other) in names(like).zip(names(text)) {
        if own == other || tried.contains(&own) || !is_name(own) || !is_name(other) {
            continue;
        }
        if found.len() == COUNT_MAX || tried.len() == TRIED_MAX {
            break;
        }
        tried.push(own);
        if memmem::find_iter(like, own).take(PLACES_MIN).count() == PLACES_MIN {
            found.push((own, other));
        }
    }
    // A name may be a part of another.
    found.sort_by_key(|(own, _)| std::cmp::Reverse(own.len()));
    write_varint(out, found.len() as u64);
    for (own, other) in found {
        let at = memmem::find(like, own).unwrap_or_default();
        write_varint(out, at as u64);
        write_varint(out, own.len() as u64);
        write_bytes(out, other);
    }
}

/// The dictionary with the texts in it that [`write`] has found; `None` where there are none such.
pub(super) fn read<'a>(reader: &mut Reader<'_>, like: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let count = reader.count().filter(|count| *count <= COUNT_MAX)?;
    let mut adapted = Cow::Borrowed(like);
    for _ in 0..count {
        let start = reader.count()?;
        let own = like.get(start..start.checked_add(reader.count()?)?)?;
        let other = reader.bytes()?;
        if !BYTES.contains(&own.len()) || !BYTES.contains(&other.len()) {
            return None;
        }
        adapted = Cow::Owned(replaced(&adapted, own, other)?);
    }
    Some(adapted)
}

fn replaced(text: &[u8], own: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let mut end = 0;
    for start in memmem::find_iter(text, own) {
        out.extend_from_slice(text.get(end..start)?);
        out.extend_from_slice(other);
        end = start + own.len();
        if out.len() > ADAPTED_BYTES_MAX {
            return None;
        }
    }
    out.extend_from_slice(text.get(end..)?);
    (out.len() <= ADAPTED_BYTES_MAX).then_some(out)
}

/// The strings of a text that are values, without their quotes.
fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr::memchr(b'"', text.get(at..)?)?;
            at = scan::string_end(text, start);
            if text.get(at) != Some(&b':') {
                return text.get(start + 1..at.saturating_sub(1));
            }
        }
    })
}

fn is_name(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    BYTES.contains(&text.len()) && text.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn adapted(like: &str, text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, like.as_bytes(), text.as_bytes());
        let mut reader = Reader::new(&out);
        let adapted = read(&mut reader, like.as_bytes()).unwrap();
        assert!(reader.is_at_end());
        String::from_utf8_lossy(&adapted).into_owned()
    }

    #[test]
    fn names_in_urls_become_those_of_the_event() {
        let event = |name: &str, repository: &str, id: &str| {
            format!(
                r#"{{"login":"{name}","id":"{id}","repo":"{repository}","urls":["/{name}/{repository}/a","/{name}/{repository}/b"]}}"#
            )
        };
        let like = event("ann", "ann-tools", "first");
        // The id stands in one place.
        let expected = event("robert", "site", "first");
        assert_eq!(adapted(&like, &event("robert", "site", "second")), expected);
        assert_eq!(adapted(&like, &like), like);
        assert_eq!(adapted(&like, ""), like);
        assert_eq!(adapted("", &like), "");
    }

    #[test]
    fn a_dictionary_does_not_grow_without_end() {
        let like = "abc".repeat(20_000);
        let mut bytes = vec![1, 0, 3];
        write_bytes(&mut bytes, &[b'x'; 64]);
        assert_eq!(read(&mut Reader::new(&bytes), like.as_bytes()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            like in "[abc\"]{0,60}",
            text in "[abc\":]{0,60}",
        ) {
            let _ = read(&mut Reader::new(&bytes), like.as_bytes());
            let mut out = Vec::new();
            write(&mut out, like.as_bytes(), text.as_bytes());
            prop_assert!(read(&mut Reader::new(&out), like.as_bytes()).is_some());
        }
    }
}
