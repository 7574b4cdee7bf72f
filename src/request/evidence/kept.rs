//! What an instance keeps of its Merkle tree, as states of it.
//!
//! | state | what it is |
//! |---|---|
//! | `tree` | a version byte, 1; how many events were hashed, u64; the root of their tree; the [salts](crate::evidence::salts) |
//! | `tree/0/<tile>` | the [prints](crate::evidence::print) of up to 256 events |
//! | `tree/<level>/<tile>` | a [tile](crate::evidence::tile) of that level, from 1 on |
//! | `tree/parts/<tile>` | the hashes of the parts of a tile of events, of 16 events each. An earlier version has kept none |
//! | `tree/leaves/<tile>` | the hashes of 256 events, if a tree was once hashed that ends among them: it can still be proven when they are dropped |
//!
//! Numbers are little endian, and in names they have 2 and 12 hexadecimal digits. A tile that is not whole is replaced
//! by a longer one. The states of an instance are in its backups, and go with it.

use crate::block::bytes::Reader;
use crate::engine::Fault;
use crate::evidence::hash::{self, Hash};
use crate::evidence::print::Print;
use crate::evidence::salts::{Salts, Seed};
use crate::evidence::tile::{self, PART_HASHES, TILE_HASHES, hashes_at};
use crate::seam::{ReadSnapshot, Transaction};

const VERSION: u8 = 1;

/// The name of the state that says how far the tree goes.
pub(super) const HEAD: &str = "tree";

/// The level of the tiles of prints.
pub(super) const PRINTS: u32 = 0;

/// How far the tree goes that is kept, and what its leaves are made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TreeHead {
    /// How many events were hashed.
    pub(super) size: u64,
    /// The root of their tree.
    pub(super) root: Hash,
    pub(super) salts: Salts,
}

impl TreeHead {
    /// That of a tree which is about to be made.
    pub(super) fn of(seed: Seed) -> Self {
        Self::with(Salts::of(seed))
    }

    /// That of a tree with these salts, of which nothing was hashed yet.
    pub(super) fn with(salts: Salts) -> Self {
        Self {
            size: 0,
            root: hash::of_nothing(),
            salts,
        }
    }

    /// That of an instance; `None` if it has no tree.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn read(snapshot: &dyn ReadSnapshot, number: u32) -> Result<Option<Self>, Fault> {
        let bytes = snapshot.state(number, HEAD)?;
        bytes.map(|bytes| Self::decode(&bytes)).transpose()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.size.to_le_bytes());
        bytes.extend_from_slice(&self.root);
        self.salts.encode(&mut bytes);
        bytes
    }

    /// Reads back what is kept.
    ///
    /// # Errors
    ///
    /// Corruption.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let mut reader = Reader::new(bytes);
            let version = reader.byte()?;
            let size = reader.long()?;
            let root = reader.array()?;
            let salts = Salts::decode(reader.rest())?;
            (version == VERSION).then_some(Self { size, root, salts })
        };
        read().ok_or_else(|| {
            Fault::Corrupted("the head of the tree is not what was written".to_owned())
        })
    }

    /// How many hashes, or prints, a tile has.
    pub(super) fn count_in(&self, level: u32, index: u64) -> u64 {
        let before = index.saturating_mul(TILE_HASHES);
        hashes_at(level, self.size)
            .saturating_sub(before)
            .min(TILE_HASHES)
    }

    /// The hashes that are kept of a tile of a level from 1 on.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn hashes(
        &self,
        snapshot: &dyn ReadSnapshot,
        number: u32,
        (level, index): (u32, u64),
    ) -> Result<Vec<Hash>, Fault> {
        let count = self.count_in(level, index);
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = snapshot.state(number, &state_name(level, index))?;
        let hashes = bytes.and_then(|bytes| tile::hashes_of(&bytes));
        let hashes = hashes.filter(|hashes| hashes.len() as u64 == count);
        hashes.ok_or_else(|| damaged(level, index))
    }

    /// The hashes that are kept of the parts of a tile of events, of 16 events each; `None` if they are not there for all
    /// that were hashed, since an earlier version of this package has hashed some.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn parts(
        &self,
        snapshot: &dyn ReadSnapshot,
        number: u32,
        tile: u64,
    ) -> Result<Option<Vec<Hash>>, Fault> {
        let Some(bytes) = snapshot.state(number, &parts_name(tile))? else {
            return Ok(None);
        };
        let hashes = tile::hashes_of(&bytes).ok_or_else(|| {
            Fault::Corrupted(format!(
                "the parts of the tile {tile} are not what was written"
            ))
        })?;
        let count = self.count_in(PRINTS, tile) / PART_HASHES;
        Ok(Some(hashes).filter(|hashes| hashes.len() as u64 == count))
    }

    /// The prints that are kept of a tile of events.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn prints(
        &self,
        snapshot: &dyn ReadSnapshot,
        number: u32,
        index: u64,
    ) -> Result<Vec<Print>, Fault> {
        let count = self.count_in(PRINTS, index);
        if count == 0 {
            return Ok(Vec::new());
        }
        let bytes = snapshot.state(number, &state_name(PRINTS, index))?;
        let prints: Vec<Print> = Print::all(&bytes.unwrap_or_default()).collect();
        if prints.len() as u64 == count {
            Ok(prints)
        } else {
            Err(damaged(PRINTS, index))
        }
    }
}

/// How many events of an instance the tree has that is kept; `None` if it has no tree.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(in crate::request) fn hashed(
    snapshot: &dyn ReadSnapshot,
    number: u32,
) -> Result<Option<u64>, Fault> {
    Ok(TreeHead::read(snapshot, number)?.map(|head| head.size))
}

/// The same within a commit in the making.
///
/// # Errors
///
/// As [`hashed`].
pub(in crate::request) fn hashed_in(
    batch: &mut dyn Transaction,
    number: u32,
) -> Result<Option<u64>, Fault> {
    let head = batch.state(number, HEAD)?;
    let head = head.map(|bytes| TreeHead::decode(&bytes)).transpose()?;
    Ok(head.map(|head| head.size))
}

/// The hashes that are kept of the events of a tile; `None` if none are.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(super) fn leaves(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    tile: u64,
) -> Result<Option<Vec<Hash>>, Fault> {
    let Some(bytes) = snapshot.state(number, &leaves_name(tile))? else {
        return Ok(None);
    };
    let hashes = tile::hashes_of(&bytes).filter(|hashes| hashes.len() as u64 == TILE_HASHES);
    let hashes = hashes.ok_or_else(|| {
        Fault::Corrupted(format!(
            "the leaves of the tile {tile} are not what was written"
        ))
    })?;
    Ok(Some(hashes))
}

/// The name of the state that the hashes of a tile's events are.
pub(super) fn leaves_name(tile: u64) -> String {
    format!("{HEAD}/leaves/{tile:012x}")
}

/// The name of the state that the hashes of a tile's parts are.
pub(super) fn parts_name(tile: u64) -> String {
    format!("{HEAD}/parts/{tile:012x}")
}

/// The name of the state that a tile is.
pub(super) fn state_name(level: u32, index: u64) -> String {
    format!("{HEAD}/{level:02x}/{index:012x}")
}

fn damaged(level: u32, index: u64) -> Fault {
    Fault::Corrupted(format!(
        "the tile {index} of level {level} of the tree is not what was written"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_back_and_nothing_else_is_taken_for_one() {
        let head = TreeHead {
            size: u64::MAX,
            ..TreeHead::of([7; 32])
        };
        let bytes = head.encode();
        assert_eq!(TreeHead::decode(&bytes).unwrap(), head);
        let mut newer = bytes.clone();
        newer[0] = 2;
        let cuts = (0..bytes.len()).map(|length| &bytes[..length]);
        for bytes in cuts.chain([&newer[..]]) {
            let decoded = TreeHead::decode(bytes);
            assert!(matches!(decoded, Err(Fault::Corrupted(_))), "{bytes:?}");
        }
    }

    #[test]
    fn a_head_knows_how_much_each_tile_has() {
        let head = TreeHead {
            size: 65_536 + 300,
            ..TreeHead::of([7; 32])
        };
        let counts = [
            (0, 0),
            (0, 257),
            (0, 258),
            (1, 0),
            (1, 1),
            (1, 2),
            (2, 0),
            (3, 0),
        ];
        let counts = counts.map(|(level, index)| head.count_in(level, index));
        assert_eq!(counts, [256, 44, 0, 256, 1, 0, 1, 0]);
    }
}
