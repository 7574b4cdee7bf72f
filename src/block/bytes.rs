//! Numbers and texts as bytes, one after the other: how records, and the columns of blocks, are written.

/// Appends `value` in little-endian base 128 (LEB128).
pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes [`write_varint`] appends.
pub(crate) const fn varint_bytes(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Appends a signed `value` so that small ones of either sign are short.
pub(crate) fn write_signed(out: &mut Vec<u8>, value: i64) {
    write_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends the length of `bytes`, and `bytes`.
pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The four bytes from `at` on, as a number whose lowest byte comes first. There must be as many.
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([0, 1, 2, 3].map(|byte| bytes[at + byte]))
}

/// The eight bytes from `at` on, as a number whose lowest byte comes first. There must be as many.
pub(crate) fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}

/// Reads what the functions of this module have written. Whatever the bytes are, it gives `None`
/// where they end early or are not what is asked for, and never panics.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// All that has not been read.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// Four bytes, of which the lowest comes first.
    pub(crate) fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes, of which the lowest comes first.
    pub(crate) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit only.
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number of things in memory.
    pub(crate) fn count(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }

    /// A number of things that follow, each of at least `bytes_min` bytes: more than there can be
    /// is refused before anything is made room for.
    pub(crate) fn count_of(&mut self, bytes_min: usize) -> Option<usize> {
        let count = self.count()?;
        (count.checked_mul(bytes_min)? <= self.rest.len()).then_some(count)
    }

    /// What [`write_bytes`] has written.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(value: u64, signed: i64, text: String) {
            let mut out = Vec::new();
            write_varint(&mut out, value);
            write_signed(&mut out, signed);
            write_bytes(&mut out, text.as_bytes());
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.varint(), Some(value));
            prop_assert_eq!(reader.signed(), Some(signed));
            prop_assert_eq!(reader.text(), Some(text.as_str()));
            prop_assert!(reader.is_at_end());
            for length in 0..out.len() {
                let mut reader = Reader::new(&out[..length]);
                let read = (reader.varint(), reader.signed(), reader.text());
                prop_assert!(read.0.is_none() || read.1.is_none() || read.2.is_none());
            }
        }
    }

    #[test]
    fn words_have_their_lowest_byte_first() {
        let bytes = [9, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(word(&bytes, 1), 0x0403_0201);
        assert_eq!(long(&bytes, 1), 0x0807_0605_0403_0201);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.long(), Some(long(&bytes, 0)));
        assert_eq!((reader.word(), reader.byte()), (None, Some(8)));
        let mut reader = Reader::new(&bytes[5..]);
        assert_eq!((reader.long(), reader.word()), (None, Some(0x0807_0605)));
    }

    #[test]
    fn small_numbers_are_short() {
        for value in [0, 63, -64] {
            let mut out = Vec::new();
            write_signed(&mut out, value);
            assert_eq!(out.len(), 1, "{value}");
        }
    }

    #[test]
    fn bytes_that_are_no_number_are_refused() {
        assert_eq!(Reader::new(&[0xff; 9]).varint(), None);
        assert_eq!(Reader::new(&[0xff; 11]).varint(), None);
        let largest = [&[0xff; 9][..], &[1]].concat();
        assert_eq!(Reader::new(&largest).varint(), Some(u64::MAX));
        assert_eq!(Reader::new(&[3, b'a', 0xff, b'b']).text(), None);
    }

    #[test]
    fn a_count_is_at_most_what_follows_has_room_for() {
        assert_eq!(Reader::new(&[2, 0, 0, 0]).count_of(2), None);
        assert_eq!(Reader::new(&[2, 0, 0, 0, 0]).count_of(2), Some(2));
    }
}
