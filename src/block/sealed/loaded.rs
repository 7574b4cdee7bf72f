//! What is in memory of a sealed block beside its groups, for all who read it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::Directory;
use crate::block;

/// What has been read of a block beside its groups, in the form in which it is used. It is the same whoever has read it.
pub struct Loaded {
    pub(super) directory: Arc<Directory>,
    pub(super) likes: Box<[OnceLock<Box<[u8]>>]>,
    pub(super) summary: OnceLock<block::Directory>,
    /// How many bytes of memory it takes without the directory.
    bytes: AtomicUsize,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Loaded({} rows, {} bytes)",
            self.directory.len(),
            self.memory_bytes()
        )
    }
}

fn empty<T>(count: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

impl Loaded {
    /// A block of which nothing but the directory has been read.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        let mut loaded = Self {
            likes: empty(directory.likes),
            summary: OnceLock::new(),
            bytes: AtomicUsize::new(0),
            directory,
        };
        *loaded.bytes.get_mut() = size_of::<Self>() + size_of_val(&*loaded.likes);
        loaded
    }

    /// What is known of the block without reading its pieces.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// How much memory it takes, in bytes, or nearly so, with its directory. It grows as more is read.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed) + self.directory.memory_bytes()
    }

    /// The summary of events that are kept as texts, once that has been read.
    pub(in crate::block) fn summary(&self) -> Option<&block::Directory> {
        self.summary.get()
    }

    /// What is in `slot`, one of this block's, which `make` makes at the first time, with how many bytes of memory it
    /// takes.
    pub(super) fn get_or_make<'s, T, E>(
        &self,
        slot: &'s OnceLock<T>,
        make: impl FnOnce() -> Result<(T, usize), E>,
    ) -> Result<&'s T, E> {
        if let Some(made) = slot.get() {
            return Ok(made);
        }
        let (made, bytes) = make()?;
        // Another thread may have been quicker, with the same.
        Ok(slot.get_or_init(|| {
            self.add(bytes);
            made
        }))
    }

    fn add(&self, bytes: usize) {
        // It guards nothing.
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
