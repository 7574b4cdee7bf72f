//! What a log can be stored in: a file, or memory.

use redb::StorageBackend;

use super::name::Name;
use crate::engine::Fault;
use crate::engine::holes::SparseStorage;

/// What a log is stored in.
pub(in crate::engine) trait Medium {
    /// Opens it for the journal, and tells whether what is written is on disk at once.
    fn journal(&self, write: bool) -> Result<(Box<dyn SparseStorage>, bool), Fault>;

    /// Opens it for the tables.
    fn tables(&self, write: bool) -> Result<Box<dyn StorageBackend>, Fault>;

    /// The name by which it is found, if it has one.
    fn name(&self) -> Option<Name> {
        None
    }
}
