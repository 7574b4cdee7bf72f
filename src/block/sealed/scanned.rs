//! The pieces of groups that columns are read of, one column after the other.

use std::sync::Arc;

/// How many bytes of a block are kept for its other columns. Most blocks have fewer.
const BYTES_MAX: usize = 1 << 20;

/// Pieces of groups which are whole, as long as a block is read by one reader.
#[derive(Debug, Default)]
pub(super) struct ScannedPieces {
    /// By the number of the group.
    pieces: Vec<Option<Arc<[u8]>>>,
    bytes: usize,
}

impl ScannedPieces {
    pub(super) fn get(&self, number: usize) -> Option<Arc<[u8]>> {
        self.pieces.get(number).cloned().flatten()
    }

    pub(super) fn keep(&mut self, number: usize, piece: &Arc<[u8]>) {
        if self.bytes + piece.len() > BYTES_MAX {
            return;
        }
        self.bytes += piece.len();
        if self.pieces.len() <= number {
            self.pieces.resize(number + 1, None);
        }
        self.pieces[number] = Some(Arc::clone(piece));
    }
}
