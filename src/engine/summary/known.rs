//! What is kept in memory of the blocks that the tables have.

mod met;

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use self::met::MetEvents;
use crate::block::sealed::{self, KnownGroup};
use crate::block::{ColumnKey, Directory, Stored};
use crate::hashing::TextHash;

/// How much memory the directories may take, in bytes. It holds those of some ten million API requests.
const DIRECTORY_BYTES_MAX: u64 = 4 << 20;

/// Of how many blocks, and parts of blocks, is thought when room is made for what keeps account of them.
const DIRECTORIES_EXPECTED: usize = 1_000;
const PARTS_EXPECTED: usize = 2_000;

/// A block, by the number of its instance and its own.
type BlockKey = (u32, u64);

/// How many bytes a column takes at most that is kept, for each of its rows. Numbers take ten, and codes of a few
/// values two. What takes more are texts that differ in most rows, and a few of those would take the room of all else.
const COLUMN_ROW_BYTES_MAX: usize = 12;

/// A part of a block.
type PartKey = (BlockKey, PartName);

/// Which part of a block it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum PartName {
    Group(usize),
    /// The record of an event, by its position.
    Record(u64),
    /// What was read of it beside its groups.
    BesideGroups,
    /// The column with that [name](ColumnKey::name).
    Column(Box<[u8]>),
    Times,
}

impl PartName {
    fn of_column(key: &ColumnKey<'_>) -> Self {
        Self::Column(key.name().into())
    }
}

/// Parts of the blocks that were read of the tables, in a bounded amount of memory. A block that the tables have never
/// changes, however it is kept, and the number of an instance is never used again.
pub(in crate::engine) struct KnownBlocks {
    directories: BytesCache<BlockKey, KnownDirectory>,
    parts: BytesCache<PartKey, KnownPart>,
    met: MetEvents,
    alike: sealed::Alike,
}

/// A cache with room for so many bytes. Some keys have names in them that callers choose.
type BytesCache<K, V> = Cache<K, V, Weight, TextHash>;

/// What has been read of a block.
#[derive(Clone)]
enum KnownPart {
    Group(KnownGroup),
    /// The record of an event: of a packed row, or of one of a sealed block that is read again and again.
    Record(Arc<[u8]>),
    /// What it has beside groups. So many bytes of memory were taken when it was put here. It can take more by now.
    Block {
        loaded: Arc<sealed::Loaded>,
        bytes: u64,
    },
    /// What its events have in one place, as queries look at it.
    Column(Stored),
    /// The timestamps of its events, in milliseconds since the epoch.
    Times(Arc<[i64]>),
}

/// What is known of a block.
#[derive(Clone)]
pub(in crate::engine) enum KnownDirectory {
    /// Its events were rows when that was read. They may have been sealed since.
    Summary(Arc<Directory>),
    /// It is sealed. So many bytes of memory were taken when the directory was put here. It can take more by now.
    Sealed {
        directory: Arc<sealed::Directory>,
        bytes: u64,
    },
}

#[derive(Clone)]
struct Weight;

impl Weighter<BlockKey, KnownDirectory> for Weight {
    fn weight(&self, _: &BlockKey, directory: &KnownDirectory) -> u64 {
        match directory {
            KnownDirectory::Summary(directory) => directory.memory_bytes() as u64,
            KnownDirectory::Sealed { bytes, .. } => *bytes,
        }
    }
}

impl Weighter<PartKey, KnownPart> for Weight {
    fn weight(&self, (_, name): &PartKey, part: &KnownPart) -> u64 {
        let name = match name {
            PartName::Column(name) => name.len() as u64,
            PartName::Group(_) | PartName::Record(_) | PartName::BesideGroups | PartName::Times => {
                0
            }
        };
        name + match part {
            KnownPart::Group(KnownGroup::Read(group)) => group.memory_bytes() as u64,
            // There can be many, and what keeps account of one takes a good part of what a short one does.
            KnownPart::Group(KnownGroup::Piece(bytes)) | KnownPart::Record(bytes) => {
                (bytes.len() + size_of::<(PartKey, KnownPart)>()) as u64
            }
            KnownPart::Block { bytes, .. } => *bytes,
            KnownPart::Column(stored) => stored.memory_bytes() as u64,
            KnownPart::Times(times) => size_of_val(&**times) as u64,
        }
    }
}

impl fmt::Debug for KnownBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (directories, parts) = (self.directories.weight(), self.parts.weight());
        write!(f, "KnownBlocks({directories} + {parts} bytes)")
    }
}

impl KnownBlocks {
    /// With so much memory for what is read of sealed blocks, in bytes.
    pub(in crate::engine) fn new(bytes_max: usize) -> Self {
        Self {
            directories: whole_cache(DIRECTORY_BYTES_MAX, DIRECTORIES_EXPECTED),
            parts: whole_cache(bytes_max as u64, PARTS_EXPECTED),
            met: MetEvents::default(),
            alike: sealed::Alike::default(),
        }
    }

    /// What several of the blocks have, which is in memory once.
    pub(in crate::engine) const fn alike(&self) -> &sealed::Alike {
        &self.alike
    }

    /// What is known of a block of an instance.
    pub(in crate::engine) fn directory(&self, number: u32, block: u64) -> Option<KnownDirectory> {
        self.directories.get(&(number, block))
    }

    pub(in crate::engine) fn insert_summary(
        &self,
        number: u32,
        block: u64,
        directory: Arc<Directory>,
    ) {
        let known = KnownDirectory::Summary(directory);
        self.directories.insert((number, block), known);
    }

    /// What has been read of a block, if it is known to be sealed.
    pub(super) fn sealed(&self, number: u32, block: u64) -> Option<Arc<sealed::Loaded>> {
        let beside_groups = ((number, block), PartName::BesideGroups);
        if let Some(KnownPart::Block { loaded, .. }) = self.parts.get(&beside_groups) {
            return Some(loaded);
        }
        match self.directory(number, block)? {
            KnownDirectory::Sealed { directory, .. } => {
                Some(self.insert_loaded(number, block, Arc::new(sealed::Loaded::new(directory))))
            }
            KnownDirectory::Summary(_) => None,
        }
    }

    /// Notes that a block is sealed.
    pub(super) fn insert_sealed(
        &self,
        number: u32,
        block: u64,
        directory: Arc<sealed::Directory>,
    ) -> Arc<sealed::Loaded> {
        self.insert_directory(number, block, Arc::clone(&directory));
        self.insert_loaded(number, block, Arc::new(sealed::Loaded::new(directory)))
    }

    /// Keeps the directory of a sealed block, which counts for what it takes now.
    pub(super) fn insert_directory(
        &self,
        number: u32,
        block: u64,
        directory: Arc<sealed::Directory>,
    ) {
        let bytes = directory.memory_bytes() as u64;
        let known = KnownDirectory::Sealed { directory, bytes };
        self.directories.insert((number, block), known);
    }

    /// Keeps what has been read of a block beside its groups, which counts for what it takes now.
    pub(super) fn insert_loaded(
        &self,
        number: u32,
        block: u64,
        loaded: Arc<sealed::Loaded>,
    ) -> Arc<sealed::Loaded> {
        let part = KnownPart::Block {
            bytes: loaded.memory_bytes() as u64,
            loaded: Arc::clone(&loaded),
        };
        let name = PartName::BesideGroups;
        self.parts.insert(((number, block), name), part);
        loaded
    }

    /// What is kept of a group of a sealed block.
    pub(super) fn group(&self, number: u32, block: u64, group: usize) -> Option<KnownGroup> {
        match self.parts.get(&((number, block), PartName::Group(group)))? {
            KnownPart::Group(group) => Some(group),
            _ => None,
        }
    }

    /// Keeps a group of a sealed block.
    pub(super) fn insert_group(
        &self,
        number: u32,
        block: u64,
        group: usize,
        read: Arc<sealed::Group>,
    ) {
        let part = KnownPart::Group(KnownGroup::Read(read));
        self.parts
            .insert(((number, block), PartName::Group(group)), part);
    }

    /// Keeps the bytes of a group of a sealed block, which were found to be what was written.
    pub(super) fn insert_piece(&self, number: u32, block: u64, group: usize, piece: Arc<[u8]>) {
        let part = KnownPart::Group(KnownGroup::Piece(piece));
        self.parts
            .insert(((number, block), PartName::Group(group)), part);
    }

    /// Whether an eighth of the room is free, so that what may never be asked for again takes the place of nothing.
    pub(in crate::engine) fn has_room(&self) -> bool {
        self.parts.weight() < self.parts.capacity() / 8 * 7
    }

    /// A column of a sealed block, if it is kept.
    pub(super) fn column(&self, number: u32, block: u64, key: &ColumnKey<'_>) -> Option<Stored> {
        let name = PartName::of_column(key);
        match self.parts.get(&((number, block), name))? {
            KnownPart::Column(stored) => Some(stored),
            _ => None,
        }
    }

    /// The timestamps of the events of a sealed block, if they are kept.
    pub(super) fn times(&self, number: u32, block: u64) -> Option<Arc<[i64]>> {
        match self.parts.get(&((number, block), PartName::Times))? {
            KnownPart::Times(times) => Some(times),
            _ => None,
        }
    }

    /// Keeps the timestamps of the events of a sealed block.
    pub(super) fn insert_times(&self, number: u32, block: u64, times: &[i64]) {
        let (name, part) = (PartName::Times, KnownPart::Times(times.into()));
        self.parts.insert(((number, block), name), part);
    }

    /// Whether an event was read alone not long ago, or it seems so.
    pub(super) fn is_met(&self, number: u32, position: u64) -> bool {
        self.met.has(number, position)
    }

    /// Notes that an event was read alone.
    pub(super) fn note_met(&self, number: u32, position: u64) {
        self.met.note(number, position);
    }

    /// The record of an event of a block, if it is kept.
    pub(super) fn record(&self, number: u32, block: u64, position: u64) -> Option<Arc<[u8]>> {
        match self
            .parts
            .get(&((number, block), PartName::Record(position)))?
        {
            KnownPart::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Keeps the record of an event of a block.
    pub(super) fn insert_record(&self, number: u32, block: u64, position: u64, record: &Arc<[u8]>) {
        let (name, part) = (
            PartName::Record(position),
            KnownPart::Record(Arc::clone(record)),
        );
        self.parts.insert(((number, block), name), part);
    }

    /// Keeps a column of a sealed block of so many events, unless it is one of those that are too large for that.
    pub(super) fn insert_column(
        &self,
        number: u32,
        block: u64,
        key: &ColumnKey<'_>,
        stored: &Stored,
        events: usize,
    ) {
        if stored.memory_bytes() <= events * COLUMN_ROW_BYTES_MAX {
            let (name, part) = (PartName::of_column(key), KnownPart::Column(stored.clone()));
            self.parts.insert(((number, block), name), part);
        }
    }

    /// How many bytes are kept that were read of sealed blocks.
    #[cfg(test)]
    pub(in crate::engine) fn loaded_bytes(&self) -> u64 {
        self.parts.weight()
    }
}

/// A cache that is not divided into shards, each of which would have too little room for a whole block, or for a large
/// directory.
fn whole_cache<K: Eq + Hash, V: Clone>(bytes_max: u64, expected: usize) -> BytesCache<K, V>
where
    Weight: Weighter<K, V>,
{
    let options = OptionsBuilder::new()
        .shards(1)
        .estimated_items_capacity(expected)
        .weight_capacity(bytes_max)
        .build();
    let (hash, lifecycle) = (TextHash::default(), DefaultLifecycle::default());
    match options {
        Ok(options) => Cache::with_options(options, Weight, hash, lifecycle),
        // Nothing that has to be given is left out.
        Err(_) => Cache::with(expected, bytes_max, Weight, hash, lifecycle),
    }
}

#[cfg(test)]
mod tests;
