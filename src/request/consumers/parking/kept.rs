//! The bytes of what is kept of parked events: how many there are, and each of them.

use crate::block::bytes::Reader;

const VERSION: u8 = 1;

/// How many events a consumer has parked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::request) struct Tally {
    pub(super) turn: u64,
    pub(in crate::request) parked: u64,
    pub(in crate::request) retrying: u64,
}

/// An event that is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::request::consumers) struct Parked {
    /// That in which it was put back; 0 if it was not.
    pub(in crate::request::consumers) turn: u64,
    pub(in crate::request::consumers) attempts: u64,
    pub(in crate::request::consumers) at_ms: i64,
    pub(in crate::request::consumers) error: Option<String>,
}

impl Tally {
    pub(super) fn encode(self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for count in [self.turn, self.parked, self.retrying] {
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let tally = Self {
            turn: reader.long()?,
            parked: reader.long()?,
            retrying: reader.long()?,
        };
        (version == VERSION && reader.is_at_end()).then_some(tally)
    }
}

impl Parked {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.turn.to_le_bytes());
        bytes.extend_from_slice(&self.attempts.to_le_bytes());
        bytes.extend_from_slice(&self.at_ms.to_le_bytes());
        bytes.push(u8::from(self.error.is_some()));
        bytes.extend_from_slice(self.error.as_deref().unwrap_or_default().as_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let parked = Self {
            turn: reader.long()?,
            attempts: reader.long()?,
            at_ms: reader.long()?.cast_signed(),
            error: match (reader.byte()?, reader.rest()) {
                (0, []) => None,
                (1, text) => Some(std::str::from_utf8(text).ok()?.to_owned()),
                _ => return None,
            },
        };
        (version == VERSION).then_some(parked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parked_is_read_back_as_it_was_written_and_nothing_else_is() {
        let tally = Tally {
            turn: u64::MAX,
            parked: 2,
            retrying: 1,
        };
        assert_eq!(Tally::decode(&tally.encode()), Some(tally));
        for error in [None, Some(""), Some("not found: é")] {
            let parked = Parked {
                turn: 3,
                attempts: u64::MAX,
                at_ms: -7,
                error: error.map(str::to_owned),
            };
            assert_eq!(Parked::decode(&parked.encode()), Some(parked));
        }
        let parked = Parked {
            turn: 3,
            attempts: 1,
            at_ms: 1,
            error: None,
        };
        let reads_tally = |bytes: &[u8]| Tally::decode(bytes).is_some();
        let reads_parked = |bytes: &[u8]| Parked::decode(bytes).is_some();
        nothing_else_is_read(&tally.encode(), reads_tally);
        nothing_else_is_read(&parked.encode(), reads_parked);
    }

    fn nothing_else_is_read(bytes: &[u8], reads: impl Fn(&[u8]) -> bool) {
        assert!(reads(bytes));
        let mut newer = bytes.to_vec();
        newer[0] = 2;
        let longer = [bytes, b"x"].concat();
        let cuts = (0..bytes.len()).map(|length| &bytes[..length]);
        for other in cuts.chain([&newer[..], &longer[..]]) {
            assert!(!reads(other), "{other:?}");
        }
    }
}
