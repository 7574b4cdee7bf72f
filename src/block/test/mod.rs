//! Tests of whole blocks: what they say of events, against what the events say themselves.

mod damage;
mod events;
mod limits;
mod oracle;
mod random;

use super::{Builder, Cell, Column, ColumnKey, Directory, Encoded, Finding, Stored};
use crate::event::Event;

/// More room than the columns of any test need.
const ROOM: usize = 1 << 30;

fn made(events: &[Event<'_>]) -> Builder {
    let mut builder = Builder::new();
    for event in events {
        builder.push(event);
    }
    builder
}

/// A block with its directory decoded.
struct Block {
    directory: Directory,
    body: Vec<u8>,
}

impl Block {
    fn of(encoded: Encoded) -> Self {
        Self {
            directory: Directory::decode(&encoded.directory).unwrap(),
            body: encoded.body,
        }
    }

    /// What the block knows of a path into the payload.
    fn payload(&self, keys: &[&str]) -> Known {
        self.find(&ColumnKey::Path {
            metadata: false,
            keys,
        })
    }

    fn find(&self, key: &ColumnKey<'_>) -> Known {
        match self.directory.find(key) {
            Finding::Unknown => Known::Nothing,
            Finding::Absent => Known::Values(self.directory.absent_column()),
            Finding::Stored(place) => {
                let bytes = &self.body[place.range()];
                let stored = self.directory.read(&place, bytes).unwrap();
                assert_eq!(place.is_prints(), matches!(stored, Stored::Prints(_)));
                match stored {
                    Stored::Column(column) => Known::Values(column),
                    Stored::Prints(prints) => Known::Prints(prints),
                }
            }
        }
    }
}

/// What a block knows of a place.
#[derive(Debug, PartialEq)]
enum Known {
    Nothing,
    Values(Column),
    Prints(Vec<u16>),
}

impl Known {
    fn cells(&self) -> Vec<Cell<'_>> {
        match self {
            Self::Values(column) => (0..column.rows()).map(|row| column.cell(row)).collect(),
            other => panic!("expected a column, found {other:?}"),
        }
    }
}
