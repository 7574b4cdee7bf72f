//! Directories of blocks that the tables have.

use std::fmt;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::block::Directory;

/// How much memory the directories may take, in bytes. It holds those of some ten million API requests.
const BYTES_MAX: u64 = 4 << 20;

/// Of how many directories is thought when room is made for what keeps account of them.
const EXPECTED: usize = 1_000;

/// The directories that were read of the tables, in a bounded amount of memory. A block that the tables
/// have never changes, and the number of an instance is never used again.
pub(in crate::engine) struct Directories(Cache<(u32, u64), Arc<Directory>, DirectoryWeight>);

#[derive(Clone)]
struct DirectoryWeight;

impl Weighter<(u32, u64), Arc<Directory>> for DirectoryWeight {
    fn weight(&self, _: &(u32, u64), directory: &Arc<Directory>) -> u64 {
        directory.memory_bytes() as u64
    }
}

impl Default for Directories {
    fn default() -> Self {
        Self(Cache::with_weighter(EXPECTED, BYTES_MAX, DirectoryWeight))
    }
}

impl fmt::Debug for Directories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directories({} bytes)", self.0.weight())
    }
}

impl Directories {
    /// The directory of a block of an instance.
    pub(in crate::engine) fn get(&self, number: u32, block: u64) -> Option<Arc<Directory>> {
        self.0.get(&(number, block))
    }

    pub(in crate::engine) fn insert(&self, number: u32, block: u64, directory: Arc<Directory>) {
        self.0.insert((number, block), directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_that_of_its_block_and_its_instance() {
        let directories = Directories::default();
        let directory = Arc::new(Directory::default());
        directories.insert(1, 2, Arc::clone(&directory));
        assert!(Arc::ptr_eq(&directories.get(1, 2).unwrap(), &directory));
        assert!(directories.get(2, 1).is_none());
        assert!(directories.get(1, 3).is_none());
    }

    #[test]
    fn no_more_than_the_bound_is_kept() {
        let directories = Directories::default();
        let bytes = Directory::default().memory_bytes() as u64;
        let inserted = 3 * BYTES_MAX / bytes;
        for block in 0..inserted {
            directories.insert(1, block, Arc::default());
        }
        let kept = (0..inserted).filter(|block| directories.get(1, *block).is_some());
        let kept = kept.count() as u64;
        assert!(kept > 0 && kept * bytes <= BYTES_MAX, "{kept}");
    }
}
