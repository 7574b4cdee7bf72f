//! The different values of a column, as one text.

use std::ops::Index;
use std::sync::{Arc, OnceLock};

use super::numbered::NumberedForm;
use super::written::{Numbered, Written};

/// How long a text may be that is told by one number, in bytes.
pub const WORD_BYTES_MAX: usize = size_of::<u128>() - 1;

/// JSON texts, each with a number from 0.
#[derive(Clone, Debug, Default)]
pub struct Values {
    written: Written,
    /// All of them, in the place of what is written, where they are alike but for a whole number in each.
    numbered: Option<Numbered>,
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

impl Eq for Values {}

impl Values {
    /// Takes `text` apart into values that end at `ends`; `None` where those are no ends of its
    /// parts.
    pub(super) fn of_parts(text: String, ends: Vec<u32>) -> Option<Self> {
        let mut start = 0;
        for end in &ends {
            text.get(start..*end as usize)?;
            start = *end as usize;
        }
        (start == text.len()).then_some(Self {
            written: Written { text, ends },
            numbered: None,
        })
    }

    fn written(&self) -> &Written {
        match &self.numbered {
            None => &self.written,
            Some(numbered) => numbered.written.get_or_init(|| numbered.write()),
        }
    }

    /// The texts, of which there are going to be others than those of one form.
    fn written_mut(&mut self) -> &mut Written {
        if let Some(mut numbered) = self.numbered.take() {
            let written = numbered.written.take();
            self.written = written.unwrap_or_else(|| numbered.write());
        }
        &mut self.written
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.numbered {
            None => self.written.ends.len(),
            Some(numbered) => numbered.numbers.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The form of all values, and the number in each, where they are known as such.
    #[must_use]
    pub fn numbered(&self) -> Option<(&NumberedForm, &[u64])> {
        let numbered = self.numbered.as_ref()?;
        Some((&numbered.form, &numbered.numbers))
    }

    /// The value with the number `at`.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        let Written { text, ends } = self.written();
        let end = *ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| ends[before] as usize);
        text.get(start..end)
    }

    /// The bytes of the value with the number `at`.
    pub(super) fn bytes(&self, at: usize) -> Option<&[u8]> {
        let Written { text, ends } = self.written();
        let end = *ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| ends[before] as usize);
        text.as_bytes().get(start..end)
    }

    /// The value with the number `at` as one number, the same for the same text and for no other: its bytes, lowest
    /// first, and above them how many they are. `None` where they are more than [`WORD_BYTES_MAX`].
    #[must_use]
    pub fn word(&self, at: usize) -> Option<u128> {
        let Written { text, ends } = self.written();
        let end = *ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| ends[before] as usize);
        let len = end - start;
        if len > WORD_BYTES_MAX {
            return None;
        }
        // Reading what follows as well takes less time than copying so few bytes.
        match text.as_bytes().get(start..)?.first_chunk() {
            Some(bytes) => Some(word(u128::from_le_bytes(*bytes), len)),
            None => word_of(self.get(at)?),
        }
    }

    /// Whether any of the values has an escape in it.
    #[must_use]
    pub fn has_escapes(&self) -> bool {
        memchr::memchr(b'\\', self.text().as_bytes()).is_some()
    }

    /// The values in the order of their numbers.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| &self[at])
    }

    /// The numbers of the values that have `part` in their text, ascending.
    pub fn containing(&self, part: &str) -> impl Iterator<Item = usize> {
        // All texts together are searched at once, which is much faster than each of them.
        let finder = memchr::memmem::Finder::new(part).into_owned();
        let Written { text, ends } = self.written();
        let bytes = part.len();
        let (mut from, mut number) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let start = from + finder.find(text.as_bytes().get(from..)?)?;
                number += ends[number..].partition_point(|end| *end as usize <= start);
                let end = *ends.get(number)? as usize;
                if start + bytes <= end {
                    from = end;
                    return Some(number);
                }
                // It begins in one value and ends in another.
                from = start + 1;
            }
        })
    }

    /// How much memory they take beside their own place. Those of one form take more once they are written.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.numbered {
            None => self.written.memory_bytes(),
            Some(Numbered {
                numbers, written, ..
            }) => {
                let written = written.get().map_or(0, Written::memory_bytes);
                numbers.capacity() * size_of::<u64>() + written
            }
        }
    }

    /// The same, not written, where they are of one form.
    pub(super) fn unwritten(&self) -> Option<Self> {
        let Numbered { form, numbers, .. } = self.numbered.as_ref()?;
        Some(Self {
            written: Written::default(),
            numbered: Some(Numbered {
                form: Arc::clone(form),
                numbers: numbers.clone(),
                written: OnceLock::new(),
            }),
        })
    }

    /// All values, without anything between them.
    pub(super) fn text(&self) -> &str {
        &self.written().text
    }

    /// Adds the values that end there in `text`.
    pub(super) fn push_all(&mut self, text: &str, ends: &[u32]) {
        let written = self.written_mut();
        // Texts of columns are bounded far below 4 GiB.
        let before = written.text.len() as u32;
        written.text.push_str(text);
        written.ends.extend(ends.iter().map(|end| before + end));
    }

    pub(super) fn push(&mut self, value: &str) {
        self.written_mut().push(value);
    }

    /// Adds the values of a form with these numbers. Says whether all values are of that form; else it adds none.
    pub(crate) fn push_numbered(&mut self, form: &Arc<NumberedForm>, numbers: &[u64]) -> bool {
        let numbered = match &mut self.numbered {
            Some(numbered) if numbered.form == *form => numbered,
            None if self.written.ends.is_empty() => self.numbered.insert(Numbered {
                form: Arc::clone(form),
                numbers: Vec::new(),
                written: OnceLock::new(),
            }),
            _ => return false,
        };
        numbered.written.take();
        numbered.numbers.extend_from_slice(numbers);
        true
    }
}

/// As [`Values::word`], of a text.
#[must_use]
pub fn word_of(text: &str) -> Option<u128> {
    let mut bytes = [0; size_of::<u128>()];
    let len = text.len();
    let room = bytes.get_mut(..len).filter(|_| len <= WORD_BYTES_MAX)?;
    room.copy_from_slice(text.as_bytes());
    Some(word(u128::from_le_bytes(bytes), len))
}

/// Calls `then` with the text that a [word](word_of) stands for.
pub fn with_word_text<T>(word: u128, then: impl FnOnce(&str) -> T) -> T {
    let bytes = word.to_le_bytes();
    let len = usize::from(bytes[WORD_BYTES_MAX]);
    let text = bytes.get(..len).map(std::str::from_utf8);
    // It was made of a text.
    then(text.and_then(Result::ok).unwrap_or_default())
}

/// The first `len` bytes of `bytes`, and above them how many they are.
const fn word(bytes: u128, len: usize) -> u128 {
    let mask = (1 << (u8::BITS as usize * len)) - 1;
    bytes & mask | (len as u128) << (u8::BITS as usize * WORD_BYTES_MAX)
}

impl Index<usize> for Values {
    type Output = str;

    /// The value with the number `at`, or an empty text, which no JSON value is.
    fn index(&self, at: usize) -> &str {
        self.get(at).unwrap_or_default()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Values {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut all = Self::default();
        for value in values {
            all.push(value.as_ref());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_number() {
        let texts = ["1", "\"é\"", "", "null"];
        let values: Values = texts.iter().collect();
        assert_eq!(values.len(), 4);
        assert!(!values.is_empty());
        assert_eq!(values.iter().collect::<Vec<_>>(), texts);
        assert_eq!(&values[1], "\"é\"");
        assert_eq!(values.get(3), Some("null"));
        assert_eq!(values.get(4), None);
        assert_eq!(&values[4], "");
        assert!(Values::default().is_empty());
    }

    #[test]
    fn parts_are_found_in_each_value() {
        let values: Values = ["aba", "", "b", "ab", "xabab", "ba", "a"].iter().collect();
        let numbers = |part| values.containing(part).collect::<Vec<_>>();
        assert_eq!(numbers("ab"), [0, 3, 4]);
        assert_eq!(numbers("b"), [0, 2, 3, 4, 5]);
        assert_eq!(numbers("bx"), [0; 0]);
        assert_eq!(numbers("aa"), [0; 0]);
        let values: Values = ["xaa", "aab"].iter().collect();
        assert_eq!(values.containing("aab").collect::<Vec<_>>(), [1]);
        assert_eq!(numbers("xabab"), [4]);
    }

    #[test]
    fn a_short_value_is_a_word_of_its_own() {
        let texts: Vec<String> = (0..60)
            .map(|at| "\0aé\0".chars().cycle().skip(at % 4).take(at / 4).collect())
            .collect();
        let values: Values = texts.iter().collect();
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(values.word(at), word_of(text));
            assert_eq!(values.word(at).is_some(), text.len() <= WORD_BYTES_MAX);
            if let Some(word) = word_of(text) {
                with_word_text(word, |found| assert_eq!(found, text));
            }
            for (other, other_text) in texts.iter().enumerate() {
                let same = values
                    .word(other)
                    .is_some_and(|it| Some(it) == values.word(at));
                assert_eq!(same, text == other_text && text.len() <= WORD_BYTES_MAX);
            }
        }
        assert_eq!(values.word(texts.len()), None);
    }

    #[test]
    fn escapes_are_seen_in_any_value() {
        assert!(!Values::default().has_escapes());
        assert!(!["\"a\"", "/"].iter().collect::<Values>().has_escapes());
        assert!(
            ["\"a\"", r#""\n""#]
                .iter()
                .collect::<Values>()
                .has_escapes()
        );
    }

    #[test]
    fn only_a_text_that_is_cut_between_characters_is_taken_apart() {
        let of = |ends: &[u32]| Values::of_parts("aé".to_owned(), ends.to_vec());
        assert_eq!(of(&[1, 3]), Some(["a", "é"].iter().collect()));
        assert_eq!(of(&[1, 1, 3]), Some(["a", "", "é"].iter().collect()));
        for ends in [&[1, 2, 3][..], &[1], &[], &[3, 1], &[1, 4]] {
            assert_eq!(of(ends), None, "{ends:?}");
        }
    }

    #[test]
    fn texts_of_one_form_are_what_they_are_when_they_are_written() {
        let form = |digits| {
            Arc::new(NumberedForm {
                before: "\"é-".into(),
                after: "\"".into(),
                digits,
            })
        };
        let mut values = Values::default();
        assert!(values.push_numbered(&form(1), &[7, 0]));
        assert!(values.push_numbered(&form(1), &[120]));
        assert!(!values.push_numbered(&form(2), &[8]));
        let (found, numbers) = values.numbered().unwrap();
        assert_eq!((found, numbers), (&*form(1), &[7, 0, 120][..]));
        let texts = ["\"é-7\"", "\"é-0\"", "\"é-120\""];
        let bytes = values.memory_bytes();
        assert!(bytes >= 3 * 8);
        assert_eq!(values, texts.iter().collect());
        assert_eq!(values.iter().collect::<Vec<_>>(), texts);
        assert_eq!(values.containing("20").collect::<Vec<_>>(), [2]);
        assert!(values.memory_bytes() >= bytes + values.text().len() + 3 * 4);
        let unwritten = values.unwritten().unwrap();
        assert!(unwritten.memory_bytes() <= bytes);
        assert_eq!(unwritten, values);
        assert_eq!((values.len(), unwritten.len()), (3, 3));
        // What was asked for before is there afterwards.
        assert!(values.push_numbered(&form(1), &[3]));
        assert_eq!(values.get(3), Some("\"é-3\""));
        values.push("null");
        assert_eq!((values.numbered(), values.unwritten()), (None, None));
        assert_eq!(
            (values.get(1), values.get(4)),
            (Some(texts[1]), Some("null"))
        );
        assert!(!values.push_numbered(&form(1), &[3]));
    }
}
