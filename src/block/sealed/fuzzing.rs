//! What tests and the targets of `fuzz/` need of damaged blocks, and nobody else does.

use std::sync::Arc;

use super::{Block, RowBuffer};
use crate::block::ColumnKey;

/// Reads all that a block has, whatever its bytes are.
pub fn read_all(bytes: &Vec<u8>) {
    let Ok(block) = Block::open(bytes) else {
        return;
    };
    let mut buffer = RowBuffer::default();
    for row in 0..block.directory().len() {
        // While its group is not the one that was read last.
        let lone = Block::of(bytes, Arc::clone(block.loaded()));
        let _ = lone.lone_row(row, &mut buffer);
        let _ = lone.lone_link(row, &mut buffer);
        let _ = block.row(row, &mut buffer);
        let _ = block.link(row, &mut buffer);
    }
    let _ = block.times();
    for key in [
        ColumnKey::EventType,
        ColumnKey::StreamId,
        ColumnKey::Sequence,
        ColumnKey::Time,
    ] {
        let _ = (block.find(&key), block.column(&key));
    }
    let keys: Vec<&str> = block.directory().paths.any_keys().collect();
    for (first, second) in keys.iter().zip(keys.iter().cycle().skip(1)) {
        for (metadata, keys) in [
            (false, &[*first][..]),
            (true, &[first]),
            (false, &[first, "0", second]),
        ] {
            let key = ColumnKey::Path { metadata, keys };
            let _ = (block.find(&key), block.column(&key));
            // A part of most texts, and one of none.
            for part in ["e", "wordless"] {
                let _ = block.column_seeking(&key, &[part]);
            }
        }
    }
}

/// The block with checksums that are right, so that what is read is not refused for those.
#[must_use]
pub fn sign(mut bytes: Vec<u8>) -> Vec<u8> {
    // One whose directory cannot be read stays as it is.
    let _ = super::directory::sign(&mut bytes);
    bytes
}
