//! The bytes of one stored event.
//!
//! ```text
//! version    u8        1; 2 if it has the two fields of a call
//! checksum   u32       CRC-32 (ISO-HDLC) of all that follows, little endian; in version 2 of the
//!                      version before it as well
//! id         16 bytes  UUID
//! timestamp  i64       milliseconds since the epoch, little endian
//! sequence   varint    number within the stream
//! back       varint    position minus the position of the stream's previous event; 0 = none
//! stream     varint n, then n bytes of UTF-8
//! type       varint n, then n bytes of UTF-8
//! key        varint n, then n bytes of UTF-8: the call's idempotency key (version 2 only)
//! events     varint    how many events the call has, from this one on (version 2 only)
//! payload    varint n, then n bytes of JSON
//! metadata   the rest, JSON
//! ```
//!
//! A varint is little-endian base 128 (LEB128). All that a filter on the event's own fields needs
//! stands before the two JSON texts, so such a filter parses no JSON. The checksum is verified
//! whenever a record is read: what a disk has altered is an error, never an answer.
//!
//! Of a call that has a key, the first event's record has it. All other records are of version 1.

use uuid::Uuid;

use crate::block::bytes::{Reader, varint_bytes, write_bytes, write_varint};
use crate::block::sealed::{Row, RowLink};
use crate::engine::Fault;
use crate::event::Event;

const VERSION: u8 = 1;

/// The version of a record that has the key of a call.
const KEYED_VERSION: u8 = 2;

const CHECKSUM_BYTES: usize = size_of::<u32>();

/// By what a call is known again that is made a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallKey<'a> {
    /// The idempotency key, which no other call of the instance has.
    pub text: &'a str,
    /// How many events the call has, at least one. They stand in a row.
    pub events: u64,
}

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
    /// The key of the call whose first event this is, if it has one.
    pub call: Option<CallKey<'a>>,
    /// JSON text.
    pub payload: &'a str,
    /// JSON text.
    pub metadata: &'a str,
}

/// Where an event stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Link<'a> {
    pub(in crate::engine) stream_id: &'a str,
    /// Number within the stream, from 1.
    pub(in crate::engine) sequence: u64,
    /// How many positions back the stream's previous event stands; 0 if there is none.
    pub(in crate::engine) back: u64,
}

impl<'a> Link<'a> {
    /// That of a row of a sealed block.
    pub(in crate::engine) const fn of_row(link: &RowLink<'a>) -> Self {
        Self {
            stream_id: link.stream_id,
            sequence: link.sequence,
            back: link.back,
        }
    }
}

impl<'a> Record<'a> {
    /// Where the event stands in its stream.
    pub(in crate::engine) const fn link(&self) -> Link<'a> {
        Link {
            stream_id: self.stream_id,
            sequence: self.sequence,
            back: self.back,
        }
    }

    /// Appends the record's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let version = self.version();
        out.push(version);
        let checksum_at = out.len();
        out.extend_from_slice(&[0; CHECKSUM_BYTES]);
        let content_at = out.len();
        self.encode_content(out);
        let checksum = checksum(version, &out[content_at..]);
        out[checksum_at..content_at].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Appends what stands after the checksum.
    fn encode_content(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.timestamp_ms.to_le_bytes());
        write_varint(out, self.sequence);
        write_varint(out, self.back);
        write_bytes(out, self.stream_id.as_bytes());
        write_bytes(out, self.event_type.as_bytes());
        if let Some(call) = self.call {
            write_bytes(out, call.text.as_bytes());
            write_varint(out, call.events);
        }
        write_bytes(out, self.payload.as_bytes());
        out.extend_from_slice(self.metadata.as_bytes());
    }

    /// Whether the record's bytes are these, which are those of a sound record: their checksum says what is in them.
    /// The `buffer` is for this to use.
    pub(in crate::engine) fn is_encoded_as(&self, sound: &[u8], buffer: &mut Vec<u8>) -> bool {
        buffer.clear();
        self.encode_content(buffer);
        let head = sound.split_at_checked(1 + CHECKSUM_BYTES);
        head.is_some_and(|(head, content)| {
            head.first() == Some(&self.version()) && content == buffer
        })
    }

    const fn version(&self) -> u8 {
        match self.call {
            None => VERSION,
            Some(_) => KEYED_VERSION,
        }
    }

    /// How many bytes the record has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let text = |text: &str| varint_bytes(text.len() as u64) + text.len();
        let call = self
            .call
            .map_or(0, |call| text(call.text) + varint_bytes(call.events));
        1 + CHECKSUM_BYTES
            + size_of::<uuid::Bytes>()
            + size_of::<i64>()
            + varint_bytes(self.sequence)
            + varint_bytes(self.back)
            + text(self.stream_id)
            + text(self.event_type)
            + call
            + text(self.payload)
            + self.metadata.len()
    }

    /// The record that a row of a sealed block is.
    pub(in crate::engine) fn of_row(row: &Row<'a>) -> Self {
        Self {
            id: row.id,
            timestamp_ms: row.timestamp_ms,
            sequence: row.sequence,
            back: row.back,
            stream_id: row.stream_id,
            event_type: row.event_type,
            call: row.call.map(|(text, events)| CallKey { text, events }),
            payload: row.payload,
            metadata: row.metadata,
        }
    }

    /// The row of a sealed block that the record is.
    pub(in crate::engine) fn row(&self) -> Row<'a> {
        Row {
            id: self.id,
            timestamp_ms: self.timestamp_ms,
            sequence: self.sequence,
            back: self.back,
            stream_id: self.stream_id,
            event_type: self.event_type,
            call: self.call.map(|call| (call.text, call.events)),
            payload: self.payload,
            metadata: self.metadata,
        }
    }

    /// Reads a record back.
    ///
    /// # Errors
    ///
    /// [`Fault::Corrupted`], naming `position`, if the bytes are not the ones that were written.
    pub fn decode(bytes: &'a [u8], position: u64) -> Result<Self, Fault> {
        record(bytes).ok_or_else(|| damaged(position))
    }

    /// The event that this record is, at a position of the instance `instance_id`.
    #[must_use]
    pub fn event(&self, instance_id: &'a str, position: u64) -> Event<'a> {
        Event {
            id: self.id,
            instance_id,
            stream_id: self.stream_id,
            event_type: self.event_type,
            payload: self.payload,
            metadata: self.metadata,
            timestamp_ms: self.timestamp_ms,
            sequence_number: self.sequence,
            position,
        }
    }
}

/// The failure that an event is not what was written.
pub(super) fn damaged(position: u64) -> Fault {
    Fault::Corrupted(format!(
        "the event at position {position} is not what was written"
    ))
}

fn checksum(version: u8, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    if version != VERSION {
        hasher.update(&[version]);
    }
    hasher.update(content);
    hasher.finalize()
}

/// The record that all of the bytes are.
fn record(bytes: &[u8]) -> Option<Record<'_>> {
    let mut reader = Reader::new(bytes);
    let version = reader.byte()?;
    if ![VERSION, KEYED_VERSION].contains(&version) {
        return None;
    }
    let expected = u32::from_le_bytes(reader.array()?);
    if expected != checksum(version, reader.rest()) {
        return None;
    }
    Some(Record {
        id: Uuid::from_bytes(reader.array()?),
        timestamp_ms: i64::from_le_bytes(reader.array()?),
        sequence: reader.varint()?,
        back: reader.varint()?,
        stream_id: reader.text()?,
        event_type: reader.text()?,
        call: match version {
            KEYED_VERSION => Some(call(&mut reader)?),
            _ => None,
        },
        payload: reader.text()?,
        metadata: std::str::from_utf8(reader.rest()).ok()?,
    })
}

fn call<'a>(reader: &mut Reader<'a>) -> Option<CallKey<'a>> {
    let call = CallKey {
        text: reader.text()?,
        events: reader.varint()?,
    };
    (call.events > 0).then_some(call)
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
            texts in any::<[String; 5]>(),
            events in any::<u64>(),
        ) {
            // Without events there is no call.
            let call = (events > 0).then_some(CallKey { text: &texts[4], events });

            let record = Record {
                id: Uuid::from_u128(id),
                timestamp_ms,
                sequence,
                back,
                stream_id: &texts[0],
                event_type: &texts[1],
                call,
                payload: &texts[2],
                metadata: &texts[3],
            };
            let bytes = encoded(&record);
            prop_assert_eq!(Record::decode(&bytes, 1).ok(), Some(record));
            prop_assert_eq!(record.bytes(), bytes.len());
            prop_assert_eq!(Record::of_row(&record.row()), record);
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
        let call = CallKey {
            text: "key",
            events: 300,
        };
        for call in [None, Some(call)] {
            check_cuts_and_flips(&Record {
                id: Uuid::nil(),
                timestamp_ms: 1,
                sequence: u64::MAX,
                back: 300,
                stream_id: "s",
                event_type: "t",
                call,
                payload: "{\"a\":1}",
                metadata: "{}",
            });
        }
    }

    fn check_cuts_and_flips(record: &Record<'_>) {
        let mut bytes = encoded(record);
        for length in 0..bytes.len() {
            assert!(Record::decode(&bytes[..length], 1).is_err(), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Record::decode(&bytes, 1).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(Record::decode(&bytes, 1).ok(), Some(*record));
    }

    #[test]
    fn a_record_is_not_taken_for_one_of_the_other_version() {
        let mut record = Record {
            id: Uuid::nil(),
            timestamp_ms: 1,
            sequence: 1,
            back: 0,
            stream_id: "s",
            event_type: "t",
            call: None,
            payload: "key",
            // As the number of events, a payload and metadata would be.
            metadata: "\u{1}\u{2}{}{}",
        };
        let mut bytes = encoded(&record);
        bytes[0] = KEYED_VERSION;
        assert!(Record::decode(&bytes, 1).is_err());

        record.call = Some(CallKey {
            text: "key",
            events: 0,
        });
        // Without events it is no call.
        assert!(Record::decode(&encoded(&record), 1).is_err());
    }

    proptest! {
        #[test]
        fn content_that_is_no_record_is_corruption_not_a_panic_though_its_checksum_is_right(
            content in proptest::collection::vec(any::<u8>(), 0..64),
            version in VERSION..=KEYED_VERSION,
        ) {
            let mut bytes = vec![version];
            bytes.extend_from_slice(&checksum(version, &content).to_le_bytes());
            bytes.extend_from_slice(&content);
            if let Err(fault) = Record::decode(&bytes, 7) {
                prop_assert!(matches!(fault, Fault::Corrupted(_)));
            }
        }
    }
}
