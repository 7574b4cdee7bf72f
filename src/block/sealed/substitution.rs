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
use std::ops::Range;

use memchr::memmem;

use super::super::bytes::{Reader, write_bytes, write_varint};
use crate::hashing::TextMap;
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

/// The strings of a text that are values, without their quotes, in their order.
pub(super) type Strings = [Range<usize>];

/// A text that others are like, and what is known of its strings.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) text: Vec<u8>,
    /// Of each of its strings which name it is; `None` if it is none.
    names: Vec<Option<usize>>,
    /// The different names.
    all: Vec<Name>,
}

/// A name in a text.
#[derive(Debug)]
struct Name {
    /// Where it stands first as a value.
    place: Range<usize>,
    /// Whether it stands in enough places of the text, once it was asked for.
    is_worth: Option<bool>,
    /// The number of the event in which it was tried last.
    tried: u64,
}

impl Model {
    /// A text, which has these strings.
    pub(super) fn new(text: &[u8], strings: &Strings) -> Self {
        let mut numbers: TextMap<&[u8], usize> = TextMap::default();
        let mut all = Vec::new();
        let mut number = |place: &Range<usize>| {
            let name = text.get(place.clone()).filter(|text| is_name(text))?;
            let new = all.len();
            let number = *numbers.entry(name).or_insert(new);
            if number == new {
                all.push(Name {
                    place: place.clone(),
                    is_worth: None,
                    tried: 0,
                });
            }
            Some(number)
        };
        let names = strings.iter().map(&mut number).collect();
        Self {
            text: text.to_vec(),
            names,
            all,
        }
    }

    /// Appends what `text` has, which has these strings, in the place of texts of the model, of which both have the same
    /// keys. `event` is another number for each text.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, text: &[u8], strings: &Strings, event: u64) {
        let mut found: Vec<(usize, &[u8])> = Vec::new();
        let mut tried = 0;
        for (number, other) in self.names.iter().zip(strings) {
            let (Some(number), Some(other)) = (*number, text.get(other.clone())) else {
                continue;
            };
            let name = &mut self.all[number];
            let own = &self.text[name.place.clone()];
            if name.tried == event || scan::is_same(own, other) || !is_name(other) {
                continue;
            }
            if found.len() == COUNT_MAX || tried == TRIED_MAX {
                break;
            }
            name.tried = event;
            tried += 1;
            let is_worth = *name.is_worth.get_or_insert_with(|| {
                memmem::find_iter(&self.text, own).take(PLACES_MIN).count() == PLACES_MIN
            });
            if is_worth {
                found.push((number, other));
            }
        }
        let own = |number: usize| &self.text[self.all[number].place.clone()];
        // A name may be a part of another.
        found.sort_by_key(|(number, _)| std::cmp::Reverse(own(*number).len()));
        write_varint(out, found.len() as u64);
        for (number, other) in found {
            let own = own(number);
            let at = memmem::find(&self.text, own).unwrap_or_default();
            write_varint(out, at as u64);
            write_varint(out, own.len() as u64);
            write_bytes(out, other);
        }
    }
}

/// The dictionary with the texts in it that [`Model::write`] has found; `None` where there are none such.
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

/// Calls `each` with where each string of a text is, without its quotes, and whether it is a key.
pub(super) fn each_string(text: &[u8], mut each: impl FnMut(Range<usize>, bool)) {
    let mut at = 0;
    while let Some(quote) = text.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let start = at + quote;
        at = scan::string_end(text, start);
        each(start + 1..at.saturating_sub(1), text.get(at) == Some(&b':'));
    }
}

fn is_name(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    BYTES.contains(&text.len()) && text.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strings(text: &str) -> Vec<Range<usize>> {
        let mut strings = Vec::new();
        each_string(text.as_bytes(), |place, is_key| {
            if !is_key {
                strings.push(place);
            }
        });
        strings
    }

    fn adapted(like: &str, text: &str) -> String {
        let mut model = Model::new(like.as_bytes(), &strings(like));
        let mut first = Vec::new();
        model.write(&mut first, text.as_bytes(), &strings(text), 1);
        // What was learned of the model changes nothing.
        let mut out = Vec::new();
        model.write(&mut out, text.as_bytes(), &strings(text), 2);
        assert_eq!(out, first);
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
            let mut model = Model::new(like.as_bytes(), &strings(&like));
            model.write(&mut out, text.as_bytes(), &strings(&text), 1);
            prop_assert!(read(&mut Reader::new(&out), like.as_bytes()).is_some());
        }
    }
}
