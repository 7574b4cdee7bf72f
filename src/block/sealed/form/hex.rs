//! Texts of one length that differ only in hexadecimal digits, such as hashes and UUIDs; or not at
//! all, but for a few exceptions.
//!
//! ```text
//! template   text    with a zero byte for each digit that differs
//! ```

use super::super::super::bytes::{Reader, write_bytes};

/// In the place of a digit that differs. No text of JSON has such a byte.
const DIGIT: u8 = 0;

/// What is the same in all texts, and where digits stand between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Hex {
    template: Box<[u8]>,
    digits: usize,
}

impl Hex {
    /// How much memory it takes beside its own place.
    pub(super) const fn memory_bytes(&self) -> usize {
        self.template.len()
    }

    /// What most of the `sample` have in common, if those differ only in lower-case digits.
    pub(super) fn of(sample: &[&[u8]]) -> Option<Self> {
        // The first text may be an exception.
        let model = sample.get(sample.len() / 2)?;
        let alike: Vec<&&[u8]> = sample.iter().filter(|it| it.len() == model.len()).collect();
        if alike.len() * 4 < sample.len() * 3 || model.contains(&DIGIT) {
            return None;
        }
        let mut template = model.to_vec();
        for (at, byte) in template.iter_mut().enumerate() {
            if alike.iter().all(|text| text[at] == *byte) {
                continue;
            }
            if !alike.iter().all(|text| value(text[at]).is_some()) {
                return None;
            }
            *byte = DIGIT;
        }
        Some(Self::new(template.into()))
    }

    fn new(template: Box<[u8]>) -> Self {
        let digits = template.iter().filter(|byte| **byte == DIGIT).count();
        Self { template, digits }
    }

    /// How many digits differ.
    pub(in super::super) const fn digits(&self) -> usize {
        self.digits
    }

    /// Appends the values of the digits that differ; `None`, and nothing is appended, if `text` is
    /// another one.
    pub(super) fn parse(&self, text: &[u8], digits: &mut Vec<u8>) -> Option<()> {
        let start = digits.len();
        let mut is_one = text.len() == self.template.len();
        for (byte, template) in text.iter().zip(&self.template) {
            match (*template, value(*byte)) {
                (DIGIT, Some(value)) => digits.push(value),
                (template, _) => is_one &= template == *byte && template != DIGIT,
            }
        }
        if !is_one {
            digits.truncate(start);
        }
        is_one.then_some(())
    }

    /// Appends the text with these digits.
    pub(in super::super) fn write_text(
        &self,
        mut digits: impl Iterator<Item = u8>,
        out: &mut Vec<u8>,
    ) {
        let byte = |template: &u8| match *template {
            DIGIT => b"0123456789abcdef"[usize::from(digits.next().unwrap_or_default() & 15)],
            byte => byte,
        };
        out.extend(self.template.iter().map(byte));
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_bytes(out, &self.template);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self::new(reader.bytes()?.into()))
    }
}

const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_differ_are_kept() {
        let texts: Vec<String> = (0..100_u64)
            .map(|n| {
                format!(
                    "\"{:08x}-4abc-{:04x}\"",
                    n * 0x9e37_79b9 % (1 << 32),
                    n * 7_919 % (1 << 16)
                )
            })
            .collect();
        let sample: Vec<&[u8]> = texts.iter().map(std::string::String::as_bytes).collect();
        let hex = Hex::of(&sample).unwrap();
        let mut head = Vec::new();
        hex.write(&mut head);
        assert_eq!(Hex::read(&mut Reader::new(&head)), Some(hex.clone()));
        for text in &sample {
            let mut digits = Vec::new();
            hex.parse(text, &mut digits).unwrap();
            assert_eq!(digits.len(), hex.digits());
            let mut out = Vec::new();
            hex.write_text(digits.into_iter(), &mut out);
            assert_eq!(&out, text);
        }
        for other in [
            "\"0000000G-4abc-0000\"",
            "\"00000000-5abc-0000\"",
            "\"\"",
            "\"A0000000-4abc-0000\"",
        ] {
            let mut digits = vec![1];
            assert_eq!(hex.parse(other.as_bytes(), &mut digits), None, "{other}");
            assert_eq!(digits, [1]);
        }
    }

    #[test]
    fn texts_that_differ_otherwise_are_none() {
        let of = |texts: &[&[u8]]| Hex::of(texts);
        assert_eq!(of(&[b"xa", b"xg"]), None);
        assert_eq!(of(&[b"xa", b"xaa"]), None);
        assert_eq!(of(&[b"x\0", b"y\0"]), None);
        assert_eq!(of(&[]), None);
    }
}
