//! The bytes of a state: what is kept beside an instance's events under a name, and replaced as a whole.
//!
//! ```text
//! checksum   u32       CRC-32 (ISO-HDLC) of all that follows, little endian
//! present    u8        1; 0 if there is no such state any more, which only the journal says
//! name       u32 n, little endian, then n bytes of UTF-8
//! value      the rest
//! ```
//!
//! The name is there although it is the key in its table: a row that has come under another key is not
//! taken for what it is not. The checksum is verified whenever a state is read.

use crate::block::bytes::Reader;
use crate::engine::Fault;

const CHECKSUM_BYTES: usize = size_of::<u32>();

/// A state as it was put, or that there is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct State<'a> {
    pub(in crate::engine) name: &'a str,
    pub(in crate::engine) value: Option<&'a [u8]>,
}

impl<'a> State<'a> {
    /// Appends the state's bytes to `out`.
    pub(in crate::engine) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; CHECKSUM_BYTES]);
        out.push(u8::from(self.value.is_some()));
        out.extend_from_slice(&(self.name.len() as u32).to_le_bytes());
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(self.value.unwrap_or_default());
        let content_at = start + CHECKSUM_BYTES;
        let checksum = crc32fast::hash(&out[content_at..]);
        out[start..content_at].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Reads back what was encoded; `None` if the bytes are something else.
    pub(in crate::engine) fn decode(bytes: &'a [u8]) -> Option<Self> {
        #[cfg(test)]
        crate::engine::effort::step();
        let (checksum, content) = bytes.split_first_chunk()?;
        if u32::from_le_bytes(*checksum) != crc32fast::hash(content) {
            return None;
        }
        let mut reader = Reader::new(content);
        let present = reader.byte()?;
        let length = usize::try_from(reader.word()?).ok()?;
        let name = reader.take(length)?;
        Some(Self {
            name: std::str::from_utf8(name).ok()?,
            value: match (present, reader.rest()) {
                (1, value) => Some(value),
                (0, []) => None,
                _ => return None,
            },
        })
    }

    /// The value of the state of that name, which the bytes are.
    ///
    /// # Errors
    ///
    /// Corruption, if they are something else.
    pub(in crate::engine) fn value_of(
        name: &str,
        bytes: &'a [u8],
    ) -> Result<Option<&'a [u8]>, Fault> {
        let state = Self::decode(bytes).filter(|state| state.name == name);
        state
            .map(|state| state.value)
            .ok_or_else(|| Fault::Corrupted(format!("the state {name:?} is not what was written")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_as_it_was_put_and_every_cut_and_flipped_bit_is_noticed() {
        for value in [None, Some(&b""[..]), Some(b"value")] {
            let state = State {
                name: "näme",
                value,
            };
            let mut bytes = b"before".to_vec();
            state.encode(&mut bytes);
            let mut bytes = bytes.split_off(6);
            assert_eq!(State::decode(&bytes), Some(state));
            assert_eq!(State::value_of("näme", &bytes).unwrap(), value);
            assert!(State::value_of("name", &bytes).is_err());
            for length in 0..bytes.len() {
                assert_eq!(State::decode(&bytes[..length]), None, "{length}");
            }
            for bit in 0..bytes.len() * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(State::decode(&bytes), None, "bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn content_that_is_no_state_is_not_taken_for_one_though_its_checksum_is_right() {
        for content in [
            &b""[..],
            b"\x01",
            b"\x01\0\0\0",
            b"\x01\x02\0\0\0a",
            b"\x01\x01\0\0\0\xff",
            b"\x01\xff\xff\xff\xffa",
            b"\x02\x01\0\0\0a",
            b"\0\x01\0\0\0avalue",
        ] {
            let mut bytes = crc32fast::hash(content).to_le_bytes().to_vec();
            bytes.extend_from_slice(content);
            assert_eq!(State::decode(&bytes), None, "{content:?}");
        }
    }
}
