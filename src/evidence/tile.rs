//! The pieces in which hashes of subtrees are kept: _tiles_, as in C2SP's `tlog-tiles`.
//!
//! A tile of level _t_ and index _n_ has the hashes of up to 256 complete subtrees of level 8 · _t_, from index 256 · _n_ on,
//! each of which is the hash of a whole tile of the level below. Hashes of the other levels follow from those within one
//! tile. Tiles of level 0 would be the hashes of all leaves. They are not kept: they follow from the events. In their place,
//! the hashes of their _parts_ are, of 16 events each.

use super::hash::{self, HASH_BYTES, Hash};

/// How many levels of the tree a tile spans.
pub const TILE_LEVELS: u32 = 8;

/// How many hashes a whole tile has.
pub const TILE_HASHES: u64 = 1 << TILE_LEVELS;

/// How many levels of the tree a part of a tile of events spans. The hashes of parts are kept, so that no more events need be
/// hashed for a proof than one part has.
pub const PART_LEVELS: u32 = 4;

/// How many events a part has.
pub const PART_HASHES: u64 = 1 << PART_LEVELS;

/// The hash of the subtree that has all of these leaves or nodes, whose number is a power of two. `None` if there are
/// none.
#[must_use]
pub fn folded(hashes: &[Hash]) -> Option<Hash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let pairs = row.as_chunks::<2>().0.iter();
        row = pairs
            .map(|[left, right]| hash::of_node(left, right))
            .collect();
    }
    row.first().copied()
}

/// The hashes that all of the bytes are; `None` if the last one is not whole.
#[must_use]
pub fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// The subtrees of a level within one tile: which tile has them, and which of its hashes they are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The level of the tile.
    pub level: u32,
    /// Its index among those of its level.
    pub index: u64,
    /// The first hash.
    pub first: usize,
    /// How many they are: a power of two, and less than a whole tile has.
    pub count: usize,
}

impl Place {
    /// That of the subtree of a level and an index.
    #[must_use]
    pub const fn of(level: u32, index: u64) -> Self {
        let count = 1 << (level % TILE_LEVELS);
        let first = index << (level % TILE_LEVELS);
        Self {
            level: level / TILE_LEVELS,
            index: first / TILE_HASHES,
            first: (first % TILE_HASHES) as usize,
            count,
        }
    }

    /// The hash of the subtree, of the hashes that the tile has; `None` if it does not have all that are needed.
    #[must_use]
    pub fn hash(&self, tile: &[Hash]) -> Option<Hash> {
        folded(tile.get(self.first..self.first + self.count)?)
    }
}

/// How many hashes the tiles of a level have in all, of a tree with so many leaves.
#[must_use]
pub const fn hashes_at(level: u32, size: u64) -> u64 {
    match size.checked_shr(level * TILE_LEVELS) {
        Some(count) => count,
        None => 0,
    }
}
