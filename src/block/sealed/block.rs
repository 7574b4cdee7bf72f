//! A sealed block that is read.

use std::cell::RefCell;
use std::sync::Arc;

use super::group::Group;
use super::scanned::ScannedPieces;
use super::{Damaged, Directory, Loaded, Source};

/// A sealed block that is read from a source, by one reader. What has been read of it stays in memory as long as its
/// [`Loaded`], and its groups as long as the source keeps them.
pub struct Block<S: Source> {
    pub(super) source: S,
    pub(super) directory: Arc<Directory>,
    pub(super) loaded: Arc<Loaded>,
    /// The piece that compressed texts were read of last, by its number: those of a block are too many to be kept.
    pub(super) texts: RefCell<Option<(usize, Arc<[u8]>)>>,
    /// The group that was read last, by its number.
    pub(super) group: RefCell<Option<(usize, Arc<Group>)>>,
    /// The pieces that a column was read of.
    pub(super) scanned: RefCell<ScannedPieces>,
}

impl<S: Source> std::fmt::Debug for Block<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} rows)", self.directory.len())
    }
}

impl<S: Source> Block<S> {
    /// Opens a block.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where the directory is not what was written.
    pub fn open(source: S) -> Result<Self, S::Fault> {
        let directory = Arc::new(Directory::read(&source)?);
        Ok(Self::of(source, Arc::new(Loaded::new(directory))))
    }

    /// A block of which something has been read before.
    #[must_use]
    pub fn of(source: S, loaded: Arc<Loaded>) -> Self {
        Self {
            source,
            directory: Arc::clone(loaded.directory()),
            loaded,
            texts: RefCell::default(),
            group: RefCell::default(),
            scanned: RefCell::default(),
        }
    }

    /// Where it is read from.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// What has been read of it.
    #[must_use]
    pub const fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// What is known of the block without reading its pieces.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// How many bytes the block has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.directory.end()
    }

    /// Reads all pieces, and checks that each is what was written, and that the paths of values are those that events
    /// have them at. It keeps no piece.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`].
    pub fn check(&self) -> Result<(), S::Fault> {
        (0..self.directory.pieces.len()).try_for_each(|piece| self.piece(piece).map(drop))?;
        if self.directory.has_right_paths() {
            Ok(())
        } else {
            Err(Damaged("paths").into())
        }
    }
}
