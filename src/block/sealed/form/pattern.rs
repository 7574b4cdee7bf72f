//! Texts that are alike but for some whole numbers in them, such as `"user-17"` or
//! `"/projects/8/tasks/941"`.
//!
//! ```text
//! slots      u8      how many numbers there are
//! literals   text    what stands before the first number, between two, and after the last
//! widths     u8      of each number: how many digits it has, with leading zeros; 0 = without
//! ```

use super::super::super::NumberedForm;
use super::super::super::bytes::{Reader, write_bytes};
use super::decimal::write_digits;

/// How many numbers a pattern has at most.
pub(super) const SLOTS_MAX: usize = 6;

/// More digits may be too many for an `i64`.
const DIGITS_MAX: usize = 18;

/// What is the same in all texts, and what numbers stand between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Pattern {
    /// One more than there are numbers.
    literals: Vec<Box<[u8]>>,
    /// Of each number how many digits it has, or 0 where it has no leading zeros.
    widths: Vec<u8>,
}

/// A number in a text.
#[derive(Clone, Copy, Debug)]
struct DigitRun {
    start: usize,
    end: usize,
}

impl Pattern {
    /// The pattern of most of the `sample`, if there is one.
    pub(super) fn of(sample: &[&[u8]]) -> Option<Self> {
        // The first text may be an exception.
        let candidates = sample.iter().step_by(sample.len().div_ceil(3).max(1));
        candidates
            .take(3)
            .find_map(|model| Self::like(model, sample))
    }

    fn like(model: &[u8], sample: &[&[u8]]) -> Option<Self> {
        let runs = runs(model);
        if runs.is_empty() || runs.len() > 2 * SLOTS_MAX {
            return None;
        }
        let alike: Vec<(&[u8], Vec<DigitRun>)> = sample
            .iter()
            .map(|text| (*text, self::runs(text)))
            .filter(|(text, other)| is_alike(model, &runs, text, other))
            .collect();
        if alike.len() * 4 < sample.len() * 3 {
            return None;
        }
        let mut pattern = Self {
            literals: Vec::new(),
            widths: Vec::new(),
        };
        let mut literal_at = 0;
        for (slot, run) in runs.iter().enumerate() {
            let digits = |(text, runs): &(&[u8], Vec<DigitRun>)| {
                let DigitRun { start, end } = runs[slot];
                text[start..end].to_vec()
            };
            let all: Vec<Vec<u8>> = alike.iter().map(digits).collect();
            if all.iter().all(|digits| *digits == all[0]) {
                continue;
            }
            let has_leading = all.iter().any(|it| it.len() > 1 && it[0] == b'0');
            let has_one_width = all.iter().all(|it| it.len() == all[0].len());
            if has_leading && !has_one_width {
                return None;
            }
            pattern.literals.push(model[literal_at..run.start].into());
            pattern
                .widths
                .push(if has_leading { all[0].len() as u8 } else { 0 });
            literal_at = run.end;
        }
        pattern.literals.push(model[literal_at..].into());
        (1..=SLOTS_MAX)
            .contains(&pattern.slots())
            .then_some(pattern)
    }

    pub(in super::super) const fn slots(&self) -> usize {
        self.widths.len()
    }

    /// The form of its texts, if they have one number, and are in UTF-8.
    pub(in super::super) fn numbered_form(&self) -> Option<NumberedForm> {
        let ([before, after], [width]) = (&*self.literals, &*self.widths) else {
            return None;
        };
        let text = |literal| std::str::from_utf8(literal).ok().map(Box::from);
        Some(NumberedForm {
            before: text(before)?,
            after: text(after)?,
            digits: usize::from(*width).max(1),
        })
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        let literals = self
            .literals
            .iter()
            .map(|literal| size_of_val(literal) + literal.len());
        self.widths.len() + literals.sum::<usize>()
    }

    /// The numbers in `text`, if it is of this pattern.
    pub(super) fn parse(&self, text: &[u8]) -> Option<[i64; SLOTS_MAX]> {
        let mut numbers = [0; SLOTS_MAX];
        let (first, literals) = self.literals.split_first()?;
        let mut rest = text.strip_prefix(&**first)?;
        for ((number, width), literal) in numbers.iter_mut().zip(&self.widths).zip(literals) {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let fits = match width {
                0 => digits == 1 || digits > 1 && digits <= DIGITS_MAX && rest[0] != b'0',
                width => digits == usize::from(*width),
            };
            if !fits {
                return None;
            }
            let value = |value: i64, byte: &u8| value * 10 + i64::from(byte - b'0');
            *number = rest[..digits].iter().fold(0, value);
            rest = rest[digits..].strip_prefix(&**literal)?;
        }
        rest.is_empty().then_some(numbers)
    }

    /// Appends the text with these numbers.
    pub(super) fn write_text(&self, numbers: impl Iterator<Item = i64>, out: &mut Vec<u8>) {
        let Some((first, literals)) = self.literals.split_first() else {
            return;
        };
        out.extend_from_slice(first);
        for ((number, width), literal) in numbers.zip(&self.widths).zip(literals) {
            write_digits(out, number as u64, usize::from(*width).max(1));
            out.extend_from_slice(literal);
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.slots() as u8);
        for literal in &self.literals {
            write_bytes(out, literal);
        }
        out.extend_from_slice(&self.widths);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let slots = usize::from(reader.byte()?);
        if !(1..=SLOTS_MAX).contains(&slots) {
            return None;
        }
        let literals: Option<_> = (0..=slots)
            .map(|_| reader.bytes().map(Into::into))
            .collect();
        let widths = reader.take(slots)?;
        let fit = widths.iter().all(|width| usize::from(*width) <= DIGITS_MAX);
        fit.then_some(Self {
            literals: literals?,
            widths: widths.to_vec(),
        })
    }
}

/// The runs of digits in a text. One that is too long for a number is no run.
fn runs(text: &[u8]) -> Vec<DigitRun> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at - start <= DIGITS_MAX {
            runs.push(DigitRun { start, end: at });
        }
    }
    runs
}

/// Whether both have the same bytes between their runs.
fn is_alike(model: &[u8], runs: &[DigitRun], text: &[u8], others: &[DigitRun]) -> bool {
    let literals = |text: &[u8], runs: &[DigitRun]| {
        let starts = std::iter::once(0).chain(runs.iter().map(|run| run.end));
        let ends = runs.iter().map(|run| run.start);
        let ends = ends.chain(std::iter::once(text.len()));
        starts.zip(ends).collect::<Vec<_>>()
    };
    runs.len() == others.len()
        && literals(model, runs)
            .into_iter()
            .zip(literals(text, others))
            .all(|(own, other)| model[own.0..own.1] == text[other.0..other.1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(texts: &[&str]) -> Option<Pattern> {
        Pattern::of(&texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>())
    }

    fn written(pattern: &Pattern, text: &str) -> Option<String> {
        let numbers = pattern.parse(text.as_bytes())?;
        let mut out = Vec::new();
        pattern.write_text(numbers.into_iter().take(pattern.slots()), &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn numbers_that_differ_are_slots() {
        let found = pattern(&["\"/api/v1/a/8/t/12\"", "\"/api/v1/a/17/t/3\""]).unwrap();
        assert_eq!(found.slots(), 2);
        let mut head = Vec::new();
        found.write(&mut head);
        assert_eq!(Pattern::read(&mut Reader::new(&head)), Some(found.clone()));
        for length in 0..head.len() {
            assert_eq!(Pattern::read(&mut Reader::new(&head[..length])), None);
        }
        for text in [
            "\"/api/v1/a/0/t/0\"",
            "\"/api/v1/a/999999999999999999/t/1\"",
        ] {
            assert_eq!(written(&found, text).as_deref(), Some(text));
        }
        for text in [
            "\"/api/v2/a/8/t/12\"",
            "\"/api/v1/a/08/t/12\"",
            "\"/api/v1/a/8/t/12\" ",
            "\"/api/v1/a/8/t/\"",
            "\"/api/v1/a/8/t/1234567890123456789\"",
            "",
        ] {
            assert_eq!(written(&found, text), None, "{text}");
        }
    }

    #[test]
    fn leading_zeros_need_one_width() {
        let found = pattern(&["a001b", "a020b", "a300b"]).unwrap();
        assert_eq!(written(&found, "a000b").as_deref(), Some("a000b"));
        assert_eq!(written(&found, "a1b"), None);
        assert_eq!(pattern(&["a01b", "a020b"]), None);
        assert_eq!(pattern(&["ab", "ab"]), None);
        assert_eq!(pattern(&["a1b", "a1b"]), None);
    }

    #[test]
    fn one_text_in_four_may_be_another() {
        let mut texts = vec!["\"a-1\""; 2];
        texts.extend(["\"a-2\""; 1]);
        texts.push("null");
        assert!(pattern(&texts).is_some());
        texts.push("null");
        assert!(pattern(&texts).is_none());
    }
}
