//! The bytes of one stored event.
//!
//! ```text
//! version    u8        1
//! checksum   u32       CRC-32 (ISO-HDLC) of all that follows, little endian
//! id         16 bytes  UUID
//! timestamp  i64       milliseconds since the epoch, little endian
//! sequence   varint    number within the stream
//! back       varint    position minus the position of the stream's previous event; 0 = none
//! stream     varint n, then n bytes of UTF-8
//! type       varint n, then n bytes of UTF-8
//! payload    varint n, then n bytes of JSON
//! metadata   the rest, JSON
//! ```
//!
//! A varint is little-endian base 128 (LEB128). All that a filter on the event's own fields needs
//! stands before the two JSON texts, so such a filter parses no JSON. The checksum is verified
//! whenever a record is read: what a disk has altered is an error, never an answer.

use uuid::Uuid;

use super::Fault;
use crate::event::Event;

const VERSION: u8 = 1;

const CHECKSUM_BYTES: usize = size_of::<u32>();

/// A stored event before an instance's id is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The event's id.
    pub id: Uuid,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Number within the stream, from 1.
    pub sequence: u64,
    /// How many positions back the stream's previous event stands; 0 if there is none.
    pub back: u64,
    /// The stream's id.
    pub stream_id: &'a str,
    /// The event's type.
    pub event_type: &'a str,
    /// JSON text.
    pub payload: &'a str,
    /// JSON text.
    pub metadata: &'a str,
}

impl<'a> Record<'a> {
    /// Appends the record's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        let checksum_at = out.len();
        out.extend_from_slice(&[0; CHECKSUM_BYTES]);
        let content_at = out.len();
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.timestamp_ms.to_le_bytes());
        write_varint(out, self.sequence);
        write_varint(out, self.back);
        for text in [self.stream_id, self.event_type, self.payload] {
            write_varint(out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(self.metadata.as_bytes());
        let checksum = crc32fast::hash(&out[content_at..]);
        out[checksum_at..content_at].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Reads a record back.
    ///
    /// # Errors
    ///
    /// [`Fault::Corrupted`], naming `position`, if the bytes are not the ones that were written.
    pub fn decode(bytes: &'a [u8], position: u64) -> Result<Self, Fault> {
        Reader { rest: bytes }.record().ok_or_else(|| {
            Fault::Corrupted(format!(
                "the event at position {position} is not what was written"
            ))
        })
    }

    /// The event that this record is, within the instance `instance_id`.
    #[must_use]
    pub fn event(&self, instance_id: &'a str) -> Event<'a> {
        Event {
            id: self.id,
            instance_id,
            stream_id: self.stream_id,
            event_type: self.event_type,
            payload: self.payload,
            metadata: self.metadata,
            timestamp_ms: self.timestamp_ms,
            sequence_number: self.sequence,
        }
    }
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn record(mut self) -> Option<Record<'a>> {
        if self.take(1)? != [VERSION] {
            return None;
        }
        let checksum = u32::from_le_bytes(self.take(CHECKSUM_BYTES)?.try_into().ok()?);
        if checksum != crc32fast::hash(self.rest) {
            return None;
        }
        Some(Record {
            id: Uuid::from_slice(self.take(16)?).ok()?,
            timestamp_ms: i64::from_le_bytes(self.take(8)?.try_into().ok()?),
            sequence: self.varint()?,
            back: self.varint()?,
            stream_id: self.text()?,
            event_type: self.text()?,
            payload: self.text()?,
            metadata: std::str::from_utf8(self.rest).ok()?,
        })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'a str> {
        let count = usize::try_from(self.varint()?).ok()?;
        std::str::from_utf8(self.take(count)?).ok()
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
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
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(record: &Record<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_as_the_same_record(
            id in any::<u128>(),
            timestamp_ms in any::<i64>(),
            sequence in any::<u64>(),
            back in any::<u64>(),
            texts in any::<[String; 4]>(),
        ) {
            let record = Record {
                id: Uuid::from_u128(id),
                timestamp_ms,
                sequence,
                back,
                stream_id: &texts[0],
                event_type: &texts[1],
                payload: &texts[2],
                metadata: &texts[3],
            };
            let bytes = encoded(&record);
            prop_assert_eq!(Record::decode(&bytes, 1).ok(), Some(record));
        }

        #[test]
        fn bytes_that_are_no_record_are_corruption_not_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            if let Err(fault) = Record::decode(&bytes, 7) {
                prop_assert!(matches!(fault, Fault::Corrupted(text) if text.contains("position 7")));
            }
        }
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_noticed() {
        let record = Record {
            id: Uuid::nil(),
            timestamp_ms: 1,
            sequence: u64::MAX,
            back: 300,
            stream_id: "s",
            event_type: "t",
            payload: "{\"a\":1}",
            metadata: "{}",
        };
        let mut bytes = encoded(&record);
        for length in 0..bytes.len() {
            assert!(Record::decode(&bytes[..length], 1).is_err(), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Record::decode(&bytes, 1).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(Record::decode(&bytes, 1).ok(), Some(record));
    }

    proptest! {
        #[test]
        fn content_that_is_no_record_is_corruption_not_a_panic_though_its_checksum_is_right(
            content in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut bytes = vec![VERSION];
            bytes.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
            bytes.extend_from_slice(&content);
            if let Err(fault) = Record::decode(&bytes, 7) {
                prop_assert!(matches!(fault, Fault::Corrupted(_)));
            }
        }
    }
}
