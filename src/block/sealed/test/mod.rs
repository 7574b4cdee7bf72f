//! Whole blocks: what is pushed in is what is read.

mod columns;
mod damage;
mod groups;
mod json_text;
mod limits;
mod lookalikes;
mod rebuilding;
mod seeking;

use std::sync::Arc;

use uuid::Uuid;

use super::{Block, Builder, Row, RowBuffer, RowLink};

/// A row that owns its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) id: u128,
    pub(super) timestamp_ms: i64,
    pub(super) sequence: u64,
    pub(super) back: u64,
    pub(super) stream_id: String,
    pub(super) event_type: String,
    pub(super) call: Option<(String, u64)>,
    pub(super) payload: String,
    pub(super) metadata: String,
}

impl Given {
    /// An event with that payload, the others of whose parts follow from `number`.
    pub(super) fn of(number: usize, payload: String) -> Self {
        let n = number as u64;
        Self {
            id: 0x0190_0000_0000_7000_8000_0000_0000_0000
                + ((u128::from(n) << 80) | (77 * u128::from(n))),
            timestamp_ms: 1_700_000_000_000 + 13 * n as i64,
            sequence: 1 + n / 3,
            back: n.min(3),
            stream_id: format!("stream-{}", n % 3),
            event_type: if n.is_multiple_of(5) { "b" } else { "a" }.to_owned(),
            call: n.is_multiple_of(7).then(|| (format!("key {n}"), 1 + n % 4)),
            payload,
            metadata: format!("{{\"n\":{n}}}"),
        }
    }

    pub(super) fn row(&self) -> Row<'_> {
        Row {
            id: Uuid::from_u128(self.id),
            timestamp_ms: self.timestamp_ms,
            sequence: self.sequence,
            back: self.back,
            stream_id: &self.stream_id,
            event_type: &self.event_type,
            call: self.call.as_ref().map(|(key, events)| (&**key, *events)),
            payload: &self.payload,
            metadata: &self.metadata,
        }
    }
}

pub(super) fn sealed(rows: &[Given]) -> Vec<u8> {
    let mut builder = Builder::new();
    for given in rows {
        builder.push(&given.row());
    }
    assert_eq!(builder.len(), rows.len());
    builder.finish()
}

/// Checks that all rows are read as they were given, in order and each one alone.
pub(super) fn check(rows: &[Given]) -> Vec<u8> {
    let bytes = sealed(rows);
    let block = Block::open(&bytes).unwrap();
    assert_eq!(block.directory().len(), rows.len());
    let mut buffer = RowBuffer::default();
    for (number, given) in rows.iter().enumerate() {
        assert_eq!(
            block.row(number, &mut buffer),
            Ok(given.row()),
            "row {number}"
        );
        let link = RowLink {
            stream_id: &given.stream_id,
            sequence: given.sequence,
            back: given.back,
        };
        assert_eq!(block.link(number, &mut buffer), Ok(link), "row {number}");
        // One of which no group is known that was read last.
        let block = Block::of(&bytes, Arc::clone(block.loaded()));
        let lone = block.lone_row(number, &mut buffer);
        assert_eq!(lone, Ok(given.row()), "lone row {number}");
        let lone = block.lone_link(number, &mut buffer);
        assert_eq!(lone, Ok(link), "lone row {number}");
    }
    for read in [Block::row, Block::lone_row] {
        assert!(read(&block, rows.len(), &mut buffer).is_err());
    }
    for read in [Block::link, Block::lone_link] {
        assert!(read(&block, rows.len(), &mut buffer).is_err());
    }
    for number in [0, rows.len() / 2, rows.len().saturating_sub(1)] {
        let Some(given) = rows.get(number) else {
            continue;
        };
        let block = Block::open(&bytes).unwrap();
        assert_eq!(block.row(number, &mut buffer), Ok(given.row()));
    }
    bytes
}
