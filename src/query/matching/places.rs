//! Where the rows of a chunk have their events.

use super::chunk::Chunk;

/// The place of each row's event.
#[derive(Clone, Debug)]
pub(in crate::query) enum Places {
    From(u64),
    Listed(Vec<u64>),
}

impl Places {
    pub(in crate::query) fn of(&self, row: usize) -> u64 {
        match self {
            Self::From(first) => first + row as u64,
            Self::Listed(places) => places.get(row).copied().unwrap_or(0),
        }
    }

    pub(in crate::query) fn of_chunk<C: Chunk>(chunk: &C) -> Self {
        let len = chunk.len();
        if chunk.is_in_a_row() && len > 0 {
            Self::From(chunk.place(0))
        } else {
            Self::Listed((0..len).map(|row| chunk.place(row)).collect())
        }
    }
}
