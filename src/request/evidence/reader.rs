//! The hashes of an instance's tree: those that are kept, and those that follow from its events.

use std::collections::hash_map::Entry;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::kept::{TreeHead, leaves};
use super::leaf::leaf_of;
use crate::engine::{Fault, Horizon, Record};
use crate::error::Error;
use crate::evidence::hash::{self, Hash};
use crate::evidence::print::Print;
use crate::evidence::salts::Path;
use crate::evidence::tile::{PART_HASHES, PART_LEVELS, Place, TILE_HASHES, TILE_LEVELS, folded};
use crate::evidence::tree::{self, Subtrees};
use crate::request::retained::horizon_of;
use crate::seam::{EventChunks, ReadSnapshot};

/// The leaves of up to 256 events that begin where a tile does, or a part of one.
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
    /// Whether what is kept of the parts of tiles is taken in the place of their events.
    takes_parts: bool,
    /// What is kept of the parts of tiles of events.
    kept_parts: FxHashMap<u64, Option<Vec<Hash>>>,
    /// The leaves of the parts, counted off from the first event on, of which single ones were asked for.
    parts: FxHashMap<u64, Vec<Hash>>,
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
            takes_parts: true,
            kept_parts: FxHashMap::default(),
            parts: FxHashMap::default(),
        })
    }

    /// The same, which hashes the events themselves where the tree has no whole tile of them.
    pub(super) fn without_parts(self) -> Self {
        Self {
            takes_parts: false,
            ..self
        }
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
        let found = self.hashed(first, last.min(first + TILE_HASHES - 1))?;
        if found.hashes.len() as u64 == TILE_HASHES {
            let whole = folded(&found.hashes);
            self.folded.extend(whole.map(|hash| (tile, hash)));
        }
        Ok(found)
    }

    /// The leaves of the events at these positions, as far as there are any.
    fn hashed(&self, first: u64, last: u64) -> Result<Leaves, Fault> {
        let last = last.min(self.events());
        let mut path = Path::of(&self.head.salts);
        let count = (last + 1).saturating_sub(first) as usize;
        let mut hashes = Vec::with_capacity(count);
        let mut prints = Vec::with_capacity(count);
        self.events
            .each(&mut (first..=last), &mut |position, record| {
                let hash = leaf_of(&mut path, position, record)?.hash();
                prints.push(Print::of(record.id.as_bytes(), &hash));
                hashes.push(hash);
                Ok(ControlFlow::Continue(()))
            })?;
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

    /// Makes sure that the events of a tile are those that were hashed, if they were.
    ///
    /// # Errors
    ///
    /// Corruption, which names the event; a storage fault.
    pub(super) fn check_tile(&mut self, tile: u64) -> Result<(), Fault> {
        let found = self.leaves(tile, self.events())?;
        let first = tile * TILE_HASHES + 1;
        let place = Place::of(8, tile);
        let at = (place.level, place.index);
        let kept = self.head.hashes(self.snapshot, self.number, at)?;
        let kept = kept.get(place.first).copied();
        // Where there is a hash of all of them, it says more than their prints.
        self.compare(first, &found, kept)?;
        self.leaves.insert(tile, found.hashes);
        Ok(())
    }

    /// Makes sure that an event is the one that was hashed, if it was, and so are its neighbours in its part of the tile, on
    /// which a proof rests; and that what is kept of the other parts is of that tile.
    ///
    /// # Errors
    ///
    /// As [`TreeReader::check_tile`].
    pub(super) fn check(&mut self, position: u64) -> Result<(), Fault> {
        let (tile, part) = ((position - 1) / TILE_HASHES, (position - 1) / PART_HASHES);
        let first = part * PART_HASHES + 1;
        let is_dropped = tile * TILE_HASHES + 1 < self.events.first();
        let kept = self.kept_parts(tile)?.map(<[Hash]>::to_vec);
        let Some(parts) = kept.filter(|_| !is_dropped) else {
            return self.check_tile(tile);
        };
        let found = self.hashed(first, first + PART_HASHES - 1)?;
        let kept = parts.get((part % (TILE_HASHES / PART_HASHES)) as usize);
        self.compare(first, &found, kept.copied())?;
        self.parts.insert(part, found.hashes);
        let place = Place::of(TILE_LEVELS, tile);
        let whole = self
            .head
            .hashes(self.snapshot, self.number, (place.level, place.index))?;
        let is_right = match whole.get(place.first) {
            Some(hash) => folded(&parts) == Some(*hash),
            // It is not whole. The root says more than a tile would.
            None => tree::root(self, self.head.size)? == self.head.root,
        };
        if is_right {
            return Ok(());
        }
        Err(Fault::Corrupted(format!(
            "the parts of the tile {tile} are not those that were hashed for a checkpoint"
        )))
    }

    /// Compares the leaves of events from a position on with what is kept of them: the hash of all of them, if there is one,
    /// and otherwise their prints.
    fn compare(&self, first: u64, found: &Leaves, kept: Option<Hash>) -> Result<(), Fault> {
        // Where there is a hash of all of them, it says more than their prints.
        if kept.is_some() && kept == folded(&found.hashes) {
            return Ok(());
        }
        let tile = (first - 1) / TILE_HASHES;
        let prints = self.head.prints(self.snapshot, self.number, tile)?;
        let prints = prints.iter().skip(((first - 1) % TILE_HASHES) as usize);
        let mut both = (first..).zip(prints.zip(&found.prints));
        if let Some((position, _)) = both.find(|(_, (kept, found))| kept != found) {
            return Err(Fault::Corrupted(format!(
                "the event at position {position} is not the one that was hashed for a checkpoint"
            )));
        }
        if kept.is_none() {
            return Ok(());
        }
        let end = first + (found.hashes.len() as u64).saturating_sub(1);
        Err(Fault::Corrupted(format!(
            "the events at positions {first} to {end} are not those that were hashed for a checkpoint"
        )))
    }

    /// The hashes that are kept of the parts of a tile; `None` if they are not.
    fn kept_parts(&mut self, tile: u64) -> Result<Option<&[Hash]>, Fault> {
        let (snapshot, number) = (self.snapshot, self.number);
        let kept = match self.kept_parts.entry(tile) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.head.parts(snapshot, number, tile)?),
        };
        Ok(kept.as_deref())
    }

    /// The hash of a subtree within a tile whose parts are kept, as far as they were hashed: of no more events than needed.
    fn within_parts(&mut self, level: u32, index: u64) -> Result<Option<Hash>, Fault> {
        if level < PART_LEVELS {
            let first = index << level;
            let part = first / PART_HASHES;
            let leaves = match self.parts.entry(part) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(_) => {
                    let start = part * PART_HASHES + 1;
                    let found = self.hashed(start, start + PART_HASHES - 1)?;
                    self.parts.entry(part).or_insert(found.hashes)
                }
            };
            let first = (first % PART_HASHES) as usize;
            return Ok(leaves.get(first..first + (1 << level)).and_then(folded));
        }
        let place = Place::of(level, index);
        let first = place.first / PART_HASHES as usize;
        let parts = first..first + place.count / PART_HASHES as usize;
        let kept = self.kept_parts(place.index)?;
        if let Some(kept) = kept.and_then(|kept| kept.get(parts)) {
            return Ok(folded(kept));
        }
        // Some of the events were not hashed before.
        if level == PART_LEVELS {
            let start = (index << level) + 1;
            let found = self.hashed(start, start + PART_HASHES - 1)?;
            let is_whole = found.hashes.len() as u64 == PART_HASHES;
            return Ok(folded(&found.hashes).filter(|_| is_whole));
        }
        let left = self.within_parts(level - 1, 2 * index)?;
        let right = self.within_parts(level - 1, 2 * index + 1)?;
        Ok(left
            .zip(right)
            .map(|(left, right)| hash::of_node(&left, &right)))
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
        let has_parts = self.takes_parts
            && place.level == 0
            && !self.leaves.contains_key(&place.index)
            && place.index * TILE_HASHES + 1 >= self.events.first()
            && self.kept_parts(place.index)?.is_some();
        let hash = if has_parts {
            self.within_parts(level, index)?
        } else if place.level == 0 {
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
