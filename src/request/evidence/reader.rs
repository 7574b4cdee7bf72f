//! The hashes of an instance's tree: those that are kept, and those that follow from its events.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::kept::{TreeHead, leaves};
use crate::engine::{Fault, Horizon, Record};
use crate::erased::{Erased, is_erased};
use crate::error::Error;
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::Leaf;
use crate::evidence::print::Print;
use crate::evidence::salts::{Part, Path};
use crate::evidence::tile::{Place, TILE_HASHES, folded};
use crate::evidence::tree::Subtrees;
use crate::request::retained::horizon_of;
use crate::seam::{EventChunks, ReadSnapshot};

/// The leaves of up to 256 events that begin where a tile does.
pub(super) struct Leaves {
    pub(super) hashes: Vec<Hash>,
    pub(super) prints: Vec<Print>,
}

/// Reads the tree of an instance.
pub(super) struct TreeReader<'a> {
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    events: Box<dyn EventChunks + 'a>,
    horizon: Horizon,
    head: TreeHead,
    /// What was read of tiles of levels from 1 on, and computed.
    tiles: FxHashMap<(u32, u64), Vec<Hash>>,
    /// The hashes of whole tiles of events that were hashed here.
    folded: FxHashMap<u64, Hash>,
    /// The leaves of those tiles of which single ones were asked for.
    leaves: FxHashMap<u64, Vec<Hash>>,
}

impl<'a> TreeReader<'a> {
    /// Of the instance of that number, whose tree has that head.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub(super) fn new(
        snapshot: &'a dyn ReadSnapshot,
        number: u32,
        head: TreeHead,
    ) -> Result<Self, Fault> {
        Ok(Self {
            snapshot,
            number,
            // The tree has the events that are out, too.
            events: snapshot.kept_chunks(number)?,
            horizon: horizon_of(snapshot, number)?,
            head,
            tiles: FxHashMap::default(),
            folded: FxHashMap::default(),
            leaves: FxHashMap::default(),
        })
    }

    /// Whether the event at a position is out, of which nothing is proven by itself.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn is_out(&self, position: u64) -> Result<bool, Fault> {
        self.snapshot.chunks(self.number)?.is_out(position)
    }

    /// Up to where events are out with all before them.
    pub(super) const fn horizon(&self) -> Horizon {
        self.horizon
    }

    pub(super) const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// How many events there are.
    pub(super) fn events(&self) -> u64 {
        self.events.events()
    }

    /// The leaves of a tile of level 0, as far as there are events up to position `last`.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn leaves(&mut self, tile: u64, last: u64) -> Result<Leaves, Fault> {
        self.snapshot.check_wanted()?;
        let first = tile * TILE_HASHES + 1;
        if first < self.events.first() {
            return self.dropped_leaves(tile);
        }
        let last = last.min(first + TILE_HASHES - 1);
        let mut path = Path::of(&self.head.salts);
        let mut hashes = Vec::with_capacity(TILE_HASHES as usize);
        let mut prints = Vec::with_capacity(TILE_HASHES as usize);
        self.events
            .each(&mut (first..=last), &mut |position, record| {
                let hash = leaf_of(&mut path, position, record)?.hash();
                prints.push(Print::of(record.id.as_bytes(), &hash));
                hashes.push(hash);
                Ok(ControlFlow::Continue(()))
            })?;
        if hashes.len() as u64 == TILE_HASHES {
            self.folded.extend(folded(&hashes).map(|hash| (tile, hash)));
        }
        Ok(Leaves { hashes, prints })
    }

    /// The position of the first event that was not dropped.
    pub(super) fn first_kept(&self) -> u64 {
        self.events.first()
    }

    /// What is kept of the leaves of a tile whose events were dropped.
    fn dropped_leaves(&self, tile: u64) -> Result<Leaves, Fault> {
        let (snapshot, number) = (self.snapshot, self.number);
        let Some(hashes) = leaves(snapshot, number, tile)? else {
            let first = self.horizon.first_position();
            let text = format!(
                "the tree of a size among the events before position {first} cannot be proven: they were \
                 trimmed, and no checkpoint has that size"
            );
            return Err(Error::trimmed(first).with_text(text).into());
        };
        let place = Place::of(8, tile);
        let kept = self
            .head
            .hashes(snapshot, number, (place.level, place.index))?;
        if kept.get(place.first).copied() != folded(&hashes) {
            let text = format!("the leaves of the tile {tile} are not those that were hashed");
            return Err(Fault::Corrupted(text));
        }
        let prints = self.head.prints(snapshot, number, tile)?;
        Ok(Leaves { hashes, prints })
    }

    /// At least the first `count` hashes of a tile of a level from 1 on.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn tile(&mut self, level: u32, index: u64, count: usize) -> Result<&[Hash], Fault> {
        let mut hashes = match self.tiles.remove(&(level, index)) {
            Some(hashes) => hashes,
            None => {
                let at = (level, index);
                self.head.hashes(self.snapshot, self.number, at)?
            }
        };
        while hashes.len() < count {
            let below = index * TILE_HASHES + hashes.len() as u64;
            let hash = match self.folded.get(&below) {
                Some(hash) if level == 1 => Some(*hash),
                // There are as many events, or reading them fails.
                _ if level == 1 => folded(&self.leaves(below, u64::MAX)?.hashes),
                _ => folded(self.tile(level - 1, below, TILE_HASHES as usize)?),
            };
            hashes.push(hash.unwrap_or_else(hash::of_nothing));
        }
        Ok(self.tiles.entry((level, index)).or_insert(hashes))
    }

    /// Makes sure that an event is the one that was hashed, if it was, and so are its neighbours, on which a proof rests.
    ///
    /// # Errors
    ///
    /// Corruption, which names the event; a storage fault.
    pub(super) fn check(&mut self, tile: u64) -> Result<(), Fault> {
        let found = self.leaves(tile, self.events())?;
        let first = tile * TILE_HASHES + 1;
        let place = Place::of(8, tile);
        let at = (place.level, place.index);
        let kept = self.head.hashes(self.snapshot, self.number, at)?;
        let kept = kept.get(place.first).copied();
        // Where there is a hash of all of them, it says more than their prints.
        if kept.is_none() || kept != folded(&found.hashes) {
            let prints = self.head.prints(self.snapshot, self.number, tile)?;
            let mut both = (first..).zip(prints.iter().zip(&found.prints));
            if let Some((position, _)) = both.find(|(_, (kept, found))| kept != found) {
                return Err(Fault::Corrupted(format!(
                    "the event at position {position} is not the one that was hashed for a checkpoint"
                )));
            }
            if kept.is_some() {
                let end = first + TILE_HASHES - 1;
                return Err(Fault::Corrupted(format!(
                    "the events at positions {first} to {end} are not those that were hashed for a checkpoint"
                )));
            }
        }
        self.leaves.insert(tile, found.hashes);
        Ok(())
    }

    /// Calls `visit` with the event at a position.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such event.
    pub(super) fn at(
        &self,
        position: u64,
        visit: &mut dyn FnMut(&Record<'_>),
    ) -> Result<(), Fault> {
        self.events.at(position, visit)
    }
}

impl Subtrees for TreeReader<'_> {
    type Failure = Fault;

    fn hash(&mut self, level: u32, index: u64) -> Result<Hash, Fault> {
        let place = Place::of(level, index);
        let hash = if place.level == 0 {
            let leaves = match self.leaves.remove(&place.index) {
                Some(leaves) => leaves,
                None => self.leaves(place.index, self.events())?.hashes,
            };
            let hash = place.hash(&leaves);
            self.leaves.insert(place.index, leaves);
            hash
        } else {
            place.hash(self.tile(place.level, place.index, place.first + place.count)?)
        };
        hash.ok_or_else(|| {
            Fault::Corrupted(format!("the tree has no node {index} of level {level}"))
        })
    }
}

/// The commitments that an event has kept that was erased; `None` for any other one, and for one that was erased before its
/// instance had a tree. Then the leaf covers what is stored in the place of its texts.
pub(super) fn commitments_of(record: &Record<'_>) -> Option<[Hash; 2]> {
    if !is_erased(record.payload) {
        return None;
    }
    Erased::parse(record.metadata)?.commitments
}

/// The leaf of an event.
///
/// # Errors
///
/// Corruption if there are no salts for it.
pub(super) fn leaf_of<'r>(
    path: &mut Path<'_>,
    position: u64,
    record: &Record<'r>,
) -> Result<Leaf<'r>, Fault> {
    let kept = commitments_of(record);
    let mut commitment = |part, text: &str| {
        if let Some([payload, metadata]) = kept {
            return Ok(match part {
                Part::Payload => payload,
                Part::Metadata => metadata,
            });
        }
        let salt = path
            .salt(position, part, record.id.as_bytes())
            .ok_or_else(|| {
                Fault::Corrupted(format!(
                    "the salts of the event at position {position} are gone"
                ))
            })?;
        Ok::<Hash, Fault>(hash::of_commitment(&salt, text.as_bytes()))
    };
    Ok(Leaf {
        position,
        id: *record.id.as_bytes(),
        timestamp_ms: record.timestamp_ms,
        sequence: record.sequence,
        stream_id: record.stream_id,
        event_type: record.event_type,
        payload: commitment(Part::Payload, record.payload)?,
        metadata: commitment(Part::Metadata, record.metadata)?,
    })
}
