//! The bytes of an event that is a row: its [record](super::record), packed where it is long.
//!
//! ```text
//! version    u8        3; a record that is not packed begins with another number
//! bytes      varint    how many bytes the record has
//! record     the rest: the record, compressed with LZ4
//! ```
//!
//! A page of the tables that has one long value has room for little else, and JSON texts that are long say much of what
//! they say more than once. The record has a checksum of its own, which is verified whenever it is read: so bytes that do not
//! give the record again are told, whatever LZ4 makes of them.

use std::borrow::Cow;

use super::record::damaged;
use crate::block::bytes::{Reader, write_varint};
use crate::engine::Fault;

/// What a packed record begins with.
const PACKED: u8 = 3;

/// A shorter record is not packed. A page has room for several of those, and they take longer to be packed than to be
/// written.
const PACKED_BYTES_MIN: usize = 1024;

/// What LZ4 can make of a byte at most.
const EXPANSION_MAX: usize = 256;

/// The row of a record, which is packed if that is wanted and worth it.
pub(in crate::engine) fn of(record: &[u8], packs: bool) -> Cow<'_, [u8]> {
    if !packs || record.len() < PACKED_BYTES_MIN {
        return record.into();
    }
    let compressed = lz4_flex::block::compress(record);
    // What gains little is read more quickly as it is.
    if compressed.len() > record.len() / 8 * 7 {
        return record.into();
    }
    let mut row = vec![PACKED];
    write_varint(&mut row, record.len() as u64);
    row.extend_from_slice(&compressed);
    row.into()
}

/// Whether it is the row of a packed record.
pub(in crate::engine) fn is_packed(row: &[u8]) -> bool {
    row.first() == Some(&PACKED)
}

/// The record of a row, at a position.
///
/// # Errors
///
/// [`Fault::Corrupted`], naming `position`, if the row is packed and is not what was written, as far as that can be seen
/// without reading the record.
pub(in crate::engine) fn unpack(row: &[u8], position: u64) -> Result<Cow<'_, [u8]>, Fault> {
    if !is_packed(row) {
        return Ok(row.into());
    }
    let record = unpacked(row).ok_or_else(|| damaged(position))?;
    Ok(record.into())
}

fn unpacked(row: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(row.get(1..)?);
    let bytes = reader.count()?;
    let compressed = reader.rest();
    // No memory is taken for a length that is not what was written.
    if bytes > compressed.len().saturating_mul(EXPANSION_MAX) {
        return None;
    }
    let mut record = vec![0; bytes];
    let expanded = lz4_flex::block::decompress_into(compressed, &mut record).ok()?;
    (expanded == bytes).then_some(record)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::Record;
    use super::*;

    /// Texts as JSON has them: what it says, it says again.
    fn record(bytes: usize) -> Vec<u8> {
        let text = (0..).map(|n| format!("\"login{}\":\"octocat\",", n % 50));
        let text: String = text.take(1 + bytes / 8).collect();
        let mut record = vec![1];
        record.extend_from_slice(&text.as_bytes()[..bytes - 1]);
        record
    }

    #[test]
    fn a_long_record_is_packed_and_comes_back_as_it_was() {
        for bytes in [1, 100, PACKED_BYTES_MIN - 1] {
            let record = record(bytes);
            assert_eq!(*of(&record, true), *record);
            assert_eq!(*unpack(&record, 1).unwrap(), *record);
        }
        for bytes in [PACKED_BYTES_MIN, 10_000, 1 << 20] {
            let record = record(bytes);
            let row = of(&record, true);
            assert!(row.len() < record.len() / 2, "{} of {bytes}", row.len());
            assert_eq!(*unpack(&row, 1).unwrap(), *record);
        }
    }

    #[test]
    fn a_record_that_gains_nothing_is_a_row_as_it_is() {
        let mut state = 1_u64;
        let mut record: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .take(5_000)
        .collect();
        record[0] = 2;
        assert_eq!(*of(&record, true), *record);
    }

    #[test]
    fn no_altered_bit_gives_another_event() {
        let people = "{\"login\":\"octocat\",\"url\":\"https://example.com/octocat\"},".repeat(20);
        let event = Record {
            id: uuid::Uuid::from_u128(7),
            timestamp_ms: 1_000,
            sequence: 3,
            back: 2,
            stream_id: "s",
            event_type: "met",
            call: None,
            payload: &format!("[{people}0]"),
            metadata: "{}",
        };
        let mut bytes = Vec::new();
        event.encode(&mut bytes);
        let row = of(&bytes, true);
        assert!(row.len() * 3 < bytes.len(), "{}", row.len());
        for bit in 0..row.len() * 8 {
            let mut altered = row.to_vec();
            altered[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = unpack(&altered, 1)
                && let Ok(found) = Record::decode(&found, 1)
            {
                assert_eq!(found, event, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_row_that_ends_early_or_says_another_length_is_told() {
        let record = record(5_000);
        let row = of(&record, true).into_owned();
        for end in 1..row.len() {
            let fault = unpack(&row[..end], 7).unwrap_err();
            assert!(matches!(&fault, Fault::Corrupted(text) if text.contains("position 7")));
        }
        let mut longer = vec![PACKED];
        write_varint(&mut longer, u64::MAX);
        longer.extend_from_slice(&row[3..]);
        assert!(unpack(&longer, 7).is_err());
    }

    proptest! {
        #[test]
        fn any_record_comes_back(rest in prop::collection::vec(0_u8..4, 0..5_000)) {
            let record = [&[1], &*rest].concat();
            let row = of(&record, true);
            prop_assert_eq!(&*unpack(&row, 1).unwrap(), &*record);
        }

        #[test]
        fn whatever_stands_in_a_row_is_read_without_panicking(bytes: Vec<u8>) {
            let row = [&[PACKED], &*bytes].concat();
            let _ = unpack(&row, 1);
        }
    }
}
